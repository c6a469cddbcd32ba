"""From what a batch has stored to the alerts it fires.

Called after the batch is stored and before it is confirmed: killed in between, the batch comes again, the entries and
the documents of the alerts are there already, and what was not yet put out for delivery is. What a re-classification
stores is not given here, and what is quiet teaches without firing.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from index.store import Store
from netdocket.errors import ConfigurationError, MalformedQuery, UnsupportedQuery
from streams import sourcestates
from streams.alerts import documents, first, things
from streams.alerts.documents import INDEX, alert_id, of_record
from streams.alerts.rules import Alerting, Amount, Burst, First, Rule, SearchRule, SourceRule
from streams.processors import Outcome, Work

Body = Mapping[str, Any]
SOURCES: Final = 1000


class PutOut(Protocol):
    """Where alerts wait for their delivery."""

    def put(self, alert: str, rule: str) -> None:
        """Repeating it changes nothing."""
        ...

    def muted(self, rule: str) -> bool: ...


class Evaluation:
    """`evaluate` may be given the same outcome at any time, and be killed at any time."""

    def __init__(self, store: Store, alerting: Alerting, out: PutOut) -> None:
        self._store = store
        self._alerting = alerting
        self._out = out
        self._stale = True

    def _refresh(self) -> None:
        """Once a batch, and only where something is searched for: it costs more than all else."""
        if self._stale:
            self._store.refresh()
            self._stale = False

    def evaluate(self, outcome: Outcome) -> list[str]:
        """Ids of the alerts that this outcome stands for, whether they are new or a redelivery's."""
        batch = {work.bulletin.bulletin_id for work in outcome.fresh}
        self._stale = True
        fired: list[str] = []
        for rule in self._alerting.rules:
            for alert in self._found(rule, outcome, batch):
                self._fire(alert)
                fired.append(alert["alert_id"])
        return fired

    def _found(self, rule: Rule, outcome: Outcome, batch: Collection[str]) -> Iterator[dict[str, Any]]:
        match rule:
            case First():
                yield from self._first(rule, outcome.fresh, batch)
            case Amount():
                yield from _amounts(self._store, rule, outcome.fresh, batch)
            case Burst():
                yield from _bursts(self._store, rule, outcome.fresh, self._refresh)
            case SourceRule():
                if outcome.states:
                    yield from _sources(self._store, rule)
            case SearchRule():
                self._refresh()
                yield from _searched(self._store, rule, outcome.fresh)

    def _fire(self, alert: dict[str, Any]) -> None:
        """The document first; it waits for delivery once it is there."""
        muted = self._out.muted(alert["rule"])
        made = self._store.create(INDEX, alert["alert_id"], alert | {"state": "muted"} if muted else alert)
        if made is None:
            stored = self._store.get(INDEX, alert["alert_id"])
            muted = stored is None or stored.source["state"] == "muted"
        if not muted:
            self._out.put(alert["alert_id"], alert["rule"])

    def _first(self, rule: First, works: Sequence[Work], batch: Collection[str]) -> Iterator[dict[str, Any]]:
        where = things.DIMENSIONS[rule.of]
        seen: set[str] = set()
        for document in _documents(works, where.index):
            for value, label in things.values(document, rule.of):
                if value in seen:
                    continue
                seen.add(value)
                won = first.bring_up_to_date(self._store, rule.of, value, document, batch, self._refresh)
                if won is None:
                    continue
                if won.replaces is not None:
                    self._withdraw(alert_id(rule.id, f"{rule.of}:{value}", won.replaces))
                if won.entry.get("quiet"):
                    continue
                yield of_record(
                    rule,
                    document,
                    index=where.index,
                    thing=f"{rule.of}:{value}",
                    dimension=rule.of,
                    value=value,
                    label=label,
                    reason={
                        "en": f"{label['en']}: never seen before.",
                        "zh": f"{label['zh']}：此前未见。",
                    },
                )

    def _withdraw(self, id: str) -> None:
        stored = self._store.get(INDEX, id)
        if stored is not None and stored.source["state"] == "open":
            documents.set_state(self._store, id, "withdrawn")


