"""Which documents come first: sorting on several keys, with what comes after a given place (search_after).

tantivy sorts on one column. So the first key fetches as many as are wanted; the ties at the end are fetched again
by the next key among the documents that tie; and what is fetched is put in order in Python, from the documents. Where
all keys tie, the older row comes first.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import tantivy

from index.dates import stored_date
from index.embedded.body import Part, choice, each, malformed, unsupported
from index.embedded.columns import SEQ
from index.embedded.compiled import Compiler
from index.embedded.conditions import (
    Combined,
    Condition,
    HasTerm,
    HasValue,
    InRange,
    Nothing,
    Value,
    both,
    is_scored,
    negated,
)
from index.embedded.generation import Searched
from index.embedded.native import calling
from index.embedded.queries import Parser
from index.embedded.values import column_value
from index.mappings import FieldType

DIRECTIONS: Final = {"asc": False, "desc": True}
# What Elasticsearch prints where a number is missing: the farthest one of the field's type.
BITS: Final = {"integer": 31}


@dataclasses.dataclass(frozen=True, slots=True)
class SortKey:
    """`field`: a column, `_score` or `_doc` (the order of writing)."""

    field: str
    type: FieldType
    reverse: bool = False
    missing_first: bool = False

    def value(self, document: Mapping[str, Any]) -> Value | None:
        """What the document is sorted by: the least of several values, going down the greatest."""
        found = [_comparable(self.type, one) for one in _values(document, self.field.split("."))]
        if not found:
            return None
        return max(found) if self.reverse else min(found)

    def shown(self, value: Value | None) -> Any:
        """As Elasticsearch prints it: a missing number is the farthest one."""
        if value is not None or self.type == "keyword":
            return value
        above = self.reverse == self.missing_first
        if self.type == "double":
            return "Infinity" if above else "-Infinity"
        limit = 2 ** BITS.get(self.type, 63)
        return limit - 1 if above else -limit

    def read(self, value: Any, path: str) -> Value | None:
        """What `shown` printed, back again."""
        if value is None or (self.type != "keyword" and value == self.shown(None)):
            return None
        if self.type == "date" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if self.field == "_doc" and not isinstance(value, int):
            malformed("a whole number is wanted", path)
        return column_value(self.type, value, path)


BY_ROW: Final = SortKey("_doc", "long")
BY_SCORE: Final = SortKey("_score", "double", reverse=True)


@dataclasses.dataclass(slots=True)
class Found:
    """A document found. `document` is its source, `keys` its values for the sort keys."""

    seq: int
    score: float | None
    id: str = ""
    document: dict[str, Any] = dataclasses.field(default_factory=dict)
    keys: list[Value | None] = dataclasses.field(default_factory=list)


Load = Callable[[Sequence[Found]], None]


def read_sort(given: Any, parser: Parser, several: frozenset[str], path: str) -> list[SortKey]:
    """Raises MalformedQuery for a field that the mapping does not have, UnsupportedQuery for one without column."""
    return [_read_key(one, parser, several, at) for one, at in each(given, path)]


def _read_key(given: Any, parser: Parser, several: frozenset[str], path: str) -> SortKey:
    name, options = (given, {}) if isinstance(given, str) else Part(given, path).only()
    if isinstance(options, str):
        options = {"order": options}
    at = f"{path}.{name}"
    part = Part(options, at)
    reverse = choice(part.pop("order", "desc" if name == "_score" else "asc"), DIRECTIONS, part.at("order"))
    missing_first = choice(part.pop("missing", "_last"), {"_first": True, "_last": False}, part.at("missing"))
    ignore = part.pop("unmapped_type")
    part.done()
    if name == "_score":
        return SortKey("_score", "double", reverse)
    if name == "_doc":
        return SortKey("_doc", "long", reverse)
    kind = parser.mapping.fields.get(name)
    if kind is None:
        malformed(f"no mapping found for {name!r} to sort on" if ignore is None else "unmapped_type", at)
    if kind == "text":
        unsupported("a text field has no column to sort on", at)
    if reverse and name in several:
        unsupported(f"the field {name!r} holds several values in a document; sort it ascending", at)
    return SortKey(name, kind, reverse, missing_first)


class Sorter:
    """Over one index at one generation."""

    def __init__(self, searched: Searched, compiler: Compiler, load: Load) -> None:
        self._searched = searched
        self._compiler = compiler
        self._load = load

    def first(self, condition: Condition, keys: Sequence[SortKey], wanted: int) -> list[Found]:
        """The first `wanted` documents in order, loaded, with their sort values."""
        if wanted <= 0 or isinstance(condition, Nothing):
            return []
        chosen = self._choose(condition, keys, wanted)
        self._load(chosen)
        for one in chosen:
            one.keys = [self._value(key, one) for key in keys]
        chosen.sort(key=lambda one: one.seq)
        for position in range(len(keys) - 1, -1, -1):
            _sort(chosen, position, keys[position])
        return chosen[:wanted]

    def _value(self, key: SortKey, found: Found) -> Value | None:
        if key.field == "_doc":
            return found.seq
        return found.score if key.field == "_score" else key.value(found.document)

    def _choose(self, condition: Condition, keys: Sequence[SortKey], wanted: int) -> list[Found]:
        """At least the first `wanted`, in any order."""
        key = keys[0] if keys else BY_ROW
        if key.field == "_score":
            return self._by_score(condition, key, wanted)
        if key.missing_first:
            without = self._choose(both(condition, negated(HasValue(key.field))), keys[1:], wanted)
            if len(without) >= wanted:
                return without
            rest = dataclasses.replace(key, missing_first=False)
            valued = both(condition, HasValue(key.field))
            return without + self._choose(valued, [rest, *keys[1:]], wanted - len(without))
        column = SEQ if key.field == "_doc" else key.field
        order = tantivy.Order.Desc if key.reverse else tantivy.Order.Asc
        query = self._compiler.query(condition)
        with calling(self._searched):
            hits = self._searched.searcher.search(query, wanted + 1, False, column, 0, order).hits
        if len(hits) <= wanted or hits[wanted][0] != hits[wanted - 1][0] or column == SEQ:
            return self._found(hits[:wanted])
        tied = hits[wanted - 1][0]
        before = [hit for hit in hits if hit[0] != tied]
        among = both(condition, equal(key, tied))
        return self._found(before) + self._choose(among, keys[1:], wanted - len(before))

    def _by_score(self, condition: Condition, key: SortKey, wanted: int) -> list[Found]:
        if not key.reverse:
            unsupported("the lowest scores first", "sort")
        query = self._compiler.query(condition)
        limit = wanted + 1
        while True:
            with calling(self._searched):
                hits = self._searched.searcher.search(query, limit, False).hits
            if len(hits) < limit or hits[-1][0] < hits[wanted - 1][0]:
                return self._found(hits, scored=True)
            limit *= 4

    def _found(self, hits: Sequence[tuple[Any, tantivy.DocAddress]], *, scored: bool = False) -> list[Found]:
        if not hits:
            return []
        with calling(self._searched):
            seqs = self._searched.searcher.fast_field_values(SEQ, [address for _, address in hits])
        return [
            Found(int(seq or 0), float(score) if scored else None)
            for seq, (score, _) in zip(seqs, hits, strict=True)
        ]


def default_sort(condition: Condition) -> list[SortKey]:
    """By score where there is one to tell documents apart, else in the order of writing."""
    return [BY_SCORE] if is_scored(condition) else []


def equal(key: SortKey, value: Value | None) -> Condition:
    """The documents whose sort value this is."""
    if value is None:
        return negated(HasValue(key.field))
    if key.field == "_doc":
        return InRange(SEQ, value, value)
    if isinstance(value, bool):
        return HasTerm(key.field, (value,))
    below = InRange(key.field, None, value, with_upper=False)
    held: Condition = HasTerm(key.field, (value,))
    # The least of several values is this one: it is there, and none is less.
    return held if key.reverse else Combined(filter=(held,), must_not=(below,))


def beyond(key: SortKey, value: Value | None) -> Condition:
    """The documents that come after this value."""
    if key.field == "_doc":
        return (
            InRange(SEQ, None, value, with_upper=False) if key.reverse else InRange(SEQ, value, None, False)
        )
    if value is None:
        return HasValue(key.field) if key.missing_first else Nothing()
    if isinstance(value, bool):
        after: Condition = Nothing() if value != key.reverse else HasTerm(key.field, (not value,))
    elif key.reverse:
        after = InRange(key.field, None, value, with_upper=False)
    else:
        up_to = InRange(key.field, None, value)
        after = Combined(filter=(HasValue(key.field),), must_not=(up_to,))
    if key.missing_first:
        return after
    return Combined(should=(after, negated(HasValue(key.field))), at_least=1)


def after(keys: Sequence[SortKey], values: Any, path: str) -> Condition:
    """What comes after the document with these sort values."""
    if not isinstance(values, list | tuple) or len(values) != len(keys) or not keys:
        malformed(f"a list of {len(keys)} values is wanted, one for each sort key", path)
    parts: list[Condition] = []
    same: list[Condition] = []
    for position, (key, given) in enumerate(zip(keys, values, strict=True)):
        if key.field == "_score":
            unsupported("search_after with scores", path)
        value = key.read(given, f"{path}[{position}]")
        parts.append(Combined(filter=(*same, beyond(key, value))))
        same.append(equal(key, value))
    return Combined(should=tuple(parts), at_least=1)


def _sort(found: list[Found], position: int, key: SortKey) -> None:
    def order(one: Found) -> Any:
        return one.keys[position]

    valued = sorted((one for one in found if order(one) is not None), key=order, reverse=key.reverse)
    without = [one for one in found if order(one) is None]
    found[:] = without + valued if key.missing_first else valued + without


def _values(part: Any, path: Sequence[str]) -> list[Any]:
    if isinstance(part, list):
        return [value for one in part for value in _values(one, path)]
    if not path:
        return [] if part is None else [part]
    return _values(part.get(path[0]), path[1:]) if isinstance(part, dict) else []


def _comparable(kind: FieldType, value: Any) -> Value:
    if kind == "date":
        return stored_date(value)
    return float(value) if kind == "double" else value
