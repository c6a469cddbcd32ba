"""What an evaluation holds: figures, classes, confusions, causes, the worst documents. The JSON report is this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from netdocket.evaluation.intervals import DRAWS, Interval
from netdocket.evidence import Quote

Half = Literal["all", "even", "odd"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`value`: F1, or the share that is right; `n`: values labelled, or judged."""

    name: str
    value: float
    n: int
    right: int
    missed: int
    invented: int
    precision: float | None = None
    recall: float | None = None
    interval: Interval | None = None
    goal: float | None = None

    @property
    def judged(self) -> bool:
        """Whether there was anything to judge; without it all is right."""
        return self.n + self.invented > 0

    @property
    def short(self) -> bool:
        """Whether it falls short of its goal."""
        return self.goal is not None and round(self.value, 3) < self.goal


class ClassRow(msgspec.Struct, frozen=True, kw_only=True):
    """One class of a figure; `n` values labelled. Of a share precision is None and recall the share that is right."""

    figure: str
    group: str
    n: int
    right: int
    missed: int
    invented: int
    precision: float | None
    recall: float | None
    f1: float | None
    precision_interval: Interval | None
    recall_interval: Interval | None
    f1_interval: Interval | None


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of some of the documents."""

    name: str
    documents: int
    labels: int
    records: int
    figures: dict[str, Figure]


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """What was read where something else is labelled. Of several values on a record each missed one stands beside each
    invented one, or beside nothing."""

    figure: str
    wanted: str
    given: str
    count: int


class CauseCount(msgspec.Struct, frozen=True, kw_only=True):
    figure: str
    cause: str
    count: int


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """One value that was missed, invented or wrong, why, and the sentence that shows it."""

    item: int | None
    figure: str
    outcome: str
    wanted: str
    given: str
    cause: str
    rule: str | None = None
    quote: Quote | None = None


class DocumentSlips(msgspec.Struct, frozen=True, kw_only=True):
    """`wrong`: values missed, invented or wrong, those of whole items included; `of`: values judged."""

    doc: str
    title: str
    wrong: int
    of: int
    slips: list[Slip]


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """`slices`: `all` (of the documents measured), and by half and language where both are there."""

    half: Half
    rules_version: int | None
    slices: dict[str, Slice]
    classes: list[ClassRow]
    confusions: list[Confusion]
    causes: list[CauseCount]
    worst: list[DocumentSlips]
    draws: int = DRAWS

    @property
    def figures(self) -> Mapping[str, Figure]:
        return self.slices["all"].figures
