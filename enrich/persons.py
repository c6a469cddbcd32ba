"""Names of natural persons who are subjects, and their masking to the surname.

    names = find_persons("犯罪嫌疑人李小强被抓获。", knowledge)     # [PersonName("李小强", "李", "full")]
    mask("李小强说……", names)                                     # 李某某说……

A name is found where a cue stands beside it, and is then masked wherever it stands in the text. The mask is as long as
what it hides. Officials who announce something, authors and lawyers are no subjects. In doubt a name is masked: a word
too many is hidden rather than a person shown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from enrich.catalogue import Knowledge
from enrich.normalise import normalise
from enrich.phrases import Phrases
from netdocket.errors import KnowledgeError

Form = Literal["full", "part", "anonymous"]
HAN = "\u3400-\u9fff"
ANONYMOUS = re.compile(rf"(?P<surname>[{HAN}]{{1,2}})(?P<mou>某{{1,2}})")
DOTTED = re.compile(rf"(?P<left>[{HAN}]{{1,12}})(?P<right>(?:·[{HAN}]{{1,8}}){{1,3}})")
TIME_OR_PLACE_AFTER = re.compile(r"[日月年天地处个种些省市县区镇村街局委部网校院店厂所台站报群]")
BODY = "公司|集团|医院|学校|大学|学院|中学|小学|幼儿园|银行|酒店|宾馆|平台|网站|机构|企业|单位|中心|协会|超市|商场|小区|项目|店"
WORD_EN = r"[A-Z][a-z]+(?:['-]?[A-Za-z][a-z]*)?"
NAME_EN = re.compile(
    rf"(?<![A-Za-z])(?P<first>{WORD_EN})\s(?P<second>{WORD_EN})(?:\s(?P<third>[A-Z][a-z]+))?(?![A-Za-z])"
)
SYLLABLES = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v|ü)){1,4}$"
)
REPEATED_WITHIN = 3000  # characters either way
SENTENCE_END = re.compile(r"[。！？；\n]")


class PersonName(NamedTuple):
    """A name as printed, the part of it that stays visible, and its form: in full, in part (李某强), anonymous (李某)."""

    name: str
    surname: str
    form: Form

    @property
    def masked(self) -> str:
        """The name masked to the surname, at the same length."""
        rest = self.name[len(self.surname) :]
        hidden = "".join(c if c in " ·-'" else ("某" if "\u3400" <= c <= "\u9fff" else "X") for c in rest)
        return self.surname + hidden


@dataclass(frozen=True, eq=False)
class PersonTable:
    """What persons.yaml says, compiled."""

    surnames: frozenset[str]
    compounds: frozenset[str]
    wordlike: frozenset[str]
    boundary: frozenset[str]
    stops: tuple[str, ...]
    body_after: re.Pattern[str]
    body_after_any: re.Pattern[str]
    weak_after: frozenset[str]
    closing: frozenset[str]
    cues: Phrases[str]
    after: re.Pattern[str]
    surnames_en: frozenset[str]
    before_en: re.Pattern[str]
    after_en: re.Pattern[str]
    verbs_en: re.Pattern[str]
    not_names_en: frozenset[str]
    places: frozenset[str]
    measures: Phrases[str]


def find_persons(text: str, knowledge: Knowledge) -> list[PersonName]:
    """The names of natural persons who are subjects, each once, in the order of the text. Linear in the text."""
    table = person_table(knowledge)
    text = normalise(text)
    found = {name.name: name for name in _full_chinese(text, table)}
    for name in (*_anonymous(text, table), *_english(text, table)):
        found.setdefault(name.name, name)
    seen = {name.name: name for _, _, name in occurrences(text, found.values())}
    return list((seen | found).values())


def occurrences(text: str, names: Iterable[PersonName]) -> list[tuple[int, int, PersonName]]:
    """Where the names stand in a text: (start, end, name), left to right, none overlapping another."""
    by_name = {name.name: name for name in names}
    if not by_name:
        return []
    folded = normalise(text)
    listed = list(by_name)
    automaton = _names(tuple(listed))
    out: list[tuple[int, int, PersonName]] = []
    for index, start, end in automaton.find_matches_as_indexes(folded):
        name = listed[index]
        if name[0].isascii() and (folded[start - 1 : start].isalnum() or folded[end : end + 1].isalnum()):
            continue
        out.append((start, end, by_name[name]))
    return out


@lru_cache(maxsize=4)
def _names(listed: tuple[str, ...]) -> AhoCorasick:
    """The matcher for names; one bulletin is looked through for the same ones several times."""
    return AhoCorasick(listed, matchkind=MatchKind.LeftmostLongest)


def mask(text: str, names: Iterable[PersonName]) -> str:
    """`text` with every name masked to its surname, at the same length. Masking again changes nothing."""
    parts: list[str] = []
    last = 0
    for start, end, name in occurrences(text, names):
        parts += [text[last:start], text[start : start + len(name.surname)], name.masked[len(name.surname) :]]
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
        if len(mou) == 1 and rest and "\u3400" <= rest <= "\u9fff" and rest not in table.boundary:
            following = text[end + 1 : end + 2]
            if not following or not "\u3400" <= following <= "\u9fff" or following in table.boundary:
                given = rest
        name = surname + mou + given
        yield PersonName(name, surname, "part" if given else "anonymous")


def _ends_place(text: str, end: int, table: PersonTable) -> bool:
    """Whether a place's name ends here, so that its last character is no surname: 西安某公司."""
    return any(text[max(0, end - size) : end] in table.places for size in (2, 3, 4))


