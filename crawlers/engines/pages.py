"""Static list pages, numbered, whose items link to a page each: station CMS, article series."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urljoin, urlsplit, urlunsplit

from parsel import Selector
from w3lib.url import safe_url_string

from crawlers.extract.dates import printed_date
from crawlers.extract.document import require_page
from crawlers.extract.html import html_to_text
from crawlers.extract.picking import first_elements, first_text, parse_page, pick
from crawlers.pages import Draft, Entry, Listing, ListRequest, Page
from netdocket.errors import EmptyListError, LayoutError, UnreadableError

if TYPE_CHECKING:
    from crawlers.cards import Card, ListPage


class PagesEngine:
    """See crawlers.engines.Engine."""

    markup: ClassVar[Literal["html", "xml"]] = "html"

    def __init__(self, card: Card) -> None:
        self.card = card
        self._title_filter = re.compile(card.listing.title_filter or "")

    def first_page(self, source_list: ListPage) -> ListRequest:
        return self._request(source_list.path, self.card.pagination.first)

    def parse_list(self, page: Page, request: ListRequest) -> Listing:
        rule = self.card.listing
        tree = parse_page(page.body, page.content_type, self.markup)
        if not pick(tree, rule.container):
            raise LayoutError(f"no list here: {rule.container!r} finds nothing", where=page.url)
        items = pick(tree, rule.item)
        first = self.card.pagination.first
        if not items:
            if request.number == first:
                raise EmptyListError("the list has no items", where=page.url)
            return Listing(entries=())
        found = [self._entry(item, page.url) for item in items]
        linked = [entry for entry in found if entry is not None]
        if not linked:
            raise LayoutError(
                f"{len(items)} items, none with a link: {rule.link!r} finds nothing", where=page.url
            )
        here = [entry for entry in linked if urlsplit(entry.url).netloc.lower() in self.card.allowed_hosts]
        more = request.number - first + 1 < self.card.pagination.limit
        return Listing(
            entries=tuple({entry.url: entry for entry in here}.values()),
            following=self._request(request.key, request.number + 1) if more else None,
            elsewhere=len(linked) - len(here),
            unlinked=len(items) - len(linked),
        )

    def parse_detail(self, page: Page, entry: Entry) -> Draft:
        rule = self.card.detail
        require_page(page)
        tree = parse_page(page.body, page.content_type, "html")
        bodies = first_elements(tree, rule.body)
        if not bodies:
            raise LayoutError(f"no body here: {' | '.join(rule.body)} finds nothing", where=page.url)
        dropped = [item.root for selector in rule.drop for item in pick(tree, selector)]
        text = html_to_text(*bodies, drop=dropped)
        if len(text) < rule.minimum_text:
            pictures = sum(1 for body in bodies for _ in body.iter("img"))
            raise UnreadableError(
                f"the body has {len(text)} characters and {pictures} pictures, at least {rule.minimum_text} "
                "characters are a bulletin",
                where=page.url,
            )
        title = first_text(tree, rule.title) or entry.title
        if not title:
            raise LayoutError(f"no title here: {' | '.join(rule.title)} finds nothing", where=page.url)
        published = self._published(tree) or entry.published
        if published is None and rule.published_required:
            raise LayoutError(f"no date here: {' | '.join(rule.published)} finds none", where=page.url)
        return Draft(
            title=title, text=text, published=published,
            publisher=first_text(tree, rule.publisher), language=first_text(tree, rule.language),
        )  # fmt: skip

    def _request(self, path: str, number: int) -> ListRequest:
        return ListRequest(key=path, url=self.card.base + path.replace("{page}", str(number)), number=number)

    def _entry(self, item: Selector, base: str) -> Entry | None:
        rule = self.card.listing
        link = first_text(item, [rule.link])
        url = absolute(link, base) if link else None
        if url is None:
            return None
        title = first_text(item, [rule.title]) if rule.title else None
        published = first_text(item, [rule.published]) if rule.published else None
        return Entry(
            url=url,
            title=title,
            published=printed_date(published, rule.date_formats),
            wanted=bool(self._title_filter.search(title or "")),
        )

    def _published(self, tree: Selector) -> str | None:
        rule = self.card.detail
        for selector in rule.published:
            if found := printed_date(first_text(tree, [selector]), rule.date_formats):
                return found
        return None


def absolute(link: str, base: str) -> str | None:
    """The address that a link names, percent-encoded and without its fragment; None where it names no page (mailto:, javascript:)."""
    try:
        parts = urlsplit(urljoin(base, link))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    return safe_url_string(urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, "")))
