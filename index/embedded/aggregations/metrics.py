"""Aggregations that end in a number: stats, sum, avg, min, max, value_count, cardinality, percentiles."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Final

from index.embedded.aggregations.tree import ALL_OF_A_SEGMENT, Context, Native, Raw, Scope
from index.embedded.body import Part, malformed, unsupported
from index.embedded.date_formats import DEFAULT, DateFormat
from index.mappings import FieldType
from index.store import Answer

NUMERIC: Final = frozenset({"long", "integer", "double", "date"})
EXACT_PERCENTILES: Final = 2000  # Elasticsearch's sketch keeps so many values as they are
SKETCH_IS_EXACT_BELOW: Final = 150
MOST_EXACT: Final = 40_000  # Elasticsearch's bound for precision_threshold
DEFAULT_PERCENTS: Final = (1.0, 5.0, 25.0, 50.0, 75.0, 95.0, 99.0)


class Metric(Native):
    """`kind` is Elasticsearch's name, and tantivy's."""

    kind: ClassVar[str]

    def __init__(self, path: str, field: str, type_: FieldType, missing: float | None) -> None:
        super().__init__(path, {})
        self.field = field
        self.type = type_
        self.missing = missing

    def requests(self, key: str, context: Context) -> dict[str, Any]:
        options: dict[str, Any] = {"field": self.field, **self.options()}
        if self.missing is not None:
            options["missing"] = self.missing
        return {key: {self.kind: options}}

    def options(self) -> dict[str, Any]:
        return {}

    def _with_date(self, answer: Answer, *names: str) -> Answer:
        """Dates are also given as strings."""
        if self.type == "date":
            for name in names:
                if answer[name] is not None:
                    answer[f"{name}_as_string"] = DateFormat(DEFAULT).text(answer[name])
        return answer


class Single(Metric):
    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        return self._with_date({"value": raw[key]["value"]}, "value")


class Sum(Single):
    kind = "sum"


class Average(Single):
    kind = "avg"


class Least(Single):
    kind = "min"


class Most(Single):
    kind = "max"


class Counted(Metric):
    """A number of values, whole."""

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        return {"value": round(raw[key]["value"])}


class ValueCount(Counted):
    kind = "value_count"


class Cardinality(Counted):
    """tantivy's sketch is exact to 191 values and then off by 2.3 % (one standard deviation). Elasticsearch counts
    exactly up to `precision_threshold`; so do we, by counting the terms of the bucket where there may be so few."""

    kind = "cardinality"
    threshold = 3000

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        estimate = round(raw[key]["value"])
        if SKETCH_IS_EXACT_BELOW <= estimate <= self.threshold * 1.1:
            options = {"field": self.field, "size": self.threshold, "segment_size": ALL_OF_A_SEGMENT}
            terms = context.aggregate(scope.condition, {"t": {"terms": options}})["t"]
            if not terms["sum_other_doc_count"]:
                return {"value": len(terms["buckets"])}
        return {"value": estimate}


class Stats(Metric):
    kind = "stats"

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        found = raw[key]
        answer = {name: found[name] for name in ("count", "min", "max", "avg", "sum")}
        return self._with_date(answer, "min", "max", "avg", "sum")


class Percentiles(Metric):
    """tantivy's sketch gives a value near one of the values; Elasticsearch, as long as they are few, the exact place
    between two. Of two fines the median is half their sum: so where they are few, we look at all of them."""

    kind = "percentiles"

    def __init__(
        self,
        path: str,
        field: str,
        type_: FieldType,
        missing: float | None,
        percents: tuple[float, ...],
        keyed: bool,
    ) -> None:
        super().__init__(path, field, type_, missing)
        self.percents = percents
        self.keyed = keyed

    def requests(self, key: str, context: Context) -> dict[str, Any]:
        counted = {"field": self.field, **({} if self.missing is None else {"missing": self.missing})}
        return {**super().requests(key, context), f"{key}n": {"value_count": counted}}

    def options(self) -> dict[str, Any]:
        return {"percents": list(self.percents), "keyed": False}

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        values = [(float(one["key"]), one["value"]) for one in raw[key]["values"]]
        if 0 < raw[f"{key}n"]["value"] <= EXACT_PERCENTILES:
            ordered = self._all_values(scope, context)
            values = [(percent, _between(ordered, percent / 100)) for percent in self.percents]
        # NaN is how tantivy says that there are no values.
        found = [
            (percent, None if value is None or math.isnan(value) else value) for percent, value in values
        ]
        if self.keyed:
            return {"values": {str(percent): value for percent, value in found}}
        return {"values": [{"key": percent, "value": value} for percent, value in found]}

    def _all_values(self, scope: Scope, context: Context) -> list[float]:
        """tantivy's buckets count values and not documents. For terms that is wrong where a document has several, and
        refused there; here it is what is wanted: each value counts, as in Elasticsearch."""
        options: dict[str, Any] = {"field": self.field, "size": EXACT_PERCENTILES}
        options |= {"segment_size": ALL_OF_A_SEGMENT} | (
            {} if self.missing is None else {"missing": self.missing}
        )
        buckets = context.aggregate(scope.condition, {"t": {"terms": options}})["t"]["buckets"]
        return sorted(float(one["key"]) for one in buckets for _ in range(one["doc_count"]))


def _between(ordered: list[float], share: float) -> float:
    """The value at `share` of the way from the first to the last, as if a line were drawn through them."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


SIMPLE: Final[dict[str, type[Metric]]] = {
    "sum": Sum,
    "avg": Average,
    "min": Least,
    "max": Most,
    "stats": Stats,
    "value_count": ValueCount,
    "cardinality": Cardinality,
}
ANY_COLUMN: Final = frozenset({"value_count", "cardinality"})


def read_metric(kind: str, part: Part, type_of: Any) -> Metric:
    """`type_of(name, path)` gives a field's type or refuses. Raises MalformedQuery, UnsupportedQuery."""
    field = part.need_str("field")
    type_: FieldType = type_of(field, part.at("field"))
    missing = part.pop_number("missing")
    if type_ == "text":
        malformed("a text field has no column to aggregate", part.at("field"))
    if type_ not in NUMERIC and kind not in ANY_COLUMN:
        malformed(f"{kind} of a field of type {type_}", part.at("field"))
    if missing is not None and (kind in ANY_COLUMN or type_ == "date"):
        unsupported("a value for missing ones here", part.at("missing"))
    if kind == "percentiles":
        percents = part.pop("percents", list(DEFAULT_PERCENTS))
        keyed = part.pop_bool("keyed", True)
        part.done()
        if not isinstance(percents, list) or not percents or not all(_percent(one) for one in percents):
            malformed("a list of numbers from 0 to 100 is wanted", part.at("percents"))
        return Percentiles(part.path, field, type_, missing, tuple(map(float, percents)), keyed)
    if kind == "cardinality":
        threshold = part.pop_int("precision_threshold", Cardinality.threshold)
        part.done()
        counted = Cardinality(part.path, field, type_, None)
        counted.threshold = max(1, min(threshold, MOST_EXACT))
        return counted
    part.done()
    return SIMPLE[kind](part.path, field, type_, missing)


def _percent(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100
