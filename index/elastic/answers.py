"""Elasticsearch's answers as the port gives them: short index names, and nothing that tells which store it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from index.store import Answer, Body

OF_OUR_REQUEST: Final = ("pit_id", "status", "_scroll_id")


def as_asked(answer: Mapping[str, Any], body: Body, index: str, *, tie_broken: bool = False) -> Answer:
    """`tie_broken`: asked at a point in time, where Elasticsearch adds a sort key of its own."""
    plain = {key: value for key, value in answer.items() if key not in OF_OUR_REQUEST}
    if not plain.get("terminated_early"):
        plain.pop("terminated_early", None)
    keys = _sort_keys(body.get("sort")) if tie_broken else 0

    def as_hit(hit: dict[str, Any]) -> None:
        if "_index" in hit:
            hit["_index"] = index

    for hit in plain.get("hits", {}).get("hits", ()):
        as_hit(hit)
        if keys and len(hit.get("sort", ())) > keys:
            hit["sort"] = hit["sort"][:keys]
    if "aggregations" in plain and _asks_for(body, "top_hits"):
        _each_hit(plain["aggregations"], as_hit)
    return plain


def _sort_keys(sort: Any) -> int:
    if sort is None:
        return 0
    return len(sort) if isinstance(sort, Sequence) and not isinstance(sort, str) else 1


def _asks_for(part: Any, key: str) -> bool:
    if isinstance(part, Mapping):
        return key in part or any(_asks_for(value, key) for value in part.values())
    if isinstance(part, Sequence) and not isinstance(part, str):
        return any(_asks_for(value, key) for value in part)
    return False


def _each_hit(part: Any, apply: Callable[[dict[str, Any]], None]) -> None:
    if isinstance(part, list):
        for value in part:
            _each_hit(value, apply)
    elif isinstance(part, dict):
        hits = part.get("hits")
        if isinstance(hits, dict) and isinstance(hits.get("hits"), list):
            for hit in hits["hits"]:
                apply(hit)
            return
        for value in part.values():
            _each_hit(value, apply)