def _full_chinese(text: str, table: PersonTable) -> Iterator[PersonName]:
    cues = [cue for cue in table.cues.find(text) if "strong" in cue.values or "weak" in cue.values]
    before = [match.start() for match in table.after.finditer(text)]
    if cues or before:
        ends = [match.start() for match in SENTENCE_END.finditer(text)]
        measures = sorted(table.measures.places(text)) if cues else []
        for cue in cues:
            start, end = _sentence(ends, cue.start, len(text))
            at = cue.end
            while text[at : at + 1] in (":", "：", " ", '"') and at < end:
                at += 1
            if "strong" in cue.values:
                yield from _listed(text, at, table, strong=True)
            elif _any_within(measures, start, end):
                yield from _listed(text, at, table, strong=False)
        # A name before （男，24岁）, （时任…）, 因涉嫌…
        for position in before:
            name = _name_before(text, position, _sentence(ends, position, len(text))[0], table)
            if name is not None:
                yield name
    if "·" not in text:
        return
    for match in DOTTED.finditer(text):
        name = _dotted(text, match, table)
        if name is not None:
            yield name


def _sentence(ends: list[int], position: int, size: int) -> tuple[int, int]:
    """The sentence around a position, by the places where sentences end."""
    at = bisect_left(ends, position)
    return ends[at - 1] + 1 if at else 0, ends[at] if at < len(ends) else size


def _any_within(places: list[tuple[int, int, int]], start: int, end: int) -> bool:
    """Whether one of the places, which are in order, lies in [start, end)."""
    at = bisect_left(places, (start, 0, 0))
    while at < len(places) and places[at][0] < end:
        if places[at][1] <= end:
            return True
        at += 1
    return False


def _dotted(text: str, match: re.Match[str], table: PersonTable) -> PersonName | None:
    """A name of several parts (阿卜杜拉·买买提): from the cue before it, to what cannot belong to it."""
    left, start = match["left"], match.start()
    cues = [hit.end for hit in table.cues.find(left) if hit.end < len(left)]
    cued = bool(cues)
    begin = max([*cues, *(i + 1 for i, c in enumerate(left) if c in table.closing), len(left) - 6, 0])
    last = match["right"].rfind("·") + 1
    tail = match["right"][last:]
    size = next((i for i, c in enumerate(tail) if c in table.closing), len(tail))
    end = match.start("right") + last + size
    if size == 0 or begin >= len(left) or not (cued or table.after.match(text, end)):
        return None
    return PersonName(text[start + begin : end], left[begin], "full")


def _listed(text: str, at: int, table: PersonTable, *, strong: bool) -> Iterator[PersonName]:
    """The name at a position and those that follow it in a list."""
    for _ in range(30):
        name = _name_at(text, at, table, strong=strong)
        if name is None:
            return
        yield name
        at += len(name.name)
        if text[at : at + 1] not in ("、", "和", "与", "及"):
            return
        at += 1


def _name_at(text: str, at: int, table: PersonTable, *, strong: bool) -> PersonName | None:
    surname = text[at : at + 2] if text[at : at + 2] in table.compounds else text[at : at + 1]
    if surname not in table.surnames and surname not in table.compounds:
        return None
    if any(text.startswith(stop, at) for stop in table.stops):
        return None
    if surname in table.wordlike and not strong:
        return None
    start = at + len(surname)
    given = _given(text, at, start, table)
    if not given or given[0] in table.boundary:
        return None
    after = text[start + len(given) : start + len(given) + 1]
    if not strong and after not in table.weak_after:
        return None  # 对石油公司: no name ends here
    if any(text[at : at + size] in table.places for size in (2, 3, 4)):
        return None
    return PersonName(surname + given, surname, "full")


def _given(text: str, at: int, start: int, table: PersonTable) -> str:
    """One or two characters of a given name. The second belongs to it unless it begins what follows; where both
    readings are possible, the way the name is repeated in the text decides."""
    one, two = text[start : start + 1], text[start + 1 : start + 2]
    if not _is_han(one):
        return ""
    if not _is_han(two):
        return one
    short, long = text[at : start + 1], text[at : start + 2]
    if two in table.boundary:
        around = (max(0, at - REPEATED_WITHIN), at + REPEATED_WITHIN)
        repeated = text.count(long, *around)
        return one + two if repeated > 1 and repeated == text.count(short, *around) else one
    return one + two  # 李强驾车…: neither character ends a name for sure; three characters are likelier


