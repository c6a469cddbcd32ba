"""RSS and Atom: the feed is the list, the bulletins are pages."""

from __future__ import annotations

from typing import ClassVar, Literal

from crawlers.engines.pages import PagesEngine
from crawlers.extract.picking import parse_page
from crawlers.pages import Listing, ListRequest, Page


class FeedEngine(PagesEngine):
    """As PagesEngine, but lists are XML. Elements are named without their namespace, so that Atom's are as RSS's."""

    markup: ClassVar[Literal["html", "xml", "json"]] = "xml"

    def parse_list(self, page: Page, request: ListRequest) -> Listing:
        tree = parse_page(page.body, page.content_type, "xml")
        tree.remove_namespaces()
        return self._listing(tree, page, request)
