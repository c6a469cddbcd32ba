"""HTML to text: one line a block, as the page reads.

White space is folded, except in <pre>, which is taken verbatim. Headings stand after a blank line. List items carry
their bullet or number. Tables of data go row by row, cells separated by tabs; tables that only lay out the page are
read as blocks. A footnote mark is set in brackets, so that it does not run into the word before it. What is not
shown (scripts, styles, navigation, hidden elements) is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from lxml import etree

_DROPPED: Final = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "nav",
        "iframe",
        "object",
        "svg",
        "canvas",
        "audio",
        "video",
        "button",
        "select",
        "textarea",
        "map",
        "dialog",
    ]
)
_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HIDDEN: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
_UNMARKED: Final = re.compile(r"list-style(?:-type)?\s*:[^;]*\bnone\b", re.IGNORECASE)
_INVISIBLE: Final = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f]")
_SPACE: Final = re.compile(r"\s+")
_NOTE_MARK: Final = re.compile(r"\d{1,3}|[*†‡]{1,3}")
_UNIT: Final = re.compile(r"(?:\b[mkcd]?m|10)$")
"""m², km², 10⁶: raised, but no footnote."""
_MOST_COLUMNS: Final = 200
"""Beyond these, cells no longer reach over others: no real table does."""


def html_to_text(*elements: etree._Element, drop: Iterable[etree._Element] = ()) -> str:
    """Text of the elements, one after another. `drop`: elements inside them that are no content."""
    dropped = frozenset(drop)
    return "\n".join(text for element in elements if (text := _Reader(dropped).read(element)))


class _Reader:
    """Walks a tree without recursion: pages nest as deep as they like."""

    def __init__(self, dropped: frozenset[etree._Element]) -> None:
        self._dropped = dropped
        self._lines: list[str] = []
        self._inline: list[str] = []
        self._marker = ""
        self._lists: list[int | None] = []
        """For each list we are in, the number of its next item; None where it has no numbers."""

    def read(self, root: etree._Element) -> str:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, node in walk:
            if event == "end":
                self._leave(node, is_root=node is root)
            elif self._enter(node):
                walk.skip_subtree()
        self._flush()
        return "\n".join(self._lines)

    def _enter(self, node: etree._Element) -> bool:
        """True where what is inside is done with."""
        tag = node.tag
        if not isinstance(tag, str):  # a comment or a processing instruction
            return True
        if tag in _DROPPED or node in self._dropped or _is_hidden(node):
            return True
        if tag == "br":
            self._flush()
        elif tag == "pre":
            self._flush()
            self._lines.append(_verbatim(node))
            return True
        elif tag == "table" and _holds_data(node):
            self._flush()
            self._lines.extend(_rows(node, self._dropped))
            return True
        elif tag == "sup" and (mark := _note_mark(node, "".join(self._inline[-2:]))):
            self._inline.append(mark)
            return True
        elif tag in _HEADINGS:
            self._flush()
            if self._lines:
                self._lines.append("")
        elif tag in _BLOCKS:
            self._flush()
            self._enter_list(node)
        if node.text:
            self._inline.append(node.text)
        return False

    def _enter_list(self, node: etree._Element) -> None:
        if node.tag == "ul":
            self._lists.append(None)
        elif node.tag == "ol":
            self._lists.append(_number(node.get("start"), 1))
        elif node.tag == "li":
            parent = node.getparent()
            if not self._lists or parent is None or _UNMARKED.search(parent.get("style") or ""):
                return
            number = self._lists[-1]
            if number is not None:
                number = _number(node.get("value"), number)
                self._lists[-1] = number + 1
            self._marker = "  " * (len(self._lists) - 1) + ("- " if number is None else f"{number}. ")

    def _leave(self, node: etree._Element, *, is_root: bool) -> None:
        tag = node.tag
        if isinstance(tag, str) and (tag in _BLOCKS or tag in _HEADINGS):
            if tag not in _DROPPED:
                self._flush()
            if tag == "li":
                self._marker = ""
            if tag in ("ul", "ol") and self._lists and not (node in self._dropped or _is_hidden(node)):
                self._lists.pop()
        if node.tail and not is_root:
            self._inline.append(node.tail)

    def _flush(self) -> None:
        line = fold(self._inline)
        self._inline.clear()
        if line:
            self._lines.append(self._marker + line)
            self._marker = ""


def fold(fragments: Iterable[str]) -> str:
    """One line: runs of white space are one space, and none where a line of source ends between two wide (Chinese)
    characters."""
    text = _INVISIBLE.sub("", "".join(fragments)).strip()
    return _SPACE.sub(_space, text)


def _space(run: re.Match[str]) -> str:
    text, before, after = run.string, run.start() - 1, run.end()
    broken = "\n" in run.group() or "\r" in run.group()
    return "" if broken and _is_wide(text[before]) and _is_wide(text[after]) else " "


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _is_hidden(node: etree._Element) -> bool:
    return node.get("hidden") is not None or bool(_HIDDEN.search(node.get("style") or ""))


def _number(given: str | None, default: int) -> int:
    return int(given) if given and given.isascii() and given.lstrip("-").isdigit() else default


def _verbatim(node: etree._Element) -> str:
    """As it stands, but for the one line end after `<pre>` that HTML does not count."""
    parts: list[str] = []
    for event, item in etree.iterwalk(node, events=("start", "end")):
        if event == "start" and isinstance(item.tag, str):
            parts.append("\n" if item.tag == "br" else item.text or "")
        elif event == "end" and item is not node:
            parts.append(item.tail or "")
    return "".join(parts).removeprefix("\n")


def _note_mark(node: etree._Element, before: str) -> str | None:
    text = "".join(str(part) for part in node.itertext()).strip()
    return f"[{text}]" if _NOTE_MARK.fullmatch(text) and not _UNIT.search(before) else None


# --- tables ------------------------------------------------------------------------------------------------


def _holds_data(table: etree._Element) -> bool:
    """Several columns, no table inside, and not one row that holds whole columns of the page."""
    if next(table.iterdescendants("table"), None) is not None:
        return False
    rows = [_cells(row) for row in table.iter("tr")]
    if max((len(row) for row in rows), default=0) < 2:
        return False
    return len(rows) > 1 or all(len(list(cell.iterdescendants("p", "div"))) < 4 for cell in rows[0])


def _rows(table: etree._Element, dropped: frozenset[etree._Element]) -> Iterator[str]:
    """A line a row. Cells that reach over several columns or rows are printed once and leave the others empty, so
    that columns stay aligned and nothing is said twice."""
    for caption in table.iter("caption"):
        if text := _cell_text(caption, dropped):
            yield text
    reaching: dict[int, int] = {}  # column -> further rows that a cell above reaches into
    for row in table.iter("tr"):
        texts: list[str] = []
        if row in dropped or _is_hidden(row):
            continue
        for cell in _cells(row):
            _skip_reached(texts, reaching)
            width, height = _reach(cell, "colspan"), _reach(cell, "rowspan")
            if len(texts) > _MOST_COLUMNS:
                width = height = 1
            for column in range(len(texts), len(texts) + width):
                if height > 1:
                    reaching[column] = height - 1
            texts += [_cell_text(cell, dropped), *[""] * (width - 1)]
        _skip_reached(texts, reaching)
        if any(texts):
            yield "\t".join(texts)


def _skip_reached(texts: list[str], reaching: dict[int, int]) -> None:
    while reaching.get(len(texts), 0) > 0:
        reaching[len(texts)] -= 1
        texts.append("")


def _reach(cell: etree._Element, name: str) -> int:
    return min(max(_number(cell.get(name), 1), 1), 100)


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _cell_text(cell: etree._Element, dropped: frozenset[etree._Element]) -> str:
    return " ".join(_Reader(dropped).read(cell).split())
