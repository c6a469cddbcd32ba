"""A search condition after parsing: what a query asks of a document, with names and values checked.

Values are those of the columns: strings, whole numbers (dates are milliseconds), floats, booleans.
"""

from __future__ import annotations

import dataclasses

Value = str | int | float | bool


@dataclasses.dataclass(frozen=True, slots=True)
class Everything:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class Nothing:
    pass


@dataclasses.dataclass(frozen=True, slots=True)
class HasTerm:
    """One of the values (of a text field: one of its tokens) is in the field."""

    field: str
    values: tuple[Value, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class InRange:
    """None is an open end."""

    field: str
    lower: Value | None = None
    upper: Value | None = None
    with_lower: bool = True
    with_upper: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class HasPhrase:
    field: str
    tokens: tuple[str, ...]
    slop: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class HasPrefix:
    field: str
    prefix: str


@dataclasses.dataclass(frozen=True, slots=True)
class HasValue:
    field: str


@dataclasses.dataclass(frozen=True, slots=True)
class HasId:
    ids: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """Documents by the number of their row."""

    seqs: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class BestOf:
    """Any of them; the best one gives the score."""

    parts: tuple[Condition, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Constant:
    """Its matches all score `score`."""

    part: Condition
    score: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Combined:
    """Elasticsearch's bool. `at_least` of `should` must hold."""

    must: tuple[Condition, ...] = ()
    filter: tuple[Condition, ...] = ()
    should: tuple[Condition, ...] = ()
    must_not: tuple[Condition, ...] = ()
    at_least: int = 0


Condition = (
    Everything
    | Nothing
    | HasTerm
    | InRange
    | HasPhrase
    | HasPrefix
    | HasValue
    | HasId
    | Rows
    | BestOf
    | Constant
    | Combined
)


def both(first: Condition, second: Condition) -> Condition:
    """Both hold; only the first one scores."""
    if isinstance(first, Everything) and not isinstance(second, Nothing):
        return Combined(filter=(second,))
    if isinstance(second, Everything):
        return first
    return Combined(must=(first,), filter=(second,))


def negated(condition: Condition) -> Condition:
    return Combined(must_not=(condition,))


def is_scored(condition: Condition) -> bool:
    """Whether its matches can differ in score."""
    match condition:
        case Combined(must=must, should=should):
            return any(is_scored(part) for part in must) or bool(should)
        case HasTerm() | HasPhrase() | BestOf():
            return True
        case _:
            return False
