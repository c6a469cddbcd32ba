"""Calling tantivy: its errors, and its panics, as errors of the store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from index.embedded.generation import Searched
from netdocket.errors import StoreError


@contextlib.contextmanager
def calling(searched: Searched) -> Iterator[None]:
    """Raises StoreError. A panic in tantivy (a damaged file, mostly) is no Exception in Python."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        what = _first_line(error)
        if "bucket limit was exceeded" in what:
            what = "the aggregations make more than 65,000 buckets before the cut; ask for less at a time"
        raise StoreError(f"the search failed: {what}", where=searched.mapping.name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise StoreError(
            f"the search index is damaged, rebuild it: {_first_line(error)}", where=searched.mapping.name
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