def _documents(works: Sequence[Work], index: str) -> list[Body]:
    return [body for work in works for body in work.bodies(index) if body.get("jurisdiction") == "CN"]


def _loud(works: Sequence[Work], index: str) -> list[Body]:
    return [body for body in _documents(works, index) if not body["quiet"]]


# --- sums ----------------------------------------------------------------------------------------------------


def _amounts(
    store: Store, rule: Amount, works: Sequence[Work], batch: Collection[str]
) -> Iterator[dict[str, Any]]:
    limits: dict[str, tuple[float, str, str] | None] = {}
    cases = {case["record_id"]: case for case in _loud(works, "cases")}
    told: set[str] = set()
    for penalty in _loud(works, "penalties"):
        kind, total = penalty["penalty_type"], penalty.get("total_yuan")
        record = penalty["record_id"]
        if kind not in rule.penalty_types or total is None or record in told or record not in cases:
            continue
        if kind not in limits:
            limits[kind] = _limit(store, rule, kind, batch)
        limit = limits[kind]
        if limit is None or total < limit[0]:
            continue
        told.add(record)
        label = penalty["penalty_type_label"]
        yield of_record(
            rule,
            cases[record],
            index="cases",
            thing=f"amount:{record}",
            dimension="penalty",
            value=kind,
            label=label,
            amount_yuan=total,
            penalty_id=penalty["penalty_id"],
            reason={
                "en": f"{label['en']}: CNY {total:,.0f}, {limit[1]}.",
                "zh": f"{label['zh']}：{total:,.0f} 元，{limit[2]}。",
            },
        )


def _limit(store: Store, rule: Amount, kind: str, batch: Collection[str]) -> tuple[float, str, str] | None:
    """The sum from which on the rule fires, in words too; None where too little is known."""
    if rule.at_least_yuan is not None:
        sum_ = rule.at_least_yuan
        return sum_, f"at least CNY {sum_:,.0f}", f"不低于 {sum_:,.0f} 元"
    clauses = [
        {"term": {"jurisdiction": "CN"}},
        {"term": {"penalty_type": kind}},
        {"exists": {"field": "total_yuan"}},
    ]
    # Secondary sources tell again what others have published.
    clauses.append({"term": {"source_role": "official"}})
    query = {"bool": {"filter": clauses, "must_not": [{"terms": {"bulletin_id": sorted(batch)}}]}}
    aggs = {"sums": {"percentiles": {"field": "total_yuan", "percents": [rule.percentile]}}}
    answer = store.search("penalties", {"size": 0, "track_total_hits": True, "query": query, "aggs": aggs})
    n = answer["hits"]["total"]["value"]
    if n < rule.min_history:
        return None
    (value,) = answer["aggregations"]["sums"]["values"].values()
    least = math.nextafter(float(value), math.inf)  # above it, not equal to it
    return (
        least,
        f"above the {rule.percentile:g}th percentile (CNY {value:,.0f}) of {n:,} before",
        f"高于此前 {n:,} 笔的第 {rule.percentile:g} 百分位数（{value:,.0f} 元）",
    )


# --- bursts --------------------------------------------------------------------------------------------------


def _bursts(
    store: Store, rule: Burst, works: Sequence[Work], refresh: Callable[[], object]
) -> Iterator[dict[str, Any]]:
    """Of what is dated lately: a burst of years ago, found by a back-fill, is no news."""
    where = things.DIMENSIONS[rule.of]
    told: set[str] = set()
    for document in _loud(works, where.index):
        day = document.get("event_date", "")
        if len(day) != len("2024-01-01") or document.get("event_precision") != "day":
            continue
        if documents.dated_late(document):
            continue
        window, history = (
            days_before(day, rule.window_days - 1),
            days_before(day, rule.window_days + rule.history_days - 1),
        )
        for value, label in things.values(document, rule.of):
            week = f"{rule.of}:{value}:{iso_week(day)}"
            if week in told:
                continue
            told.add(week)
            refresh()
            here = _count(store, rule.of, value, {"gte": window, "lte": day})
            if here < rule.at_least:
                continue
            before = _count(store, rule.of, value, {"gte": history, "lt": window})
            expected = (
                (before + 0.5) * rule.window_days / rule.history_days
            )  # half a case where there was none
            if at_least(here, expected) * rule.one_in >= 1:
                continue
            yield of_record(
                rule,
                document,
                index=where.index,
                thing=f"burst:{week}",
                winner="",
                dimension=rule.of,
                value=value,
                label=label,
                reason={
                    "en": f"{label['en']}: {here} cases within {rule.window_days} days; {before} in the "
                    f"{rule.history_days} days before.",
                    "zh": f"{label['zh']}：{rule.window_days} 天内 {here} 件；此前 {rule.history_days} 天共 {before} 件。",
                },
            )


