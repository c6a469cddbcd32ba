"""PDF: paragraphs and ruled tables in the order in which they stand on the pages.

A table goes on over pages: the next page begins with one of the same number of columns. Its heads, where they are
printed again, are left out, and a row whose first cell is empty at the top of a page is the rest of the row before.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pdfplumber

from crawlers.extract.html import fold
from netdocket.errors import UnreadableError

MOST_PAGES: Final = 400
_PAGE_NUMBER: Final = re.compile(
    r"[-—–\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／共]\s*(?:共\s*)?\d{1,4}\s*页?)?[-—–\s]*"
)
_NEAR_EDGE: Final = 2.0
"""A line that ends within so many characters of the widest one's end goes on in the next."""


@dataclass(slots=True)
class _Block:
    """Rows of a table, or one line of text with where it ends (points) and the height of its characters."""

    top: float
    rows: list[list[str]] = field(default_factory=list)
    line: str = ""
    end: float = 0
    size: float = 0


def pdf_text(body: bytes) -> str:
    """Raises UnreadableError (too many pages, none with text), and whatever pdfplumber raises for a damaged file."""
    with pdfplumber.open(io.BytesIO(body)) as document:
        if len(document.pages) > MOST_PAGES:
            raise UnreadableError(f"{len(document.pages):,} pages, more than {MOST_PAGES}")
        pages = []
        for page in document.pages:
            pages.append(_blocks(page))
            page.close()
    text = "\n".join(_printed(pages))
    if not text.strip():
        raise UnreadableError(f"{len(pages)} pages without text: pictures of pages")
    return text


def _blocks(page: Any) -> list[_Block]:
    tables = page.find_tables()
    boxes = [table.bbox for table in tables]
    found = [
        _Block(top=table.bbox[1], rows=[[fold([cell or ""]) for cell in row] for row in table.extract()])
        for table in tables
    ]
    outside = page.filter(lambda item: item.get("object_type") != "char" or not _within(item, boxes))
    for line in outside.extract_text_lines(return_chars=True, strip=True):
        text = fold([line["text"]])
        if text and not _PAGE_NUMBER.fullmatch(text):
            size = max((char["size"] for char in line["chars"]), default=10.0)
            found.append(_Block(top=line["top"], line=text, end=line["x1"], size=size))
    return sorted(found, key=lambda block: block.top)


def _within(char: Any, boxes: list[tuple[float, float, float, float]]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in boxes)


def _printed(pages: list[list[_Block]]) -> Iterator[str]:
    widest = max((block.end for page in pages for block in page if block.line), default=0.0)
    paragraph: list[str] = []
    table: list[list[str]] = []
    for page in pages:
        for place, block in enumerate(page):
            if block.rows:
                yield from _closed(paragraph)
                if place == 0 and table and len(table[0]) == len(block.rows[0]):
                    _go_on(table, block.rows)
                else:
                    yield from _table(table)
                    table = block.rows
                continue
            yield from _table(table)
            table = []
            paragraph.append(block.line)
            if block.end < widest - _NEAR_EDGE * block.size:
                yield from _closed(paragraph)
    yield from _closed(paragraph)
    yield from _table(table)


def _closed(paragraph: list[str]) -> Iterator[str]:
    if paragraph:
        yield fold(["\n".join(paragraph)])
        paragraph.clear()


def _go_on(table: list[list[str]], rows: list[list[str]]) -> None:
    rest = rows[1:] if rows[0] == table[0] else rows
    if rest and rest is rows and not rest[0][0] and any(rest[0]):
        table[-1] = [fold([f"{above}\n{below}"]) for above, below in zip(table[-1], rest[0], strict=True)]
        rest = rest[1:]
    table.extend(rest)


def _table(rows: list[list[str]]) -> Iterator[str]:
    yield from ("\t".join(row) for row in rows if any(row))
