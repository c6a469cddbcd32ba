"""Vulnerability notices, alerts, reports of incidents: nobody is punished in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from netdocket.generator.dates import day_en, day_zh
from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import Draw, Weighted
from netdocket.generator.genres.regulatory import Opening
from netdocket.generator.lexicon import Language, listed, read
from netdocket.generator.money import wan
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row

_STATES: Final = (
    ("under_investigation", ("正在调查", "正在核查", "under investigation", "being examined")),
    (
        "fixed",
        (
            "恢复正常",
            "官方已给出补丁",
            "厂商已发布新版本",
            "restored",
            "patch is available",
            "released an update",
        ),
    ),
    ("contained", ("已处置", "均已处置", "have been cleaned")),
    ("ongoing", ("仍在传播", "近期活动频繁", "actively exploited")),
)
_UNITS: Final[Mapping[str, tuple[str, str, str]]] = {
    # what of the scale, its unit, how it is told in Chinese
    "records": ("records", "record", "{n}条数据"),
    "persons": ("persons", "person", "{n}名用户"),
    "hosts": ("hosts", "host", "{n}台主机"),
    "organisations": ("organisations", "organisation", "{n}家单位"),
    "volume": ("data_volume", "GB", "{n}GB"),
    "duration": ("duration", "minute", "{n}小时"),
    "money": ("money", "CNY", "{n}万元"),
}
_SAID_EN: Final = {
    "records": "{n} records", "persons": "{n} people", "hosts": "{n} hosts", "organisations": "{n} organisations",
    "volume": "{n} GB", "duration": "{n} hours", "money": "RMB {n}0,000",
}  # fmt: skip


@cache
def _kinds() -> Weighted[int]:
    return Weighted([(place, kind["often"]) for place, kind in enumerate(read("incidents")["kinds"])])


def incident(draft: Draft) -> str:
    """A bulletin about one incident; gives who issued it."""

    def begin(kind: str, title: str) -> Row:
        draft.title = title
        row = draft.record(kind, title)
        draft.begin(row)
        return row

    by = tell_item(draft, begin)
    if draft.draw.chance(0.6):
        draft.page.paragraph(draft.draw.pick(listed("incidents", "advice", draft.language)).source)
    draft.end(draft.rows[-1])
    return by


def item_en(draft: Draft, begin: Opening) -> None:
    tell_item(draft, begin)


def tell_item(draft: Draft, begin: Opening) -> str:
    draw, language = draft.draw, draft.language
    knowledge = read("incidents")
    place = draw.weighted(_kinds())
    kind = knowledge["kinds"][place]
    code = draw.pick([code for code in kind["by"] if code != "NFRA" or draft.day.year >= 2023] or ["MPS"])
    by = draw.pick(knowledge["by"][code][language])
    words = _words(draw, draft.day, language)
    title = draw.pick(listed("incidents", "titles", language, kind["class"])).say(
        draw, Given(who=by, **words)
    )
    row = begin("INCIDENT", title)
    row.authority_type = code
    return _tell(draft, row, place, kind, by, words)


def _tell(draft: Draft, row: Row, place: int, kind: Mapping[str, Any], by: str, words: dict[str, str]) -> str:
    draw, language, add = draft.draw, draft.language, draft.page.add
    told: set[str] = set()
    scale: list[dict[str, Any]] = []
    grade = draw.pick(read("incidents")["grades"])
    on = draft.day - dt.timedelta(days=draw.whole(0, 6))

    def slot(name: str, text: str) -> Callable[[], None]:
        def write() -> None:
            told.add(name)
            add(text)

        return write

    def number(name: str) -> Callable[[], None]:
        return lambda: add(_number(draw, language, name, scale))

    slots = {name: slot(name, text) for name, text in words.items()}
    slots |= {name: number(name) for name in _UNITS}
    slots |= {
        "on": slot("on", day_zh(on) if language == "zh" else day_en(on)),
        "by": slot("by", by),
        "By": slot("by", by[0].upper() + by[1:]),
        "grade": slot("grade", grade[1] if language == "zh" else grade[2]),
    }
    start = draft.page.length
    draw.pick(listed("incidents", "kinds", place, language)).play(add, draw, slots)
    text = draft.page.since(start)
    row.published = on.isoformat() if "on" in told else None
    row.incident = {
        "notice_class": kind["class"],
        "types": list(kind["types"]),
        "severity": grade[0] if "grade" in told else None,
        "subject": words["victim"] if "victim" in told else None,
        "products": [{"vendor": words["vendor"], "name": words["product"], "versions": words["versions"]}] if "versions" in told else [],
        "identifiers": [words["id"]] if "id" in told else [],
        "scale": scale,
        "dates": {"occurred": None, "discovered": None, "published": row.published},
        "actor": {"printed": words["actor"]} if "actor" in told else None,
        "state": next((state for state, cues in _STATES if any(cue in text for cue in cues)), None),
    }  # fmt: skip
    return by


def _words(draw: Draw, day: dt.date, language: Language) -> dict[str, str]:
    knowledge = read("incidents")
    first, last = draw.whole(1, 4), draw.whole(5, 9)
    low, high = f"{first}.{draw.whole(0, 9)}", f"{last}.{draw.whole(0, 9)}.{draw.whole(0, 9)}"
    return {
        "vendor": draw.pick(knowledge["vendors"][language]),
        "product": draw.pick(knowledge["products"][language]),
        "malware": draw.pick(knowledge["malware"][language]),
        "victim": draw.pick(knowledge["victims"][language]),
        "actor": draw.pick(knowledge["actors"][language]),
        "versions": f"{low}至{high}" if language == "zh" else f"{low} to {high}",
        "id": _identifier(draw, day),
    }


def _identifier(draw: Draw, day: dt.date) -> str:
    """Numbers that no register has given out: high ones."""
    at = draw.random()
    if at < 0.6:
        return f"CVE-{day.year}-{draw.whole(90_000, 99_999)}"
    if at < 0.8:
        return f"CNVD-{day.year}-{draw.whole(90_000, 99_999)}"
    return f"CNNVD-{day:%Y%m}-{draw.whole(9000, 9999)}"


def _number(draw: Draw, language: Language, name: str, scale: list[dict[str, Any]]) -> str:
    what, unit, said_zh = _UNITS[name]
    value = _extent(draw, name)
    factor = {"duration": 60, "money": 10_000}.get(name, 1)
    scale.append(
        {"what": what, "value": value * factor, "unit": unit, "approximate": False, "claimed": False}
    )
    if language == "zh":
        return said_zh.format(n=wan(value))
    return _SAID_EN[name].format(n=f"{value:,}")


def _extent(draw: Draw, name: str) -> int:
    if name in ("duration", "organisations", "money"):
        return draw.whole(2, 48)
    if name == "volume":
        return draw.whole(5, 900)
    return draw.pick((320, 1500, 4800, 12_000, 36_000, 150_000, 480_000, 2_300_000))
