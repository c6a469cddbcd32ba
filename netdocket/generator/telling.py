"""Telling a case: what both languages share. The row of truth grows as the words are written, so that it holds what the
text states and nothing else."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from netdocket.generator.cases import Case
from netdocket.generator.citations import Cite
from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import sector_words, words
from netdocket.generator.measures import Measure
from netdocket.generator.money import wan
from netdocket.generator.pages import Page, Stated
from netdocket.generator.subjects import Person
from netdocket.generator.templates import Template
from netdocket.generator.truth import Row, citation, penalty

_COUNTS: Final = (
    1200,
    3600,
    8000,
    12_000,
    17_000,
    24_000,
    36_000,
    48_000,
    65_000,
    92_000,
    130_000,
    270_000,
    650_000,
)
_ROUND: Final = (3, 5, 6, 8, 10, 12, 15, 16, 20, 24, 30, 36, 40, 48, 50, 60, 80, 100, 120, 200, 300)


class CaseWords:
    """Fills the slots of phrases from the case's sector and the general lists; numbers are drawn."""

    def __init__(self, case: Case, draw: Draw) -> None:
        self._case = case
        self._draw = draw
        sector = case.subject.sector or "UNKNOWN"
        self._sector: Mapping[str, Any] = sector_words(case.language)[sector]
        self._lists = words(case.language)
        self.measure: Measure | None = None
        self.given: dict[str, str] = {}

    def word(self, name: str) -> str:
        given = self.given.get(name)
        if given is not None:
            return given
        found = self._sector.get(name)
        if found is not None:
            return found if isinstance(found, str) else str(self._draw.pick(found))
        listed = self._lists.get(name)
        if listed is not None:
            return self._draw.pick(listed)
        if name == "n":
            return str(self._draw.pick(_ROUND))
        if name == "wan":
            return wan(self._draw.pick(_COUNTS))
        if name == "rows":
            return f"{self._draw.pick(_COUNTS):,}"
        if name == "its":
            return self._case.subject.own
        raise KeyError(name)


class Telling(ABC):
    """One case being told on `page`. `anchor`: the day on which the bulletin is published."""

    def __init__(self, page: Page, draw: Draw, case: Case, row: Row, record: int, anchor: dt.date) -> None:
        self.page = page
        self.draw = draw
        self.case = case
        self.row = row
        self.record = record
        self.anchor = anchor
        self.words = CaseWords(case, draw)
        self.persons: list[Person] = [case.subject.person] if case.subject.person else []
        row.authority_type = case.office.type
        row.region = case.office.region or self._subjects_place()
        row.sector = case.subject.sector
        row.subject_kind = case.subject.kind
        row.violations = list(case.codes)

    def _subjects_place(self) -> str | None:
        """A national authority has no place: then it is the subject's, where its name tells it."""
        city, name = self.case.office.city, self.case.subject.name
        printed = city.short if self.case.language == "zh" else city.en
        return city.export if printed in name else None

    def tell(
        self,
        options: Sequence[Template],
        otherwise: Sequence[Template] = (),
        extra: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        """Plays one of the frames whose slots this case (with the `extra` ones) can fill, where there is none one of
        `otherwise`; the end of a line starts a paragraph."""
        slots = {**self.slots(), **(extra or {})}
        fitting = [frame for frame in options if frame.needed <= slots.keys()]
        fitting = fitting or [frame for frame in otherwise if frame.needed <= slots.keys()]
        self.draw.pick(fitting).play(self._write, self.draw, slots)

    @abstractmethod
    def slots(self) -> dict[str, Callable[[], None]]:
        """What a frame's slots are filled with: by name, what writes it."""

    @abstractmethod
    def sentence(self) -> None:
        """What a court passed."""

    def _write(self, text: str) -> None:
        first, *more = text.split("\n")
        if first:
            self.page.add(first)
        for line in more:
            self.page.begin()
            if line:
                self.page.add(line)

    def _mark(self, what: Stated, code: str, text: str) -> None:
        """Writes `text` as the statement of a violation or a penalty."""
        start = self.page.length
        self.page.add(text)
        self.page.mark(what, code, start, self.record)

    def _impose(self, measure: Measure, text: str) -> None:
        self._mark("penalty", measure.type, text)
        self.row.penalties.append(penalty(measure))

    def _cite(self, cites: Sequence[Cite]) -> None:
        for cite in cites:
            entry = citation(cite)
            if entry not in self.row.citations:
                self.row.citations.append(entry)
