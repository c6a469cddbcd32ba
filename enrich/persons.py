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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from enrich.catalogue import Knowledge
from enrich.needed import lowered
from enrich.normalise import normalise
from enrich.person_names import PersonName
from enrich.persons_en import EnglishTable, english_names, english_table
from enrich.phrases import Hit, Phrases
from netdocket.errors import KnowledgeError

__all__ = ["PersonName", "PersonTable", "find_persons", "mask", "occurrences", "person_table"]
HAN = "\u3400-\u9fff"
ANONYMOUS = re.compile(rf"(?P<surname>[{HAN}]{{1,2}})(?P<mou>某{{1,2}})")
DOTTED = re.compile(rf"(?P<left>[{HAN}]{{1,12}})(?P<right>(?:·[{HAN}]{{1,8}}){{1,3}})")
TIME_OR_PLACE_AFTER = re.compile(r"[日月年天地处个种些省市县区镇村街局委部网校院店厂所台站报群]")
BODY = "公司|集团|医院|学校|大学|学院|中学|小学|幼儿园|银行|酒店|宾馆|平台|网站|机构|企业|单位|中心|协会|超市|商场|小区|项目|店"
REPEATED_WITHIN = 3000  # characters either way
SENTENCE_END = re.compile(r"[。！？；\n]")
FORM_SIZE = 600  # characters either way within which a form that labels a person tells of its measure
SPACED = re.compile(rf"(?P<surname>[{HAN}]) {{1,3}}(?P<given>[{HAN}])")
SPACED_RUN = re.compile(
    rf"(?=(?P<head>[{HAN}](?: {{1,3}}[{HAN}]| ?[{HAN}] {{1,3}}[{HAN}]))(?P<tail> {{0,3}}[{HAN}])?)"
)
COUNTED = re.compile(
    r"等(?:\d{1,5}|[一二三四五六七八九十百两数多]{1,4})?余?(?:[名位]|人(?![员工脸民大体物口才群社事]))"
)
ANONYMOUS_END = re.compile(rf"[{HAN}]{{1,2}}某[{HAN}]?$")


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
    places: frozenset[str]
    all_places: frozenset[str]
    words: frozenset[str]
    not_given: frozenset[str]
    given_first: frozenset[str]
    ends: frozenset[str]
    tails: frozenset[str]
    locative: frozenset[str]
    weak_after_words: tuple[str, ...]
    described: tuple[str, ...]
    after_words: AhoCorasick
    after_weak: AhoCorasick
    personal: re.Pattern[str]
    head: frozenset[str]
    measures: Phrases[str]
    english: EnglishTable


def find_persons(text: str, knowledge: Knowledge) -> list[PersonName]:
    """The names of natural persons who are subjects, each once, in the order of the text. Linear in the text."""
    table = person_table(knowledge)
    text = normalise(text)
    found = {name.name: name for name in _full_chinese(text, table)}
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
        if name[0].isascii() and (folded[start - 1 : start].isalnum() or folded[end : end + 1].isalnum()):
            continue
        out.append((start, end, by_name[name]))
    return out


@lru_cache(maxsize=4)
def _folded(text: str) -> str:
    """In lower case, line ends and tabs as spaces; one bulletin is looked through several times."""
    return lowered(text).replace("\n", " ").replace("\t", " ")


@lru_cache(maxsize=4)
def _names(listed: tuple[str, ...]) -> AhoCorasick:
    """The matcher for names; one bulletin is looked through for the same ones several times."""
    return _longest(listed)


def _longest(words: Sequence[str]) -> AhoCorasick:
    """Finds the words exactly as given: leftmost first, of those the longest."""
    return AhoCorasick(words, matchkind=MatchKind.LeftmostLongest)


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
    hits = table.cues.find(text)
    after_names = _spans(table.after_words, text)
    after_weak = _spans(table.after_weak, text)
    counted = list(COUNTED.finditer(text)) if "等" in text else []
    dotted = list(DOTTED.finditer(text)) if "·" in text else []
    if not (hits or after_names or after_weak or counted or dotted):
        return
    ends = [match.start() for match in SENTENCE_END.finditer(text)]
    officials = {cue.end for cue in hits if "none" in cue.values}
    cues = [cue for cue in hits if "none" not in cue.values]
    measures = sorted(hit.start for hit in table.measures.find(text)) if cues else []
    for cue in cues:
        _, end = _sentence(ends, cue.start, len(text))
        at = cue.end
        while text[at : at + 1] in (":", "：", " ", '"', "\t") and at < end:
            at += 1
        labelled = any(c in ":：\t" for c in text[cue.end : at])
        if "strong" in cue.values:
            yield from _listed(text, at, table, strong=True)
        elif "taken" in cue.values or _any_within(measures, *_reach(text, cue, ends, labelled=labelled)):
            yield from _listed(text, at, table, strong=False, labelled=labelled)
    # A name before （男，24岁）, （时任…）, 因涉嫌…
    for start, end in after_names:
        name = _name_before(text, start, _sentence(ends, start, len(text))[0], table)
        if name is not None and not _is_where(text, start, end, len(name.name), table):
            yield name
    for start, _ in after_weak:
        yield from _at_head(text, start, ends, table)
    for count in counted:
        floor, _ = _sentence(ends, count.start(), len(text))
        start, names = _listed_before(text, count.start(), floor, table)
        if start not in officials:
            yield from names
    for match in dotted:
        name = _dotted(text, match, table)
        if name is not None:
            yield name


