"""composite: buckets of combinations, page by page."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, Final

from index.dates import UTC, month_number, month_start
from index.embedded.aggregations.histograms import CALENDAR, MONTHS, UNIT_LENGTH, fixed_interval
from index.embedded.aggregations.terms import DIRECTIONS
from index.embedded.aggregations.tree import MOST_BUCKETS, Context, Native, Node, Raw, Scope
from index.embedded.body import Part, choice, each, malformed, unsupported
from index.embedded.columns import MONTH
from index.embedded.conditions import Combined, Condition, HasTerm, HasValue, InRange, negated
from index.embedded.date_formats import DateFormat
from index.embedded.values import add, column_value, date_value
from index.mappings import FieldType
from index.store import Answer

MISSING_ORDERS: Final = {"default": "default", "first": "first", "last": "last"}


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """`kind`: terms, histogram or months (a date_histogram of `interval` months); dates in fixed steps are a
    histogram over milliseconds."""

    name: str
    kind: str
    field: str
    type: FieldType
    interval: float
    reverse: bool
    missing_bucket: bool
    missing_order: str
    shown: DateFormat | None
    path: str

    def request(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "field": self.field + MONTH if self.kind == "months" else self.field,
            "order": "desc" if self.reverse else "asc",
            "missing_bucket": self.missing_bucket,
            "missing_order": self.missing_order,
        }
        if self.kind == "terms":
            return {self.name: {"terms": options}}
        return {self.name: {"histogram": {**options, "interval": self.interval}}}

    def key(self, raw: Any) -> Any:
        """tantivy's key as Elasticsearch's."""
        if raw is None:
            return None
        if self.kind == "months":
            raw = month_start(round(raw))
        if self.shown is not None:
            return self.shown.text(raw)
        if self.type == "date" or (self.kind == "terms" and self.type in ("long", "integer")):
            return int(raw)
        if self.type == "boolean" or self.kind == "histogram" or self.type == "double":
            return bool(raw) if self.type == "boolean" else float(raw)
        return raw

    def after(self, value: Any) -> str:
        """Elasticsearch's key as tantivy's `after`."""
        if value is None:
            return "null:"
        path = self.path
        if self.kind == "terms":
            column = column_value(self.type, value, path)
            if isinstance(column, bool):
                return f"bool:{str(column).lower()}"
            kind = {"keyword": "str", "double": "f64"}.get(self.type, "i64")
            return f"{kind}:{column}"
        if self.type == "date":
            value = date_value(value, path) if isinstance(value, str) else value
            if self.kind == "months":
                value = month_number(int(value))
        if isinstance(value, bool) or not isinstance(value, int | float):
            malformed(f"{value!r} is no key of this source", path)
        return f"f64:{float(value)}"

    def condition(self, key: Any) -> Condition:
        if key is None:
            return negated(HasValue(self.field))
        if self.kind == "terms":
            return HasTerm(self.field, (key,))
        start = date_value(key, self.path) if isinstance(key, str) else key
        end = (
            add("M", int(self.interval), int(start), UTC) if self.kind == "months" else start + self.interval
        )
        whole = self.type != "double"
        return InRange(self.field, *((int(start), int(end)) if whole else (start, end)), with_upper=False)


class Composite(Native):
    def __init__(
        self, path: str, parts: Mapping[str, Node], sources: list[Source], size: int, after: dict[str, str]
    ) -> None:
        super().__init__(path, parts)
        self.sources = sources
        self.size = size
        self.after = after

    def requests(self, key: str, context: Context) -> dict[str, Any]:
        for source in self.sources:
            if (
                not (source.kind == "terms" and source.type == "keyword")
                and source.field in context.searched.several
            ):
                unsupported(f"the field {source.field!r} holds several values in a document", source.path)
        options: dict[str, Any] = {
            "size": self.size,
            "sources": [source.request() for source in self.sources],
        }
        if self.after:
            options["after"] = self.after
        return {key: self.with_parts({"composite": options}, context)}

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        buckets = []
        for one in raw[key]["buckets"]:
            keys = {source.name: source.key(one["key"][source.name]) for source in self.sources}
            inside = scope.within(functools.partial(self._condition, keys))
            buckets.append({"key": keys, "doc_count": one["doc_count"], **self.below(one, inside, context)})
        answer: Answer = {"after_key": buckets[-1]["key"]} if buckets else {}
        return {**answer, "buckets": buckets}

    def _condition(self, keys: Mapping[str, Any]) -> Condition:
        return Combined(filter=tuple(source.condition(keys[source.name]) for source in self.sources))


# --- reading -----------------------------------------------------------------------------------------


def read_composite(part: Part, parts: Mapping[str, Node], type_of: Any) -> Composite:
    size = part.pop_int("size", 10, least=1, most=MOST_BUCKETS)
    sources = [_read_source(body, at, type_of) for body, at in each(part.need("sources"), part.at("sources"))]
    if not sources or len({source.name for source in sources}) < len(sources):
        malformed("sources want names of their own", part.at("sources"))
    given = part.pop("after")
    part.done()
    after: dict[str, str] = {}
    if given is not None:
        keys = Part(given, part.at("after"))
        after = {source.name: source.after(keys.need(source.name)) for source in sources}
        keys.done()
    return Composite(part.path, parts, sources, size, after)


def _read_source(body: Any, path: str, type_of: Any) -> Source:
    name, definition = Part(body, path).only()
    kind, options = Part(definition, f"{path}.{name}").only()
    part = Part(options, f"{path}.{name}.{kind}")
    field = part.need_str("field")
    type_: FieldType = type_of(field, part.at("field"))
    reverse = choice(part.pop("order", "asc"), DIRECTIONS, part.at("order"))
    missing_bucket = part.pop_bool("missing_bucket", False)
    missing_order = choice(part.pop("missing_order", "default"), MISSING_ORDERS, part.at("missing_order"))
    interval: float = 0
    shown = None
    match kind:
        case "terms":
            if type_ == "text":
                malformed("a text field has no column to aggregate", part.at("field"))
        case "histogram":
            if type_ not in ("long", "integer", "double"):
                malformed(f"histogram of a field of type {type_}", part.at("field"))
            interval = part.pop_number("interval") or 0
            if interval <= 0:
                malformed("an interval above 0 is wanted", part.at("interval"))
        case "date_histogram":
            if type_ != "date":
                malformed(f"date_histogram of a field of type {type_}", part.at("field"))
            kind, interval = _steps(part)
            form = part.pop_str("format")
            shown = DateFormat(form, path=part.at("format")) if form else None
        case _:
            unsupported("the embedded store does not know this source", part.path)
    part.done()
    return Source(
        name,
        kind,
        field,
        type_,
        interval,
        reverse,
        missing_bucket,
        missing_order,
        shown,
        f"{path}.{name}.{kind}",
    )


def _steps(part: Part) -> tuple[str, float]:
    """The kind of source that a date_histogram is here, and its interval."""
    if part.pop("time_zone", "UTC") not in ("UTC", "Z"):
        unsupported("another time zone than UTC in composite", part.at("time_zone"))
    calendar, fixed = part.pop_str("calendar_interval"), part.pop_str("fixed_interval")
    if (calendar is None) == (fixed is None):
        malformed("one of calendar_interval and fixed_interval is wanted", part.path)
    if fixed is not None:
        return "histogram", fixed_interval(fixed, part.at("fixed_interval"))
    unit = CALENDAR.get(calendar or "")
    if unit is None:
        malformed(f"no calendar interval: {calendar!r}", part.at("calendar_interval"))
    if unit == "w":
        unsupported("weeks in composite", part.at("calendar_interval"))
    return ("months", MONTHS[unit]) if unit in MONTHS else ("histogram", UNIT_LENGTH[unit])