def _count(store: Store, dimension: str, value: str, period: Mapping[str, str]) -> int:
    # Only days: a month or a year alone would all fall on its first day.
    clauses = [
        *things.clauses(dimension, value),
        {"term": {"source_role": "official"}},
        {"term": {"event_precision": "day"}},
        {"range": {"event_date": dict(period)}},
    ]
    return store.count(things.DIMENSIONS[dimension].index, {"bool": {"filter": clauses}})


def at_least(count: int, expected: float) -> float:
    """How likely so many or more are, of a Poisson distribution."""
    term, below = math.exp(-expected), 0.0
    for number in range(count):
        below += term
        term *= expected / (number + 1)
    return max(0.0, 1.0 - below)


def days_before(day: str, days: int) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=days)).isoformat()


def iso_week(day: str) -> str:
    year, week, _ = dt.date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"


# --- sources and searches ------------------------------------------------------------------------------------


def _sources(store: Store, rule: SourceRule) -> Iterator[dict[str, Any]]:
    store.refresh()
    body = {"size": SOURCES, "query": {"terms": {"state": list(rule.states)}}, "sort": [{"source": "asc"}]}
    for hit in store.search(sourcestates.INDEX, body)["hits"]["hits"]:
        state = hit["_source"]
        why = state.get("reason", "")
        since = state["since"]
        thing = f"source:{state['source']}:{state['state']}"
        yield {
            "schema": f"netdocket.{INDEX}/1",
            "alert_id": alert_id(rule.id, thing, since),
            "rule": rule.id,
            "rule_title": {"en": rule.title.en, "zh": rule.title.zh},
            "kind": rule.kind,
            "thing": thing,
            "value": state["state"],
            "title": state["source"],
            "reason": {
                "en": f"{state['source']}: {state['state']} since {since}. {why}".strip(),
                "zh": f"{state['source']}：自 {since} 起状态为 {state['state']}。{why}",
            },
            "source": state["source"],
            "origin": state.get("origin", "live"),
            "late": False,
            "fired_at": state["at"],
            "state": "open",
        }


def _searched(store: Store, rule: SearchRule, works: Sequence[Work]) -> Iterator[dict[str, Any]]:
    fresh = {document["record_id"]: document for document in _loud(works, rule.index)}
    ids = sorted(fresh)
    for start in range(0, len(ids), SOURCES):
        some = ids[start : start + SOURCES]
        query = {"bool": {"filter": [rule.query, {"terms": {"record_id": some}}]}}
        body = {"size": len(some), "query": query, "_source": False, "sort": [{"record_id": "asc"}]}
        for hit in store.search(rule.index, body)["hits"]["hits"]:
            yield of_record(
                rule,
                fresh[hit["_id"]],
                index=rule.index,
                thing=f"search:{hit['_id']}",
                value=rule.id,
                reason={"en": f"Found by {rule.title.en}.", "zh": f"命中检索：{rule.title.zh}。"},
            )


def check_searches(store: Store, alerting: Alerting) -> None:
    """Raises ConfigurationError for a search rule whose query no store would take."""
    for rule in alerting.rules:
        if isinstance(rule, SearchRule):
            try:
                store.count(rule.index, rule.query)
            except (MalformedQuery, UnsupportedQuery) as error:
                raise ConfigurationError(f"rule {rule.id}: {error}", where="query") from error
