"""Conditions as tantivy's query objects, and as its query strings where a filter stands inside an aggregation."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import Final

import tantivy
from tantivy import FieldType as Column
from tantivy import Occur, Query

from index.embedded.columns import SEQ, TEXT_PRESENT
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
    Rows,
    Value,
)
from index.embedded.term_patterns import between, literal
from index.mappings import IndexMapping

# What tantivy's range syntax takes as a bare word; other keywords go through a regular expression.
PLAIN_WORD: Final = re.compile(r"(?![-*`])[^\s{}\"\[\]()\\]+")
MOST_COMBINATIONS: Final = 64
SeqsOf = Callable[[Sequence[str]], Sequence[int]]


class Compiler:
    """For one index at one generation. `seqs_of` gives the rows of ids."""

    def __init__(self, mapping: IndexMapping, index: tantivy.Index, seqs_of: SeqsOf) -> None:
        self._fields = mapping.fields
        self._index = index
        self._schema = index.schema
        self._seqs_of = seqs_of

    def query(self, condition: Condition) -> Query:
        match condition:
            case Everything():
                return Query.all_query()
            case Nothing():
                return Query.empty_query()
            case HasTerm(field, values):
                if len(values) == 1:
                    return self._term(field, values[0])
                return Query.term_set_query(self._schema, field, list(values))
            case InRange():
                return self._range(condition)
            case HasPhrase(field, tokens, slop):
                return Query.phrase_query(self._schema, field, list(tokens), slop)
            case HasPrefix(field, prefix):
                return Query.regex_query(self._schema, field, literal(prefix) + "(?s:.)*")
            case HasValue(field):
                if self._fields[field] == "text":
                    return Query.term_query(self._schema, TEXT_PRESENT, field, "basic")
                return Query.exists_query(field)
            case HasId(ids):
                return self.query(Rows(tuple(self._seqs_of(ids))))
            case Rows(seqs):
                return Query.term_set_query(self._schema, SEQ, list(seqs)) if seqs else Query.empty_query()
            case BestOf(parts):
                return Query.disjunction_max_query([self.query(part) for part in parts])
            case Constant(part, score):
                return Query.const_score_query(self.query(part), score)
            case Combined():
                return self._combined(condition)

    def _term(self, field: str, value: Value) -> Query:
        option = "freq" if self._fields.get(field) == "text" else "basic"
        return Query.term_query(self._schema, field, value, option)

    def _combined(self, condition: Combined) -> Query:
        if condition.at_least > len(condition.should):
            return Query.empty_query()
        clauses = [(Occur.Must, self.query(part)) for part in condition.must]
        clauses += [(Occur.Must, Query.const_score_query(self.query(part), 0.0)) for part in condition.filter]
        should = [(Occur.Should, self.query(part)) for part in condition.should]
        if not clauses and not should:
            clauses.append((Occur.Must, Query.all_query()))
        if should:
            # In a query of its own, so that how many must match does not depend on what stands beside it.
            inner = Query.boolean_query(should, condition.at_least) if condition.at_least else None
            if inner is not None:
                clauses.append((Occur.Must, inner))
            elif clauses:
                clauses += should
            else:
                clauses += [(Occur.Must, Query.all_query()), *should]
        clauses += [(Occur.MustNot, self.query(part)) for part in condition.must_not]
        return Query.boolean_query(clauses)

    def _range(self, condition: InRange) -> Query:
        kind = self._fields.get(condition.field, "long")
        if kind in ("keyword", "text"):
            return self._string_range(condition)
        column = Column.Float if kind == "double" else Column.Integer
        low, high = condition.lower, condition.upper
        if low is None and high is None:
            return Query.exists_query(condition.field)
        return Query.range_query(
            self._schema, condition.field, column, low, high, condition.with_lower, condition.with_upper
        )

    def _string_range(self, condition: InRange) -> Query:
        ends = (condition.lower, condition.upper)
        if self._fields[condition.field] == "keyword" and all(
            end is None or PLAIN_WORD.fullmatch(str(end)) for end in ends
        ):
            return self._index.parse_query(_range_string(condition), [])
        pattern = between(condition)
        if pattern is None:
            return Query.empty_query()
        return Query.regex_query(self._schema, condition.field, pattern)

    # --- as strings ----------------------------------------------------------------------------------

    def string(self, condition: Condition) -> str | None:
        """The condition in tantivy's query syntax, which its filter aggregation wants; None where that cannot say
        it (text needs our analyzer, which is not known there)."""
        match condition:
            case Everything():
                return "*"
            case Nothing():
                return "(* -*)"
            case Constant(part, _):
                return self.string(part)
            case HasValue(field):
                return f"{TEXT_PRESENT}:{quoted(field)}" if self._fields[field] == "text" else f"{field}:*"
            case HasTerm(field, values):
                if self._fields[field] == "text":
                    return None
                return f"{field}: IN [{' '.join(quoted(_literal(value)) for value in values)}]"
            case HasId(ids):
                return self.string(Rows(tuple(self._seqs_of(ids))))
            case Rows(seqs):
                return f"{SEQ}: IN [{' '.join(map(str, seqs))}]" if seqs else "(* -*)"
            case InRange():
                return self._string_of_range(condition)
            case BestOf(parts):
                return self.string(Combined(should=parts, at_least=1))
            case Combined():
                return self._string_of_combined(condition)
            case _:
                return None

    def _string_of_range(self, condition: InRange) -> str | None:
        kind = self._fields.get(condition.field, "long")
        ends = [_literal(end) for end in (condition.lower, condition.upper) if end is not None]
        if kind == "text":
            return None
        if kind == "keyword":
            plain = all(PLAIN_WORD.fullmatch(end) for end in ends)
        else:
            plain = not any("e" in end for end in ends)
        return _range_string(condition) if plain else None

    def _string_of_combined(self, condition: Combined) -> str | None:
        if condition.at_least > len(condition.should):
            return "(* -*)"
        wanted = [self.string(part) for part in (*condition.must, *condition.filter)]
        if condition.at_least:
            if math.comb(len(condition.should), condition.at_least) > MOST_COMBINATIONS:
                return None
            should = [self.string(part) for part in condition.should]
            if None in should:
                return None
            groups = itertools.combinations([one for one in should if one], condition.at_least)
            wanted.append(
                "(" + " ".join("(" + " ".join("+" + one for one in group) + ")" for group in groups) + ")"
            )
        excluded = [self.string(part) for part in condition.must_not]
        if None in wanted or None in excluded:
            return None
        clauses = [f"+{one}" for one in wanted] + [f"-{one}" for one in excluded]
        return f"(* {' '.join(clauses)})" if not wanted else f"({' '.join(clauses)})"


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _range_string(condition: InRange) -> str:
    low = "*" if condition.lower is None else _literal(condition.lower)
    high = "*" if condition.upper is None else _literal(condition.upper)
    opening = "[" if condition.with_lower else "{"
    closing = "]" if condition.with_upper else "}"
    if low == "*" and high == "*":
        return f"{condition.field}:*"
    return f"{condition.field}:{opening}{low} TO {high}{closing}"
