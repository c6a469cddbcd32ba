"""Searches of a page, answered over one generation of the data and kept while that generation lasts."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec

from index.store import Answer, Store

Search = tuple[str, dict[str, Any]]
KEPT = 512


class Answers:
    """Thread-safe. Two pages that ask the same thing of the same generation cost one search."""

    def __init__(self, store: Store, *, kept: int = KEPT) -> None:
        self._store = store
        self._kept = kept
        self._lock = threading.Lock()
        self._generation = -1
        self._answers: OrderedDict[bytes, Answer] = OrderedDict()

    def ask(self, searches: Sequence[Search]) -> list[Answer]:
        """The answers in order, all of one generation. Raises what the store raises."""
        keys = [msgspec.json.encode(search, order="deterministic") for search in searches]
        before = self._store.generation()
        found = self._look_up(keys, before)
        missing = [n for n, key in enumerate(keys) if key not in found]
        if missing:
            fresh = self._store.msearch([searches[n] for n in missing])
            if self._store.generation() != before:
                # The data moved on in between: kept answers and fresh ones would not add up. Fresh ones alone do,
                # and where data move all the time nothing is kept, so that nothing is asked twice.
                return self._store.msearch(searches) if found else fresh
            found.update(zip((keys[n] for n in missing), fresh, strict=True))
            self._keep(found, before)
        return [found[key] for key in keys]

    def _look_up(self, keys: Sequence[bytes], generation: int) -> dict[bytes, Answer]:
        with self._lock:
            if generation != self._generation:
                self._answers.clear()
                self._generation = generation
            return {key: self._answers[key] for key in keys if key in self._answers}

    def _keep(self, found: dict[bytes, Answer], generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            for key, answer in found.items():
                self._answers[key] = answer
                self._answers.move_to_end(key)
            while len(self._answers) > self._kept:
                self._answers.popitem(last=False)
