"""A panel's table as a Vega-Lite specification.

Colours, fonts and widths of labels are left to the `config` that the page adds, so that one specification serves
light and dark, screen and print. A datum has the codes `c0`, `c1` of its buckets (what a click narrows the page to),
their wordings `k0`, `k1`, and the number `v`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dashboards.panels.model import Language, Panel
from dashboards.panels.tables import Row, Table

Spec = dict[str, Any]
BAR_STEP = 38
HEAT_STEP = 24
FEW = 5
LONG = 3
MONTHS = 12


def chart(panel: Panel, table: Table, language: Language) -> Spec | None:
    """The specification, None for panels that are no charts or have nothing to draw."""
    if not table.rows:
        return None
    # An empty cell is not drawn: nothing is not the least of something, and tables of months are mostly empty.
    data = [_datum(row, language) for row in table.rows if row.values[0] or panel.chart == "bars"]
    if not data:
        return None
    match panel.chart:
        case "bars":
            body = _bars(panel, data, language)
        case "columns":
            body = _columns(panel, data, language)
        case "heat":
            body = _heat(panel, data, language)
        case _:
            return None
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": panel.title.in_(language),
        "data": {"values": data},
        **body,
    }


def _datum(row: Row, language: Language) -> dict[str, Any]:
    codes = {f"c{n}": key.code for n, key in enumerate(row.keys)}
    names = {f"k{n}": key.label.in_(language) for n, key in enumerate(row.keys)}
    return {**codes, **names, "v": row.values[0]}


def _tooltip(panel: Panel, language: Language) -> list[Spec]:
    named = [
        {"field": f"k{n}", "type": "nominal", "title": by.title.in_(language)}
        for n, by in enumerate(panel.by)
    ]
    measure = panel.measures[0].title.in_(language)
    return [*named, {"field": "v", "type": "quantitative", "title": measure, "format": ",d"}]


def _bars(panel: Panel, data: Sequence[dict[str, Any]], language: Language) -> Spec:
    order = [datum["k0"] for datum in data]
    shared = {
        "y": {"field": "k0", "type": "nominal", "sort": order, "axis": None},
        "tooltip": _tooltip(panel, language),
    }
    # The name stands above its bar: names are long in both languages, and panels are narrow on small screens.
    name = {"type": "text", "align": "left", "baseline": "bottom", "yOffset": 3, "style": "name"}
    number = {"type": "text", "align": "right", "baseline": "bottom", "yOffset": 3, "style": "number"}
    return {
        "height": BAR_STEP * len(order),
        "encoding": shared,
        "layer": [
            {
                "mark": {"type": "bar", "height": 8, "yOffset": 12, "cornerRadiusEnd": 1},
                "encoding": {
                    "x": {"field": "v", "type": "quantitative", "axis": None, "scale": {"nice": False}}
                },
            },
            {"mark": name, "encoding": {"x": {"value": 0}, "text": {"field": "k0"}}},
            {
                "mark": number,
                "encoding": {"x": {"value": "width"}, "text": {"field": "v", "format": ",d"}},
            },
        ],
    }


def _columns(panel: Panel, data: Sequence[dict[str, Any]], language: Language) -> Spec:
    months, series = _month_axis(panel)
    colour: Spec = {}
    if series is not None:
        # In the order of the codes, so that a series keeps its colour whichever is the larger.
        names = list(dict.fromkeys(d[f"k{series}"] for d in sorted(data, key=lambda d: str(d[f"c{series}"]))))
        legend = {"orient": "top", "title": None, "direction": "horizontal"}
        colour = {
            "color": {"field": f"k{series}", "type": "nominal", "scale": {"domain": names}, "legend": legend}
        }
    return {
        "height": 220,
        "mark": {"type": "bar"},
        "encoding": {
            "x": _month(months, data),
            "y": {
                "field": "v",
                "type": "quantitative",
                "title": None,
                "axis": _counts(_tallest(data, months)),
            },
            **colour,
            "tooltip": _tooltip(panel, language),
        },
    }


def _heat(panel: Panel, data: Sequence[dict[str, Any]], language: Language) -> Spec:
    rows = list(dict.fromkeys(datum["k0"] for datum in data))
    most = max(int(datum["v"]) for datum in data)
    if panel.by[1].kind == "months":
        across: Spec = _month(1, data)
    else:
        names = list(dict.fromkeys(datum["k1"] for datum in data))
        axis = {"labelAngle": -35, "labelLimit": 220, "orient": "bottom", "labelOverlap": False}
        across = {"field": "k1", "type": "nominal", "sort": names, "title": None, "axis": axis}
    return {
        "height": HEAT_STEP * len(rows),
        "mark": {"type": "rect"},
        "encoding": {
            "x": across,
            "y": {"field": "k0", "type": "nominal", "sort": rows, "title": None, "scale": {"domain": rows}},
            "color": {
                "field": "v",
                "type": "quantitative",
                "scale": {"domain": [0, most]},
                "legend": {"orient": "top", "title": None, "gradientLength": 120, **_counts(most)},
            },
            "tooltip": _tooltip(panel, language),
        },
    }


def _tallest(data: Sequence[dict[str, Any]], months: int) -> int:
    """The height of the highest stack."""
    heights: dict[str, int] = {}
    for datum in data:
        heights[datum[f"c{months}"]] = heights.get(datum[f"c{months}"], 0) + int(datum["v"])
    return max(heights.values())


def _counts(most: int) -> Spec:
    """Ticks of an axis or a legend of counts: whole numbers, also where there are few."""
    return {"format": ",d", "tickMinStep": 1, **({"values": list(range(most + 1))} if most <= FEW else {})}


def _month_axis(panel: Panel) -> tuple[int, int | None]:
    months = next(n for n, by in enumerate(panel.by) if by.kind == "months")
    return months, next((n for n in range(len(panel.by)) if n != months), None)


def _stretch(first: str, last: str) -> Spec:
    """A year at least: one month alone would fill the panel, as if it were all of the time. At the ends of what a
    calendar has (a text may give the year 1, or 9999) it may."""
    low, high = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    lacking = MONTHS - (high - low + 1)
    if lacking <= 0:
        return {}
    low, high = low - lacking // 2, high + lacking - lacking // 2
    if not dt.MINYEAR <= low // MONTHS <= (high + 1) // MONTHS <= dt.MAXYEAR:
        return {}
    least, most = (dt.datetime(n // 12, n % 12 + 1, 1, tzinfo=dt.UTC).timestamp() for n in (low, high + 1))
    # Expressions: a bare number would become a call that the interpreter of the page takes for a year.
    return {"domainMin": {"expr": f"{least * 1000:.0f}"}, "domainMax": {"expr": f"{most * 1000:.0f}"}}


def _month(depth: int, data: Sequence[dict[str, Any]]) -> Spec:
    months = [datum[f"c{depth}"] for datum in data]
    years = int(max(months)[:4]) - int(min(months)[:4])
    ticks: Spec = {"format": "%Y", "tickCount": "year"} if years >= LONG else {"format": "%Y-%m"}
    return {
        "field": f"c{depth}",
        "type": "temporal",
        "timeUnit": "utcyearmonth",
        "title": None,
        "scale": {"type": "utc", **_stretch(min(months), max(months))},
        "axis": {**ticks, "grid": False, "labelOverlap": True, "labelSeparation": 10},
        "bandPosition": 0.5,
    }
