"""How many requests one crawl of a source may make: counted as they are made, repetitions and documents too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Held:
    """Requests that are kept back for the documents of one page."""

    left: int


class Budget:
    """`limit` None: without bound. `refused`: whether anything was not asked for because of it."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.refused = False
        self._made = 0
        self._held = 0

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self._made - self._held)

    def take(self, held: Held | None = None) -> bool:
        """Whether one more request may be made; it counts as made. `held`: what is kept back for it."""
        if held is not None and held.left:
            held.left -= 1
            self._held -= 1
        elif self.left == 0:
            self.refused = True
            return False
        self._made += 1
        return True

    @contextmanager
    def hold(self, count: int) -> Iterator[Held]:
        """Keeps back so many requests, or those that are left."""
        held = Held(count if self.left is None else min(count, self.left))
        self._held += held.left
        try:
            yield held
        finally:
            self._held -= held.left
            held.left = 0
