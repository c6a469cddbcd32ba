"""RSS and Atom: the feed is the list, the bulletins are pages."""

from __future__ import annotations

from typing import ClassVar, Literal

from crawlers.engines.pages import PagesEngine


class FeedEngine(PagesEngine):
    """As PagesEngine, but lists are XML. Elements without a namespace are named as they stand."""

    markup: ClassVar[Literal["html", "xml"]] = "xml"
