"""Who a case is about: bodies and persons, as printed, named or anonymised.

Attackers, victims and officials who announce something are none. The first subject named is the case's own; persons in
charge who are hit beside it follow.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from enrich.needed import Sought, sought
from enrich.passage import Passage, evidence, within
from enrich.persons import PersonName
from enrich.places import PlaceMention, settle
from enrich.reading import Span
from enrich.rulebook import Rulebook
from netdocket.records import Found, Stated, Subject, Target

HAN = "\u4e00-\u9fff"
# What no name runs across: words before the name of a body.
BEFORE_NAME = re.compile(
    r".{0,120}(?:近日|日前|发现|对|由|被|经|在|向|和|与|及|据|是|了|的|约谈|查处|依法|通报|责令|给予|处罚|举报|查明|检查|辖区|一家|某地|其中|同时|目前|该|为|于|请|将|已|后|并|至|从|到|，|。|、|：|；|《|》|“|”|（|）|\(|\)|\s|案例[一二三四五六七八九十\d]+)"
)
COUNT_ZH = re.compile(r"等(?P<n>\d{1,4}|[一二三四五六七八九十]{1,3})(?:名|人|家|余人)")
EN_PHRASE = re.compile(
    r"(?<![\d,.])\b(?P<article>[Aa]n?|[Tt]he|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ss]everal|\d{1,3})\s(?P<words>(?:(?!(?:an?|the)\s)[A-Za-z][\w'&-]*\s){0,5}?)(?P<noun>%s)\b(?!['’-])(?P<where>\s(?:in|of|from)\s(?:[A-Z][\w'’-]+(?:\s|,\s)?){1,4})?"
)
EN_NAMED = sought(
    r"\b(?P<name>(?:[A-Z][\w&'’.-]*\s){1,7}(?:Co\.?,?\s?Ltd\.?|Limited|Inc\.?|Corporation|Corp\.?|Company|Group|Bank|University|Hospital|School|LLC|Technology|Technologies))"
)


@lru_cache(maxsize=8)
def _body_zh(rules: Rulebook) -> Sought:
    words = sorted(rules.table("subjects")["organisations"]["zh"], key=len, reverse=True)
    return sought(
        rf"(?P<name>[{HAN}A-Za-z0-9（）()·]{{0,24}}?(?:某|[A-Z一二三四甲乙丙](?=公司|企业|单位))[{HAN}A-Za-z0-9（）()“”]{{0,16}}?(?:{'|'.join(words)})"
        rf"|[{HAN}（）()]{{4,30}}?(?:股份有限公司|有限责任公司|有限公司)(?:[{HAN}]{{1,6}}分公司)?|公司[一二三四五甲乙丙A-D])"
    )


@lru_cache(maxsize=8)
def _body_en(rules: Rulebook) -> re.Pattern[str]:
    words = sorted(rules.table("subjects")["organisations"]["en"], key=len, reverse=True)
    people = [
        "man",
        "woman",
        "individual",
        "person",
        "employee",
        "official",
        "officer",
        "resident",
        "student",
        "netizen",
        "user",
        "hacker",
        "programmer",
        "gang",
        "suspects?",
        "individuals",
        "people",
        "employees",
        "men",
    ]
    return re.compile(
        EN_PHRASE.pattern % "|".join([*words, *(w + "s" for w in words if w.isalpha()), *people])
    )


def subjects(
    passage: Passage, places: Sequence[PlaceMention], provinces: Collection[str]
) -> tuple[Subject, ...]:
    """The subjects of a case, first the one it is about; empty where none is named. `places`: those of the text;
    a subject's place is the one in its own words, whatever the authority's is. `provinces`: known from around it."""
    knowledge = passage.rules.knowledge
    found = _chinese(passage) if passage.language == "zh" else _english(passage)
    sector = sector_of(passage)
    return tuple(
        Subject(
            name=passage.shown(span.start, span.end),
            kind=kind,
            sector=sector.value if sector and number == 0 else None,
            sector_found=Found(evidence=sector.evidence, rule=sector.rule)
            if sector and number == 0
            else None,
            place=settle(within(places, *span), knowledge, provinces=provinces),
            count=count,
            evidence=evidence(span),
            rule="subjects." + kind,
        )
        for number, (span, kind, count) in enumerate(found)
    )


def default_target(found: tuple[Subject, ...]) -> Target:
    """Whom measures hit where the text does not say: the first subject."""
    persons = {"PERSON_NAMED", "PERSON_ANON", "PUBLIC_OFFICIAL", "GROUP", "RESPONSIBLE_PERSON"}
    return "individual" if found and found[0].kind in persons else "entity"


def sector_of(passage: Passage) -> Stated | None:
    """The sector of the subject, by words of the heading and the first sentences."""
    end = passage.sentences[min(2, len(passage.sentences) - 1)].end if passage.sentences else passage.end
    cues = passage.cues("sector", passage.start, end)
    weak = {"INTERNET_PLATFORM", "APP_DEV", "IT_SERVICE", "GOV", "AI"}
    for cue in sorted(cues, key=lambda c: (c.code in weak, c.start)):
        return Stated(value=cue.code, evidence=evidence(cue), rule="subjects.sector")
    return None


def _chinese(passage: Passage) -> list[tuple[Span, str, int | None]]:
    text = passage.text
    out: list[tuple[Span, str, int | None]] = []
    end = min(passage.end, passage.start + 900)
    bodies = [
        _trimmed_name(text, m) for m in passage.reading.matches(_body_zh(passage.rules), passage.start, end)
    ]
    named = {
        Span(person.start, person.end): person.name
        for person in within(passage.facts.persons, passage.start, end)
    }
    persons = list(named)
    bodies = [b for b in bodies if b.end - b.start >= 3 and not passage.signals.is_quiet(b.start)]
    bodies = [b for b in bodies if not any(b.start <= p.start < b.end for p in persons)]
    for span in sorted([*bodies, *persons]):
        name = text[span.start : span.end]
        if any(text[s.start : s.end] == name for s, _, _ in out):
            continue
        count = COUNT_ZH.match(text, span.end)
        kind = _kind_zh(passage, name, span, named.get(span), group=bool(count))
        out.append((span, kind, int(count.group("n")) if count and count.group("n").isdigit() else None))
        if len(out) >= 6:
            break
    return out


def _trimmed_name(text: str, match: re.Match[str]) -> Span:
    start, end = match.span("name")
    stop = BEFORE_NAME.match(text[start : end - 1])
    if stop and stop.end() < end - start - 2:
        start += stop.end()
    return Span(start, end)


def _kind_zh(passage: Passage, name: str, span: Span, person: PersonName | None, *, group: bool) -> str:
    if person is not None:
        if group:
            return "GROUP"
        around = passage.reading.cues(
            "official_zh", max(passage.start, span.start - 30), min(passage.end, span.end + 40)
        )
        if around:
            return "PUBLIC_OFFICIAL"
        return "PERSON_NAMED" if person.form == "full" else "PERSON_ANON"
    if name.endswith(tuple(passage.rules.table("subjects")["state_organs"])):
        return "STATE_ORGAN"
    return "ENTITY_ANON" if "某" in name or name.startswith("公司") or len(name) < 6 else "ENTITY_NAMED"


def _english(passage: Passage) -> list[tuple[Span, str, int | None]]:
    text = passage.text
    out: list[tuple[Span, str, int | None]] = []
    end = min(passage.end, passage.start + 1500)
    head = Span(passage.start, passage.head_end)
    officials = passage.reading.cues("subject_en", *head)
    official = next((c for c in officials if c.code == "official" and not _speaks(text, c.end)), None)
    if official is not None:
        out.append((Span(official.start, official.end), "PUBLIC_OFFICIAL", None))
    for match in passage.reading.matches(EN_NAMED, passage.start, end):
        out.append((Span(*match.span("name")), "ENTITY_NAMED", None))
        break
    for match in _body_en(passage.rules).finditer(text, passage.body_start, end):
        noun = match.group("noun")
        if match.group("article").lower() == "the" and not match.group("where") and not out:
            continue
        kind = (
            "PERSON_ANON"
            if noun in PEOPLE
            else ("GROUP" if noun in ("gang", "people", "individuals", "suspects") else "ENTITY_ANON")
        )
        if any(s.start <= match.start() < s.end for s, _, _ in out):
            continue
        out.append((trimmed_span(text, match), kind, None))
        if len(out) >= 3:
            break
    return out


PEOPLE = frozenset(
    {
        "man",
        "woman",
        "individual",
        "person",
        "employee",
        "official",
        "officer",
        "resident",
        "student",
        "netizen",
        "user",
        "hacker",
        "programmer",
    }
)


def trimmed_span(text: str, match: re.Match[str]) -> Span:
    end = match.end()
    while text[end - 1] in " ,":
        end -= 1
    return Span(match.start(), end)


def _speaks(text: str, end: int) -> bool:
    return re.match(r"\s(?:said|announced|stated|told|explained|noted)\b", text[end : end + 12]) is not None
