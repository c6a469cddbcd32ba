"""What cutting a bulletin gives."""

from __future__ import annotations

from typing import NamedTuple

from enrich.headings import Heading
from enrich.reading import Span


class Item(NamedTuple):
    """One item: its span, its heading (or None), the code of the section it stands in, whether that section is about
    abroad, whether the item is a quoted statute or other explanation."""

    span: Span
    heading: Heading | None = None
    section: str | None = None
    foreign: bool = False
    explainer: bool = False


class Segments(NamedTuple):
    """`lead`: the text before the first of several items; empty where the bulletin is one item. `content`: where the
    text proper begins, after title and byline. `statute`: the text is that of a rule, article below article. `single`: the
    bulletin is one item, explanations beside it not counted."""

    lead: Span
    items: tuple[Item, ...]
    content: int = 0
    statute: bool = False
    single: bool = True
