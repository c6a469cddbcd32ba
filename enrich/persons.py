"""Names of natural persons who are subjects, and their masking to the surname.

    names = find_persons("犯罪嫌疑人李小强被抓获。", knowledge)     # [PersonName("李小强", "李", "full")]
    mask("李小强说……", names)                                     # 李某某说……

A name is found where a cue stands beside it, and is then masked wherever it stands in the text. The mask is as long as
what it hides. Officials who announce something, authors and lawyers are no subjects. In doubt a name is masked: a word
too many is hidden rather than a person shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from enrich.catalogue import Knowledge
from enrich.needed import lowered
from enrich.normalise import normalise
from enrich.person_names import PersonName
from enrich.person_table import PersonTable, person_table
from enrich.persons_en import english_names
from enrich.persons_zh import HAN, TIME_OR_PLACE_AFTER, full_names, is_han

__all__ = ["PersonName", "PersonTable", "find_persons", "mask", "occurrences", "person_table"]

ANONYMOUS = re.compile(rf"(?P<surname>[{HAN}]{{1,2}})(?P<mou>某{{1,2}})")
SPACED_RUN = re.compile(
    rf"(?=(?P<head>[{HAN}](?: {{1,3}}[{HAN}]| ?[{HAN}] {{1,3}}[{HAN}]))(?P<tail> {{0,3}}[{HAN}])?)"
)


def find_persons(text: str, knowledge: Knowledge) -> list[PersonName]:
    """The names of natural persons who are subjects, each once, in the order of the text. Linear in the text."""
    table = person_table(knowledge)
    text = normalise(text)
    found = {name.name: name for name in full_names(text, table)}
    for name in (*_anonymous(text, table), *english_names(text, table.english)):
        found.setdefault(name.name, name)
    for name in _respaced(text, found.values()):
        found.setdefault(name.name, name)
    seen = {name.name: name for _, _, name in occurrences(text, found.values())}
    return list((seen | found).values())


def occurrences(text: str, names: Iterable[PersonName]) -> list[tuple[int, int, PersonName]]:
    """Where the names stand in a text: (start, end, name), left to right, none overlapping another. Latin letters match
    in capitals or not."""
    by_name = {_folded(name.name): name for name in names}
    if not by_name:
        return []
    folded = _folded(normalise(text))
    listed = list(by_name)
    automaton = _names(tuple(listed))
    out: list[tuple[int, int, PersonName]] = []
    for index, start, end in automaton.find_matches_as_indexes(folded):
        name = listed[index]
        if name[0].isascii() and (_is_latin(folded[start - 1 : start]) or _is_latin(folded[end : end + 1])):
            continue
        out.append((start, end, by_name[name]))
    return out


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


@lru_cache(maxsize=4)
def _folded(text: str) -> str:
    """In lower case, line ends and tabs as spaces; one bulletin is looked through several times."""
    return lowered(text).replace("\n", " ").replace("\t", " ")


@lru_cache(maxsize=4)
def _names(listed: tuple[str, ...]) -> AhoCorasick:
    """The matcher for names; one bulletin is looked through for the same ones several times."""
    return AhoCorasick(listed, matchkind=MatchKind.LeftmostLongest)


def forget() -> None:
    """Keep no text and no names in memory."""
    _folded.cache_clear()
    _names.cache_clear()


def mask(text: str, names: Iterable[PersonName]) -> str:
    """`text` with every name masked to its surname, at the same length. Masking again changes nothing."""
    parts: list[str] = []
    last = 0
    for start, end, name in occurrences(text, names):
        hidden = (
            own if was == shown else shown
            for own, was, shown in zip(text[start:end], name.name, name.masked, strict=True)
        )
        parts += [text[last:start], *hidden]
        last = end
    return "".join([*parts, text[last:]])


def _anonymous(text: str, table: PersonTable) -> Iterator[PersonName]:
    """张某, 张某某, 李某强 (the last character is hidden as well)."""
    if "某" not in text:
        return
    for match in ANONYMOUS.finditer(text):
        surname, start = match["surname"], match.start()
        if len(surname) == 2 and surname not in table.compounds:
            surname, start = surname[1], start + 1
        if surname not in table.surnames and surname not in table.compounds:
            continue
        mou, end = match["mou"], match.end()
        rest = text[end : end + 1]
        wordlike = surname in table.wordlike or _ends_place(text, start + len(surname), table)
        body = table.body_after_any if wordlike else table.body_after
        if body.match(text, end) or (wordlike and TIME_OR_PLACE_AFTER.match(text, end)):
            continue
        given = ""
        if (
            len(mou) == 1
            and rest
            and "\u3400" <= rest <= "\u9fff"
            and rest not in table.boundary
            and not text.startswith(table.begins, end)
        ):
            following = text[end + 1 : end + 2]
            if not following or not "\u3400" <= following <= "\u9fff" or following in table.boundary:
                given = rest
        name = surname + mou + given
        yield PersonName(name, surname, "part" if given else "anonymous")


def _ends_place(text: str, end: int, table: PersonTable) -> bool:
    """Whether a place's name ends here, so that its last character is no surname: 西安某公司."""
    return any(text[max(0, end - size) : end] in table.places for size in (2, 3, 4))


def _respaced(text: str, names: Iterable[PersonName]) -> Iterator[PersonName]:
    """Names found, as they are printed elsewhere with spaces between the characters, or without: 王 强, 王强."""
    tight = {
        name.name.replace(" ", ""): name for name in names if name.form == "full" and is_han(name.name[0])
    }
    for printed, name in tight.items():
        if printed != name.name:
            yield PersonName(printed, name.surname, "full")
    if not tight:
        return
    for match in SPACED_RUN.finditer(text):
        for printed in (match["head"], match["head"] + (match["tail"] or "")):
            known = tight.get(printed.replace(" ", ""))
            if known is not None:
                yield PersonName(printed, known.surname, "full")
