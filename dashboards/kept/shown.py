"""What pages have shown of views: "looked at" means what stood on the page, and nothing that has come since."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from typing import Final

import msgspec

from dashboards.kept.changes import Look

MOST_RECORDS: Final = 50_000
"""Of all looks that are held, some 300 bytes each; the last one is held however large it is."""


class Shown:
    """Looks by what is in them, for as long as this process runs: its forms are good for no longer. Thread-safe."""

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self._most = most
        self._looks: OrderedDict[tuple[str, str], Look] = OrderedDict()
        self._lock = threading.Lock()

    def hold(self, view: str, look: Look) -> str:
        """What the page of this view carries in its form."""
        said = hashlib.blake2b(msgspec.json.encode(look.records, order="sorted"), digest_size=12).hexdigest()
        with self._lock:
            self._looks[view, said] = look
            self._looks.move_to_end((view, said))
            while len(self._looks) > 1 and sum(map(_size, self._looks.values())) > self._most:
                self._looks.popitem(last=False)
        return said

    def of(self, view: str, said: str) -> Look | None:
        """None where it is no longer held."""
        with self._lock:
            return self._looks.get((view, said))


def _size(look: Look) -> int:
    return len(look.records or ()) + 1
