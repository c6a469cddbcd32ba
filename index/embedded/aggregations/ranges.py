"""range and date_range: each range is a filter, so ranges may overlap and a field may hold several values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from index.embedded.aggregations.filters import Bucketed
from index.embedded.aggregations.tree import Context, Node, Raw, Scope
from index.embedded.body import Part, each, malformed
from index.embedded.conditions import Condition, InRange
from index.embedded.date_formats import DEFAULT, DateFormat
from index.embedded.values import date_value, zone_of
from index.mappings import FieldType
from index.store import Answer


class Ranges(Bucketed):
    def __init__(
        self,
        path: str,
        parts: Mapping[str, Node],
        conditions: list[Condition],
        heads: list[Answer],
        keyed: bool,
    ) -> None:
        super().__init__(path, parts, conditions)
        self.heads = heads
        self.keyed = keyed

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        buckets = self.buckets(raw, key, scope, context)
        whole = [{**head, **bucket} for head, bucket in zip(self.heads, buckets, strict=True)]
        if self.keyed:
            return {"buckets": {bucket.pop("key"): bucket for bucket in whole}}
        return {"buckets": whole}


def read_ranges(kind: str, part: Part, parts: Mapping[str, Node], type_of: Any) -> Ranges:
    field = part.need_str("field")
    type_: FieldType = type_of(field, part.at("field"))
    dates = kind == "date_range"
    if (dates and type_ != "date") or (not dates and type_ not in ("long", "integer", "double")):
        malformed(f"{kind} of a field of type {type_}", part.at("field"))
    keyed = part.pop_bool("keyed", False)
    form = part.pop_str("format") if dates else None
    zone = zone_of(part.pop_str("time_zone") if dates else None, part.at("time_zone"))
    given = part.need("ranges")
    at = part.at("ranges")
    part.done()
    shown = DateFormat(form or DEFAULT, zone, path=part.at("format"))

    def bound(one: Part, name: str) -> float | None:
        if dates:
            value = one.pop(name)
            return None if value is None else date_value(value, one.at(name), zone=zone)
        return one.pop_number(name)

    def text(value: float | None) -> str:
        if value is None:
            return "*"
        return shown.text(value) if dates else java_double(value)

    found: list[tuple[float, float, Answer, Condition]] = []
    for body, where in each(given, at):
        one = Part(body, where)
        name = one.pop_str("key")
        low, high = bound(one, "from"), bound(one, "to")
        one.done()
        head: Answer = {"key": name if name is not None else f"{text(low)}-{text(high)}"}
        for word, value in (("from", low), ("to", high)):
            if value is not None:
                head[word] = float(value)
                if dates:
                    head[f"{word}_as_string"] = text(value)
        condition = InRange(
            field, _column_bound(type_, low), _column_bound(type_, high), with_upper=high is None
        )
        found.append((-1e308 if low is None else low, 1e308 if high is None else high, head, condition))
    if not found:
        malformed("no range is given", at)
    found.sort(key=lambda one: one[:2])
    return Ranges(part.path, parts, [one[3] for one in found], [one[2] for one in found], keyed)


def _column_bound(type_: FieldType, value: float | None) -> int | float | None:
    """Both ends lie at the first number that counts: a fraction goes up to the next whole one."""
    if value is None:
        return None
    return float(value) if type_ == "double" else int(-(-value // 1))


def java_double(value: float) -> str:
    """As Java prints it: `100.0`, `1.0E7`."""
    value = float(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    mantissa, _, exponent = f"{value:e}".partition("e")
    digits = repr(value)
    if "e" in digits:
        mantissa, _, exponent = digits.partition("e")
    else:
        exponent_number = int(exponent)
        mantissa = repr(value / 10**exponent_number)
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
