"""The line that stands on every page: what its figures are made from, and what they leave out."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from dashboards.panels.load import index_fields
from dashboards.panels.scope import JURISDICTION, Scope
from dashboards.web.answers import Answers, Search
from index.store import Answer

RECORD_INDICES = ("cases", "reports", "developments", "incidents")
MOST_SOURCES = 1000
NEVER = "never"
GOOD_STATES = frozenset({"ok", "nothing_new"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Coverage:
    """Of the records in scope of one index: `secondary` retold, `no_date` without a known month, `no_amount` cases
    with a penalty in money of unknown amount (None: the index has no such thing). Of all data: `elsewhere` records of
    other jurisdictions, and the sources by state. `as_of`: when a source was last looked at."""

    index: str
    records: int
    secondary: int
    no_date: int
    no_amount: int | None
    elsewhere: int
    states: dict[str, int]
    as_of: str | None

    @property
    def sources(self) -> int:
        return sum(self.states.values())

    @property
    def good_sources(self) -> int:
        return sum(count for state, count in self.states.items() if state in GOOD_STATES)

    @property
    def troubled(self) -> dict[str, int]:
        return {state: count for state, count in self.states.items() if state not in GOOD_STATES}


def coverage_searches(index: str, scope: Scope) -> list[Search]:
    clauses, _ = scope.clauses(index)
    aggs: dict[str, Any] = {
        "secondary": {"filter": {"term": {"source_role": "secondary"}}},
        "no_date": {"missing": {"field": "event_month"}},
    }
    if "amount_unknown" in index_fields(index):
        aggs["no_amount"] = {"filter": {"term": {"amount_unknown": True}}}
    records = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": clauses}}, "aggs": aggs}
    foreign = {"bool": {"must_not": [{"term": {"jurisdiction": JURISDICTION}}]}}
    elsewhere = {"size": 0, "track_total_hits": True, "query": foreign}
    states = {
        "size": 0,
        "query": {"match_all": {}},
        "aggs": {
            "state": {"terms": {"field": "state", "size": 50}},
            "source": {"terms": {"field": "source", "size": MOST_SOURCES}},
            "as_of": {"max": {"field": "at"}},
        },
    }
    return [(index, records), ("sources", states), *((name, elsewhere) for name in RECORD_INDICES)]


def coverage(index: str, answers: list[Answer], expected: Collection[str]) -> Coverage:
    """From the answers to `coverage_searches`, in its order. `expected`: sources that are to be harvested; those never
    looked at are in the state `never`."""
    records, sources, *elsewhere = answers
    found = records["aggregations"]
    states = {str(b["key"]): int(b["doc_count"]) for b in sources["aggregations"]["state"]["buckets"]}
    never = set(expected) - {str(b["key"]) for b in sources["aggregations"]["source"]["buckets"]}
    as_of = sources["aggregations"]["as_of"]
    return Coverage(
        index=index,
        records=int(records["hits"]["total"]["value"]),
        secondary=int(found["secondary"]["doc_count"]),
        no_date=int(found["no_date"]["doc_count"]),
        no_amount=int(found["no_amount"]["doc_count"]) if "no_amount" in found else None,
        elsewhere=sum(int(answer["hits"]["total"]["value"]) for answer in elsewhere),
        states={**states, **({NEVER: len(never)} if never else {})},
        as_of=str(as_of["value_as_string"])[:16].replace("T", " ") if as_of["value"] is not None else None,
    )


def whole_coverage(answers: Answers, index: str, expected: Collection[str]) -> Coverage:
    """Of all records of an index."""
    return coverage(index, answers.ask(coverage_searches(index, Scope())), expected)
