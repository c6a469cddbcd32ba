"""A bulletin being written: its text with the blocks it is made of, and what was marked in it.

The text is that which a reader of the page gets (one line a block, a blank line before a heading, a bullet before an
item, cells of a row parted by tabs), so that offsets hold for the page as for the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "bold", "paragraph", "bullet", "head", "row"]
"""`bold`: a heading that is a paragraph in bold type; `head`: the first row of a table; `row`: a further one."""


@dataclass(frozen=True, slots=True)
class Block:
    """`start` to `end` is the block's line without the mark before a bullet."""

    kind: BlockKind
    start: int
    end: int


Stated = Literal["violation", "penalty"]


@dataclass(frozen=True, slots=True)
class Statement:
    """Words that state a violation or a penalty: `what` is `violation` or `penalty`, `record` the number of the row
    of truth that they belong to."""

    what: Stated
    code: str
    start: int
    end: int
    record: int


class Page:
    """Grows by `begin` (a block) and `add` (text within it)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0
        self._blocks: list[tuple[BlockKind, int]] = []
        self._ends: list[int] = []
        self.statements: list[Statement] = []

    def begin(self, kind: BlockKind = "paragraph") -> int:
        """Starts a block and gives the offset at which it starts (before the mark of a bullet)."""
        if self._blocks:
            self.trim()
            self._ends.append(self.length)
            self.add("\n\n" if kind == "heading" else "\n")
        start = self.length
        if kind == "bullet":
            self.add("- ")
        self._blocks.append((kind, self.length))
        return start

    def add(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)

    def trim(self) -> None:
        """Takes away white space at the end: an optional sentence that was left out leaves one behind."""
        while self._parts and (kept := self._parts[-1].rstrip(" ")) != self._parts[-1]:
            self.length -= len(self._parts[-1]) - len(kept)
            self._parts[-1:] = [kept] if kept else []

    def mark(self, what: Stated, code: str, start: int, record: int) -> None:
        """What was written from `start` on states this."""
        self.statements.append(Statement(what, code, start, self.length, record))

    def paragraph(self, text: str, kind: BlockKind = "paragraph") -> int:
        start = self.begin(kind)
        self.add(text)
        return start

    def since(self, start: int) -> str:
        """The text from `start` on: a few pieces at the end."""
        parts: list[str] = []
        left = self.length - start
        for part in reversed(self._parts):
            if left <= 0:
                break
            parts.append(part[-left:])
            left -= len(part)
        return "".join(reversed(parts))

    def text(self) -> str:
        return "".join(self._parts)

    def blocks(self) -> tuple[Block, ...]:
        ends = [*self._ends, self.length]
        return tuple(Block(kind, start, end) for (kind, start), end in zip(self._blocks, ends, strict=False))
