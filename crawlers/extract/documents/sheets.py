"""XLSX: every sheet row by row; of a workbook with several, each under its name."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any, Final

import openpyxl

from crawlers.extract.html import fold
from netdocket.errors import UnreadableError

MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200


def xlsx_text(body: bytes) -> str:
    """Raises UnreadableError for a workbook beyond all bounds, and whatever openpyxl raises for a damaged one."""
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
    try:
        parts = []
        for sheet in book.worksheets:
            rows = list(_rows(sheet))
            if rows:
                parts.append("\n".join([sheet.title, *rows] if len(book.worksheets) > 1 else rows))
        return "\n\n".join(parts)
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[str]:
    sheet.reset_dimensions()  # what a file says of its size is often wrong: each row would be filled up to it, or cut
    for number, row in enumerate(sheet.iter_rows(values_only=True)):
        if number >= MOST_ROWS:
            raise UnreadableError(f"the sheet {sheet.title!r} has more than {MOST_ROWS:,} rows")
        beyond = row[MOST_COLUMNS:]  # cells that have nothing but a style may reach far to the right
        if beyond.count(None) < len(beyond) and any(_printed(value) for value in beyond):
            raise UnreadableError(f"the sheet {sheet.title!r} has more than {MOST_COLUMNS} columns")
        cells = [_printed(value) for value in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield "\t".join(cells)


def _printed(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return fold([str(value)])
