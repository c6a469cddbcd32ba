"""Elasticsearch's query language to conditions: the subset that docs/queries.md lists.

Anything else raises UnsupportedQuery, anything ill-formed MalformedQuery, with the path in the body.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from index.embedded import query_string
from index.embedded.body import Part, choice, each, malformed, unsupported
from index.embedded.columns import analyzer
from index.embedded.conditions import (
    BestOf,
    Combined,
    Condition,
    Constant,
    Everything,
    HasId,
    HasPhrase,
    HasPrefix,
    HasTerm,
    HasValue,
    InRange,
    Nothing,
    Value,
)
from index.embedded.values import bound_value, column_value, date_format, date_value, is_fraction, zone_of
from index.mappings import FieldType, IndexMapping

OPERATORS: Final = {"and": "and", "or": "or"}


class Parser:
    """Reads queries against one index's mapping."""

    def __init__(self, mapping: IndexMapping) -> None:
        self.mapping = mapping
        self._readers: dict[str, Callable[[Any, str], Condition]] = {
            "bool": self._bool,
            "constant_score": self._constant_score,
            "exists": self._exists,
            "ids": self._ids,
            "match": self._match,
            "match_all": self._match_all,
            "match_none": self._match_none,
            "match_phrase": self._match_phrase,
            "multi_match": self._multi_match,
            "prefix": self._prefix,
            "query_string": self._query_string,
            "range": self._range,
            "term": self._term,
            "terms": self._terms,
        }

    def parse(self, body: Any, path: str = "query") -> Condition:
        name, inner = Part(body, path).only()
        reader = self._readers.get(name)
        if reader is None:
            unsupported("the embedded store does not know this query", f"{path}.{name}")
        return reader(inner, f"{path}.{name}")

    def field(self, name: str, path: str) -> FieldType:
        kind = self.mapping.fields.get(name)
        if kind is None:
            unsupported(f"the index {self.mapping.name!r} has no field {name!r} to search", path)
        return kind

    # --- compound ------------------------------------------------------------------------------------

    def _bool(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        clauses = {
            name: tuple(self.parse(one, at) for one, at in each(part.pop(name, []), part.at(name)))
            for name in ("must", "filter", "should", "must_not")
        }
        should = clauses["should"]
        wanted = part.pop("minimum_should_match")
        _plain(part)
        at_least = 0
        if wanted is not None:
            at_least = least_matches(wanted, len(should), part.at("minimum_should_match"))
        if should and not clauses["must"] and not clauses["filter"] and (wanted is None or at_least == 0):
            at_least = 1  # also where 0 is asked for: with nothing else to match, Lucene wants one
        return Combined(**clauses, at_least=at_least)

    def _constant_score(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        inner = self.parse(part.need("filter"), part.at("filter"))
        boost = part.pop_number("boost")
        part.done()
        return Constant(inner, 1.0 if boost is None else float(boost))

    def _match_all(self, body: Any, path: str) -> Condition:
        _plain(Part(body, path))
        return Everything()

    def _match_none(self, body: Any, path: str) -> Condition:
        _plain(Part(body, path))
        return Nothing()

    # --- values --------------------------------------------------------------------------------------

    def _term(self, body: Any, path: str) -> Condition:
        name, options = self._options(body, path, "value")
        value = options.need("value")
        _plain(options)
        return self.equal(name, value, f"{path}.{name}")

    def equal(self, name: str, value: Any, path: str) -> Condition:
        """The field holds the value; a date without a time means its whole day, as in Elasticsearch."""
        kind = self.field(name, path)
        if kind == "date":
            return InRange(name, date_value(value, path), date_value(value, path, up=True))
        found = column_value(kind, value, path)
        return Nothing() if found is None else HasTerm(name, (found,))

    def _terms(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        boost = part.pop_number("boost")
        if boost not in (None, 1):
            unsupported("a boost", part.at("boost"))
        name, values = part.only()
        at = f"{path}.{name}"
        if not isinstance(values, list | tuple):
            malformed("a list is wanted", at)
        if self.field(name, at) == "date":
            return Constant(Combined(should=tuple(self.equal(name, one, at) for one in values), at_least=1))
        return Constant(self.any_of(name, list(values), at))

    def any_of(self, name: str, values: list[Any], path: str) -> Condition:
        kind = self.field(name, path)
        found: list[Value] = []
        for position, value in enumerate(values):
            one = column_value(kind, value, f"{path}[{position}]")
            if one is not None:
                found.append(one)
        return HasTerm(name, tuple(found)) if found else Nothing()

    def _range(self, body: Any, path: str) -> Condition:
        name, bounds = Part(body, path).only()
        at = f"{path}.{name}"
        kind = self.field(name, at)
        part = Part(bounds, at)
        zone = zone_of(part.pop_str("time_zone"), part.at("time_zone"))
        form = date_format(part.pop_str("format"), part.at("format"))
        part.pop("relation")
        ends: dict[str, tuple[Value, bool]] = {}
        for key in ("gt", "gte", "lt", "lte"):
            value = part.pop(key)
            if value is None:
                continue
            lower, included = key[0] == "g", key.endswith("e")
            side = "lower" if lower else "upper"
            if side in ends:
                malformed(f"two {side} ends", part.at(key))
            if kind == "date":
                up = key in ("gt", "lte")
                ends[side] = (date_value(value, part.at(key), zone=zone, form=form, up=up), included)
            else:
                whole = kind not in ("long", "integer") or not is_fraction(value)
                ends[side] = (bound_value(kind, value, part.at(key), lower=lower), included or not whole)
        _plain(part)
        if not ends:
            return HasValue(name) if kind != "text" else self.has_value(name, at)
        low, with_low = ends.get("lower", (None, True))
        high, with_high = ends.get("upper", (None, True))
        return Constant(InRange(name, low, high, with_low, with_high))

    def _exists(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        name = part.need_str("field")
        _plain(part)
        return Constant(self.has_value(name, part.at("field")))

    def has_value(self, name: str, path: str) -> Condition:
        if name in self.mapping.objects:
            inner = [field for field in self.mapping.fields if field.startswith(name + ".")]
            return Combined(should=tuple(HasValue(field) for field in inner), at_least=1)
        self.field(name, path)
        return HasValue(name)

    def _ids(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        values = part.need("values")
        _plain(part)
        if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
            malformed("a list of strings is wanted", part.at("values"))
        return Constant(HasId(tuple(values)) if values else Nothing())

    def _prefix(self, body: Any, path: str) -> Condition:
        name, options = self._options(body, path, "value")
        prefix = options.need_str("value")
        _plain(options)
        if self.field(name, path) not in ("keyword", "text"):
            unsupported("a prefix of something other than a string", f"{path}.{name}")
        return Constant(HasPrefix(name, prefix))

    # --- text ----------------------------------------------------------------------------------------

    def _match(self, body: Any, path: str) -> Condition:
        name, options = self._options(body, path, "query")
        text = options.need("query")
        operator = choice(options.pop("operator", "or"), OPERATORS, options.at("operator"))
        wanted = options.pop("minimum_should_match")
        _plain(options)
        return self.match(name, text, f"{path}.{name}", operator=operator, wanted=wanted)

    def match(self, name: str, text: Any, path: str, *, operator: str, wanted: Any = None) -> Condition:
        if self.field(name, path) != "text":
            return self.equal(name, text, path)
        tokens = tokens_of(text, path)
        clauses = tuple(HasTerm(name, (token,)) for token in tokens)
        if not clauses:
            return Nothing()
        if len(clauses) == 1:
            return clauses[0]
        if operator == "and":
            return Combined(must=clauses)
        at_least = 1 if wanted is None else max(1, least_matches(wanted, len(clauses), path))
        return Combined(should=clauses, at_least=at_least)

    def _match_phrase(self, body: Any, path: str) -> Condition:
        name, options = self._options(body, path, "query")
        text = options.need("query")
        slop = options.pop_int("slop", 0)
        _plain(options)
        return self.phrase(name, text, f"{path}.{name}", slop=slop)

    def phrase(self, name: str, text: Any, path: str, *, slop: int = 0) -> Condition:
        if self.field(name, path) != "text":
            return self.equal(name, text, path)
        tokens = tokens_of(text, path)
        if not tokens:
            return Nothing()
        return HasTerm(name, tokens) if len(tokens) == 1 else HasPhrase(name, tokens, slop)

    def _multi_match(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        text = part.need("query")
        names = self.field_names(part.need("fields"), part.at("fields"))
        operator = choice(part.pop("operator", "or"), OPERATORS, part.at("operator"))
        wanted = part.pop("minimum_should_match")
        kind = part.pop("type", "best_fields")
        slop = part.pop_int("slop", 0)
        _plain(part)
        if kind not in ("best_fields", "phrase"):
            unsupported(f"multi_match of type {kind!r}", part.at("type"))
        if kind == "phrase":
            return _best(self.phrase(name, text, path, slop=slop) for name in names)
        return _best(self.match(name, text, path, operator=operator, wanted=wanted) for name in names)

    def _query_string(self, body: Any, path: str) -> Condition:
        part = Part(body, path)
        text = part.need_str("query")
        default = part.pop("default_field")
        names = self.field_names(part.pop("fields", [default] if default else None), part.at("fields"))
        operator = choice(part.pop("default_operator", "or"), OPERATORS, part.at("default_operator"))
        phrases = choice(
            part.pop("type", "best_fields"), {"best_fields": False, "phrase": True}, part.at("type")
        )
        _plain(part)
        return query_string.parse(
            self, text, names, operator=operator, phrases=phrases, path=part.at("query")
        )

    def field_names(self, value: Any, path: str) -> list[str]:
        if value is None or value in ("*", ["*"]):
            return [name for name, kind in self.mapping.fields.items() if kind == "text"]
        names: list[str] = []
        for name, at in each(value, path):
            if not isinstance(name, str):
                malformed("a field's name is wanted", at)
            if "^" in name or "*" in name:
                unsupported("boosts and patterns in field names", at)
            self.field(name, at)
            names.append(name)
        return names

    def _options(self, body: Any, path: str, main: str) -> tuple[str, Part]:
        """`{"field": value}` or `{"field": {main: value, ...}}`."""
        name, value = Part(body, path).only()
        self.field(name, f"{path}.{name}")
        return name, Part(value if isinstance(value, dict) else {main: value}, f"{path}.{name}")


def tokens_of(text: Any, path: str) -> tuple[str, ...]:
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        malformed(f"a text is wanted, not {text!r}", path)
    return tuple(analyzer().analyze(str(text)))


def least_matches(wanted: Any, clauses: int, path: str) -> int:
    """Elasticsearch's minimum_should_match: a number, or a percentage rounded down; negative ones may be missing."""
    text = str(wanted).strip()
    try:
        if text.endswith("%"):
            percent = int(text[:-1])
            part = int(clauses * abs(percent) / 100)
            return clauses - part if percent < 0 else part
        number = int(text)
    except ValueError:
        unsupported(f"minimum_should_match {wanted!r}", path)
    return max(0, clauses + number) if number < 0 else number


def _best(parts: Any) -> Condition:
    found = tuple(parts)
    if not found:
        return Nothing()
    return found[0] if len(found) == 1 else BestOf(found)


def _plain(part: Part) -> None:
    """`boost` 1 and `_name` change nothing; what else is left is refused."""
    if part.pop("boost", 1) != 1:
        unsupported("a boost", part.at("boost"))
    part.pop("_name")
    part.done()
