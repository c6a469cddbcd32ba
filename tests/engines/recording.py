"""A store that remembers every search it is asked: what the page and the commands really ask."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import msgspec

from index.embedded import EmbeddedStore
from index.store import Answer, Body


class Recording:
    """Stands before a store. `searches`: (index, body) of everything asked, each once."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self._asked: dict[bytes, tuple[str, dict[str, Any]]] = {}

    @property
    def searches(self) -> list[tuple[str, dict[str, Any]]]:
        return list(self._asked.values())

    def search(self, index: str, body: Body) -> Answer:
        self._note(index, body)
        return self._store.search(index, body)

    def msearch(self, searches: Sequence[tuple[str, Body]]) -> list[Answer]:
        for index, body in searches:
            self._note(index, body)
        return self._store.msearch(searches)

    def count(self, index: str, query: Body | None = None) -> int:
        body = {} if query is None else {"query": query}
        self._note(index, {**body, "size": 0, "track_total_hits": True})
        return self._store.count(index, query)

    def _note(self, index: str, body: Body) -> None:
        key = msgspec.json.encode((index, body), order="deterministic")
        self._asked.setdefault(key, (index, copy.deepcopy(dict(body))))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
