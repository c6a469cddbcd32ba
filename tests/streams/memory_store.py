"""A store in memory, for tests that need thousands of stores or a step between any two operations.

It keeps the port's promises (versions, tombstones, sequence numbers, search only as of the last refresh) and knows the
few search bodies that streams asks for; anything else raises.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from index.store import Answer, Body, Stored, Swap, Write, Written
from netdocket.errors import UnsupportedQuery, VersionConflict

Key = tuple[str, str]


@dataclasses.dataclass
class MemoryStore:
    """`before`: called with the name of each operation before it happens; may raise. `keeps_tombstones`: whether the
    version of what was deleted is remembered, as Elasticsearch does for an hour (`index.gc_deletes`)."""

    before: Callable[[str], None] = lambda _name: None
    keeps_tombstones: bool = True
    now: dict[Key, Stored] = dataclasses.field(default_factory=dict)
    seen: dict[Key, Stored] = dataclasses.field(default_factory=dict)
    tombstones: dict[Key, int] = dataclasses.field(default_factory=dict)
    sequence: int = 0
    refreshes: int = 0

    # --- one document --------------------------------------------------------------------------------

    def get(self, index: str, id: str) -> Stored | None:
        self.before("get")
        held = self.now.get((index, id))
        return _copied(held) if held else None

    def mget(self, index: str, ids: Iterable[str]) -> list[Stored]:
        self.before("mget")
        return [_copied(self.now[index, id]) for id in ids if (index, id) in self.now]

    def bulk(self, writes: Sequence[Write]) -> list[Written]:
        self.before("bulk")
        return [self._write(write) for write in writes]

    def create(self, index: str, id: str, document: Body) -> Stored | None:
        self.before("create")
        return None if (index, id) in self.now else self._put(index, id, 1, document)

    def swap(
        self, index: str, id: str, document: Body, *, seq_no: int | None, version: int | None = None
    ) -> Stored:
        self.before("swap")
        stored = self._swap(index, Swap(id, document, seq_no))
        if stored is None:
            raise VersionConflict("changed in between", where=f"{index}/{id}")
        return stored

    def swap_many(self, index: str, swaps: Sequence[Swap]) -> list[Stored | None]:
        self.before("swap_many")
        return [self._swap(index, swap) for swap in swaps]

    def drop(self, index: str, id: str, *, seq_no: int) -> bool:
        self.before("drop")
        stored = self.now.get((index, id))
        if stored is None or stored.seq_no != seq_no:
            return False
        del self.now[index, id]
        return True

    def _write(self, write: Write) -> Written:
        key = (write.index, write.id)
        held = self.now[key].version if key in self.now else self.tombstones.get(key, -1)
        if held > write.version:
            return Written(write.index, write.id, "stale")
        if write.document is None:
            known = self.now.pop(key, None)
            if self.keeps_tombstones:
                self.tombstones[key] = write.version
            return Written(write.index, write.id, "deleted" if known else "not_found")
        if reason := write.document.get("unmappable"):
            return Written(write.index, write.id, "refused", str(reason))
        result = "updated" if key in self.now else "created"
        self._put(write.index, write.id, write.version, write.document)
        return Written(write.index, write.id, result)  # type: ignore[arg-type]

    def _swap(self, index: str, swap: Swap) -> Stored | None:
        held = self.now.get((index, swap.id))
        if (held.seq_no if held else None) != swap.seq_no:
            return None
        return self._put(index, swap.id, held.version + 1 if held else 1, swap.document)

    def _put(self, index: str, id: str, version: int, document: Body) -> Stored:
        self.sequence += 1
        self.tombstones.pop((index, id), None)
        stored = _copied(Stored(index, id, version, self.sequence, dict(document)))
        self.now[index, id] = stored
        return stored

    # --- search --------------------------------------------------------------------------------------

    def refresh(self) -> int:
        self.before("refresh")
        self.seen = dict(self.now)
        self.refreshes += 1
        return self.refreshes

    def generation(self) -> int:
        return self.refreshes

    def search(self, index: str, body: Body) -> Answer:
        self.before("search")
        known = {"query", "sort", "size", "search_after", "_source", "aggs"}
        if body.keys() - known:
            raise UnsupportedQuery("not known to the memory store", where=str(sorted(body.keys() - known)))
        hits = [s for (i, _), s in self.seen.items() if i == index and _matches(s.source, body["query"])]
        order = [_sort_clause(clause) for clause in body.get("sort", [])]
        hits.sort(key=lambda s: _sort_key([s.source.get(field) for field, _ in order], order))
        if "search_after" in body:
            after = _sort_key(body["search_after"], order)
            hits = [s for s in hits if after < _sort_key([s.source.get(field) for field, _ in order], order)]
        return {
            "hits": {
                "total": {"value": len(hits), "relation": "eq"},
                "hits": [
                    {"_id": s.id, "_source": _copied(s).source, "sort": [s.source.get(f) for f, _ in order]}
                    for s in hits[: body.get("size", 10)]
                ],
            },
            "aggregations": {name: _aggregate(hits, spec) for name, spec in body.get("aggs", {}).items()},
        }

    def msearch(self, searches: Sequence[tuple[str, Body]]) -> list[Answer]:
        return [self.search(index, body) for index, body in searches]

    def count(self, index: str, query: Body | None = None) -> int:
        body = {"query": query or {"match_all": {}}, "size": 0}
        return int(self.search(index, body)["hits"]["total"]["value"])

    def close(self) -> None:
        pass


def _copied(stored: Stored) -> Stored:
    """As it comes back from a store that keeps JSON: nobody's changes show, and tuples are lists."""
    return dataclasses.replace(stored, source=msgspec.json.decode(msgspec.json.encode(stored.source)))


