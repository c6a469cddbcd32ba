"""Names of persons in English texts: a surname and a given name in pinyin beside a cue.

    Defendant Li Xiaoqiang was sentenced; police detained LI XIAOQIANG and Wang Wei; Zhang San, a programmer, was fined

Either way round, in capitals or not. Two names joined by "and" or a comma share their cue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from enrich.person_names import PersonName

WORD = r"(?:[A-Z][a-z]{1,24}(?:['-]?[A-Za-z][a-z]{0,24})?|[A-Z]{2,24}(?:['-][A-Z]{1,24})?)(?![A-Za-z])"
# Looked ahead, so that "Defendant Li" does not use up the surname.
NAME = re.compile(rf"(?<![A-Za-z'-])(?=(?P<first>{WORD})\s(?P<second>{WORD})(?:\s(?P<third>{WORD}))?)")
TWO_CAPITALS = re.compile(r"[A-Z](?=[A-Za-z'-]{0,60}\s[A-Z])")
"""Where a name may begin; much faster to look for."""
SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un"
    r"|ia|ie|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v|ü)"
)
SYLLABLES = re.compile(rf"(?:{SYLLABLE}){{1,4}}$")
ONE_SYLLABLE = re.compile(rf"{SYLLABLE}$")
JOINED = re.compile(r",\s(?:and\s)?|\s(?:and|&)\s")
JOINED_SIZE = 6
CUE_SIZE = 20
ALONE = 5  # letters from which on a given name is masked where it stands alone
APPOSITION = 160
HEAD_NOUN = r"(?:(?!\s(?:at|for|of|from|in|with|who|by)\s)[^,.;\n])"


@dataclass(frozen=True, eq=False)
class EnglishTable:
    """What persons.yaml says of English, compiled. `surnames`, `not_names`, `places`: lower case."""

    surnames: frozenset[str]
    not_names: frozenset[str]
    places: frozenset[str]
    before: re.Pattern[str]
    after: re.Pattern[str]
    body_after: re.Pattern[str]


def english_table(
    listed: Callable[[str], tuple[str, ...]], either: Callable[[tuple[str, ...]], str], places: frozenset[str]
) -> EnglishTable:
    """Compiled from the lists of persons.yaml (`listed`) by alternation (`either`); `places`: names of divisions."""
    bodies = either(listed("bodies_en"))
    told = either(listed("after_en"))
    apposition = (
        rf",\s(?:an?|the|then|formerly|who|whose)\s(?!{HEAD_NOUN}{{0,40}}(?<![a-z])(?:{bodies})(?![a-z]))"
        rf"(?:(?!\s(?:said|says|told|stated|announced|added|noted)\s)[^.;\n]){{1,{APPOSITION}}}?(?<![a-z])(?:{told})"
    )
    return EnglishTable(
        surnames=frozenset(name.lower() for name in listed("surnames_en")),
        not_names=frozenset(name.lower() for name in listed("not_names_en")),
        places=frozenset(place.lower() for place in places),
        before=re.compile(
            rf"(?<![a-z])(?:{either(listed('before_en'))}|{either(listed('verbs_en'))})\s$", re.IGNORECASE
        ),
        after=re.compile(rf"\s?(?:{told})|,?\s(?:a|an)\s\d{{1,2}}[- ]year|{apposition}", re.IGNORECASE),
        body_after=re.compile(rf"\s(?:{bodies})(?![a-z])", re.IGNORECASE),
    )


def english_names(text: str, table: EnglishTable) -> Iterator[PersonName]:
    """The names of subjects in a normalised text. Linear in the text."""
    found = list(_candidates(text, table))
    cued = [
        table.before.search(text, max(0, start - CUE_SIZE), start) is not None
        or table.after.match(text, end) is not None
        for start, end, _ in found
    ]
    for at in range(1, len(found)):
        cued[at] = cued[at] or (cued[at - 1] and _joined(text, found[at - 1][1], found[at][0]))
    for at in range(len(found) - 1, 0, -1):
        cued[at - 1] = cued[at - 1] or (cued[at] and _joined(text, found[at - 1][1], found[at][0]))
    for (_, _, name), told in zip(found, cued, strict=True):
        if not told:
            continue
        yield name
        given = name.name[len(name.surname) :].strip()
        if len(given) >= ALONE and given.lower() not in table.places:
            yield PersonName(given, "", "full")


def _candidates(text: str, table: EnglishTable) -> Iterator[tuple[int, int, PersonName]]:
    """Pairs of words that read as a name, none reaching into another: start, end, name."""
    last = 0
    for capital in TWO_CAPITALS.finditer(text):
        start = capital.start()
        match = NAME.match(text, start) if start >= last else None
        if match is None:
            continue
        read = _read(text, match, table)
        if read is None or table.body_after.match(text, read[0]):
            continue
        last, name = read
        yield match.start(), last, name


def _read(text: str, match: re.Match[str], table: EnglishTable) -> tuple[int, PersonName] | None:
    """Surname and given name in pinyin, either way round; a given name may be printed as two words."""
    first, second, third = match["first"].lower(), match["second"].lower(), match["third"]
    if f"{first} {second}" in table.not_names:
        return None
    start, end = match.start(), match.end("second")
    if first in table.surnames and _is_pinyin(second):
        if third and ONE_SYLLABLE.match(second) and ONE_SYLLABLE.match(third.lower()):
            end = match.end("third")
        return end, PersonName(text[start:end], text[start : match.start("second")], "full")
    if second in table.surnames and _is_pinyin(first):
        return end, PersonName(text[start:end], "", "full")
    return None


def _is_pinyin(word: str) -> bool:
    return SYLLABLES.match(word.replace("-", "").replace("'", "")) is not None


def _joined(text: str, end: int, start: int) -> bool:
    return 0 < start - end <= JOINED_SIZE and JOINED.fullmatch(text, end, start) is not None
