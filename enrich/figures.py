"""Figures of campaigns and reports: numbers with what they count.

In Chinese the measure stands before the number and the unit after it (警告1100家次); in English a verb goes before
("warned 1,100 entities") or after ("27 were ordered to rectify"). A number whose verb names a measure counts that
measure; else its unit says what it counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import attrgetter
from string import ascii_letters, digits
from typing import NamedTuple

from enrich.needed import sought
from enrich.numerals import HAN_DIGITS, HAN_UNITS, Number
from enrich.overlaps import is_inside, joined
from enrich.passage import Passage, evidence
from enrich.reading import Cue
from netdocket.records import Figure

MEASURES_OF_OPERATIONS = {"STOP_NETWORK", "SUSPEND_BUSINESS", "CLOSE_FOR_RECTIFICATION"}
UNIT_ONLY = frozenset({"CASES", "ENTITIES", "PERSONS", "APPS", "SITES", "ACCOUNTS", "ITEMS_REMOVED"})
NO_MEASURE = frozenset({"APPS", "PERSONS", "ENTITIES"})
"""Verbs that only say that somebody looked or dealt with: the unit says what was counted."""
BY_UNIT = {
    ("CASES", "PERSONS"): "PERSONS",
    ("CLOSE_SITE_APP", "ACCOUNTS"): "ACCOUNT_ACTION",
    ("SUSPEND_BUSINESS", "ACCOUNTS"): "ACCOUNT_ACTION",
    ("APP_REMOVAL", "ACCOUNTS"): "ACCOUNT_ACTION",
    ("APP_REMOVAL", "ITEMS_REMOVED"): "ITEMS_REMOVED",
    ("PROSECUTION", "CASES"): "CASES",
    ("ARREST", "CASES"): "CASES",
}
"""What a verb means by what it counts: closed 158 accounts, 起诉34件."""
COUNTED_BY_UNIT = frozenset({"ITEMS_REMOVED"})
PERCENT = re.compile(r"\s?(?:%|percent|per cent|个百分点|percentage points?)")
DECLINE = sought(
    r"(?:下降|减少|降低|回落|降幅|reduction|decrease|decline|fell|down|drop)[^，。,.;；]{0,30}$",
    re.IGNORECASE,
)
NOT_A_COUNT = re.compile(
    r"(?:第|Article|Articles|No\.|Order|version|版本|令|批次?|GB/T|第\s|Annex|Chapter|Part|Phase|第)\s?$",
    re.IGNORECASE,
)
DATE_AFTER = re.compile(
    r"\s?(?:年|个?月|日|天|号|时|小时|分钟|点|届|周岁|岁|st\b|nd\b|rd\b|th\b|条[第款]|G\b|[- ](?:\w+ )?(?:days?|months?|years?|hours?|minutes?|weeks?|quarters?)\b)",
    re.IGNORECASE,
)
EXAMPLES = re.compile(
    r"\s?(?:起|个|件|例)?(?:网络\w{0,6})?(?:典型|案例)|\s(?:\w+\s){0,2}?(?:typical|model|exemplary|representative)\s",
    re.IGNORECASE,
)
"""The number of cases told below is no count of cases."""
FINITE = re.compile(
    r"\s(?:\w+\s){0,3}?(?:were|was|have been|has been|had been|received|became|are|is|got)\b", re.IGNORECASE
)


LAST_OF_NUMBER = frozenset(f"{ascii_letters}{digits}{HAN_DIGITS}{HAN_UNITS}余多来")
"""What a number may end with."""


class Counted(NamedTuple):
    """A number and what it counts. `metric` is a code of figure_metrics or of penalty_types, or None."""

    start: int
    end: int
    metric: str | None
    value: float
    unit: str | None
    approximate: bool
    by_verb: bool


def counts(passage: Passage) -> list[Counted]:
    """Numbers of the passage that count something, with the measure where a word names it."""
    out: list[Counted] = []
    previous: Counted | None = None
    numbers = _numbers(passage) if _may_count(passage) else []
    for index, number in enumerate(numbers):
        floor = max(
            passage.body_start,
            numbers[index - 1].end if index else 0,
            passage.reading.sentence_at(number.start).start,
        )
        ceiling = min(
            passage.end,
            numbers[index + 1].start if index + 1 < len(numbers) else passage.end,
            passage.reading.sentence_at(number.start).end,
        )
        counted = _counted(passage, number, floor, ceiling, previous)
        if counted is not None:
            out.append(counted)
            previous = counted
    sums = _sums(passage)
    return sorted([*out, *sums], key=_START) if sums else out


_START = attrgetter("start")


def _numbers(passage: Passage) -> list[Number]:
    """The numbers of the running text that are no dates or sums, articles or versions."""
    taken = joined(passage.dates, passage.money)
    return [n for n in passage.numbers if n.start >= passage.body_start and _is_count(passage, n, taken)]


def _may_count(passage: Passage) -> bool:
    """Whether a number may have a word that says what it counts."""
    start, end = passage.body_start, passage.end
    if passage.language != "zh":
        return passage.has("figure_unit", start, end) or passage.has("figure_verb", start, end)
    return most_counts(passage) > 0


def most_counts(passage: Passage) -> int:
    """How many numbers of a Chinese passage count something, at most: the unit of each stands right behind it."""
    text = passage.text
    return sum(
        not LAST_OF_NUMBER.isdisjoint(text[max(0, cue.start - 2) : cue.start])
        for cue in passage.cues("figure_unit", passage.body_start, passage.end)
    )


def figures(passage: Passage) -> tuple[Figure, ...]:
    """The figures of a campaign: measures and totals, each once."""
    out: list[Figure] = []
    seen: set[tuple[str, float]] = set()
    for counted in counts(passage):
        if counted.metric is None or passage.signals.is_quiet(counted.start):
            continue
        if (counted.metric, counted.value) in seen:
            continue
        seen.add((counted.metric, counted.value))
        out.append(_figure(passage, counted, counted.metric, len(out) + 1, "figures.measured"))
    return tuple(out)


def stated(passage: Passage) -> tuple[Figure, ...]:
    """The figures of a report: every share and number, by its phrase."""
    out: list[Figure] = []
    taken = joined(passage.dates)
    for number in passage.numbers:
        if number.start < passage.body_start or not _is_count(passage, number, taken):
            continue
        percent = PERCENT.match(passage.text, number.end)
        value = float(number.value)
        if not percent and value < 10:
            continue
        if percent and passage.reading.search(DECLINE, max(passage.start, number.start - 60), number.start):
            value = -value
        unit = "%" if percent else _unit_name(passage, number)
        end = percent.end() if percent else number.end
        counted = Counted(number.start, end, "STATED", value, unit, number.approximate, False)
        out.append(_figure(passage, counted, "STATED", len(out) + 1, "figures.stated"))
    return tuple(out)


def _figure(passage: Passage, counted: Counted, metric: str, ordinal: int, rule: str) -> Figure:
    clause = passage.reading.clause(counted.start, passage.start, passage.end)
    return Figure(
        id=f"f:{ordinal}",
        metric=metric,
        value=int(counted.value) if counted.value == int(counted.value) else counted.value,
        unit=counted.unit,
        approximate=counted.approximate,
        phrase=passage.shown(
            max(clause.start, counted.start - 60), min(clause.end, counted.end + 60)
        ).strip(),
        evidence=evidence(counted),
        rule=rule,
    )


def _is_count(passage: Passage, number: Number, taken: Sequence[tuple[int, int]]) -> bool:
    text = passage.text
    if is_inside(taken, number.start):
        return False
    if NOT_A_COUNT.search(text, max(0, number.start - 10), number.start) or DATE_AFTER.match(
        text, number.end
    ):
        return False
    before = text[number.start - 1 : number.start]
    after = text[number.end : number.end + 1]
    return not (before.isascii() and (before.isalpha() or before in "-./§")) and after not in (
        "-",
        "/",
        ")",
        '"',
        "”",
    )


def _counted(
    passage: Passage, number: Number, floor: int, ceiling: int, previous: Counted | None
) -> Counted | None:
    unit = _unit(passage, number, ceiling)
    verb = _verb(passage, number, floor, ceiling)
    if verb is None and previous and previous.by_verb and _listed(passage, previous, number):
        verb = Cue(previous.start, previous.end, previous.metric or "")
    metric: str | None = None
    if verb is not None and verb.code not in NO_MEASURE:
        metric = verb.code
    elif unit is not None and unit.code in UNIT_ONLY and (verb is not None or unit.code == "CASES"):
        metric = unit.code
    if metric is not None and unit is not None:
        metric = BY_UNIT.get((metric, unit.code), metric)
    if metric is None and unit is None:
        return None
    if metric is not None and passage.language == "zh" and unit is None:
        return None
    end = unit.end if unit else number.end
    if unit is not None and EXAMPLES.match(passage.text, number.end):
        return None
    return Counted(
        number.start,
        end,
        metric,
        float(number.value),
        passage.text[unit.start : unit.end] if unit else None,
        number.approximate,
        verb is not None,
    )


def _unit(passage: Passage, number: Number, ceiling: int) -> Cue | None:
    reach = 8 if passage.language == "zh" else 45
    for cue in passage.reading.cues("figure_unit", number.end, min(ceiling, number.end + reach + 12)):
        between = passage.text[number.end : cue.start]
        if passage.language == "zh":
            return cue if len(between) <= 1 else None
        if len(between) <= reach and not re.search(r"[,;.(]|\b(?:and|were|was|of the)\b", between):
            return cue
    return None


def _unit_name(passage: Passage, number: Number) -> str | None:
    cue = _unit(passage, number, passage.end)
    return passage.text[cue.start : cue.end] if cue else None


def _verb(passage: Passage, number: Number, floor: int, ceiling: int) -> Cue | None:
    text = passage.text
    reading = passage.reading
    if passage.language == "en":
        right_after = reading.cues("figure_verb", number.end, min(ceiling, number.end + 40))
        if right_after and right_after[0].start - number.end == 1 and right_after[0].code != "CASES":
            return right_after[0]  # had 16 removed
    if passage.language == "en" and FINITE.match(text, number.end, ceiling):
        after = [c for c in reading.cues("figure_verb", number.end, ceiling) if c.code not in ("CASES",)]
        if after and not re.search(r"[;]", text[number.end : after[0].start]):
            return after[0]
    if passage.language == "zh":
        floor = max(floor, text.rfind("，", floor, number.start), text.rfind("；", floor, number.start))
    before = reading.cues("figure_verb", floor, number.start)
    if before and not (passage.language == "en" and number.start - before[-1].end > 70):
        return before[-1]
    after = reading.cues("figure_verb", number.end, min(ceiling, number.end + 30))
    if after and passage.language == "en" and after[0].code == "CASES":
        return after[0]
    if after and passage.language == "zh" and not re.search(r"[，；。,]", text[number.end : after[0].start]):
        return after[0]
    return None


def _listed(passage: Passage, previous: Counted, number: Number) -> bool:
    """Whether a number goes on a list of numbers under one verb: 14, 43 and 210 apps."""
    between = passage.text[previous.end : number.start]
    return (
        len(between) <= 12
        and re.fullmatch(r"[\s,、]*(?:and|和)?\s*(?:more than|over|about|近|约)?\s*", between) is not None
    )


def _sums(passage: Passage) -> list[Counted]:
    """The sums whose words say that they are a total."""
    out: list[Counted] = []
    if not passage.has("fine_total"):
        return out
    for money in passage.money:
        if money.currency != "CNY" or money.range is not None:
            continue
        clause_start = passage.reading.clause(money.start, passage.body_start, passage.end).start
        sentence = passage.reading.sentence_at(money.start)
        start = max(clause_start if passage.language == "zh" else sentence.start, passage.body_start)
        cues = passage.reading.cues("fine_total", start, money.start)
        if not cues or money.start - cues[-1].end > 40:
            continue
        out.append(
            Counted(money.start, money.end, cues[-1].code, money.fen / 100, "CNY", money.approximate, True)
        )
    return out
