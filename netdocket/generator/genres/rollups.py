"""Roll-ups: counts of many cases over a period, without any single subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from netdocket.generator.dates import MONTHS, day_zh, month_zh
from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import listed, read
from netdocket.generator.money import sum_en, sum_zh, wan
from netdocket.generator.numerals import numeral
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row
from netdocket.generator.world import Office, cities, office, offices_known

_WHO: Final = (
    "POLICE_LOCAL",
    "POLICE_LOCAL",
    "POLICE_LOCAL",
    "CAC_LOCAL",
    "CAC_LOCAL",
    "CAC_NATIONAL",
    "CA_PROVINCIAL",
    "MPS",
    "MIIT",
)


def rollup(draft: Draft) -> str:
    """A bulletin that is one roll-up; gives the authority."""
    draw, language = draft.draw, draft.language
    by = authority(draft)
    period = _period(draw, draft.day, language)
    place = by.city.en if by.region else "China"
    short = by.city.short if by.region else "国家"
    draft.title = draw.pick(listed("rollups", "titles", language)).say(
        draw, Given(who=by.name, short=short, Place=place, period=period)
    )
    row = draft.record("CAMPAIGN_STATS", draft.title)
    draft.begin(row)
    tell(draft, row, by, period)
    if draw.chance(0.5):
        tail = draw.pick(read("rollups")["tails"][language])
        draft.page.paragraph(f"{tail}。" if language == "zh" else tail)
    draft.end(row)
    return by.name


def tell(draft: Draft, row: Row, by: Office, period: str | None = None) -> None:
    """Writes the sentence of a roll-up into the open block and fills its row."""
    draw, language = draft.draw, draft.language
    knowledge = read("rollups")
    row.authority_type, row.region = by.type, by.region
    told = period or _period(draw, draft.day, language)
    campaign = draw.pick(knowledge["campaigns"][language]).format(year=draft.day.year)
    add = draft.page.add
    slots: dict[str, Callable[[], None]] = {
        "auth": lambda: add(by.name),
        "Auth": lambda: add(by.name[0].upper() + by.name[1:]),
        "period": lambda: add(told),
        "Period": lambda: add(told[0].upper() + told[1:]),
        "on": lambda: add(_on(draft, row)),
        "area": lambda: add("国" if by.region is None else "省" if "/" not in by.region else "市"),
        "figures": lambda: _figures(draft, row, by),
    }
    if draw.chance(0.6):
        slots["campaign"] = lambda: add(campaign)
    leads = [lead for lead in listed("rollups", "leads", language) if lead.needed <= slots.keys()]
    draw.pick(leads).play(add, draw, slots)


def authority(draft: Draft) -> Office:
    draw = draft.draw
    wanted = [code for code in draft.by if code in _WHO] or _WHO
    codes = offices_known(wanted, draft.language, draft.day)
    by = office(draw, draft.language, draw.pick(codes), draw.pick(cities()), draft.day)
    assert by is not None  # noqa: S101  these authorities had their names all along
    return by


def _on(draft: Draft, row: Row) -> str:
    """The day on which the figures are told."""
    row.published = draft.day.isoformat()
    return day_zh(draft.day)


def _figures(draft: Draft, row: Row, by: Office) -> None:
    draw, page, language = draft.draw, draft.page, draft.language
    knowledge: Mapping[str, Any] = read("rollups")
    wanted = [code for code in knowledge["sets"][by.type] if code in knowledge[language]]
    chosen = set(draw.some(wanted, draw.whole(2, 6)))
    ordered = [code for code in wanted if code in chosen]
    for number, metric in enumerate(ordered):
        if number:
            last = number == len(ordered) - 1
            page.add(draw.pick(("，", "，", "；")) if language == "zh" else " and " if last else ", ")
        entry = knowledge[language][metric]
        value, said = _number(draw, entry, language, draft.step if number == 0 else 0)
        phrase = draw.pick(listed("rollups", language, metric, "say"))
        start = page.length
        page.add(phrase.say(draw, Given(n=said, sum=said)))
        if metric not in ("CASES", "APPS", "ENTITIES", "SITES", "PERSONS", "ACCOUNTS", "ITEMS_REMOVED"):
            draft.mark("penalty", metric, start)
        row.figures.append({"metric": metric, "value": value, "unit": entry["unit"]})


def _number(draw: Draw, entry: Mapping[str, Any], language: str, step: int) -> tuple[int, str]:
    low, high = entry["range"]
    value = int(low * (high / low) ** draw.random()) + step
    if entry.get("money"):
        amount = value * 10_000
        return amount, (sum_zh if language == "zh" else sum_en)(amount, draw)
    if language == "en":
        return value, f"{'more than ' if value % 100 == 0 and draw.chance(0.4) else ''}{value:,}"
    if value >= 10_000:
        rounded = value // 1000 * 1000
        return rounded, f"{wan(rounded)}{'余' if draw.chance(0.6) else ''}"
    if value >= 100 and draw.chance(0.25):
        rounded = value // 100 * 100
        return rounded, f"{rounded}余"
    if value < 30 and draw.chance(0.1):
        return value, numeral(value)
    return value, str(value)


def _period(draw: Draw, day: dt.date, language: str) -> str:
    """How the period is printed."""
    month = day.replace(day=1) - dt.timedelta(days=1)
    if language == "zh":
        said = draw.pick(
            (
                f"{day.year}年以来",
                "今年以来",
                f"截至{month.month}月底",
                f"{month_zh(month)}",
                f"{month.year}年1月至{month.month}月" if month.month > 1 else f"{month.year}年1月",
                "上半年" if day.month > 6 else f"{day.year - 1}年全年",
            )
        )
    else:
        said = draw.pick(
            (
                f"since the beginning of {month.year}",
                f"in {MONTHS[month.month - 1]} {month.year}",
                f"between January and {MONTHS[month.month - 1]} {month.year}"
                if month.month > 1
                else f"in January {month.year}",
                f"in the year to {day.day} {MONTHS[day.month - 1]} {day.year}",
            )
        )
    return said
