"""Tables and lists as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboards.panels.model import Language, Panel
from dashboards.panels.tables import Table
from streams.tabular import cells
from streams.tabular.cells import csv_line

Cell = str | float | None
BOM = cells.BOM


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180 lines of `rows`."""
    return "".join(csv_line(row) for row in rows)


def panel_csv(panel: Panel, table: Table, language: Language, *, mark: str | None) -> str:
    """A panel's table: code and name of each dimension, then the measures. `mark` fills a last column `data` where
    the data are no real ones."""
    head: list[Cell] = []
    for by in panel.by:
        head += [
            f"{by.title.in_(language)} (code)" if language == "en" else f"{by.title.in_(language)}（代码）"
        ]
        head += [by.title.in_(language)]
    head.extend(measure.title.in_(language) for measure in table.measures)
    tail: list[Cell] = [mark] if mark else []
    if mark:
        head.append("data")
    lines: list[list[Cell]] = [head]
    for row in table.rows:
        keys: list[Cell] = [cell for key in row.keys for cell in (key.code, key.label.in_(language))]
        lines.append([*keys, *(_number(value) for value in row.values), *tail])
    for entry in table.left_out:
        width = 2 * len(panel.by)
        words: list[Cell] = ["", entry.words.in_(language), *([""] * (width - 2))]
        lines.append([*words, entry.count, *[None] * (len(table.measures) - 1), *tail])
    return csv_text(lines)


def _number(value: float | None) -> Cell:
    if value is None:
        return None
    return int(value) if float(value).is_integer() else round(value, 2)
