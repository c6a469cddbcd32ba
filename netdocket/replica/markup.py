"""The small markup of the fixtures' bodies, and how publishers' editors render it.

    ## 一、heading              a heading
    - text  /  1. text          a bullet, a numbered line (the number is printed as written)
    | a | b |                   a table row; the first row of a table is its head
    text[^1]  and  [^1]: note   a footnote, printed as a raised number and below the text
    **bold**, [label](/path)    inside a line

Everything else is a paragraph; blocks are parted by blank lines, and the lines of a paragraph are joined.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "paragraph", "bullets", "table", "note"]

_INLINE = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[\^(\w+)\]"), r'<sup><a href="#note-\1">\1</a></sup>'),
    (re.compile(r"\[([^\]]+)\]\((/[^)]*)\)"), r'<a href="\2">\1</a>'),
)
_NOTE = re.compile(r"\[\^(\w+)\]:\s*")
_HAN_BREAK = re.compile(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])")
# Editors write these as entities; a reader of pages has to undo them.
_ENTITIES = {
    "“": "&ldquo;",
    "”": "&rdquo;",
    "’": "&rsquo;",
    "–": "&ndash;",
    "\u00a0": "&nbsp;",
    "·": "&middot;",
}


@dataclass(frozen=True)
class Block:
    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Style:
    """How a site's editor writes blocks. `heading`: tag of a heading, or None for a bold paragraph;
    `paragraph`: attributes of a paragraph; `indent`: what each paragraph begins with."""

    heading: str | None = "h3"
    paragraph: str = ""
    indent: str = ""
    table: str = ""


def blocks(body: str) -> Iterator[Block]:
    for chunk in re.split(r"\n\s*\n", body.strip()):
        lines = tuple(line.strip() for line in chunk.splitlines())
        if lines[0].startswith("## "):
            yield Block("heading", (lines[0][3:].strip(),))
        elif lines[0].startswith("|"):
            yield Block("table", lines)
        elif lines[0].startswith("- "):
            yield Block("bullets", tuple(_joined(lines, "- ")))
        elif note := _NOTE.match(lines[0]):
            yield Block("note", (note.group(1), _paragraph(lines)[note.end() :]))
        else:
            yield Block("paragraph", (_paragraph(lines),))


def to_html(body: str, style: Style) -> str:
    """HTML of a body; notes stand at its end in the order in which they are written."""
    notes: list[str] = []
    text: list[str] = []
    for block in blocks(body):
        (notes if block.kind == "note" else text).append(_render(block, style))
    if notes:
        text.append(f'<div class="footnotes"><hr>\n{chr(10).join(notes)}\n</div>')
    return "\n".join(text)


def _render(block: Block, style: Style) -> str:
    if block.kind == "heading" and style.heading:
        return f"<{style.heading}>{_inline(block.lines[0])}</{style.heading}>"
    if block.kind == "heading":
        return f"<p{style.paragraph}>{style.indent}<strong>{_inline(block.lines[0])}</strong></p>"
    if block.kind == "bullets":
        return "<ul>" + "".join(f"\n<li>{_inline(line)}</li>" for line in block.lines) + "\n</ul>"
    if block.kind == "table":
        return _table(block.lines, style)
    if block.kind == "note":
        return f'<p id="note-{block.lines[0]}">{block.lines[0]}. {_inline(block.lines[1])}</p>'
    return f"<p{style.paragraph}>{style.indent}{_inline(block.lines[0])}</p>"


def _table(lines: tuple[str, ...], style: Style) -> str:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, *body = (
        "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in row) + "</tr>"
        for row, tag in zip(rows, ["th"] + ["td"] * len(rows), strict=False)
    )
    rendered = "\n".join(body)
    return f"<table{style.table}>\n<thead>{head}</thead>\n<tbody>\n{rendered}\n</tbody>\n</table>"


def _inline(line: str) -> str:
    text = html.escape(line, quote=False)
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return "".join(_ENTITIES.get(char, char) for char in text)


def _paragraph(lines: tuple[str, ...]) -> str:
    """Lines of Chinese join without a space, others with one."""
    return _HAN_BREAK.sub("", "\n".join(lines)).replace("\n", " ")


def _joined(lines: tuple[str, ...], mark: str) -> Iterator[str]:
    item: list[str] = []
    for line in lines:
        if line.startswith(mark) and item:
            yield _paragraph(tuple(item))
            item = []
        item.append(line.removeprefix(mark) if line.startswith(mark) else line)
    yield _paragraph(tuple(item))
