"""What a rule would have fired, had it watched the stored records come in the order of their dates. Reads only."""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from index.store import Scanner, Store
from netdocket.errors import ConfigurationError, StoreError
from streams.alerts import bursts, things
from streams.alerts.documents import of_record
from streams.alerts.rules import Amount, Burst, First, Rule, SearchRule

IN_ORDER: Final[list[dict[str, Any]]] = [
    {"event_date": {"order": "asc", "missing": "_last"}},
    {"record_id": "asc"},
]
PAGE: Final = 500
PENALTIES: Final = "penalties"
Body = Mapping[str, Any]


def rehearse(store: Store, rule: Rule, since: str) -> Iterator[dict[str, Any]]:
    """Alerts dated `since` (ISO day) or later. Records without a date come last, and count as dated then."""
    match rule:
        case First():
            yield from _first(store, rule, since)
        case Amount():
            yield from _amounts(store, rule, since)
        case Burst():
            yield from _bursts(store, rule, since)
        case SearchRule():
            for document in _in_order(store, rule.index, rule.query):
                if document["jurisdiction"] == "CN" and document.get("event_date", "9999") >= since:
                    yield _alert(rule, document, rule.index, value=rule.id, why=f"Found by {rule.title.en}.")
        case _:
            raise ConfigurationError(
                "the states that sources were in are not kept, so that nothing can be said", where=rule.id
            )


def _in_order(store: Store, index: str, query: Body | None = None) -> Iterator[dict[str, Any]]:
    if not isinstance(store, Scanner):
        raise StoreError("this store cannot hold still to be walked over", where=index)
    for hit in store.scan(index, query, sort=IN_ORDER, page=PAGE):
        yield hit["_source"]


def _first(store: Store, rule: First, since: str) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    index = things.DIMENSIONS[rule.of].index
    for document in _in_order(store, index):
        for value, label in things.values(document, rule.of):
            if value not in seen:
                seen.add(value)
                if document.get("event_date", "9999") >= since:
                    why = f"{label['en']}: never seen before."
                    yield _alert(rule, document, index, value=value, why=why, label=label)


def _amounts(store: Store, rule: Amount, since: str) -> Iterator[dict[str, Any]]:
    history: dict[str, list[float]] = defaultdict(list)
    told: set[str] = set()
    query = {
        "bool": {
            "filter": [
                {"term": {"jurisdiction": "CN"}},
                {"terms": {"penalty_type": list(rule.penalty_types)}},
            ]
        }
    }
    for penalty in _in_order(store, PENALTIES, query):
        total, kind = penalty.get("total_yuan"), penalty["penalty_type"]
        if total is None:
            continue
        known = history[kind]
        high = _high(rule, total, known)
        if penalty["source_role"] == "official":
            bisect.insort(known, total)
        if high and penalty["record_id"] not in told:
            told.add(penalty["record_id"])
            if penalty.get("event_date", "9999") >= since:
                label = penalty["penalty_type_label"]
                why = f"{label['en']}: CNY {total:,.0f}, {high}."
                yield _alert(rule, penalty, PENALTIES, value=kind, why=why, label=label)


def _high(rule: Amount, total: float, known: list[float]) -> str | None:
    if rule.at_least_yuan is not None:
        return f"at least CNY {rule.at_least_yuan:,.0f}" if total >= rule.at_least_yuan else None
    if rule.percentile is None or len(known) < rule.min_history:
        return None
    place = rule.percentile / 100 * (len(known) - 1)
    low, high = known[math.floor(place)], known[math.ceil(place)]
    limit = low + (high - low) * (place - math.floor(place))
    return (
        f"above the {rule.percentile:g}th percentile (CNY {limit:,.0f}) of {len(known):,} before"
        if total > limit
        else None
    )


def _bursts(store: Store, rule: Burst, since: str) -> Iterator[dict[str, Any]]:
    days: dict[str, list[str]] = defaultdict(list)
    told: set[str] = set()
    query = {"bool": {"filter": [{"term": {"jurisdiction": "CN"}}, *bursts.counted()]}}
    for document in _in_order(store, "cases", query):
        day = document["event_date"]
        for value, label in things.values(document, rule.of):
            days[value].append(day)
            week = f"{rule.of}:{value}:{bursts.iso_week(day)}"
            counts = bursts.unlikely(rule, days[value], day)
            if week in told or counts is None:
                continue
            told.add(week)
            if day >= since:
                why = (
                    f"{label['en']}: {counts[0]} cases within {rule.window_days} days; "
                    f"{counts[1]} in the {rule.history_days} days before."
                )
                yield _alert(
                    rule, document, "cases", value=value, why=why, label=label, thing=f"burst:{week}"
                )


def _alert(
    rule: Rule,
    document: Body,
    index: str,
    *,
    value: str,
    why: str,
    label: Mapping[str, str] | None = None,
    thing: str | None = None,
) -> dict[str, Any]:
    alert = of_record(
        rule,
        document,
        index=index,
        thing=thing or f"rehearsal:{value}",
        value=value,
        reason={"en": why, "zh": why},
        label=label,
    )
    return {"event_date": "", **alert}