def _spans(words: AhoCorasick, text: str) -> list[tuple[int, int]]:
    """Where the words stand, the longest at each place, none overlapping another."""
    return [(start, end) for _, start, end in words.find_matches_as_indexes(text)]


def _sentence(ends: list[int], position: int, size: int) -> tuple[int, int]:
    """The sentence around a position, by the places where sentences end."""
    at = bisect_left(ends, position)
    return ends[at - 1] + 1 if at else 0, ends[at] if at < len(ends) else size


def _reach(text: str, cue: Hit[str], ends: list[int], *, labelled: bool) -> tuple[int, int]:
    """Where a measure must be told for a weak cue to count."""
    start, end = _sentence(ends, cue.start, len(text))
    if labelled:
        return cue.start - FORM_SIZE, cue.end + FORM_SIZE
    if "beside" in cue.values:
        return start, end
    before, _ = _sentence(ends, max(0, start - 1), len(text))
    _, after = _sentence(ends, min(len(text), end + 1), len(text))
    return before, after


def _any_within(places: list[int], start: int, end: int) -> bool:
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def _is_where(text: str, start: int, end: int, size: int, table: PersonTable) -> bool:
    """Whether what stands before a cue says where: 在某地被抓获, not 在某人被抓获后."""
    before = text[start - size - 1 : start - size]
    return before in table.locative and text[end : end + 1] not in tuple("后时之前的")


def _at_head(text: str, end: int, ends: list[int], table: PersonTable) -> Iterator[PersonName]:
    """The name that takes up a clause, or what stands behind 的, up to a weak cue: 对违法的王小强予以行政拘留."""
    floor, ceiling = _sentence(ends, end, len(text))
    for size in (3, 2, 4):
        start = end - size
        if start < floor or (start > floor and text[start - 1] not in table.head):
            continue
        name = _name_before(text, end, start, table)
        if name is not None and len(name.name) == size and table.personal.search(text, end, ceiling):
            yield name
        return


def _listed_before(text: str, end: int, floor: int, table: PersonTable) -> tuple[int, list[PersonName]]:
    """The names of a list, from the last one back, and where it starts: 张三、李四等5人."""
    names: list[PersonName] = []
    for _ in range(30):
        name = _name_before(text, end, floor, table)
        anonymous = None if name else ANONYMOUS_END.search(text, max(floor, end - 4), end)
        if name is not None:
            names.append(name)
            end -= len(name.name)
        elif anonymous is not None:
            end = anonymous.start()
        else:
            break
        if end <= floor or text[end - 1] not in "、和与及":
            break
        end -= 1
    return end, names


