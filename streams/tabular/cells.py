"""What a spreadsheet must not run, and what it shall read as a date or a number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

from streams.tabular.columns import Cell

BOM: Final = "\ufeff"
"""Without it Excel reads Chinese as another encoding."""
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
INSIDE: Final = re.compile(r"([;\t\r\n] *)(?=[=+\-@＝＋－＠])")
"""Where a cell begins for a spreadsheet that parts them by other signs than the comma, as most of Europe's do."""
BETWEEN: Final = "; "
"""Between several values of a cell."""
DAY: Final = 10


def neutralised(cell: str | float | None) -> str | float | None:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it, also inside where it may be
    parted; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    cell = INSIDE.sub(r"\1'", cell)
    return "'" + cell if cell.lstrip(" ").startswith(FORMULA) else cell


def csv_line(cells: Iterable[str | float | None]) -> str:
    """A line of RFC 4180, with its end: texts are quoted and harmless, numbers are not quoted, and what is not known is
    nothing at all. A quoted empty cell would be an empty text, which loaders of tables refuse where a number shall be."""
    line = ",".join(_written(neutralised(cell)) for cell in cells)
    return (line or '""') + "\r\n"


def _written(cell: str | float | None) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        doubled = cell.replace('"', '""')
        return f'"{doubled}"'
    return repr(cell)


def joined(cell: Cell) -> str | int | float | bool | None:
    """Several values as one text; one value as it is."""
    if isinstance(cell, list):
        return BETWEEN.join("" if value is None else str(value) for value in cell)
    return cell


def moment(text: str) -> dt.date | dt.datetime | None:
    """A day as a date, a time in UTC as a time without zone; None for a month, a year, and what is no date."""
    try:
        if len(text) == DAY:
            return dt.date.fromisoformat(text)
        if len(text) > DAY:
            return dt.datetime.fromisoformat(text).astimezone(dt.UTC).replace(tzinfo=None)
    except ValueError:
        return None
    return None
