"""A text with its evidence marked: every mark leads to the value that rests on it.

Spans may overlap and nest. The text is cut at every border of a span; each piece under at least one span becomes one
mark that names all its values and links to the one with the shortest span. Where a value's evidence begins, an
anchor `e-<name>` stands.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

from markupsafe import Markup, escape

from dashboards.web.values import Value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Marked:
    """`inside`: names of the values whose evidence stands in the text shown."""

    html: Markup
    inside: frozenset[str]


def marked_text(text: str, start: int, end: int, values: Sequence[Value], *, page: str = "") -> Marked:
    """`text[start:end]` with the evidence that overlaps it. `page`: address of the page that has the values, where it
    is another one."""
    spans = [
        (max(start, value.evidence.start), min(end, value.evidence.end), value)
        for value in values
        if value.evidence and value.evidence.start < end and value.evidence.end > start
    ]
    borders = sorted({start, end, *(s for s, _, _ in spans), *(e for _, e, _ in spans)})
    pieces: list[str] = []
    anchored: set[str] = set()
    for left, right in itertools.pairwise(borders):
        over = [(e - s, value) for s, e, value in spans if s <= left and e >= right]
        for _, value in over:
            if value.name not in anchored:
                anchored.add(value.name)
                pieces.append(f'<span class="anchor" id="e-{escape(value.name)}"></span>')
        words = escape(text[left:right])
        pieces.append(
            str(words) if not over else _mark(words, [v for _, v in sorted(over, key=_length)], page)
        )
    return Marked(html=Markup("".join(pieces)), inside=frozenset(anchored))  # noqa: S704 - every piece is escaped


def _length(entry: tuple[int, Value]) -> int:
    return entry[0]


def _mark(words: Markup, values: Sequence[Value], page: str) -> str:
    first = values[0]
    names = escape(" ".join(value.name for value in values))
    title = escape(" · ".join(f"{value.what}: {value.text}" for value in values))
    return (
        f'<a class="ev ev-{first.category}" href="{escape(page)}#{escape(first.name)}" data-values="{names}" title="{title}">'
        f"{words}</a>"
    )
