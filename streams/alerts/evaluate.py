"""From what was stored to the alerts it fires.

Called after a batch is stored and before it is confirmed: killed in between, the batch comes again, the entries and
the documents of the alerts are there already, and what was not yet put out for delivery is. What a re-classification
stores fires nothing, and what is quiet teaches without firing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from index.store import Store
from streams.alerts import bursts, documents, things, troubles
from streams.alerts.documents import INDEX, alert_id, of_record
from streams.alerts.first import FirstSeen
from streams.alerts.rules import Alerting, Amount, AnyRule, Burst, First, SearchRule, SourceRule
from streams.processors import Outcome, Work

Body = Mapping[str, Any]
LOOKED_AT: Final = ("cases", "penalties", "developments", "incidents", "reports")
"""The indices whose documents rules look at."""
PAGE: Final = 1000


class PutOut(Protocol):
    """Where alerts wait for their delivery."""

    def put(self, alert: str, rule: str) -> None:
        """Repeating it changes nothing."""
        ...

    def muted(self, rule: str) -> bool: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Looked:
    """A bulletin's documents as they were stored, by index. `teaches`: it fires nothing, whatever it holds."""

    bulletin_id: str
    documents: Mapping[str, Sequence[Body]]
    teaches: bool = False

    def bodies(self, index: str) -> Sequence[Body]:
        return self.documents.get(index, ())


def looked(work: Work) -> Looked:
    return Looked(work.bulletin.bulletin_id, {index: work.bodies(index) for index in LOOKED_AT})


class Evaluation:
    """It may be given the same at any time, and be killed at any time.

    `since` (an ISO time): with it, only what was harvested earlier counts as known before anybody looked. Without it
    everything does that is stored and not in hand, which holds only for who stores and looks in turns.
    """

    def __init__(self, store: Store, alerting: Alerting, out: PutOut, *, since: str | None = None) -> None:
        self._store = store
        self._alerting = alerting
        self._out = out
        self._since = since
        self._stale = True

    def _refresh(self) -> None:
        """Once a batch, and only where something is searched for: it costs more than all else."""
        if self._stale:
            self._store.refresh()
            self._stale = False

    def evaluate(self, outcome: Outcome) -> list[str]:
        """Ids of the alerts that this outcome stands for, whether they are new or a redelivery's."""
        return self.look([looked(work) for work in outcome.fresh], states=bool(outcome.states))

    def look(self, bulletins: Sequence[Looked], *, states: bool = False) -> list[str]:
        """As `evaluate`. `states`: whether states of sources may have changed."""
        self._stale = True
        fired: list[str] = []
        for alert in self._found(bulletins, states=states):
            self._fire(alert)
            fired.append(alert["alert_id"])
        return fired

    def _found(self, bulletins: Sequence[Looked], *, states: bool) -> Iterator[dict[str, Any]]:
        batch = {one.bulletin_id for one in bulletins}
        loud = [one for one in bulletins if not one.teaches]
        for dimension, rules in _by_dimension(self._alerting.rules).items():
            yield from self._first(dimension, rules, bulletins, batch)
        for rule in self._alerting.rules:
            match rule:
                case Amount():
                    yield from _amounts(self._store, rule, loud, batch)
                case Burst():
                    cases = _loud(loud, things.DIMENSIONS[rule.of].index)
                    if cases:
                        self._refresh()
                        yield from bursts.found(self._store, rule, cases)
                case SourceRule():
                    if states:
                        self._refresh()
                        troubles.resolve(self._store, rule)
                        yield from troubles.found(self._store, rule)
                case SearchRule():
                    if _loud(loud, rule.index):
                        self._refresh()
                        yield from _searched(self._store, rule, loud)

    def _fire(self, alert: dict[str, Any]) -> None:
        """The document first; it waits for delivery once it is there."""
        id, muted = alert["alert_id"], self._out.muted(alert["rule"])
        made = self._store.create(INDEX, id, alert | {"state": "muted"} if muted else alert)
        if made is None:
            stored = self._store.get(INDEX, id)
            muted = stored is None or stored.source["state"] == "muted"
            if stored is not None and stored.source["state"] == "withdrawn":
                documents.set_state(self._store, id, "open")  # it holds again
        if not muted:
            self._out.put(id, alert["rule"])

    def _first(
        self, dimension: str, rules: Sequence[First], bulletins: Sequence[Looked], batch: Collection[str]
    ) -> Iterator[dict[str, Any]]:
        index = things.DIMENSIONS[dimension].index
        first = FirstSeen(
            self._store, dimension, batch, self._refresh,
            since=self._since, withdraw=lambda value, record: self._withdraw(dimension, rules, value, record),
        )  # fmt: skip
        # What only teaches goes first: what it has is not new to the others.
        ordered = sorted(bulletins, key=lambda one: not one.teaches)
        occurrences = [
            (value, label, document, one.teaches)
            for one in ordered
            for document in _documents([one], index)
            for value, label in things.values(document, dimension)
        ]
        seen = first.settled({value for value, *_ in occurrences})
        for value, label, document, teaches in occurrences:
            if value in seen:
                continue
            won = first.bring_up_to_date(value, document, teaches=teaches)
            if won.done:
                seen.add(value)
            if won.entry is None or won.entry.get("quiet") or teaches:
                continue
            for rule in rules:
                yield of_record(
                    rule,
                    document,
                    index=index,
                    thing=f"{dimension}:{value}",
                    dimension=dimension,
                    value=value,
                    label=label,
                    reason={
                        "en": f"{label['en']}: never seen before.",
                        "zh": f"{label['zh']}：此前未见。",
                    },
                )

    def _withdraw(self, dimension: str, rules: Sequence[First], value: str, record: str) -> None:
        for rule in rules:
            id = alert_id(rule.id, f"{dimension}:{value}", record)
            stored = self._store.get(INDEX, id)
            if stored is not None and stored.source["state"] == "open":
                documents.set_state(self._store, id, "withdrawn")


def _by_dimension(rules: Sequence[AnyRule]) -> dict[str, list[First]]:
    found: dict[str, list[First]] = {}
    for rule in rules:
        if isinstance(rule, First):
            found.setdefault(rule.of, []).append(rule)
    return found


def _documents(bulletins: Sequence[Looked], index: str) -> list[Body]:
    return [body for one in bulletins for body in one.bodies(index) if body.get("jurisdiction") == "CN"]


def _loud(bulletins: Sequence[Looked], index: str) -> list[Body]:
    return [body for body in _documents(bulletins, index) if not body["quiet"]]


# --- sums ----------------------------------------------------------------------------------------------------


def _amounts(
    store: Store, rule: Amount, bulletins: Sequence[Looked], batch: Collection[str]
) -> Iterator[dict[str, Any]]:
    limits: dict[str, tuple[float, str, str] | None] = {}
    cases = {case["record_id"]: case for case in _loud(bulletins, "cases")}
    told: set[str] = set()
    for penalty in _loud(bulletins, "penalties"):
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


# --- searches ------------------------------------------------------------------------------------------------


def _searched(store: Store, rule: SearchRule, bulletins: Sequence[Looked]) -> Iterator[dict[str, Any]]:
    fresh = {document["record_id"]: document for document in _loud(bulletins, rule.index)}
    ids = sorted(fresh)
    for start in range(0, len(ids), PAGE):
        some = ids[start : start + PAGE]
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
