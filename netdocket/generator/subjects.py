"""Who cases are about. All of them are invented: names are put together from parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from netdocket.generator.drawing import Draw, Weighted
from netdocket.generator.lexicon import Language, sector_words, words
from netdocket.generator.world import City


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person: the name as printed, and as it may be shown (surname, mask of the same length)."""

    printed: str
    masked: str


@dataclass(frozen=True, slots=True)
class Subject:
    """`name` at first mention, `again` further on; `person` where a name has to be masked;
    `noun`: what a title may call it (酒店, hotel)."""

    name: str
    again: str
    kind: str
    sector: str | None
    count: int | None = None
    person: Person | None = None
    plural: bool = False
    own: str = "its"
    noun: str = ""


_NO_COMPANY: Final = ("Hospital", "School", "College", "Centre", "Association", "Foundation", "Bank", "Cafe")
_PERSON_KINDS: Final = Weighted(
    [("PERSON_ANON", 10), ("PERSON_NAMED", 5), ("GROUP", 3), ("PUBLIC_OFFICIAL", 0.7)]
)
_ENTITY_KINDS: Final = Weighted([("ENTITY_ANON", 6), ("ENTITY_NAMED", 4)])
_COUNTED_EN: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def entity(draw: Draw, language: Language, sector: str, city: City) -> Subject:
    """A body of that sector in that city, named or not."""
    kind = draw.weighted(_ENTITY_KINDS)
    if sector == "GOV":
        kind = "STATE_ORGAN"
    vocabulary = sector_words(language)[sector]
    if sector == "APP_DEV" and draw.chance(0.4):
        return _app(draw, language)
    name = _entity_zh if language == "zh" else _entity_en
    org = draw.pick(vocabulary["orgs"])
    printed, again = name(draw, vocabulary, city, org, named=kind == "ENTITY_NAMED")
    return Subject(printed, again, kind, sector, noun=org)


def entities(draw: Draw, language: Language, sector: str, city: City, count: int) -> Subject:
    """Several alike, unnamed."""
    org = draw.pick(sector_words(language)[sector]["orgs"])
    kind = "STATE_ORGAN" if sector == "GOV" else "ENTITY_ANON"
    if language == "zh":
        number = "两三四五六七八九"[count - 2]
        return Subject(
            f"{city.short}{number}家{org}", f"上述{number}家单位", kind, sector, count, plural=True, noun=org
        )
    number = _COUNTED_EN[count - 2]
    return Subject(f"{number} {plural(org)} in {city.en}", f"the {number} {plural(org)}", kind, sector, count, plural=True, own="their", noun=org)  # fmt: skip


def foreign(draw: Draw, language: Language) -> Subject:
    if language == "zh":
        name = draw.pick(("某境外调查机构", "一家境外测绘机构", "某境外咨询组织"))
        return Subject(name, "该机构", "FOREIGN_ENTITY", None, noun="境外机构")
    name = draw.pick(
        ("a foreign research organisation", "a surveying organisation from abroad", "an overseas consultancy")
    )
    return Subject(name, "the organisation", "FOREIGN_ENTITY", None, noun="foreign organisation")


def person(draw: Draw, language: Language, city: City, *, gang: bool, official: bool) -> Subject:
    """One person or, where `gang`, perhaps several; `official`: perhaps somebody in public service."""
    kind = draw.weighted(_PERSON_KINDS)
    if (kind == "GROUP" and not gang) or (kind == "PUBLIC_OFFICIAL" and not official):
        kind = "PERSON_ANON"
    return _person_zh(draw, kind, city) if language == "zh" else _person_en(draw, kind, city)


def name_zh(draw: Draw) -> Person:
    """A full name; 王志强 is shown as 王某某."""
    surname = draw.pick(words("zh")["surname"])
    printed = surname + draw.pick(words("zh")["given"])
    return Person(printed, surname + "某" * (len(printed) - len(surname)))


def name_en(draw: Draw) -> Person:
    surname, given = draw.pick(words("en")["surname"]), draw.pick(words("en")["given"])
    return Person(f"{surname} {given}", f"{surname} {'X' * len(given)}")


def veiled_zh(draw: Draw) -> str:
    """As notices print a person they do not want to name: 王某, 王某某, 王某强."""
    surname = draw.pick(words("zh")["surname"])
    at = draw.random()
    if at < 0.15:
        return f"{surname}某{draw.pick('强军伟芳敏杰涛磊')}"
    return f"{surname}某" if at < 0.7 else f"{surname}某某"


def app_name(draw: Draw, language: Language) -> str:
    parts = words(language)
    gap = "" if language == "zh" else " "
    return draw.pick(parts["app"]) + gap + draw.pick(parts["app_tail"])


def brand(draw: Draw, language: Language) -> str:
    parts = words(language)["brand"]
    joined = draw.pick(parts) + draw.pick(parts)
    return joined if language == "zh" else joined.capitalize()


def plural(noun: str) -> str:
    head, _, last = noun.rpartition(" ")
    if last == "works":
        return noun
    if last.endswith("y") and last[-2:-1] not in "aeiou":
        last = f"{last[:-1]}ies"
    else:
        last += "es" if last.endswith(("s", "x", "ch", "sh")) else "s"
    return f"{head} {last}".strip()