_BOUNDS = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}


def _matches(source: Mapping[str, Any], query: Body) -> bool:
    ((kind, spec),) = query.items()
    if kind == "match_all":
        return True
    if kind == "bool" and not spec.keys() - {"filter", "should", "must_not"}:
        return (
            all(_matches(source, clause) for clause in spec.get("filter", []))
            and ("should" not in spec or any(_matches(source, clause) for clause in spec["should"]))
            and not any(_matches(source, clause) for clause in spec.get("must_not", []))
        )
    if kind == "exists":
        return source.get(spec["field"]) is not None
    if kind in ("term", "terms"):
        ((field, wanted),) = spec.items()
        held = source.get(field)
        values = held if isinstance(held, list) else [held]
        return any(value in (wanted if kind == "terms" else [wanted]) for value in values)
    if kind == "range":
        # dates in one form each, which stand in the order of their letters
        ((field, bounds),) = spec.items()
        held = source.get(field)
        return held is not None and all(_BOUNDS[name](held, bound) for name, bound in bounds.items())
    raise UnsupportedQuery("not known to the memory store", where=kind)


def _sort_clause(clause: Body) -> tuple[str, bool]:
    ((field, how),) = clause.items()
    order = how if isinstance(how, str) else how["order"]
    if order not in ("asc", "desc") or (isinstance(how, dict) and how.get("missing", "_last") != "_last"):
        raise UnsupportedQuery("not known to the memory store", where=f"sort {clause}")
    return str(field), order == "desc"


@functools.total_ordering
@dataclasses.dataclass(frozen=True)
class _Descending:
    value: Any

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)


def _sort_key(values: Sequence[Any], order: Sequence[tuple[str, bool]]) -> list[tuple[bool, Any]]:
    """Missing values last, whatever the direction."""
    return [
        (value is None, _Descending(value or "") if descending else value or "")
        for value, (_, descending) in zip(values, order, strict=True)
    ]


def _aggregate(hits: Sequence[Stored], spec: Body) -> dict[str, Any]:
    if "terms" in spec:
        field = spec["terms"]["field"]
        values = [s.source.get(field) for s in hits]
        lists = [value if isinstance(value, list) else [value] for value in values if value is not None]
        return {"buckets": [{"key": key} for key in sorted({one for values in lists for one in values})]}
    sources = [(name, one["terms"]["field"]) for c in spec["composite"]["sources"] for name, one in c.items()]
    keys = sorted({tuple(s.source[field] for _, field in sources) for s in hits})
    after = tuple(spec["composite"].get("after", {}).values())
    later = [key for key in keys if not after or key > after][: spec["composite"]["size"]]
    return {"buckets": [{"key": dict(zip([name for name, _ in sources], key, strict=True))} for key in later]}
