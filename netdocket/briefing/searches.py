"""The searches of a briefing, and the numbers in their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dashboards.panels.scope import period as within
from index.store import Store
from netdocket.briefing.blocks import Block, Cut, Number
from netdocket.briefing.period import Period
from streams.documents import NOT_IMPOSED

Body = dict[str, Any]
IMPOSED: Final[Body] = {"bool": {"must_not": [{"terms": {"penalty_type": sorted(NOT_IMPOSED)}}]}}
TOTAL: Final = ("hits", "total", "value")


def period_body(period: Period, *clauses: Body, official: bool = True, **more: Any) -> Body:
    """What is dated in the period, of mainland jurisdiction; `official`: without secondary sources."""
    when = within(period.since.isoformat(), period.until.isoformat())
    return counted_body(when, *clauses, official=official, **more)


def counted_body(*clauses: Body, official: bool = True, **more: Any) -> Body:
    filters: list[Body] = [
        {"term": {"jurisdiction": "CN"}},
        *({"term": {"source_role": "official"}} for _ in range(official)),
        *clauses,
    ]
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": filters}}, **more}


def number(store: Store, index: str, body: Body, path: tuple[str, ...], digits: int = 0) -> Number:
    return Number(read(store.search(index, body), path), index, body, path, digits)


def read(answer: Mapping[str, Any], path: Sequence[str]) -> float | None:
    """The value at a path of an answer; a list is entered by the key of its bucket. None where nothing is there."""
    found: Any = answer
    for key in path:
        if isinstance(found, list):
            found = next((bucket for bucket in found if bucket["key"] == key), None)
        else:
            found = found.get(key)
        if found is None:
            return None
    return float(found)


def cut(shown: int, total: Number) -> list[Block]:
    """What to say below a list: nothing where it is whole."""
    return [Cut(shown, total)] if (total.value or 0) > shown else []


def source_number(sources: list[str], url: str | None) -> int:
    """The number of a source among those of the briefing, to which it is added."""
    url = url or "–"
    if url not in sources:
        sources.append(url)
    return sources.index(url) + 1
