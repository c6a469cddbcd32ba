"""Penalty tables: a page is one bulletin, its native table has a case a row.

The heads of the table are found by what they say with white space taken out (当 事 人 名 称), and are written into the
text like that. A page without such a table, and without a document that may hold one, has been redesigned.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import etree

from crawlers.engines.pages import PagesEngine
from crawlers.pages import Page
from netdocket.errors import LayoutError

_HEAD_ROWS = 4
"""A title row or two may stand above the heads."""


class PenaltyTablesEngine(PagesEngine):
    def _text(
        self,
        bodies: Sequence[etree._Element],
        dropped: Sequence[etree._Element],
        page: Page,
        *,
        with_files: bool,
    ) -> str:
        columns = [re.compile(column) for column in self.card.detail.columns]
        tables = [table for body in bodies for table in (body, *body.iterdescendants("table"))]
        found = [table for table in tables if _squeeze_heads(table, columns)]
        if not found and not with_files:
            wanted = ", ".join(self.card.detail.columns)
            raise LayoutError(f"no penalty table here: no row has the heads {wanted}", where=page.url)
        return super()._text(bodies, dropped, page, with_files=with_files)


def _squeeze_heads(table: etree._Element, columns: Sequence[re.Pattern[str]]) -> bool:
    """Takes white space out of the row of heads, in place; False where the table has none."""
    if table.tag != "table":
        return False
    for _, row in zip(range(_HEAD_ROWS), table.iter("tr"), strict=False):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        heads = ["".join("".join(str(part) for part in cell.itertext()).split()) for cell in cells]
        if heads and all(any(column.search(head) for head in heads) for column in columns):
            for cell, head in zip(cells, heads, strict=True):
                for child in list(cell):
                    cell.remove(child)
                cell.text = head
            return True
    return False
