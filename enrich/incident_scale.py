"""How far an incident reached: records, persons, hosts, sums, hours, with what was only claimed.

A number counts by its measure word or noun (incident_rules.yaml `units`), in a clause that tells of harm and not of the
attacker's means, a price or a version. A total once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from enrich.overlaps import is_inside, joined
from enrich.passage import Passage, evidence
from enrich.reading import Span
from enrich.rulebook import Rulebook
from netdocket.records import Scale


class _Unit(NamedTuple):
    what: str
    unit: str
    pattern: re.Pattern[str]
    factor: float


@lru_cache(maxsize=16)
def _units(rules: Rulebook, language: str) -> tuple[_Unit, ...]:
    return tuple(
        _Unit(e["what"], e["unit"], re.compile(e["pattern"], re.IGNORECASE), float(e.get("factor", 1)))
        for e in rules.table("incident_rules")["units"]
        if e["language"] == language
    )


class _Words(NamedTuple):
    claimed: re.Pattern[str]
    means: re.Pattern[str]
    about: re.Pattern[str]
    parts: re.Pattern[str]


@lru_cache(maxsize=16)
def _words(rules: Rulebook, language: str) -> _Words:
    table = rules.table("incident_rules")["scale"]
    return _Words(*(re.compile(table[name][language], re.IGNORECASE) for name in _Words._fields))


def scale(passage: Passage) -> tuple[Scale, ...]:
    """The extents that the text states, in its order, each once."""
    found: dict[tuple[str, float], Scale] = {}
    words = _words(passage.rules, passage.language)
    text = passage.text
    taken = joined(passage.dates, passage.money)
    for money in passage.money:
        if money.range is None and not _means(passage, words, money.start):
            _put(
                found,
                passage,
                words,
                Span(money.start, money.end),
                "money",
                money.fen / 100,
                money.currency,
                money.approximate,
            )
    for number in passage.numbers:
        if is_inside(taken, number.start) or _means(passage, words, number.start):
            continue
        for unit in _units(passage.rules, passage.language):
            match = unit.pattern.match(text, number.end, passage.end)
            if match is None:
                continue
            about = words.about.search(text, max(passage.start, number.start - 8), number.start) is not None
            span = Span(number.start, match.end())
            value = float(number.value) * unit.factor
            if value <= 1:
                break  # 一家医院 is a victim, no extent
            _put(found, passage, words, span, unit.what, value, unit.unit, number.approximate or about)
            break
    return tuple(sorted(found.values(), key=lambda s: s.evidence.start if s.evidence else 0))


def _means(passage: Passage, words: _Words, at: int) -> bool:
    """Whether the number is of the attacker's means, of a part told before, or in advice."""
    clause = passage.reading.clause(at, passage.start, passage.end)
    return (
        passage.signals.is_quiet(at)
        or words.means.search(passage.text, clause.start, min(clause.end, at + 24)) is not None
        or words.parts.search(passage.text, max(clause.start - 2, at - 24), at) is not None
    )


def _put(
    found: dict[tuple[str, float], Scale],
    passage: Passage,
    words: _Words,
    span: Span,
    what: str,
    value: float,
    unit: str,
    approximate: bool,
) -> None:
    if (what, value) in found:
        return
    sentence = passage.reading.sentence_at(span.start)
    claimed = words.claimed.search(passage.text, max(sentence.start, passage.start), span.start) is not None
    found[what, value] = Scale(
        what=what,
        value=int(value) if value == int(value) else round(value, 6),
        unit=unit,
        approximate=approximate,
        claimed=claimed,
        evidence=evidence(span),
        rule=f"incidents.scale.{what}",
    )
