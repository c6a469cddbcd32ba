"""Full Chinese names that a sentence or a heading tells of, without a word beside them that marks a subject.

    经查，袁强趁离职之机登录后台    对网络中心主任王涛处1万元罚款    案例四：许昌宋小红网络违法案

A name is read where a clause begins, behind a word that leads to a person (查明, 网民), behind a post (主任) whose holder
is punished, and behind a place at the head of the title of a case. Its given name must consist of characters usual in
given names, and what follows must be able to follow a name. Who is named as an official or a reporter is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from enrich.person_names import PersonName

HAN = "\u3400-\u9fff"
CASE = re.compile(rf"(?<![{HAN}])(?P<told>[{HAN}]{{4,30}})案(?![{HAN}])")
MEASURE_WITHIN = 1500  # characters either way of a name at the head of a clause
LIST_REACH = 40  # characters behind a list of names in which the measure stands
POST_REACH = 12  # characters from a name in a list to the post of the next
LISTED = 12


@dataclass(frozen=True, eq=False)
class ToldTable:
    """What persons.yaml says of such names, compiled. `surnames` with the compound ones; `first`, `last`: characters of
    given names, the last ones without those that begin what follows; `follow`, `measured`: what stands behind a name of
    one who acts, is punished; `goes_on`: what says that it was no name; `never`: surnames that are words first."""

    surnames: frozenset[str]
    first: frozenset[str]
    last: frozenset[str]
    follow: re.Pattern[str]
    measured: re.Pattern[str]
    goes_on: re.Pattern[str]
    heads: re.Pattern[str]
    spaced: re.Pattern[str]
    led: AhoCorasick
    posts: AhoCorasick
    officials: re.Pattern[str]
    bodies: re.Pattern[str]
    never: frozenset[str]
    words: frozenset[str]
    places: frozenset[str]


def told_table(
    listed: Callable[[str], tuple[str, ...]],
    either: Callable[[tuple[str, ...]], str],
    *,
    boundary: frozenset[str],
    body: str,
    places: frozenset[str],
) -> ToldTable:
    """Compiled from the lists of persons.yaml (`listed`) by alternation (`either`)."""
    given = frozenset(listed("given_zh"))
    last = "".join(sorted(given - boundary))
    head = rf"(?:(?<=[^{HAN}A-Za-z0-9·《“\"「『‘'\t])|^)"
    single, compound = "".join(listed("surnames_zh")), either(listed("compound_zh"))
    first = "".join(sorted(given | set(listed("given_first_zh"))))
    after = boundary | set(listed("follow_zh"))
    follow, inside = "".join(sorted(after)), "".join(sorted(after - set("网公上")))
    return ToldTable(
        surnames=frozenset(listed("surnames_zh")) | frozenset(listed("compound_zh")),
        first=frozenset(first),
        last=frozenset(last),
        follow=re.compile(rf"[{re.escape(follow)}]|{either(listed('follow_words_zh'))}"),
        measured=re.compile(either(listed("measured_zh"))),
        goes_on=re.compile(
            rf"{either(listed('says_zh') + listed('goes_on_zh'))}|[^\s，。；、,;:：()《》某{re.escape(inside)}]{{0,14}}?(?:有限|股份|{body})"
        ),
        heads=re.compile(rf"{head}(?:[{single}][{first}]|{compound})"),
        spaced=re.compile(rf"{head}[{single}] {{1,3}}[{last}](?=[{re.escape(follow)}])"),
        led=AhoCorasick(listed("led_zh"), matchkind=MatchKind.LeftmostLongest),
        posts=AhoCorasick(listed("posts_zh"), matchkind=MatchKind.LeftmostLongest),
        officials=re.compile(rf"(?:{either(listed('not_subjects_zh'))})[:： ]?"),
        bodies=re.compile(body),
        never=frozenset(listed("never_zh")),
        words=frozenset(listed("words_zh")) | frozenset(listed("not_names_zh")),
        places=places,
    )


def told_names(text: str, table: ToldTable, measures: list[int]) -> Iterator[PersonName]:
    """The names in a normalised text; `measures`: where measures are told, in order. Linear in the text."""
    named = list(_punished(text, table, measures))
    sure = {name.name for name in named}
    yield from named
    in_office = {
        name.name
        for match in table.officials.finditer(text)
        if (name := _name_at(text, match.end(), table, None)) is not None
    } - sure
    for name in (*_acting(text, table, measures), *_in_titles(text, table)):
        if name.name not in in_office:
            yield name


def _punished(text: str, table: ToldTable, measures: list[int]) -> Iterator[PersonName]:
    """Holders of a post, and those listed with them, whom a measure follows: 主任王涛、经理李强各处1万元罚款."""
    listed: list[PersonName] = []
    last = 0
    for _, start, end in table.posts.find_matches_as_indexes(text):
        at = end + (text[end : end + 1] in (":", "："))
        if start - last > POST_REACH:
            listed = []
        before = len(listed)
        while len(listed) < LISTED and (name := _name_at(text, at, table, None)) is not None:
            listed.append(name)
            at += len(name.name)
            if text[at : at + 1] not in ("、", "和", "及", "与"):
                break
            at += 1
        if len(listed) == before:
            continue
        beside = bisect_left(measures, at)
        told = table.measured.match(text, at) is not None or (
            len(listed) - before > 1 and beside < len(measures) and measures[beside] < at + LIST_REACH
        )
        if told:
            yield from listed
        goes_on = text[at - 1] in "、和及与"
        listed, last = (listed, at) if goes_on and not told else ([], 0)


def _acting(text: str, table: ToldTable, measures: list[int]) -> Iterator[PersonName]:
    """Names that begin a clause or stand behind a word that leads to a person."""
    if not measures:
        return
    starts = [match.start() for match in table.heads.finditer(text)]
    starts += [end for _, _, end in table.led.find_matches_as_indexes(text)]
    spaced = [(match.start(), match.end()) for match in table.spaced.finditer(text)]
    named = [PersonName(text[start:end], text[start], "full") for start, end in spaced]
    told = [(start, _name_at(text, start, table, table.follow)) for start in starts]
    for start, name in (*told, *zip((start for start, _ in spaced), named, strict=True)):
        if name is None or name.surname in table.never or table.goes_on.match(text, start + len(name.name)):
            continue
        near = bisect_left(measures, start - MEASURE_WITHIN)
        if near < len(measures) and measures[near] < start + MEASURE_WITHIN:
            yield name


def _in_titles(text: str, table: ToldTable) -> Iterator[PersonName]:
    """Names at the head of the title of a case, or behind places there: 江苏南京张小强网络违法案."""
    for match in CASE.finditer(text):
        at, end = match.start(), match.end()
        if table.bodies.search(text, at, end):
            continue
        for _ in range(3):
            size = next((size for size in (5, 4, 3, 2) if text[at : at + size] in table.places), 0)
            name = _name_at(text, at, table, table.follow)
            if name is not None and not size:
                yield name
                break
            if not size:
                break
            at += size


def _name_at(text: str, at: int, table: ToldTable, follow: re.Pattern[str] | None) -> PersonName | None:
    """The name at a position; `follow`: what has to stand behind it."""
    surname = text[at : at + 2] if text[at : at + 2] in table.surnames else text[at : at + 1]
    if surname not in table.surnames or text[at : at + 3] in table.words:
        return None
    wordlike = text[at : at + 2] in table.words
    if wordlike and follow is not None:
        return None
    if any(text[at : at + size] in table.places for size in (5, 4, 3, 2)):
        return None
    start = at + len(surname)
    for size in (2, 1):
        given, end = text[start : start + size], start + size
        if (
            (wordlike and size == 1)
            or len(given) < size
            or given[0] not in table.first
            or given[-1] not in table.last
        ):
            continue
        if follow is not None and not follow.match(text, end):
            continue
        if follow is None and size == 1 and text[end : end + 1] in table.last and not _ends(text, end, table):
            continue
        if follow is None and size == 2 and not _ends(text, end, table) and _ends(text, end - 1, table):
            continue
        return PersonName(surname + given, surname, "full")
    return None


def _ends(text: str, end: int, table: ToldTable) -> bool:
    """Whether a name may end here by what follows."""
    after = text[end : end + 1]
    return (
        not ("\u3400" <= after <= "\u9fff")
        or table.follow.match(text, end) is not None
        or (table.measured.match(text, end) is not None)
    )
