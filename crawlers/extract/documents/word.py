"""DOCX: paragraphs and tables in their order. Numbers that Word itself puts before list items are not in the file's
text and so are missing."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.table import Table

from crawlers.extract.html import fold


def docx_text(body: bytes) -> str:
    """Raises whatever python-docx raises for a damaged file."""
    return "\n".join(_lines(docx.Document(io.BytesIO(body))))


def _lines(document: Document) -> Iterator[str]:
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield from _rows(block)
        else:
            yield from (line for part in block.text.splitlines() if (line := fold([part])))


def _rows(table: Table) -> Iterator[str]:
    """A cell that reaches over others is printed once and leaves them empty."""
    printed: set[object] = set()
    for row in table.rows:
        texts: list[str] = []
        for cell in row.cells:
            first = cell._tc not in printed
            printed.add(cell._tc)
            texts.append(fold([cell.text]) if first else "")
        if any(texts):
            yield "\t".join(texts)
