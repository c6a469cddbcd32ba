"""Full Chinese names of natural persons, found by the cues beside them: before a name, after it, around a list of names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick

from enrich.person_names import PersonName
from enrich.person_table import PersonTable
from enrich.persons_told import told_names
from enrich.phrases import Hit

HAN = "\u3400-\u9fff"
DOTTED = re.compile(rf"(?P<left>[{HAN}]{{1,12}})(?P<right>(?:·[{HAN}]{{1,8}}){{1,3}})")
TIME_OR_PLACE_AFTER = re.compile(r"[日月年天地处个种些省市县区镇村街局委部网校院店厂所台站报群]")
REPEATED_WITHIN = 3000  # characters either way
SENTENCE_END = re.compile(r"[。！？；\n]")
FORM_SIZE = 600  # characters either way within which a form that labels a person tells of its measure
SPACED = re.compile(rf"(?P<surname>[{HAN}]) {{1,3}}(?P<given>[{HAN}])")
COUNTED = re.compile(
    r"等(?:\d{1,5}|[一二三四五六七八九十百两数多]{1,4})?余?(?:[名位]|人(?![员工脸民大体物口才群社事]))"
)
ANONYMOUS_END = re.compile(rf"[{HAN}]{{1,2}}某[{HAN}]?$")


def full_names(text: str, table: PersonTable) -> Iterator[PersonName]:
    """The names in a normalised text. Linear in the text."""
    hits = table.cues.find(text)
    after_names = _spans(table.after_words, text)
    after_weak = _spans(table.after_weak, text)
    counted = list(COUNTED.finditer(text)) if "等" in text else []
    dotted = list(DOTTED.finditer(text)) if "·" in text else []
    ends = [match.start() for match in SENTENCE_END.finditer(text)]
    officials = {cue.end for cue in hits if "none" in cue.values}
    cues = [cue for cue in hits if "none" not in cue.values]
    measures = sorted(hit.start for hit in table.measures.find(text))
    personal = [match.start() for match in table.personal.finditer(text)]
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
        yield from _at_head(text, start, ends, personal, table)
    for count in counted:
        floor, _ = _sentence(ends, count.start(), len(text))
        start, names = _listed_before(text, count.start(), floor, table)
        if start not in officials:
            yield from names
    for match in dotted:
        name = _dotted(text, match, table)
        if name is not None:
            yield name
    yield from told_names(text, table.told, sorted([*measures, *personal]))


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


def _at_head(
    text: str, end: int, ends: list[int], personal: list[int], table: PersonTable
) -> Iterator[PersonName]:
    """The name that takes up a clause, or what stands behind 的, up to a weak cue: 对违法的王小强予以行政拘留."""
    floor, ceiling = _sentence(ends, end, len(text))
    for size in (3, 2, 4):
        start = end - size
        if start < floor or (start > floor and text[start - 1] not in table.head):
            continue
        name = _name_before(text, end, start, table)
        if name is not None and len(name.name) == size and _any_within(personal, end, ceiling):
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


def _dotted(text: str, match: re.Match[str], table: PersonTable) -> PersonName | None:
    """A name of several parts (阿卜杜拉·买买提): from the cue before it, to what cannot belong to it."""
    left, start = match["left"], match.start()
    cues = [hit.end for hit in table.cues.find(left) if hit.end < len(left)]
    cued = bool(cues)
    begin = max([*cues, *(i + 1 for i, c in enumerate(left) if c in table.closing), len(left) - 6, 0])
    last = match["right"].rfind("·") + 1
    tail = match["right"][last:]
    size = next((i for i, c in enumerate(tail) if c in table.dotted_end), len(tail))
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
    return not is_han(after) or after in table.boundary or after in table.weak_after


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
    if not is_han(one):
        return ""
    if not is_han(two) or text[start + 1 : start + 3] in table.places:
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
            or not all(map(is_han, given))
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
        if (
            surname in table.wordlike
            and size == 3
            and given[0] in table.surnames
            and is_han(text[start - 1 : start])
        ):
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
        if (
            all(map(is_han, given))
            and len(given) == size
            and (
                not is_han(after)
                or after in table.ends
                or (size == 2 and given[1] in table.told.last and after in table.boundary)
            )
        ):
            return given if size == 1 or given[1] not in table.boundary else given[0]
    return ""


def is_han(character: str) -> bool:
    return bool(character) and "\u3400" <= character <= "\u9fff" and character != "某"
