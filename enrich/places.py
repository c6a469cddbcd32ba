"""Places: the divisions that a text names, in Chinese and English, and the one place that a passage is about.

A full name (南京市) counts anywhere; a short one (芜湖) before an organ, a firm or 某, or after its province, since many
are words or other names too. An English name that several divisions share (Suzhou, Yichun) needs its province nearby;
without it the prefecture is left out. Districts and counties are no prefectures: 朝阳区 is not 朝阳市.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from enrich.catalogue import Knowledge
from enrich.divisions import Divisions, Entry
from enrich.normalise import normalise
from enrich.phrases import Hit, Phrases
from netdocket.errors import KnowledgeError
from netdocket.records import Place, Span

HAN = re.compile(r"[\u3400-\u9fff]")
BELOW_ZH = re.compile(r"(?:新?区(?!域|块|别|分|间)|县|镇|乡|街|路|大道|村|社区|河流)")
BELOW_EN = re.compile(r"\s(?:New\s)?(?:District|County|Road|Street|Township|Village)(?![A-Za-z])")
NATIONALITY_EN = (
    r"(?:\s[A-Z][a-z]+(?:-[A-Z][a-z]+)?(?:\sand)?){0,4}\sAutonomous\s(?:Prefecture|County|Region)"
)


class PlaceMention(NamedTuple):
    """A place as printed: half-open span, the codes it may mean (several: to be told apart by the province), and
    whether it is weak (a short name in running text)."""

    start: int
    end: int
    codes: tuple[str, ...]
    weak: bool
    suffixed: bool


@dataclass(frozen=True, eq=False)
class PlaceTable:
    """Names of divisions compiled for one knowledge. Values: (code, form), form full, short or former."""

    names: Phrases[tuple[str, str]]
    divisions: Divisions
    after_zh: re.Pattern[str]
    bodies_zh: re.Pattern[str]
    words_zh: frozenset[str]
    weak_en: frozenset[str]
    after_en: re.Pattern[str]
    suffix_en: re.Pattern[str]


def find_places(text: str, knowledge: Knowledge) -> list[PlaceMention]:
    """All places that a text names, left to right, weak ones included. Linear in the text."""
    table = place_table(knowledge)
    text = normalise(text)
    out: list[PlaceMention] = []
    for hit in table.names.find(text):
        mention = _read(text, hit, table, out[-1] if out else None)
        if mention is not None:
            out.append(mention)
    return out


def place_of(
    text: str, knowledge: Knowledge, *, provinces: Collection[str] = (), offset: int = 0
) -> Place | None:
    """The place that a passage (an authority's name, a subject, a sentence) is about: the first one named for sure,
    as closely as the passage says. `provinces`: codes of provinces known from around it (lead, issuer, source), which
    settle shared names. The evidence is the span of the name, moved by `offset`."""
    return settle(find_places(text, knowledge), knowledge, provinces=provinces, offset=offset)


def settle(
    mentions: Iterable[PlaceMention],
    knowledge: Knowledge,
    *,
    provinces: Collection[str] = (),
    offset: int = 0,
) -> Place | None:
    """The one place that these mentions come to; see `place_of`."""
    divisions = knowledge.divisions
    sure = [mention for mention in mentions if not mention.weak]
    named = {
        divisions[code].province for mention in sure for code in mention.codes if len(mention.codes) == 1
    }
    known = {divisions[code].province for code in provinces if code in divisions} | named
    first: tuple[PlaceMention, Entry] | None = None
    for mention in sure:
        entry = _decide(mention, divisions, known)
        if entry is None:
            continue
        if first is None:
            first = mention, entry
            if entry.level != "province":
                break
        elif entry.level != "province" and entry.province == _province(first[1], sure, divisions):
            first = PlaceMention(first[0].start, mention.end, mention.codes, False, mention.suffixed), entry
            break
    if first is None:
        return None
    mention, entry = first
    place = divisions.place(entry.code)
    return Place(
        province=place.province, prefecture=place.prefecture, county=place.county, rule="place_name",
        evidence=Span(start=mention.start + offset, end=mention.end + offset),
    )  # fmt: skip


def provinces_of(mentions: Iterable[PlaceMention], knowledge: Knowledge) -> tuple[str, ...]:
    """The codes of all provinces named or implied for sure, each once, in the order of the text."""
    divisions = knowledge.divisions
    sure = (m for m in mentions if not m.weak and len({divisions[code].province for code in m.codes}) == 1)
    return tuple(dict.fromkeys(divisions[mention.codes[0]].province for mention in sure))


def _decide(mention: PlaceMention, divisions: Divisions, known: Collection[str]) -> Entry | None:
    """The division that a mention means, given the provinces known; None where that cannot be told."""
    entries = [divisions[code] for code in mention.codes]
    if len(entries) == 1:
        return entries[0]
    province = next((entry for entry in entries if entry.level == "province"), None)
    if province is not None and not mention.suffixed and set(known) <= {province.code}:
        return province  # Jilin, Hainan: alone the province
    below = [entry for entry in entries if entry.level != "province" and entry.province in known]
    if len(below) == 1:
        return below[0]
    return province


def _province(entry: Entry, mentions: list[PlaceMention], divisions: Divisions) -> str:
    """The province that an entry stands for. Shanxi beside a city of Shaanxi is Shaanxi misspelt."""
    if entry.en == "Shanxi":
        beside = {divisions[code].province for mention in mentions for code in mention.codes} - {entry.code}
        shaanxi = next((code for code in beside if divisions[code].en == "Shaanxi"), None)
        return shaanxi or entry.code
    return entry.province


def _read(
    text: str, hit: Hit[tuple[str, str]], table: PlaceTable, before: PlaceMention | None
) -> PlaceMention | None:
    if HAN.search(hit.phrase):
        return _read_chinese(text, hit, table, before)
    return _read_english(text, hit, table)


def _read_chinese(
    text: str, hit: Hit[tuple[str, str]], table: PlaceTable, before: PlaceMention | None
) -> PlaceMention | None:
    forms = {form for _, form in hit.values}
    codes = tuple(dict.fromkeys(code for code, _ in hit.values))
    if forms != {"short"}:
        return PlaceMention(hit.start, hit.end, codes, False, True)
    levels = {table.divisions[code].level for code in codes}
    if "province" in levels:
        return PlaceMention(
            hit.start,
            hit.end,
            tuple(c for c in codes if len(codes) == 1 or table.divisions[c].level == "province"),
            False,
            False,
        )
    if BELOW_ZH.match(text, hit.end):
        return None
    after_province = (
        before is not None
        and before.end == hit.start
        and any(
            table.divisions[code].province == table.divisions[b].code for code in codes for b in before.codes
        )
    )
    sure = after_province or table.after_zh.match(text, hit.end) is not None
    if not sure and hit.phrase not in table.words_zh:
        sure = table.bodies_zh.match(text, hit.end) is not None
    return PlaceMention(hit.start, hit.end, codes, not sure, False)


def _read_english(text: str, hit: Hit[tuple[str, str]], table: PlaceTable) -> PlaceMention | None:
    codes = tuple(dict.fromkeys(code for code, _ in hit.values))
    suffix = table.suffix_en.match(text, hit.end)
    if suffix is not None:
        codes = _fitting(codes, suffix[0].strip(), table.divisions)
        return PlaceMention(hit.start, suffix.end(), codes, False, True)
    county = any(table.divisions[code].level == "county" for code in codes)
    if not county and BELOW_EN.match(text, hit.end):
        return None
    printed = text[hit.start : hit.end]
    weak = printed in table.weak_en and table.after_en.match(text, hit.end) is None
    return PlaceMention(hit.start, hit.end, codes, weak, False)


def _fitting(codes: tuple[str, ...], suffix: str, divisions: Divisions) -> tuple[str, ...]:
    """Of the codes of a shared name those whose kind the suffix names: Jilin City is no province."""
    last = suffix.rsplit(maxsplit=1)[-1]
    fitting = tuple(code for code in codes if last in _suffixes(divisions, divisions[code].type))
    return fitting or codes


def _suffixes(divisions: Divisions, type: str) -> set[str]:
    named = {suffix.split()[-1] for suffix in divisions.en_suffixes.get(type, ())}
    return named | {"County", "City"} if "county" in type else named


@lru_cache(maxsize=8)
def place_table(knowledge: Knowledge) -> PlaceTable:
    """The names of all divisions, compiled."""
    divisions = knowledge.divisions
    meta = knowledge.tables["places"].get("meta", {})
    for key in ("zh_after", "zh_bodies", "zh_words", "en_weak", "en_after"):
        if not isinstance(meta.get(key), tuple):
            raise KnowledgeError("is no list", where=f"places.yaml meta.{key}")
    entries: list[tuple[str, tuple[str, str]]] = []
    for entry in divisions.values():
        entries += [(entry.zh, (entry.code, "full")), (entry.zh_short, (entry.code, "short"))]
        if entry.type == "autonomous_prefecture" and not entry.zh_short.endswith("州"):
            entries.append((f"{entry.zh_short}州", (entry.code, "full")))
        if entry.type == "region":
            entries.append((f"{entry.zh_short}地区", (entry.code, "full")))
        for name in (entry.en, *entry.en_variants):
            entries.append((name, (entry.code, "short")))
            if "'" in normalise(name):
                entries.append((normalise(name).replace("'", ""), (entry.code, "short")))
    for now, zh, _ in divisions.former.values():
        entries.append((zh, (now, "former")))
    for name, codes in divisions.ambiguous.items():
        entries += [(name, (code, "short")) for code in codes if not HAN.search(name)]
    suffixes = sorted(
        {s for names in divisions.en_suffixes.values() for s in names} | {"County"}, key=len, reverse=True
    )
    return PlaceTable(
        names=Phrases(entries, case_sensitive=True),
        divisions=divisions,
        after_zh=re.compile("|".join(map(re.escape, meta["zh_after"]))),
        bodies_zh=re.compile(
            rf"[^\s，。；、,;:：(《\"]{{0,12}}?(?:{'|'.join(map(re.escape, meta['zh_bodies']))})"
        ),
        words_zh=frozenset(meta["zh_words"]),
        weak_en=frozenset(meta["en_weak"]),
        after_en=re.compile(rf"\s(?:{'|'.join(map(re.escape, meta['en_after']))})"),
        suffix_en=re.compile(
            rf"(?:{NATIONALITY_EN}|\s(?:{'|'.join(map(re.escape, suffixes))})|-city)(?![A-Za-z])"
        ),
    )
