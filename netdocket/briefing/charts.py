"""A table of a briefing as a picture: bars of its numbers, each period in a colour; what has no value has a dash.
Nothing is counted here."""

from __future__ import annotations

import re
from typing import Any, Final

import vl_convert

from dashboards.web.pictures import BAR, FONT, INK, QUIET, RULE, SCALE, writes_chinese
from netdocket.briefing.blocks import Language, Number, Table, Text

WIDTH: Final = 420
STEP: Final = 26
COLOURS: Final = (BAR, "#b9c4c9")
HAN: Final = re.compile(r"[\u3400-\u9fff]")


def spec(table: Table, language: Language) -> dict[str, Any]:
    """Vega-Lite, from the columns of numbers of the table."""
    columns = [n for n in range(len(table.head)) if any(isinstance(row[n], Number) for row in table.rows)]
    periods = [table.head[n].in_(language) for n in columns]
    values = [
        {"name": first.in_(language), "period": period, "value": cell.value}
        for row in table.rows
        if isinstance(first := row[0], Text)
        for period, n in zip(periods, columns, strict=True)
        if isinstance(cell := row[n], Number)
    ]
    names = list(dict.fromkeys(value["name"] for value in values))
    most = max((value["value"] or 0 for value in values), default=0)
    axis = {"title": None, "labelColor": QUIET, "domainColor": RULE, "tickColor": RULE}
    counts = {
        **axis,
        "format": ",d",
        "tickMinStep": 1,
        "gridColor": "#ebe8e0",
        "tickCount": min(5, int(most) or 1),
    }
    return {
        "data": {"values": values},
        "width": WIDTH,
        "height": {"step": STEP / len(periods)},
        "padding": 6,
        "background": "#ffffff",
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"x": {"field": "value", "type": "quantitative", "axis": counts}}},
            {
                "transform": [{"filter": "!isValid(datum.value)"}],
                "mark": {"type": "text", "text": "–", "align": "left", "dx": 3},
                "encoding": {"x": {"datum": 0, "type": "quantitative"}, "color": {"value": INK}},
            },
        ],
        "encoding": {
            "y": {"field": "name", "type": "nominal", "sort": names, "axis": {**axis, "labelLimit": 300, "labelColor": INK}},
            "yOffset": {"field": "period", "type": "nominal", "sort": periods},
            "color": {
                "field": "period", "type": "nominal",
                "scale": {"domain": periods, "range": list(COLOURS[: len(periods)])},
                "legend": {"orient": "top", "title": None} if len(periods) > 1 else None,
            },
        },
        "config": {"font": FONT, "view": {"stroke": None}},
    }  # fmt: skip


def svg(table: Table, language: Language) -> str:
    return str(vl_convert.vegalite_to_svg(spec(table, language)))


def png(table: Table, language: Language) -> bytes | None:
    """None where this machine has no font for what stands in it: text would be left out in silence."""
    drawn = spec(table, language)
    if any(HAN.search(value["name"]) for value in drawn["data"]["values"]) and not writes_chinese():
        return None
    return bytes(vl_convert.vegalite_to_png(drawn, scale=SCALE))
