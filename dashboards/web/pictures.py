"""A panel as a picture: SVG and PNG, with its title, what it counts, the filters, and the mark of demonstration data.

Drawn here and not in the browser, so that a picture can be had by its address. A PNG is drawn with the fonts of this
machine; an SVG leaves them to whoever looks at it.
"""

from __future__ import annotations

import functools
import textwrap
from typing import Any

import vl_convert

from dashboards.panels.model import Language, Panel, Text
from dashboards.panels.tables import Table
from dashboards.panels.vegalite import chart

WIDTH, WIDE = 480, 900
SCALE = 2
LINE = {"en": 88, "zh": 46}
FONT = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'WenQuanYi Micro Hei', 'Microsoft YaHei', 'PingFang SC', sans-serif"
)
INK, QUIET, RULE, BAR = "#1d2327", "#59636b", "#d5d2c9", "#2f6f8f"
HEAT = ["#cfe1e9", "#14465f"]
_FILTERED = Text("Filters: ", "筛选：")
_LEFT_OUT = Text("Not shown: ", "未显示：")


def picture_spec(
    panel: Panel, table: Table, language: Language, *, filters: str, mark: str | None
) -> dict[str, Any] | None:
    """The chart with everything that has to stand beside it once it has left the page; None where nothing can be
    drawn. `filters`: in words, empty where there are none."""
    spec = chart(panel, table, language)
    if spec is None:
        return None
    said = [panel.counts.in_(language)]
    if filters:
        said.append(_FILTERED.in_(language) + filters)
    if table.left_out:
        parts = ", ".join(f"{entry.words.in_(language)} {entry.count:,}" for entry in table.left_out)
        said.append(_LEFT_OUT.in_(language) + parts)
    said.append(f"netdocket{f' | {mark}' if mark else ''}")
    width = WIDE if panel.wide else WIDTH
    columns = LINE[language] * width // WIDE
    lines = [line for text in said for line in textwrap.wrap(text, columns) or [""]]
    title = {"text": panel.title.in_(language), "subtitle": lines, "anchor": "start", "offset": 12}
    return {**spec, "width": width, "title": title, "padding": 14, "config": _config(width)}


def svg(spec: dict[str, Any]) -> str:
    return str(vl_convert.vegalite_to_svg(spec))


@functools.cache
def writes_chinese() -> bool:
    """Whether this machine has a font with Chinese characters: without one, text is left out of a PNG in silence."""
    one, other = (
        vl_convert.vegalite_to_png({
            "data": {"values": [{}]},
            "mark": {"type": "text", "text": character, "font": FONT, "fontSize": 20},
        })
        for character in "罚款"
    )  # fmt: skip
    return bool(one != other)


def png(spec: dict[str, Any]) -> bytes:
    return bytes(vl_convert.vegalite_to_png(spec, scale=SCALE))


def _config(width: int) -> dict[str, Any]:
    quiet = {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 11.5}
    return {
        "background": "#ffffff",
        "font": FONT,
        "view": {"stroke": None},
        "title": {
            "fontSize": 16,
            "color": INK,
            "subtitleColor": QUIET,
            "subtitleFontSize": 11.5,
            "subtitlePadding": 4,
        },
        "text": {"color": INK},
        "bar": {"color": BAR},
        "style": {
            "name": {"fontSize": 12.5, "limit": width - 64},
            "number": {"fontSize": 12.5, "fontWeight": 600},
        },
        "range": {"category": [BAR, "#c98a2b", "#7a8a5c"], "heatmap": HEAT, "ramp": HEAT},
        "axis": {**quiet, "domainColor": RULE, "tickColor": RULE, "gridColor": "#ebe8e0"},
        "axisY": {"domain": False, "ticks": False, "labelPadding": 6, "labelLimit": 320},
        "legend": {**quiet, "symbolType": "square", "gradientThickness": 8},
    }
