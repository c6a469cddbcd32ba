"""Names of persons in English texts, and names in Latin letters in Chinese ones.

    Defendant Li Xiaoqiang was sentenced; police detained LI XIAOQIANG and Wang Wei; Zhang San, a programmer, was fined

A surname and a given name in pinyin, either way round, in capitals or not, or a given name that is usual in English and
a surname, beside a cue. Two names joined by "and" or a comma share their cue. A name in pinyin that a sentence tells of
needs no cue: it is a subject's unless it is said to be that of an official, an author or a lawyer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from enrich.person_names import PersonName
from enrich.pinyin import is_given, is_syllable

WORD = r"(?:[A-Z][a-z]{1,24}(?:(?!'s(?![a-z]))['-]?[A-Za-z][a-z]{0,24})?|[A-Z]{2,24}(?:(?!'S(?![A-Z]))['-][A-Z]{1,24})?)(?![A-Za-z])"
# Looked ahead, so that "Defendant Li" does not use up the surname.
NAME = re.compile(rf"(?<![A-Za-z'-])(?=(?P<first>{WORD})\s(?P<second>{WORD})(?:\s(?P<third>{WORD}))?)")
HYPHENATED = re.compile(r"[A-Z][a-z]{1,24}-[a-z]{1,24}$")
TWO_CAPITALS = re.compile(r"[A-Z](?=[A-Za-z'-]{0,60}\s[A-Z])")
"""Where a name may begin; much faster to look for."""
JOINED = re.compile(r",\s(?:and\s)?|\s(?:and|&)\s")
JOINED_SIZE = 6
CUE_SIZE = 60  # characters before a name in which a cue or an office is looked for
ALONE = 5  # letters from which on a given name is masked where it stands alone
APPOSITION = 160
HEAD_NOUN = r"(?:(?!\s(?:at|for|of|from|in|with|who|by)\s)[^,.;\n])"
QUOTES = "\"'“”‘’«»《》"
GOES_ON = re.compile(r"['’]s\s[a-z]|,?\s[a-z]")
ACTS = re.compile(r"\s(?:was|is|had|has|[a-z]+ed)\s")
LED_TO = re.compile(r"(?:[a-z]|(?<![A-Za-z])[a-z]+,)\s$")
PROPER_BEFORE = re.compile(r"(?:^|(?P<inside>[a-z0-9,;]\s)|[^A-Za-z])(?P<word>[A-Z][A-Za-z'-]*) $")
PROPER_AFTER = re.compile(r" [A-Z]")


@dataclass(frozen=True, eq=False)
class EnglishTable:
    """What persons.yaml says of English, compiled. The sets: lower case. `barred_*`: what makes a name that of somebody
    who acts, writes or speaks in office; `authors`: how a line with the names of authors begins."""

    surnames: frozenset[str]
    surnames_hk: frozenset[str]
    wordlike: frozenset[str]
    given: frozenset[str]
    not_given: frozenset[str]
    not_names: frozenset[str]
    places: frozenset[str]
    before: re.Pattern[str]
    before_zh: re.Pattern[str]
    after: re.Pattern[str]
    body_after: re.Pattern[str]
    body_told: re.Pattern[str]
    body_before: re.Pattern[str]
    barred_before: re.Pattern[str]
    barred_after: re.Pattern[str]
    authors: re.Pattern[str]


def english_table(
    listed: Callable[[str], tuple[str, ...]], either: Callable[[tuple[str, ...]], str], places: frozenset[str]
) -> EnglishTable:
    """Compiled from the lists of persons.yaml (`listed`) by alternation (`either`); `places`: names of divisions."""
    bodies, offices = either(listed("bodies_en")), either(listed("offices_en"))
    says = either(listed("says_en"))
    held = rf"(?:{either(listed('heads_en'))})\s(?:of|at)\s[^,.;\n]{{0,50}}?(?<![a-z])(?:{either(listed('public_en'))})"
    suffered = either(listed("suffered_en"))
    told = (
        rf"(?:,\s|\s|,)?(?:{either(listed('after_en'))}|(?:was|were|is|are|has been|have been|had been|being|been|got)"
        rf"\s(?:[a-z]+ly\s|also\s|each\s|both\s|later\s|then\s|now\s){{0,2}}(?:{suffered}))(?![a-z])"
    )
    body_told = rf"{HEAD_NOUN}{{0,40}}(?<![a-z])(?:{bodies})(?![a-z])"
    apposition = (
        rf",\s(?:an?|the|then|formerly|who|whose)\s(?!{body_told})"
        rf"(?:(?!\s(?:said|says|told|stated|announced|added|noted)\s)[^.;\n]){{1,{APPOSITION}}}?(?<![a-z]){told}"
    )
    return EnglishTable(
        surnames=_lower(listed("surnames_en")),
        surnames_hk=_lower(listed("surnames_hk")),
        wordlike=_lower(listed("wordlike_en")),
        given=_lower(listed("given_en")),
        not_given=_lower(listed("not_given_en")),
        not_names=_lower(listed("not_names_en")),
        places=frozenset(place.lower().replace("'", "") for place in places),
        before=re.compile(
            rf"(?<![a-z])(?:{either(listed('before_en'))}|{either(listed('verbs_en'))}),?\s$", re.IGNORECASE
        ),
        before_zh=re.compile(
            rf"(?:{either(listed('strong_before_zh') + listed('taken_before_zh'))})[:：\s]?$"
        ),
        after=re.compile(
            rf"{told}|,?\s(?:a|an)\s\d{{1,2}}[- ]year|,\s\d{{2}},|\s?[(,]\s?(?:fe)?male(?![a-z])"
            rf"|\s?[(,][男女]|{apposition}",
            re.IGNORECASE,
        ),
        body_after=re.compile(rf"\s(?:{bodies})(?![a-z])", re.IGNORECASE),
        body_told=re.compile(rf",\san?\s{body_told}", re.IGNORECASE),
        body_before=re.compile(rf"(?<![a-z])(?:{either(listed('products_en'))})\s$", re.IGNORECASE),
        barred_before=re.compile(
            rf"(?<![a-z])(?:{offices})(?:\s(?:of|for|at|with|in)\s[^.;\n]{{1,45}}?)?,?\s$", re.IGNORECASE
        ),
        barred_after=re.compile(
            rf",?\s(?:{says})(?![a-z])"
            rf"|(?:,|\s[(|]|\s[-–—])\s?(?:(?:an?|the|our|its|is|senior|deputy|vice|chief|managing)\s){{0,3}}(?:[A-Za-z-]+\s){{0,2}}?"
            rf"(?:{offices}|{held})(?![a-z])|\s(?:of|from|at|with)\s[^.;\n]{{1,60}}?\s(?:{says})(?![a-z])|\sis\s(?:an?|the|our)\s(?:[a-z-]+\s){{0,2}}?(?:{offices})(?![a-z])",
            re.IGNORECASE,
        ),
        authors=re.compile(rf"\W{{0,4}}(?:{either(listed('authors_en'))})(?![a-z])", re.IGNORECASE),
    )


def _lower(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.lower() for word in words)


def english_names(text: str, table: EnglishTable) -> Iterator[PersonName]:
    """The names of subjects in a normalised text. Linear in the text."""
    found = list(_candidates(text, table))
    cued = [
        table.before.search(text, max(0, start - CUE_SIZE), start) is not None
        or table.before_zh.search(text, max(0, start - CUE_SIZE), start) is not None
        or table.after.match(text, end) is not None
        for start, end, _ in found
    ]
    _share(text, found, cued)
    barred = [not cue and _is_barred(text, *one[:2], table) for one, cue in zip(found, cued, strict=True)]
    _share(text, found, barred)
    in_office = {name.name.lower() for (_, _, name), bar in zip(found, barred, strict=True) if bar}
    for (start, end, name), told in zip(found, cued, strict=True):
        if not told and (name.name.lower() in in_office or not _is_told_of(text, start, end, name, table)):
            continue
        yield name
        given = name.name[len(name.surname) :].strip()
        if name.surname and len(given) >= ALONE and given.lower() not in table.places:
            yield PersonName(given, "", "full")


def _share(text: str, found: list[tuple[int, int, PersonName]], marked: list[bool]) -> None:
    """What is said of one name holds for those joined to it, forwards and back."""
    for at in range(1, len(found)):
        marked[at] = marked[at] or (marked[at - 1] and _joined(text, found[at - 1][1], found[at][0]))
    for at in range(len(found) - 1, 0, -1):
        marked[at - 1] = marked[at - 1] or (marked[at] and _joined(text, found[at - 1][1], found[at][0]))


def _is_barred(text: str, start: int, end: int, table: EnglishTable) -> bool:
    """Whether the name is said to be that of an official, an author, a lawyer or another who only speaks."""
    floor = max(0, start - CUE_SIZE)
    line = text.rfind("\n", max(0, start - 4 * CUE_SIZE), start) + 1
    return (
        table.barred_before.search(text, floor, start) is not None
        or table.barred_after.match(text, end) is not None
        or ((line > 0 or start < 4 * CUE_SIZE) and table.authors.match(text, line, start) is not None)
        or (
            re.compile(r"[|\s]by\s$", re.IGNORECASE).search(text, floor, start) is not None
            and not GOES_ON.match(text, end)
        )
    )


def _is_told_of(text: str, start: int, end: int, name: PersonName, table: EnglishTable) -> bool:
    """Whether a sentence tells of the name, and it is part of no longer one: no line of its own, no brand."""
    words = name.name.lower().split()
    if not name.surname or not is_given(words[1]) or words[1] in table.not_given | table.places:
        return False
    if table.wordlike.issuperset(words):
        return False
    if "".join(words) in table.places and not ACTS.match(text, end):
        return False
    floor = max(0, start - CUE_SIZE)
    if start > 0 and text[start - 1] in QUOTES and text[end : end + 1] in QUOTES:
        return False
    if (
        PROPER_AFTER.match(text, end)
        or table.body_told.match(text, end)
        or table.body_before.search(text, floor, start)
    ):
        return False
    proper = PROPER_BEFORE.search(text, floor, start)
    if proper is not None and (proper["inside"] or is_given(proper["word"].lower())):
        return False
    return GOES_ON.match(text, end) is not None or LED_TO.search(text, floor, start) is not None


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
    """Surname and given name in pinyin, either way round (a given name may be printed as two words), or an English given
    name and any surname."""
    first, second, third = match["first"].lower(), match["second"].lower(), match["third"]
    if f"{first} {second}" in table.not_names:
        return None
    start, end = match.start(), match.end("second")
    if first in table.surnames_hk and HYPHENATED.match(match["second"]):
        return end, PersonName(text[start:end], text[start : match.start("second")], "full")
    if first in table.surnames and is_given(second):
        if third and is_syllable(second) and is_syllable(third.lower()):
            end = match.end("third")
        return end, PersonName(text[start:end], text[start : match.start("second")], "full")
    if text[match.end("first")] != " ":
        return None
    if second in table.surnames and is_given(first) and first not in table.places:
        return end, PersonName(text[start:end], "", "full")
    if first in table.given and not table.body_after.match(text, match.start("second") - 1):
        return end, PersonName(text[start:end], "", "full")
    return None


def _joined(text: str, end: int, start: int) -> bool:
    return 0 < start - end <= JOINED_SIZE and JOINED.fullmatch(text, end, start) is not None
