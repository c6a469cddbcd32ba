"""The terms aggregation, exact and with Elasticsearch's ties (by key)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from index.embedded.aggregations.metrics import Metric, Stats
from index.embedded.aggregations.tree import (
    ALL_OF_A_SEGMENT,
    MOST_BUCKETS,
    Context,
    MoreBuckets,
    Native,
    Node,
    Raw,
    Scope,
)
from index.embedded.body import Part, choice, each, malformed, unsupported
from index.embedded.conditions import Combined, Condition, Everything, HasTerm, HasValue, Value, negated
from index.embedded.date_formats import DEFAULT, DateFormat
from index.embedded.values import column_value
from index.mappings import FieldType
from index.store import Answer

ALL: Final = 5_000
MANY: Final = 1_000  # buckets, from which on a tie is looked for by key
DIRECTIONS: Final = {"asc": False, "desc": True}


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """`target`: `_count`, `_key`, or the name of a metric below, with `property` one of its numbers."""

    target: str
    property: str
    reverse: bool


@dataclasses.dataclass(slots=True)
class Bucket:
    key: Any
    count: int
    raw: Raw | None
    below: Answer = dataclasses.field(default_factory=dict)


class Terms(Native):
    def __init__(
        self,
        path: str,
        parts: Mapping[str, Node],
        *,
        field: str,
        type_: FieldType,
        size: int,
        orders: list[Order],
        min_doc_count: int,
        missing: Value | None,
        include: list[Value] | None,
        exclude: list[Value] | None,
    ) -> None:
        super().__init__(path, parts)
        self.field = field
        self.type = type_
        self.size = size
        self.orders = orders
        self.min_doc_count = min_doc_count
        self.missing = missing
        self.include = include
        self.exclude = exclude
        # Only a count or a key is an order that tantivy's cut can be trusted with.
        self._needs_all = min_doc_count == 0 or orders[0].target not in ("_count", "_key") or self._picks_here
        self._by_count = not self._needs_all and orders == [Order("_count", "", True)]
        self._is_plain = self._by_count and type_ == "keyword" and not parts
        self._date = DateFormat(DEFAULT)

    @property
    def _picks_here(self) -> bool:
        """tantivy knows include and exclude only for strings."""
        return self.type != "keyword" and (self.include is not None or self.exclude is not None)

    # --- asking --------------------------------------------------------------------------------------

    def _asked(self, context: Context) -> int:
        least = ALL if self._needs_all else self.size + self.size // 2 + 10
        return min(MOST_BUCKETS, max(context.sizes.get(self.path, 0), least))

    def requests(self, key: str, context: Context) -> dict[str, Any]:
        if self.type != "keyword" and self.field in context.searched.several:
            unsupported(f"the field {self.field!r} holds several values in a document", self.path)
        first = self.orders[0]
        order = {"_count": "desc"}
        if first.target in ("_count", "_key"):
            order = {first.target: "desc" if first.reverse else "asc"}
        return {key: self._request(self._asked(context), max(1, self.min_doc_count), order, context)}

    def _request(self, size: int, least: int, order: dict[str, str], context: Context) -> dict[str, Any]:
        options: dict[str, Any] = {
            "field": self.field,
            "size": size,
            "segment_size": ALL_OF_A_SEGMENT,
            "min_doc_count": least,
            "order": order,
        }
        if self.missing is not None:
            options["missing"] = self.missing
        if not self._picks_here:
            if self.include is not None:
                options["include"] = self.include
            if self.exclude is not None:
                options["exclude"] = self.exclude
        return self.with_parts({"terms": options}, context)

    # --- shaping -------------------------------------------------------------------------------------

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        left_out = raw[key]["sum_other_doc_count"]
        if self._is_plain and len(raw[key]["buckets"]) < self._asked(context):
            return self._plain_answer(raw[key]["buckets"], left_out)
        found = [Bucket(self._key(one["key"]), one["doc_count"], one) for one in raw[key]["buckets"]]
        asked = self._asked(context)
        complete = len(found) < asked
        if not complete and self._by_count and asked > MANY and self._tie_reaches_end(found):
            found, left_out = self._first_of_the_tie(found, left_out, scope, context)
        elif not complete and (self._needs_all or self._tie_reaches_end(found)):
            if asked == MOST_BUCKETS:
                raise MoreBuckets(self.path, MOST_BUCKETS + 1)
            raise MoreBuckets(self.path, min(MOST_BUCKETS, asked * 8))
        if self._picks_here:
            found = [bucket for bucket in found if self._picked(bucket.key)]
            left_out = 0
        if self.min_doc_count == 0:
            found += self._absent({bucket.key for bucket in found}, context)
        if any(order.target not in ("_count", "_key") for order in self.orders):
            for bucket in found:
                bucket.below = self._below(bucket, scope, context)
        for order in (Order("_key", "", False), *reversed(self.orders)):
            found = _ordered(found, order)
        kept = found[: self.size]
        return {
            "doc_count_error_upper_bound": self._possible_error(max(len(found), len(raw[key]["buckets"]))),
            "sum_other_doc_count": left_out + sum(bucket.count for bucket in found[self.size :]),
            "buckets": [self._bucket(bucket, scope, context) for bucket in kept],
        }

    def _possible_error(self, buckets: int) -> int:
        """Our counts are exact. Elasticsearch calls them of unknown exactness (-1) where it cuts by an order that says
        nothing of the buckets cut off, and it cuts at half as many again and ten."""
        first = self.orders[0]
        says = first.target == "_key" or (first.target == "_count" and first.reverse)
        return 0 if says or buckets < self.size + self.size // 2 + 10 else -1

    def _first_of_the_tie(
        self, found: list[Bucket], left_out: int, scope: Scope, context: Context
    ) -> tuple[list[Bucket], int]:
        """Where thousands of terms tie at the end, those are wanted that come first by key: among the terms with
        at least that count, in the order of keys, they stand behind no more than the better ones."""
        tied = found[self.size - 1].count
        better = [bucket for bucket in found if bucket.count > tied]
        request = self._request(self.size + len(better), tied, {"_key": "asc"}, context)
        raw = context.aggregate(scope.condition, {"t": request})["t"]
        first = [
            Bucket(self._key(one["key"]), tied, one) for one in raw["buckets"] if one["doc_count"] == tied
        ]
        kept = better + first[: self.size - len(better)]
        total = left_out + sum(bucket.count for bucket in found)
        return kept, total - sum(bucket.count for bucket in kept)

    def _plain_answer(self, buckets: list[dict[str, Any]], left_out: int) -> Answer:
        """Strings by count, with nothing below: most terms of most pages, and often thousands inside others.
        tantivy's buckets are then Elasticsearch's."""
        buckets.sort(key=lambda one: (-one["doc_count"], one["key"]))
        return {
            "doc_count_error_upper_bound": 0,
            "sum_other_doc_count": left_out + sum(one["doc_count"] for one in buckets[self.size :]),
            "buckets": buckets[: self.size],
        }

    def _tie_reaches_end(self, found: list[Bucket]) -> bool:
        if self.orders[0].target == "_key":
            return False
        return found[self.size - 1].count == found[-1].count

    def _absent(self, present: set[Any], context: Context) -> list[Bucket]:
        """Terms of the index that no document of this bucket has."""
        options = {"field": self.field, "size": MOST_BUCKETS, "segment_size": ALL_OF_A_SEGMENT}
        raw = context.aggregate(Everything(), {"all": {"terms": options}})
        keys = (self._key(one["key"]) for one in raw["all"]["buckets"])
        return [Bucket(key, 0, None) for key in keys if key not in present and self._picked(key)]

    def _picked(self, key: Any) -> bool:
        return (self.include is None or key in self.include) and (
            self.exclude is None or key not in self.exclude
        )

    def _below(self, bucket: Bucket, scope: Scope, context: Context) -> Answer:
        if not self.parts:
            return {}
        if bucket.raw is None:
            return self.below_nothing(context)
        return self.below(bucket.raw, scope.within(lambda: self._condition(bucket.key)), context)

    def _condition(self, key: Any) -> Condition:
        value = bool(key) if self.type == "boolean" else key
        held = HasTerm(self.field, (value,))
        if self.missing is None or value != self.missing:
            return held
        return Combined(should=(held, negated(HasValue(self.field))), at_least=1)

    def _bucket(self, bucket: Bucket, scope: Scope, context: Context) -> Answer:
        answer: Answer = {"key": bucket.key}
        if self.type == "boolean":
            answer["key_as_string"] = "true" if bucket.key else "false"
        elif self.type == "date":
            answer["key_as_string"] = self._date.text(bucket.key)
        answer["doc_count"] = bucket.count
        return {**answer, **(bucket.below or self._below(bucket, scope, context))}

    def _key(self, key: Any) -> Any:
        if self.type == "double":
            return float(key)
        return key if self.type == "keyword" else int(key)


def _ordered(buckets: list[Bucket], order: Order) -> list[Bucket]:
    """Stable. What has no number comes last, whichever way the order goes."""
    if order.target == "_key":
        return sorted(buckets, key=lambda bucket: bucket.key, reverse=order.reverse)
    if order.target == "_count":
        return sorted(buckets, key=lambda bucket: -bucket.count if order.reverse else bucket.count)
    sign = -1 if order.reverse else 1

    def number(bucket: Bucket) -> tuple[bool, float]:
        value = bucket.below[order.target][order.property]
        return (value is None, 0.0 if value is None else sign * value)

    return sorted(buckets, key=number)


# --- reading -----------------------------------------------------------------------------------------


def read_terms(part: Part, parts: Mapping[str, Node], type_of: Any) -> Terms:
    field = part.need_str("field")
    type_: FieldType = type_of(field, part.at("field"))
    if type_ == "text":
        malformed("a text field has no column to aggregate", part.at("field"))
    size = part.pop_int("size", 10, least=1)
    if size > MOST_BUCKETS:
        unsupported(f"more than {MOST_BUCKETS} buckets", part.at("size"))
    part.pop_int("shard_size", size)
    orders = _read_orders(part.pop("order", {"_count": "desc"}), parts, part.at("order"))
    min_doc_count = part.pop_int("min_doc_count", 1)
    missing = part.pop("missing")
    value = None if missing is None else column_value(type_, missing, part.at("missing"))
    if value is not None and type_ == "boolean":
        unsupported("a value for missing ones in a boolean field", part.at("missing"))
    include, exclude = (_read_values(part, name, type_) for name in ("include", "exclude"))
    part.done()
    return Terms(
        part.path,
        parts,
        field=field,
        type_=type_,
        size=size,
        orders=orders,
        min_doc_count=min_doc_count,
        missing=value,
        include=include,
        exclude=exclude,
    )


def _read_values(part: Part, name: str, type_: FieldType) -> list[Value] | None:
    given = part.pop(name)
    if given is None:
        return None
    if not isinstance(given, list):
        unsupported("anything but a list of values", part.at(name))
    if type_ in ("boolean", "date"):
        unsupported(f"a choice of values of type {type_}", part.at(name))
    values = (column_value(type_, one, f"{part.at(name)}[{number}]") for number, one in enumerate(given))
    return [value for value in values if value is not None]


def _read_orders(given: Any, parts: Mapping[str, Node], path: str) -> list[Order]:
    orders: list[Order] = []
    for one, at in each(given, path):
        target, direction = Part(one, at).only()
        reverse = choice(direction, DIRECTIONS, f"{at}.{target}")
        if target in ("_count", "_key"):
            orders.append(Order(target, "", reverse))
            continue
        name, _, wanted = target.partition(".")
        node = parts.get(name)
        if not isinstance(node, Metric):
            unsupported(f"an order by {target!r}: it wants _count, _key or a metric right below", at)
        numbers = ("count", "min", "max", "avg", "sum") if isinstance(node, Stats) else ("value",)
        wanted = wanted or ("" if isinstance(node, Stats) else "value")
        if wanted not in numbers:
            malformed(f"{target!r} is no number of the aggregation {name!r}", at)
        orders.append(Order(name, wanted, reverse))
    if not orders:
        malformed("no order is given", path)
    return orders
