"""The words of a sentence that tell of measures, as tokens in the order of the text: who, what, how much, and the words
that spread one over several (各, 分别, each). How they go together is read by measures_zh and measures_en."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from enrich.money import Money
from enrich.needed import sought
from enrich.overlaps import is_inside, joined
from enrich.passage import Passage, within
from enrich.reading import Cue, Span
from enrich.rulebook import Rulebook
from netdocket.records import Target

WITH_AMOUNT = frozenset({"FINE", "CONFISCATE", "CRIM_FINE"})
BESIDE_TARGETS = frozenset({"INTERVIEW"})
"""Measures of the taxonomy's target `entity` whose person in charge may be told as the one hit."""
EACH = sought(r"[各均]|分别|每[家人名]|\beach\b|\brespectively\b|\bapiece\b", re.IGNORECASE)
COMBINED = re.compile(
    r"罚没|共计?|合计|总计|累计|\bin total\b|\ba total of\b|\btotall?ing\b|\bcombined\b|\baltogether\b|\baggregate\b",
    re.IGNORECASE,
)
ASKED = sought(r"(?:建议|请|要求|督促|申请|提请|不得|避免|防止|免受|接受)[^，。；]{0,6}$")
NUMERALS = {w: i for i, w in enumerate("零一二三四五六七八九十")} | {"两": 2} | {
    w: i for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}  # fmt: skip

TokenKind = Literal["target", "measure", "money", "each"]


class Token(NamedTuple):
    """`code`: a penalty's code, `individual` or `entity`, a currency, or the word of distribution."""

    start: int
    end: int
    kind: TokenKind
    code: str
    money: Money | None = None

    @property
    def who(self) -> Target:
        return "individual" if self.code == "individual" else "entity"


@dataclass
class Measure:
    """A penalty while it is read; amounts and counts are filled in as they come."""

    start: int
    end: int
    code: str
    target: Target
    money: Money | None = None
    count: int | None = None
    combined: bool = False


class Aims(NamedTuple):
    """Whom each penalty can hit (taxonomy.yaml): codes that hit individuals only, and those that hit either."""

    individual: frozenset[str]
    either: frozenset[str]

    def at(self, code: str, who: Target) -> Target:
        if code in self.individual:
            return "individual"
        return who if code in self.either else "entity"


@lru_cache(maxsize=8)
def aims(rules: Rulebook) -> Aims:
    entries = rules.table("taxonomy")["penalty_types"]
    by_target = {entry["code"]: entry["target"] for entry in entries}
    return Aims(
        frozenset(code for code, target in by_target.items() if target == "individual"),
        frozenset(code for code, target in by_target.items() if target == "both") | BESIDE_TARGETS,
    )


def tokens(passage: Passage, sentence: Span, worth_reading: Sequence[tuple[int, int]]) -> list[Token]:
    """The tokens of a sentence, from left to right. `worth_reading`: where patterns of measures match in the passage as
    a whole; a sentence that holds nothing of these is not searched for them again."""
    start, end = sentence
    out: list[Token] = []
    if any(s < end and e > start for s, e in worth_reading):
        out += [Token(s, e, "measure", code) for s, e, code in imposed(passage, matched(passage, sentence))]
    taken = joined(out)
    for cue in passage.signals.imposed_in(start, end):
        if is_inside(taken, cue.start):
            continue
        if cue.code == "NO_PENALTY" or (
            cue.code != "ORDER_RECTIFY"
            and passage.reading.search(ASKED, max(start, cue.start - 8), cue.start)
        ):
            continue
        out.append(Token(cue.start, cue.end, "measure", cue.code))
    out += [
        Token(cue.start, cue.end, "target", cue.code) for cue in passage.reading.cues("target", start, end)
    ]
    out += [Token(p.start, p.end, "target", "individual") for p in within(passage.facts.persons, start, end)]
    out += [
        Token(money.start, money.end, "money", money.currency, money)
        for money in within(passage.facts.money, start, end)
        if money.range is None
    ]
    out += [
        Token(m.start(), m.end(), "each", m.group().lower())
        for m in passage.reading.matches(EACH, start, end)
    ]
    out.sort(key=lambda token: (token.start, token.kind != "measure"))
    return _outside_names(out)


def matched(passage: Passage, span: Span) -> list[tuple[int, int, str]]:
    """Where patterns of measures (penalties.yaml) match, imposed or not: start, end, code."""
    out: list[tuple[int, int, str]] = []
    for code, pattern in passage.signals.measures:
        out += [(match.start(), match.end(), code) for match in passage.reading.matches(pattern, *span)]
    return out


def imposed(passage: Passage, found: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Of measures found those that were imposed."""
    for start, end, code in found:
        context = passage.signals.context_at(start)
        undone = passage.signals.left_undone(Cue(start, end, code))
        if context in ("penalty", None) and not undone and not passage.signals.is_quiet(start):
            yield start, end, code


def _outside_names(found: Sequence[Token]) -> list[Token]:
    """Without who stands inside the words of a measure or a sum."""
    out: list[Token] = []
    reach = -1
    for token in found:
        if token.kind in ("target", "each") and token.start < reach:
            continue
        if token.kind in ("measure", "money"):
            reach = max(reach, token.end)
        out.append(token)
    return out
