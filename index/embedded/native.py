"""Calling tantivy: its errors, and its panics, as errors of the store."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Final

from index.embedded.generation import Searched
from netdocket.errors import StoreError

DAMAGE: Final = re.compile(r"(?i)corrupt|IoError|invalid checksum|unexpected end of file|footer")


class IndexDamaged(StoreError):
    """A file of the search index is not what was written."""


@contextlib.contextmanager
def calling(searched: Searched) -> Iterator[None]:
    """Raises StoreError, and of it IndexDamaged for a panic in tantivy, which is no Exception in Python."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        what = _first_line(error)
        if "bucket limit was exceeded" in what:
            what = "the aggregations make more than 65,000 buckets before the cut; ask for less at a time"
        kind = IndexDamaged if DAMAGE.search(what) else StoreError
        raise kind(f"the search failed: {what}", where=searched.mapping.name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged(
            f"the search index is damaged: {_first_line(error)}", where=searched.mapping.name
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
