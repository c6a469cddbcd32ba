"""White papers, surveys and statistics: figures that are nobody's penalty."""

from __future__ import annotations

import datetime as dt
from typing import Any

from netdocket.generator.dates import day_en, day_zh
from netdocket.generator.drafts import Draft
from netdocket.generator.genres.regulatory import Opening
from netdocket.generator.lexicon import listed, read
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row


def report(draft: Draft) -> str:
    """A bulletin about one report; gives its publisher."""

    def begin(kind: str, title: str) -> Row:
        draft.title = title
        row = draft.record(kind, title)
        draft.begin(row)
        return row

    by = tell_item(draft, begin)
    draft.end(draft.rows[-1])
    return by


def item_en(draft: Draft, begin: Opening) -> None:
    tell_item(draft, begin)


def tell_item(draft: Draft, begin: Opening) -> str:
    draw, language, add = draft.draw, draft.language, draft.page.add
    knowledge = read("reports")
    code = draw.pick(tuple(knowledge["by"]))
    by = draw.pick(knowledge["by"][code][language])
    name = draw.pick(knowledge["names"][language])
    title = draw.pick(listed("reports", "titles", language)).say(draw, Given(who=by, name=name))
    row = begin("INDUSTRY_REPORT", title)
    row.authority_type = code
    on = draft.day - dt.timedelta(days=draw.whole(0, 25))

    def date() -> None:
        row.published = on.isoformat()
        add(day_zh(on) if language == "zh" else day_en(on))

    draw.pick(listed("reports", "leads", language)).play(
        add,
        draw,
        {
            "on": date,
            "by": lambda: add(by),
            "By": lambda: add(by[0].upper() + by[1:]),
            "name": lambda: add(name),
            "figures": lambda: _figures(draft, row),
        },
    )
    return str(by)


def _figures(draft: Draft, row: Row) -> None:
    draw, language, add = draft.draw, draft.language, draft.page.add
    entries: list[tuple[int, dict[str, Any]]] = list(enumerate(read("reports")["figures"][language]))
    chosen = draw.some(entries, draw.whole(1, 3))
    for number, (place, entry) in enumerate(chosen):
        if number:
            add("，" if language == "zh" else " and " if number == len(chosen) - 1 else ", ")
        low, high = entry["range"]
        value: float = draw.whole(low * 10, high * 10) / 10 if high < 100 else draw.whole(low, high)
        phrase = draw.pick(listed_figures(language, place))
        add(phrase.say(draw, Given(v=f"{value:g}" if language == "zh" else f"{value:,g}")))
        value = round(value * entry["scale"]) if "scale" in entry else value
        row.figures.append({"metric": "STATED", "value": value, "unit": entry["unit"]})


def listed_figures(language: str, place: int) -> Any:
    return listed("reports", "figures", language, place, "say")