def _respaced(text: str, names: Iterable[PersonName]) -> Iterator[PersonName]:
    """Names found, as they are printed elsewhere with spaces between the characters, or without: 王 强, 王强."""
    tight = {
        name.name.replace(" ", ""): name for name in names if name.form == "full" and _is_han(name.name[0])
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


def _listed(
    text: str, at: int, table: PersonTable, *, strong: bool, labelled: bool = False
) -> Iterator[PersonName]:
    """The name at a position and those that follow it in a list."""
    for _ in range(30):
        name = _name_at(text, at, table, strong=strong, labelled=labelled)
        if name is None:
            return
        yield name
        at += len(name.name)
        if text[at : at + 1] not in ("、", "和", "与", "及"):
            spaced = re.compile("[,，] ?").match(text, at) if SPACED.match(name.name) else None
            if spaced is None or SPACED.match(text, spaced.end()) is None:
                return
            at = spaced.end()
            continue
        at += 1


def _name_at(
    text: str, at: int, table: PersonTable, *, strong: bool, labelled: bool = False
) -> PersonName | None:
    surname = text[at : at + 2] if text[at : at + 2] in table.compounds else text[at : at + 1]
    if surname not in table.surnames and surname not in table.compounds:
        return None
    if any(text.startswith(stop, at) for stop in table.stops):
        return None
    spaced = SPACED.match(text, at)
    if spaced is not None:
        after = text[spaced.end() : spaced.end() + 1]
        if _ends_name(after, table) and spaced["given"] not in table.boundary:
            return PersonName(spaced[0], surname, "full")
        return None
    start = at + len(surname)
    given = _given(text, at, start, table)
    if given and given[0] in table.boundary:
        given = _given_of_boundary(text, start, table)
    if not given:
        return None
    end = start + len(given)
    closed = not text[end : end + 1].strip() or text[end] in "。；，、,;()（）"
    if surname in table.wordlike and not strong and not (labelled and closed):
        return None
    if _is_word(text, at, end, surname, table):
        return None
    if not strong and not (
        text[end : end + 1] in table.weak_after
        or (closed and labelled)
        or text.startswith(table.weak_after_words, end)
    ):
        return None  # 对石油公司: no name ends here
    if _is_place(text, at, end, table) and not text.startswith(table.described, end):
        return None
    return PersonName(surname + given, surname, "full")


def _ends_name(after: str, table: PersonTable) -> bool:
    return not _is_han(after) or after in table.boundary or after in table.weak_after


def _is_word(text: str, start: int, end: int, surname: str, table: PersonTable) -> bool:
    """Whether what reads as a name is a word or begins with one that goes on: 程序, 严重违|反."""
    printed = text[start:end]
    if printed in table.words or printed[len(surname) :] in table.not_given:
        return True
    return printed[:2] in table.words and len(printed) > 2 and not _ends_name(text[end : end + 1], table)


def _is_place(text: str, start: int, end: int, table: PersonTable) -> bool:
    """Whether a name would begin with that of a place, or with the rest of one: 石家庄, 沈阳站, 乌|鲁木齐. A surname that
    is followed by a place's name may well be a person's (王海南), and so may a small place's that goes on (白云飞)."""
    for first in range(max(0, start - 4), start + 1):
        for size in range(max(2, start - first + 1), 6):
            name = text[first : first + size]
            if name not in table.all_places:
                continue
            longer = first == start and end - start > size and name not in table.places
            if not longer or TIME_OR_PLACE_AFTER.match(text, start + size):
                return True
    return False


def _given(text: str, at: int, start: int, table: PersonTable) -> str:
    """One or two characters of a given name. The second belongs to it unless it begins what follows; where both
    readings are possible, the way the name is repeated in the text decides."""
    one, two = text[start : start + 1], text[start + 1 : start + 2]
    if not _is_han(one):
        return ""
    if not _is_han(two) or text[start + 1 : start + 3] in table.places:
        return one  # 王强南京市…
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
        if text[start - 1 : start + 1] in table.tails:
            continue
        if given[:1] in table.boundary and given[:1] not in table.given_first:
            continue
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
        if _is_word(text, start, end, surname, table):
            continue
        if _is_place(text, start, end, table) and not text.startswith(table.described, end):
            continue
        # 对王强（男…: the character before the surname may itself be a surname.
        if surname in table.wordlike and size == 3 and text[start + 1] in table.surnames:
            continue
        return PersonName(printed, surname, "full")
    return None


def _given_of_boundary(text: str, start: int, table: PersonTable) -> str:
    """A given name whose first character could also begin what follows (王建国被…, not 王建立了…): only where a name
    clearly ends behind it."""
    if text[start] not in table.given_first or text[start : start + 2] in table.not_given:
        return ""
    for size in (2, 1):
        given, after = text[start : start + size], text[start + size : start + size + 1]
        if all(map(_is_han, given)) and len(given) == size and (not _is_han(after) or after in table.ends):
            return given if size == 1 or given[1] not in table.boundary else given[0]
    return ""


def _is_han(character: str) -> bool:
    return bool(character) and "\u3400" <= character <= "\u9fff" and character != "某"


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
    cues += [(cue, "beside") for cue in listed("weak_beside_zh")]
    cues += [(cue, "taken") for cue in listed("taken_before_zh")]
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
        places=frozenset(places),
        all_places=frozenset(places) | frozenset(listed("places_zh")),
        words=frozenset(listed("words_zh")),
        not_given=frozenset(listed("not_given_zh")),
        given_first=frozenset(listed("given_first_zh")),
        ends=frozenset(listed("ends_zh")),
        tails=frozenset(listed("tails_zh")),
        locative=frozenset(listed("locative_zh")),
        weak_after_words=listed("weak_after_words_zh"),
        described=listed("described_zh"),
        after_words=_longest(listed("after_zh")),
        after_weak=_longest(listed("after_weak_zh")),
        personal=re.compile(either(listed("personal_zh"))),
        head=frozenset(listed("head_zh")),
        english=english_table(listed, either, frozenset(e.en for e in knowledge.divisions.values())),
        measures=Phrases((cue, p["code"]) for p in penalties for cue in p.get("cues_zh", ())),
    )
