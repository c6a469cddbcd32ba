"""filter, filters, missing and global."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from index.embedded.aggregations.tree import (
    Context,
    Deferred,
    Native,
    Node,
    Raw,
    Scope,
    native_requests,
    shape_all,
)
from index.embedded.body import Part, each, malformed
from index.embedded.conditions import Combined, Condition, Everything, both, negated
from index.embedded.queries import Parser
from index.store import Answer


class Bucketed(Native):
    """Buckets that are conditions. tantivy's own filter takes a query string; a condition that cannot be one is
    answered apart, over the documents of the bucket around."""

    def __init__(self, path: str, parts: Mapping[str, Node], conditions: list[Condition]) -> None:
        super().__init__(path, parts)
        self.conditions = conditions

    def requests(self, key: str, context: Context) -> dict[str, Any]:
        found = ((number, context.compiler.string(one)) for number, one in enumerate(self.conditions))
        return {
            f"{key}_{number}": self.with_parts({"filter": string}, context)
            for number, string in found
            if string is not None
        }

    def buckets(self, raw: Raw, key: str, scope: Scope, context: Context) -> list[Answer]:
        return [
            self._one(raw.get(f"{key}_{number}"), condition, scope, context)
            for number, condition in enumerate(self.conditions)
        ]

    def _one(self, raw: Raw | None, condition: Condition, scope: Scope, context: Context) -> Answer:
        if raw is not None:
            inside = scope.within(lambda: condition)
            return {"doc_count": raw["doc_count"], **self.below(raw, inside, context)}
        return apart(both(scope.condition, condition), self.parts, context)


def apart(condition: Condition, parts: Mapping[str, Node], context: Context) -> Answer:
    """The bucket of a condition, asked by itself."""
    requests = {"all": {"filter": "*"}, **native_requests(parts, context)}
    raw = context.aggregate(condition, requests)
    return {"doc_count": raw["all"]["doc_count"], **shape_all(parts, raw, Scope(lambda: condition), context)}


class Single(Bucketed):
    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        return self.buckets(raw, key, scope, context)[0]


class Named(Bucketed):
    def __init__(
        self, path: str, parts: Mapping[str, Node], conditions: list[Condition], names: list[str], keyed: bool
    ) -> None:
        super().__init__(path, parts, conditions)
        self.names = names
        self.keyed = keyed

    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        buckets = self.buckets(raw, key, scope, context)
        if not self.names:
            return {"buckets": buckets}
        if self.keyed:
            return {"buckets": dict(zip(self.names, buckets, strict=True))}
        named = zip(self.names, buckets, strict=True)
        return {"buckets": [{"key": name, **bucket} for name, bucket in named]}


class Global(Deferred):
    """All documents of the index, whatever the query."""

    def answer(self, scope: Scope, context: Context) -> Answer:
        return apart(Everything(), self.parts, context)


def read_filter(body: Any, path: str, parts: Mapping[str, Node], parser: Parser) -> Single:
    return Single(path, parts, [parser.parse(body, path)])


def read_missing(part: Part, parts: Mapping[str, Node], parser: Parser) -> Single:
    field = part.need_str("field")
    part.done()
    if parser.mapping.fields.get(field) == "text":
        malformed("a text field has no column to aggregate", part.at("field"))
    return Single(part.path, parts, [negated(parser.has_value(field, part.at("field")))])


def read_filters(part: Part, parts: Mapping[str, Node], parser: Parser) -> Named:
    given = part.need("filters")
    at = part.at("filters")
    other_key = part.pop_str("other_bucket_key")
    other = part.pop_bool("other_bucket", other_key is not None)
    keyed = part.pop_bool("keyed", True)
    part.done()
    names: list[str] = []
    if isinstance(given, Mapping):
        # Elasticsearch answers named filters in the order of their names.
        names = sorted(given)
        conditions = [parser.parse(given[name], f"{at}.{name}") for name in names]
    else:
        conditions = [parser.parse(one, where) for one, where in each(given, at)]
    if not conditions:
        malformed("no filter is given", at)
    if other:
        conditions.append(Combined(must_not=tuple(conditions)))
        names += [other_key or "_other_"] if names else []
    return Named(part.path, parts, conditions, names, keyed)
