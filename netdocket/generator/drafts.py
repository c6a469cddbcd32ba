"""A bulletin while it is being made: page, rows of truth, and what goes with them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from netdocket.generator.cases import Case
from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import Language
from netdocket.generator.pages import BlockKind, Page, Stated
from netdocket.generator.subjects import Person
from netdocket.generator.telling import Telling
from netdocket.generator.telling_en import TellingEn
from netdocket.generator.telling_zh import TellingZh
from netdocket.generator.truth import Row


@dataclass(slots=True)
class Draft:
    """`day`: of publication. `step`: number of amendments, which move the sums. `by`: authorities
    whose cases stand on such sites (empty: any)."""

    draw: Draw
    language: Language
    day: dt.date
    step: int = 0
    by: tuple[str, ...] = ()
    title: str = ""
    page: Page = field(default_factory=Page)
    rows: list[Row] = field(default_factory=list)
    persons: list[Person] = field(default_factory=list)

    def record(self, kind: str, title: str = "") -> Row:
        """Starts a record where the page now ends: begin its first block after this."""
        row = Row(kind=kind, start=0, title=title)
        self.rows.append(row)
        return row

    def begin(self, row: Row, kind: BlockKind = "paragraph") -> None:
        """The first block of the record."""
        row.start = self.page.begin(kind)

    def end(self, row: Row) -> None:
        self.page.trim()
        row.end = self.page.length

    def mark(self, what: Stated, code: str, start: int) -> None:
        """Marks the page from `start` to its end as a statement of the record begun last."""
        self.page.mark(what, code, start, len(self.rows) - 1)

    def telling(self, case: Case, row: Row) -> Telling:
        """Somebody to tell `case` into the page; `row` is the last record begun."""
        teller = TellingZh if case.language == "zh" else TellingEn
        return teller(self.page, self.draw, case, row, len(self.rows) - 1, self.day)
