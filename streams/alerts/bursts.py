"""Bursts: more cases of a value within a window of days than its rate of the days before makes likely.

Cases do not come in the order of their dates: one that is dated Monday may be stored after those of Friday, and counts
in every window that ends on Monday or up to its length later. So all of these are looked at, whatever comes when.
"""

from __future__ import annotations

import bisect
import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from index.store import Store
from streams.alerts import documents, things
from streams.alerts.documents import of_record
from streams.alerts.rules import Burst

Body = Mapping[str, Any]
DAY: Final = len("2024-01-01")


def found(store: Store, rule: Burst, loud: Iterable[Body]) -> Iterator[dict[str, Any]]:
    """Of what is dated lately: a burst of years ago, found by a back-fill, is no news. After a refresh."""
    for value, (label, dated) in _by_value(rule, loud).items():
        told: set[str] = set()
        days = _days(store, rule, value, min(dated), max(dated))
        for end in sorted(set(days)):
            newest = max((day for day in dated if day <= end), default="")
            if not newest or newest < days_before(end, rule.window_days - 1) or iso_week(end) in told:
                continue
            counts = unlikely(rule, days, end)
            if counts is None:
                continue
            here, before = counts
            told.add(iso_week(end))
            yield of_record(
                rule,
                dated[newest],
                index=things.DIMENSIONS[rule.of].index,
                thing=f"burst:{rule.of}:{value}:{iso_week(end)}",
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


def unlikely(rule: Burst, days: Sequence[str], end: str) -> tuple[int, int] | None:
    """Cases in the window that ends on a day, and in the history before it, where these are so many that the rule
    fires. `days`: of the cases, in order."""
    window = bisect.bisect_left(days, days_before(end, rule.window_days - 1))
    history = bisect.bisect_left(days, days_before(end, rule.window_days + rule.history_days - 1))
    here, before = bisect.bisect_right(days, end) - window, window - history
    # half a case where there was none
    expected = (before + 0.5) * rule.window_days / rule.history_days
    if here < rule.at_least or at_least(here, expected) * rule.one_in >= 1:
        return None
    return here, before


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


def counted() -> list[dict[str, Any]]:
    """Which cases count: only those of a day, since a month or a year alone would all fall on its first."""
    return [{"term": {"source_role": "official"}}, {"term": {"event_precision": "day"}}]


def _by_value(rule: Burst, loud: Iterable[Body]) -> dict[str, tuple[dict[str, str], dict[str, Body]]]:
    """Value -> its wording, and day -> a document of that day."""
    values: dict[str, tuple[dict[str, str], dict[str, Body]]] = {}
    for document in loud:
        day = document.get("event_date", "")
        if len(day) != DAY or document.get("event_precision") != "day" or documents.dated_late(document):
            continue
        for value, label in things.values(document, rule.of):
            values.setdefault(value, (label, {}))[1].setdefault(day, document)
    return values


def _days(store: Store, rule: Burst, value: str, first: str, last: str) -> list[str]:
    """The days of all cases that any window with one of `first` to `last` in it looks at, in order."""
    period = {
        "gte": days_before(first, rule.window_days + rule.history_days - 1),
        "lte": days_before(last, 1 - rule.window_days),
    }
    clauses = [*things.clauses(rule.of, value), *counted(), {"range": {"event_date": period}}]
    by_day = {
        "field": "event_date", "calendar_interval": "day", "format": "yyyy-MM-dd", "min_doc_count": 1,
    }  # fmt: skip
    body = {
        "size": 0,
        "query": {"bool": {"filter": clauses}},
        "aggs": {"days": {"date_histogram": by_day}},
    }
    buckets = store.search(things.DIMENSIONS[rule.of].index, body)["aggregations"]["days"]["buckets"]
    return [bucket["key_as_string"] for bucket in buckets for _ in range(bucket["doc_count"])]
