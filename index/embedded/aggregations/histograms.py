"""histogram and date_histogram.

Whole months, quarters and years in UTC are histograms over the column of months; days, weeks and fixed intervals are
histograms over milliseconds; the rest (months of another time zone, days where the clocks change) are ranges with
their bounds written out. Empty buckets are filled in here.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Mapping
from typing import Any, Final

from index.dates import UTC, from_milliseconds, month_start
from index.embedded.aggregations.terms import DIRECTIONS
from index.embedded.aggregations.tree import MOST_BUCKETS, Context, MoreBuckets, Native, Node, Raw, Scope
from index.embedded.body import Part, choice, malformed, unsupported
from index.embedded.columns import MONTH
from index.embedded.conditions import Everything, InRange
from index.embedded.date_formats import DEFAULT, DateFormat
from index.embedded.values import add, date_value, start_of, zone_of
from index.mappings import FieldType
from index.store import Answer

CALENDAR: Final = {
    "minute": "m", "1m": "m", "hour": "h", "1h": "h", "day": "d", "1d": "d", "week": "w", "1w": "w",
    "month": "M", "1M": "M", "quarter": "q", "1q": "q", "year": "y", "1y": "y",
}  # fmt: skip
MONTHS: Final = {"M": 1, "q": 3, "y": 12}
FIXED: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
UNIT_LENGTH: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
MONDAY: Final = 4 * 86_400_000  # the first Monday of 1970


class Histogram(Native):
    """Buckets of equal width over numbers; DateHistogram says what is different with dates."""

    def __init__(
        self,
        path: str,
        parts: Mapping[str, Node],
        *,
        field: str,
        type_: FieldType,
        interval: float,
        offset: float,
        min_doc_count: int,
        keyed: bool,
        order: tuple[str, bool],
        extended: tuple[float, float] | None,
        hard: tuple[float | None, float | None],
    ) -> None:
        super().__init__(path, parts)
        self.field = field
        self.type = type_
        self.interval = interval
        self.offset = offset
        self.min_doc_count = min_doc_count
        self.keyed = keyed
        self.order = order
        self.extended = extended
        self.hard = hard

    def requests(self, key: str, context: Context) -> dict[str, Any]:
        if self.field in context.searched.several:
            unsupported(f"the field {self.field!r} holds several values in a document", self.path)
        return {key: self.with_parts(self.native(context), context)}

    def native(self, context: Context) -> dict[str, Any]:
        options = {"field": self.field, "interval": self.interval, "offset": self.offset, "min_doc_count": 1}
        return {"histogram": options}

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        found = {self.start(one): one for one in raw[key]["buckets"] if one["doc_count"]}
        found = {start: one for start, one in sorted(found.items()) if self._allowed(start)}
        starts = self._filled(list(found)) if self.min_doc_count == 0 else list(found)
        if len(starts) > MOST_BUCKETS:
            raise MoreBuckets(self.path, len(starts))
        buckets = []
        for start in starts:
            one = found.get(start)
            count = one["doc_count"] if one is not None else 0
            if count < self.min_doc_count:
                continue
            if one is None:
                below = self.below_nothing(context)
            else:
                below = self.below(one, scope.within(functools.partial(self._condition, start)), context)
            buckets.append({**self.head(start), "doc_count": count, **below})
        target, reverse = self.order
        if target == "_count":
            buckets.sort(key=lambda one: -one["doc_count"] if reverse else one["doc_count"])
        elif reverse:
            buckets.reverse()
        if self.keyed:
            return {"buckets": {one.get("key_as_string", str(one["key"])): one for one in buckets}}
        return {"buckets": buckets}

    def _allowed(self, start: float) -> bool:
        low, high = self.hard
        return (low is None or start >= low) and (high is None or start <= high)

    def _filled(self, starts: list[float]) -> list[float]:
        """From the first to the last bucket, or to the extended bounds where they reach further."""
        ends = [*starts[:1], *starts[-1:]]
        if self.extended is not None:
            ends += [self.floor(bound) for bound in self.extended]
        if not ends:
            return []
        start, last = min(ends), max(ends)
        filled: list[float] = []
        while start <= last and len(filled) <= MOST_BUCKETS:
            if self._allowed(start):
                filled.append(start)
            start = self.next(start)
        return filled

    def _condition(self, start: float) -> InRange:
        return InRange(self.field, self.column(start), self.column(self.next(start)), with_upper=False)

    def column(self, bound: float) -> int | float:
        return float(bound) if self.type == "double" else math.ceil(bound)

    def start(self, bucket: Raw) -> float:
        return self.floor(bucket["key"] + self.interval / 2)

    def floor(self, value: float) -> float:
        return math.floor((value - self.offset) / self.interval) * self.interval + self.offset

    def next(self, start: float) -> float:
        return self.floor(start + self.interval * 1.5)

    def head(self, start: float) -> Answer:
        return {"key": float(start)}


class DateHistogram(Histogram):
    def __init__(
        self, *args: Any, unit: str | None, zone: dt.tzinfo, shown: DateFormat, **named: Any
    ) -> None:
        """`unit`: a calendar one, or None where `interval` milliseconds are one bucket."""
        self.unit = unit
        self.zone = zone
        self.shown = shown
        super().__init__(*args, **named)

    def native(self, context: Context) -> dict[str, Any]:
        if self.unit in MONTHS and self.zone is UTC:
            options = {"field": self.field + MONTH, "interval": MONTHS[self.unit], "min_doc_count": 1}
            return {"histogram": options}
        # Where the clocks never change, any moment tells where buckets begin.
        fixed = self.zone is UTC or isinstance(self.zone, dt.timezone)
        bounds = (0, 0) if fixed and self.unit not in MONTHS else self._bounds(context)
        if self._is_regular(bounds):
            length = self._length()
            options = {"field": self.field, "interval": length, "min_doc_count": 1}
            return {"histogram": {**options, "offset": self.floor(bounds[0]) % length}}
        return {"range": {"field": self.field, "ranges": self._ranges(bounds)}}

    def _bounds(self, context: Context) -> tuple[int, int]:
        raw = context.aggregate(Everything(), {"s": {"stats": {"field": self.field}}})["s"]
        return (0, 0) if raw["min"] is None else (int(raw["min"]), int(raw["max"]))

    def _length(self) -> int:
        return int(self.interval) if self.unit is None else UNIT_LENGTH[self.unit]

    def _is_regular(self, bounds: tuple[int, int]) -> bool:
        """Whether all buckets are equally long: the clocks do not change between the bounds."""
        if self.unit in MONTHS:
            return False
        if self.zone is UTC or isinstance(self.zone, dt.timezone):
            return True
        step = 28 * 86_400_000
        moments = [*range(bounds[0], bounds[1], step), bounds[1]]
        regular = len({from_milliseconds(moment, self.zone).utcoffset() for moment in moments}) == 1
        if not regular and self.unit not in ("d", "w"):
            unsupported("intervals of less than a day where the clocks change", self.path)
        return regular

    def _ranges(self, bounds: tuple[int, int]) -> list[dict[str, float]]:
        start = self.floor(bounds[0])
        ranges = []
        while start <= bounds[1]:
            end = self.next(start)
            ranges.append({"from": float(start), "to": float(end)})
            start = end
            if len(ranges) > MOST_BUCKETS:
                raise MoreBuckets(self.path, len(ranges))
        return ranges

    def start(self, bucket: Raw) -> float:
        if self.unit in MONTHS and self.zone is UTC:
            return month_start(round(float(bucket["key"])))
        start: float = bucket["from"] if "from" in bucket else bucket["key"]
        return round(start)

    def floor(self, value: float) -> float:
        if self.unit is not None:
            return start_of(self.unit, round(value), self.zone)
        offset = self._offset_at(value)
        local = round(value) + offset
        return local - local % int(self.interval) - offset

    def next(self, start: float) -> float:
        return add(self.unit, 1, round(start), self.zone) if self.unit else start + int(self.interval)

    def _offset_at(self, milliseconds: float) -> int:
        offset = from_milliseconds(milliseconds, self.zone).utcoffset() or dt.timedelta()
        return int(offset / dt.timedelta(milliseconds=1))

    def _allowed(self, start: float) -> bool:
        low, high = self.hard
        return (low is None or start >= low) and (high is None or start < high)

    def head(self, start: float) -> Answer:
        return {"key_as_string": self.shown.text(start), "key": int(start)}


# --- reading -----------------------------------------------------------------------------------------


def _common(part: Part, bound: Any) -> dict[str, Any]:
    """Options that both have. `bound(value, path)` reads a bound."""
    target, direction = Part(part.pop("order", {"_key": "asc"}), part.at("order")).only()
    if target not in ("_key", "_count"):
        unsupported(f"an order by {target!r}", part.at("order"))
    reverse = choice(direction, DIRECTIONS, part.at("order"))
    options = {
        "min_doc_count": part.pop_int("min_doc_count", 0),
        "keyed": part.pop_bool("keyed", False),
        "order": (target, reverse),
    }
    for name in ("extended_bounds", "hard_bounds"):
        given = part.pop(name)
        ends: tuple[Any, Any] = (None, None)
        if given is not None:
            inner = Part(given, part.at(name))
            low, high = inner.pop("min"), inner.pop("max")
            ends = tuple(None if one is None else bound(one, part.at(name)) for one in (low, high))  # type: ignore[assignment]
            inner.done()
        if name == "hard_bounds":
            options["hard"] = ends
        elif given is not None and None in ends:
            unsupported("extended bounds with one end only", part.at(name))
        else:
            options["extended"] = ends if given is not None else None
    return options


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        malformed(f"a number is wanted, not {value!r}", path)
    return value


def read_histogram(part: Part, parts: Mapping[str, Node], type_of: Any) -> Histogram:
    field = part.need_str("field")
    type_: FieldType = type_of(field, part.at("field"))
    if type_ not in ("long", "integer", "double"):
        malformed(f"histogram of a field of type {type_}", part.at("field"))
    interval = _number(part.need("interval"), part.at("interval"))
    if interval <= 0:
        malformed("interval must be above 0", part.at("interval"))
    offset = part.pop_number("offset") or 0.0
    options = _common(part, _number)
    part.done()
    return Histogram(part.path, parts, field=field, type_=type_, interval=interval, offset=offset, **options)


def read_date_histogram(part: Part, parts: Mapping[str, Node], type_of: Any) -> DateHistogram:
    field = part.need_str("field")
    type_: FieldType = type_of(field, part.at("field"))
    if type_ != "date":
        malformed(f"date_histogram of a field of type {type_}", part.at("field"))
    calendar, fixed = part.pop_str("calendar_interval"), part.pop_str("fixed_interval")
    if (calendar is None) == (fixed is None):
        malformed("one of calendar_interval and fixed_interval is wanted", part.path)
    unit, interval = None, 0
    if calendar is not None:
        unit = CALENDAR.get(calendar)
        if unit is None:
            malformed(f"no calendar interval: {calendar!r}", part.at("calendar_interval"))
    else:
        interval = fixed_interval(fixed or "", part.at("fixed_interval"))
    zone = zone_of(part.pop_str("time_zone"), part.at("time_zone"))
    form = part.pop_str("format")
    shown = DateFormat(form or DEFAULT, zone, path=part.at("format"))

    def bound(value: Any, path: str) -> int:
        moment = date_value(value, path, zone=zone)
        if form is not None and isinstance(value, str) and shown.text(moment) != value:
            malformed(f"{value!r} is not of the format {form!r}", path)
        return moment

    options = _common(part, bound)
    part.done()
    return DateHistogram(
        part.path,
        parts,
        field=field,
        type_=type_,
        interval=interval,
        offset=0,
        unit=unit,
        zone=zone,
        shown=shown,
        **options,
    )


def fixed_interval(text: str, path: str) -> int:
    """`30d`, `12h` in milliseconds."""
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    if match is None or int(match[1]) == 0:
        malformed(f"no fixed interval: {text!r}", path)
    return int(match[1]) * FIXED[match[2]]
