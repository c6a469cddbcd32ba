"""What a briefing is made of, whatever it is written as. Text is in two languages; a number carries its search."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Language = Literal["en", "zh", "both"]


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    en: str
    zh: str

    def in_(self, language: Language) -> str:
        if language == "both" and self.en != self.zh:
            return f"{self.en} / {self.zh}"
        return self.zh if language == "zh" else self.en


@dataclasses.dataclass(frozen=True, slots=True)
class Number:
    """`value` stands at `path` in the answer to `body` on `index`; None: no value (a sum over nothing known)."""

    value: float | None
    index: str
    body: Mapping[str, Any]
    path: tuple[str, ...]
    digits: int = 0

    @property
    def shown(self) -> str:
        return "–" if self.value is None else f"{self.value:,.{self.digits}f}"


Cell = Text | Number | str


@dataclasses.dataclass(frozen=True, slots=True)
class Heading:
    text: Text


@dataclasses.dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    name: str
    head: Sequence[Text]
    rows: Sequence[Sequence[Cell]]


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    """The numbers of the table before it, drawn."""

    table: Table


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """What stands before it is the first `shown` of so many."""

    shown: int
    total: Number

    @property
    def text(self) -> Text:
        return Text(
            f"The first {self.shown} of {self.total.shown}.",
            f"列出前 {self.shown} 项，共 {self.total.shown} 项。",
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """A case told: its title, the sentence, and the number of its source."""

    title: str
    said: Text
    quotation: str | None
    source: int


@dataclasses.dataclass(frozen=True, slots=True)
class Sources:
    urls: Sequence[str]


Block = Heading | Paragraph | Table | Chart | Cut | Case | Sources


@dataclasses.dataclass(frozen=True, slots=True)
class Briefing:
    title: Text
    blocks: Sequence[Block]

    def numbers(self) -> list[Number]:
        found: list[Number] = []
        for block in self.blocks:
            if isinstance(block, Table):
                found += [cell for row in block.rows for cell in row if isinstance(cell, Number)]
            elif isinstance(block, Cut):
                found.append(block.total)
        return found
