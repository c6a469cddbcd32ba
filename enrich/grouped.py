"""A phrase table whose phrases stand in groups: its values are pairs of a group and a code within the group.

Readers ask for the hits of one group at a time, so one pass over a text (`Together`) puts each hit with its group at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

from enrich.phrases import Lists, Phrases

Hits = list[tuple[int, int, str]]
"""Start, end and code, by their ends."""


class _Memory(threading.local):
    """Head and body of the text that a thread is at, and the hits in them, by the number of the group."""

    def __init__(self) -> None:
        self.head: str | None = None
        self.body: str | None = None
        self.before: Lists = []
        self.within: Lists = []


class Grouped(Phrases[tuple[str, str]]):
    """Phrases by group."""

    def __init__(
        self, entries: Iterable[tuple[str, tuple[str, str]]], *, pairs: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(entries, pairs=pairs)
        names = (group for values in self._values for group, _ in values)
        self._numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        self._kept = _Memory()

    def sinks(self) -> list[list[tuple[int, Any]]]:
        """A list for each group."""
        return [[(self._numbers[group], code) for group, code in values] for values in self._values]

    def remember(self, whole: str, head: str, body: str, before: Lists, within: Lists) -> None:
        kept = self._kept
        kept.head, kept.body, kept.before, kept.within = head, body, before, within

    def forget(self) -> None:
        kept = self._kept
        kept.head, kept.body, kept.before, kept.within = None, None, [], []

    def by_group(self, text: str) -> dict[str, Hits]:
        """All hits, overlapping ones included; groups without one are left out."""
        kept = self._kept
        if text is kept.body:
            return {name: hits for name, hits in zip(self._numbers, kept.within, strict=True) if hits}
        if text is kept.head:
            size = len(text)
            ahead = ([hit for hit in hits if hit[1] <= size] for hits in kept.before)
            return {name: hits for name, hits in zip(self._numbers, ahead, strict=True) if hits}
        groups: dict[str, Hits] = {}
        for start, end, values in self.found(text):
            for group, code in values:
                groups.setdefault(group, []).append((start, end, code))
        return groups
