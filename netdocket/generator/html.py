"""The body of a bulletin as HTML: a reader of the page gets the bulletin's text again, character by character."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from netdocket.generator.pages import Block


@dataclass(frozen=True, slots=True)
class Editor:
    """How a site's editor writes blocks. `paragraph`, `table`: attributes; `indent`: what a paragraph begins with;
    `entities`: characters that it writes as entities."""

    paragraph: str = ""
    indent: str = ""
    table: str = ""
    entities: bool = True


_ENTITIES = {"“": "&ldquo;", "”": "&rdquo;", "’": "&rsquo;", "·": "&middot;"}


def body_html(text: str, blocks: tuple[Block, ...], editor: Editor) -> str:
    """The blocks of `text` one after another; bullets in a row are one list, rows one table."""
    return "\n".join(
        _list(text, run, editor)
        if kind == "list"
        else _table(text, run, editor)
        if kind == "table"
        else _line(text, run[0], editor)
        for kind, run in _runs(blocks)
    )


def _runs(blocks: tuple[Block, ...]) -> Iterator[tuple[str, list[Block]]]:
    """Lists and tables as a whole, other blocks singly."""
    number = 0
    keys: list[tuple[str, int]] = []
    for block in blocks:
        kind = {"bullet": "list", "head": "table", "row": "table"}.get(block.kind, "line")
        if kind == "line" or block.kind == "head":
            number += 1
        keys.append((kind, number))
    for (kind, _), pairs in groupby(zip(keys, blocks, strict=True), key=lambda pair: pair[0]):
        yield kind, [block for _, block in pairs]


def _line(text: str, block: Block, editor: Editor) -> str:
    inner = _escaped(text[block.start : block.end], editor)
    if block.kind == "heading":
        return f"<h3>{inner}</h3>"
    if block.kind == "bold":
        return f"<p{editor.paragraph}>{editor.indent}<strong>{inner}</strong></p>"
    return f"<p{editor.paragraph}>{editor.indent}{inner}</p>"


def _list(text: str, run: list[Block], editor: Editor) -> str:
    items = "".join(f"\n<li>{_escaped(text[block.start : block.end], editor)}</li>" for block in run)
    return f"<ul>{items}\n</ul>"


def _table(text: str, run: list[Block], editor: Editor) -> str:
    rows = "\n".join(
        "<tr>"
        + "".join(
            f"<{tag}>{_escaped(cell, editor)}</{tag}>" for cell in text[block.start : block.end].split("\t")
        )
        + "</tr>"
        for block, tag in ((block, "th" if block.kind == "head" else "td") for block in run)
    )
    return f"<table{editor.table}>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _escaped(text: str, editor: Editor) -> str:
    escaped = html.escape(text, quote=False)
    return "".join(_ENTITIES.get(char, char) for char in escaped) if editor.entities else escaped
