"""Engines: one adapter a family of sites. A card names its engine; an engine knows no card's publisher.

An engine is pure. It says which list page to fetch first, reads list pages into entries (and says which list page
follows), and reads detail pages into drafts. What is fetched when, and what becomes of it, is the spider's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Protocol

from crawlers.engines.documents import DocumentsEngine, IndexEngine
from crawlers.engines.feed import FeedEngine
from crawlers.engines.jcms import JcmsEngine
from crawlers.engines.jpaas import JpaasEngine
from crawlers.engines.pages import PagesEngine
from crawlers.engines.penalty_tables import PenaltyTablesEngine
from crawlers.engines.trs import TrsEngine

if TYPE_CHECKING:
    from crawlers.cards import Card, ListPage
    from crawlers.pages import Draft, Entry, Listing, ListRequest, Page

Markup = Literal["html", "xml", "json"]


class Engine(Protocol):
    """`parse_…` raise LayoutError (what the card names is not there), EmptyListError (a first list page without
    items) and UnreadableError (the bytes are no text).

    `markup`, `detail_markup`: what the card's selectors are looked for in, on lists and on details. `numbered`: list
    pages differ by a number in their path."""

    markup: ClassVar[Markup]
    detail_markup: ClassVar[Markup]
    numbered: ClassVar[bool]

    def __init__(self, card: Card) -> None: ...

    def first_page(self, source_list: ListPage) -> ListRequest: ...

    def parse_list(self, page: Page, request: ListRequest) -> Listing: ...

    def fetch_url(self, url: str) -> str:
        """The address to ask for to get the bulletin whose own address is `url`."""

    def parse_detail(self, page: Page, entry: Entry) -> Draft: ...


ENGINES: Final[Mapping[str, type[Engine]]] = {
    "pages": PagesEngine,
    "feed": FeedEngine,
    "trs": TrsEngine,
    "jpaas": JpaasEngine,
    "jcms": JcmsEngine,
    "penalty-tables": PenaltyTablesEngine,
    "json-index": IndexEngine,
    "json-documents": DocumentsEngine,
}


def engine_for(card: Card) -> Engine:
    return ENGINES[card.engine](card)
