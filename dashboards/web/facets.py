"""The filters beside a list or a dashboard: each value with how many records choosing it would leave."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from dashboards.panels.labels import Labels
from dashboards.panels.load import Filter, load_filters
from dashboards.panels.model import Text
from dashboards.panels.scope import Scope
from dashboards.web.answers import Search
from index.store import Answer

SHOWN = 12


@dataclasses.dataclass(frozen=True)
class Choice:
    code: str
    label: Text
    count: int
    chosen: bool


@dataclasses.dataclass(frozen=True)
class Facet:
    filter: Filter
    choices: list[Choice]
    beyond: int
    """Occurrences of values that are not listed."""

    @property
    def active(self) -> bool:
        return any(choice.chosen for choice in self.choices)


def facet_search(index: str, names: Sequence[str], scope: Scope) -> Search:
    """Each facet counts under all filters but its own, so that a second value of it can be added."""
    base, _ = Scope(since=scope.since, until=scope.until, text=scope.text).clauses(index)
    aggs: dict[str, Any] = {}
    for name, field in _fields(index, names).items():
        others = Scope(chosen={k: v for k, v in scope.chosen.items() if k != name}).clauses(index)[0]
        below: dict[str, Any] = {"values": {"terms": {"field": field, "size": SHOWN}}}
        chosen = scope.chosen.get(name)
        if chosen:
            below["chosen"] = {"filters": {"filters": {value: {"term": {field: value}} for value in chosen}}}
        aggs[name] = {"filter": {"bool": {"filter": others}}, "aggs": below}
    return index, {"size": 0, "query": {"bool": {"filter": base}}, "aggs": aggs}


def facets(index: str, names: Sequence[str], scope: Scope, answer: Answer, labels: Labels) -> list[Facet]:
    found = []
    for name in _fields(index, names):
        spec = load_filters()[name]
        values = answer["aggregations"][name]["values"]
        chosen = answer["aggregations"][name].get("chosen", {"buckets": {}})["buckets"]
        counts = {str(bucket["key"]): int(bucket["doc_count"]) for bucket in values["buckets"]}
        # What is chosen stays visible, and can be taken off, however few records have it.
        counts.update({code: int(bucket["doc_count"]) for code, bucket in chosen.items()})
        choices = [
            Choice(code, labels(spec.group, code), count, code in chosen) for code, count in counts.items()
        ]
        if choices:
            found.append(Facet(spec, choices, int(values.get("sum_other_doc_count", 0))))
    return found


def _fields(index: str, names: Sequence[str]) -> dict[str, str]:
    return {name: field for name in names if (field := load_filters()[name].field_in(index))}