def _name_before(text: str, end: int, floor: int, table: PersonTable) -> PersonName | None:
    """The full name that ends at a position; the longest of four to two characters that reads as one."""
    for size in (4, 3, 2):
        start = end - size
        if start < floor:
            continue
        printed = text[start:end]
        surname = printed[:2] if printed[:2] in table.compounds else printed[:1]
        if size == 4 and surname not in table.compounds:
            continue
        if surname not in table.surnames and surname not in table.compounds:
            continue
        given = printed[len(surname) :]
        if (
            not 1 <= len(given) <= 2
            or not all(map(_is_han, given))
            or "某" in given
            or given in ("等人", "等")
        ):
            continue
        if size == 3 and text[start + 1] in table.surnames and given[0] in "和与及对、":
            continue
        bracketed = text[end : end + 1] in "(，,、"
        if any(printed.startswith(stop) for stop in table.stops) or (
            surname in table.wordlike and not bracketed
        ):
            continue
        # 对王强（男…: the character before the surname may itself be a surname.
        if surname in table.wordlike and size == 3 and text[start + 1] in table.surnames:
            continue
        return PersonName(printed, surname, "full")
    return None


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" and character != "某"


def _english(text: str, table: PersonTable) -> Iterator[PersonName]:
    for match in NAME_EN.finditer(text):
        name = _english_name(match, table)
        if name is None:
            continue
        cued = (
            table.before_en.search(text, max(0, match.start() - 14), match.start()) is not None
            or table.after_en.match(text, match.end("second")) is not None
            or table.verbs_en.search(text, max(0, match.start() - 14), match.start()) is not None
        )
        if cued:
            yield name
            given = name.name[len(name.surname) :].strip()
            if len(given) >= 5:  # Xiaoqiang standing alone later on
                yield PersonName(given, "", "full")


def _english_name(match: re.Match[str], table: PersonTable) -> PersonName | None:
    """Surname and given name in pinyin, either way round."""
    first, second = match["first"], match["second"]
    if first not in table.surnames_en and second not in table.surnames_en:
        return None
    printed = f"{first} {second}"
    if printed in table.not_names_en:
        return None
    if first in table.surnames_en and SYLLABLES.match(second.lower().replace("-", "").replace("'", "")):
        return PersonName(printed, f"{first} ", "full")
    if second in table.surnames_en and SYLLABLES.match(first.lower().replace("-", "").replace("'", "")):
        return PersonName(printed, "", "full")
    return None


def _body(excluded: Iterable[str]) -> re.Pattern[str]:
    """The rest of the name of a firm or body, without the characters excluded."""
    return re.compile(rf"[^\s，。；、,;:：()《》{''.join(excluded)}]{{0,14}}?(?:{BODY})")


@lru_cache(maxsize=8)
def person_table(knowledge: Knowledge) -> PersonTable:
    """The compiled lists. Raises KnowledgeError naming the key that is missing."""
    data = knowledge.tables.get("persons")
    if data is None:
        raise KnowledgeError("is missing", where="persons.yaml")

    def listed(key: str) -> tuple[str, ...]:
        value: Any = data.get(key)
        if isinstance(value, str):
            return tuple("".join(value.split()))
        if not isinstance(value, tuple) or not all(isinstance(v, str) for v in value):
            raise KnowledgeError("is neither a text nor a list of texts", where=f"persons.yaml {key}")
        return value

    def either(words: tuple[str, ...]) -> str:
        return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

    cues = [(cue, "strong") for cue in listed("strong_before_zh")]
    cues += [(cue, "weak") for cue in listed("weak_before_zh")]
    cues += [(cue, "none") for cue in listed("not_subjects_zh")]
    penalties = knowledge.tables["taxonomy"]["penalty_types"]
    places = {name for entry in knowledge.divisions.values() for name in (entry.zh_short, entry.zh)}
    return PersonTable(
        surnames=frozenset(listed("surnames_zh")),
        compounds=frozenset(listed("compound_zh")),
        wordlike=frozenset(listed("wordlike_zh")),
        boundary=frozenset(listed("boundary_zh")),
        stops=listed("stop_zh"),
        body_after=_body(listed("boundary_zh")),
        body_after_any=_body(listed("closing_zh")),
        weak_after=frozenset(listed("weak_after_zh")),
        closing=frozenset(listed("closing_zh")),
        cues=Phrases(cues),
        after=re.compile(either(listed("after_zh"))),
        surnames_en=frozenset(listed("surnames_en")),
        before_en=re.compile(rf"(?<![A-Za-z])(?:{either(listed('before_en'))})\s$"),
        after_en=re.compile(rf"\s?(?:{either(listed('after_en'))})|,?\s(?:a|an)\s\d{{1,2}}[- ]year"),
        verbs_en=re.compile(rf"(?<![A-Za-z])(?:{either(listed('verbs_en'))})\s$"),
        not_names_en=frozenset(listed("not_names_en")),
        places=frozenset(places),
        measures=Phrases((cue, p["code"]) for p in penalties for cue in p.get("cues_zh", ())),
    )