def article(noun: str) -> str:
    """a or an, before a noun as it is spoken."""
    return "an" if noun[0].lower() in "aeio" and not noun.startswith("one") else "a"


def _app(draw: Draw, language: Language) -> Subject:
    name = app_name(draw, language)
    if language == "zh":
        quoted = f"《{name}》App" if draw.chance(0.5) else f"“{name}”App"
        return Subject(quoted, "该App", "APP", "APP_DEV", noun="App运营者")
    return Subject(f"the app “{name}”", "the app", "APP", "APP_DEV", noun="mobile app")


def _entity_zh(
    draw: Draw, vocabulary: Mapping[str, Any], city: City, org: str, *, named: bool
) -> tuple[str, str]:
    again = vocabulary["ref"]
    if named:
        ending = draw.pick(vocabulary["firm"])
        where = city.zh if draw.chance(0.4) else city.short if draw.chance(0.6) else ""
        return f"{where}{brand(draw, 'zh')}{ending}", again
    pattern = draw.pick(
        (
            "{short}某{org}",
            "{city}一家{org}",
            "{city}{district}区某{org}",
            "辖区内某{org}",
            "{short}一{org}",
            "本市某{org}",
        )
    )
    return (
        pattern.format(short=city.short, city=city.zh, org=org, district=draw.pick(words("zh")["district"])),
        again,
    )


def _entity_en(
    draw: Draw, vocabulary: Mapping[str, Any], city: City, org: str, *, named: bool
) -> tuple[str, str]:
    if named:
        ending: str = draw.pick(vocabulary["firm"])
        company = "" if ending.endswith(_NO_COMPANY) else draw.pick((" Co., Ltd.", " Ltd.", " Group"))
        where = f"{city.en} " if draw.chance(0.6) else ""
        return (
            f"{where}{brand(draw, 'en')} {ending}{company}",
            f"the {_head(ending if not company else 'company')}",
        )
    pattern = draw.pick(
        ("{a} {org} in {city}", "{a2} {city} {org}", "{a} {org} in {city}, {province}", "a local {org}")
    )
    return (
        pattern.format(a=article(org), a2=article(city.en), org=org, city=city.en, province=city.province_en),
        f"the {_head(org)}",
    )


def _head(org: str) -> str:
    return org.rpartition(" ")[2].lower()


def _person_zh(draw: Draw, kind: str, city: City) -> Subject:
    if kind == "PERSON_NAMED":
        known = name_zh(draw)
        return Subject(known.printed, known.printed if draw.chance(0.6) else "其", kind, None, person=known)
    veiled = veiled_zh(draw)
    if kind == "GROUP":
        count = draw.whole(3, 28)
        return Subject(f"{veiled}等{count}人", f"{veiled}等人", kind, None, count, plural=True)
    if kind == "PUBLIC_OFFICIAL":
        post = draw.pick(("街道办事处工作人员", "政务服务中心副主任", "社区居委会工作人员", "行政审批局干部"))
        return Subject(f"{city.short}某{post}{veiled}", veiled, kind, "GOV")
    pattern = draw.pick(
        (
            "网民{n}",
            "{n}",
            "{n}（{sex}，{age}岁）",
            "{city}居民{n}",
            "违法嫌疑人{n}",
            "{n}（{sex}，{age}岁，{city}人）",
        )
    )
    name = pattern.format(n=veiled, sex=draw.pick("男女"), age=draw.whole(18, 66), city=city.short)
    return Subject(name, veiled, kind, None)


def _person_en(draw: Draw, kind: str, city: City) -> Subject:
    surname = draw.pick(words("en")["surname"])
    if kind == "PERSON_NAMED":
        known = name_en(draw)
        return Subject(known.printed, known.printed.partition(" ")[0], kind, None, person=known, own="his")
    if kind == "GROUP":
        count = draw.whole(3, 10)
        said = _COUNTED_EN[count - 2]
        pattern = draw.pick(
            ("a gang of {said} led by a man surnamed {name}", "a group of {said} from {city}")
        )
        return Subject(
            pattern.format(said=said, name=surname, city=city.en), "the group", kind, None, count, own="their"
        )
    if kind == "PUBLIC_OFFICIAL":
        post = draw.pick(
            (
                "a government official",
                "an official of a sub-district office",
                "a clerk at a government service centre",
            )
        )
        return Subject(f"{post} in {city.en}", "the official", kind, "GOV", own="his")
    pattern, again = draw.pick(
        (
            ("a man surnamed {name}", "{name}"),
            ("an internet user surnamed {name}", "{name}"),
            ("a resident of {city}", "the resident"),
            ("a {age}-year-old woman surnamed {name}", "{name}"),
            ("an individual from {city}", "the individual"),
        )
    )
    return Subject(
        pattern.format(name=surname, city=city.en, age=draw.whole(20, 69)),
        again.format(name=surname),
        kind,
        None,
        own="her" if "woman" in pattern else "his",
    )
