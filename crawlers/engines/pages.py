"""Static list pages, numbered, whose items link to a page each: station CMS, article series.

The other engines for markup build on this one: they differ in where the items stand and which page follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml import etree
from parsel import Selector
from w3lib.url import safe_url_string

from crawlers.engines.files import linked_files
from crawlers.extract.charset import decode
from crawlers.extract.dates import printed_date
from crawlers.extract.document import require_page
from crawlers.extract.html import html_to_text
from crawlers.extract.json_values import fill
from crawlers.extract.picking import first_elements, first_text, parse_page, pick, query_of
from crawlers.pages import Draft, Entry, FileLink, Listing, ListRequest, Page
from netdocket.errors import EmptyListError, LayoutError, UnreadableError

if TYPE_CHECKING:
    from crawlers.cards import Card, ListPage


class PagesEngine:
    """See crawlers.engines.Engine."""

    markup: ClassVar[Literal["html", "xml", "json"]] = "html"
    detail_markup: ClassVar[Literal["html", "xml", "json"]] = "html"
    numbered: ClassVar[bool] = True

    def __init__(self, card: Card) -> None:
        self.card = card
        self._title_filter = re.compile(card.listing.title_filter or "")

    # --- lists ---------------------------------------------------------------------------------------------

    def first_page(self, source_list: ListPage) -> ListRequest:
        first = self.card.pagination.first
        path = source_list.first_path or source_list.path.replace("{page}", str(first))
        return ListRequest(key=source_list.path, url=self.card.base + path, number=first)

    def parse_list(self, page: Page, request: ListRequest) -> Listing:
        tree = parse_page(page.body, page.content_type, "xml" if self.markup == "xml" else "html")
        return self._listing(tree, page, request)

    def _listing(self, tree: Selector, page: Page, request: ListRequest) -> Listing:
        rule = self.card.listing
        if not pick(tree, rule.container):
            raise LayoutError(f"no list here: {rule.container!r} finds nothing", where=page.url)
        items = pick(tree, rule.item)
        if not items:
            return self._no_items(page, request)
        return self._found(
            [self._entry(item, page.url) for item in items],
            page,
            request,
            self._following(tree, page, request),
        )

    def _no_items(self, page: Page, request: ListRequest) -> Listing:
        """The end of a list; on its first page a failure."""
        if request.number == self.card.pagination.first:
            raise EmptyListError("the list has no items", where=page.url)
        return Listing(entries=())

    def _found(
        self,
        found: Sequence[Entry | None],
        page: Page,
        request: ListRequest,
        following: ListRequest | None,
    ) -> Listing:
        linked = [entry for entry in found if entry is not None]
        if not linked:
            link = self.card.listing.link
            raise LayoutError(f"{len(found)} items, none with a link: {link!r} finds nothing", where=page.url)
        here = [entry for entry in linked if urlsplit(entry.url).netloc.lower() in self.card.allowed_hosts]
        more = request.number - self.card.pagination.first + 1 < self.card.pagination.limit
        return Listing(
            entries=tuple({entry.url: entry for entry in here}.values()),
            following=following if more else None,
            elsewhere=len(linked) - len(here),
            unlinked=len(found) - len(linked),
            endless=following is not None and not more and self.card.pagination.limit > 1,
        )

    def _following(self, tree: Selector, page: Page, request: ListRequest) -> ListRequest | None:
        """The list page after this one, as far as this one tells."""
        number = request.number + 1
        if self.card.pagination.count is not None:
            printed = re.search(self.card.pagination.count, decode(page.body, content_type=page.content_type))
            if printed is None:
                raise LayoutError(
                    f"no number of pages here: {self.card.pagination.count!r} finds none", where=page.url
                )
            if number - self.card.pagination.first >= int(printed.group(1)):
                return None
        return self._request(request.key, number)

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
        return self._named(url, title, published)

    def _named(self, url: str, title: str | None, published: str | None) -> Entry:
        return Entry(
            url=url,
            title=title,
            published=printed_date(published, self.card.listing.date_formats),
            wanted=bool(self._title_filter.search(title or "")),
        )

    # --- details -------------------------------------------------------------------------------------------

    def fetch_url(self, url: str) -> str:
        template = self.card.detail.fetch
        if template is None:
            return url
        path = fill(template, query_of(url))
        return url if path is None else self.card.base + path

    def parse_detail(self, page: Page, entry: Entry) -> Draft:
        rule = self.card.detail
        require_page(page)
        tree = parse_page(page.body, page.content_type, "html")
        bodies = first_elements(tree, rule.body)
        if not bodies:
            raise LayoutError(f"no body here: {' | '.join(rule.body)} finds nothing", where=page.url)
        dropped = [item.root for selector in rule.drop for item in pick(tree, selector)]
        files = self._files(tree, bodies, page.url)
        text = self._text(bodies, dropped, page, with_files=bool(files))
        title = first_text(tree, rule.title) or entry.title
        if not title:
            raise LayoutError(f"no title here: {' | '.join(rule.title)} finds nothing", where=page.url)
        published = self._published(tree) or entry.published
        if published is None and rule.published_required:
            raise LayoutError(f"no date here: {' | '.join(rule.published)} finds none", where=page.url)
        return Draft(
            title=title, text=text, published=published,
            publisher=first_text(tree, rule.publisher) or self._named_in(text),
            language=first_text(tree, rule.language), files=files,
        )  # fmt: skip

    def _text(
        self,
        bodies: Sequence[etree._Element],
        dropped: Sequence[etree._Element],
        page: Page,
        *,
        with_files: bool,
    ) -> str:
        rule = self.card.detail
        text = html_to_text(*bodies, drop=dropped)
        if rule.until is not None and (end := re.search(rf"(?m)^(?:{rule.until})", text)):
            text = text[: end.start()].rstrip()
        if len(text) < rule.minimum_text and not with_files:
            pictures = sum(1 for body in bodies for _ in body.iter("img"))
            raise UnreadableError(
                f"the body has {len(text)} characters and {pictures} pictures, at least {rule.minimum_text} "
                "characters are a bulletin",
                where=page.url,
            )
        return text

    def _files(self, tree: Selector, bodies: Sequence[etree._Element], base: str) -> tuple[FileLink, ...]:
        further = [item.root for selector in self.card.detail.attachments for item in pick(tree, selector)]
        return linked_files(bodies, further, lambda link: absolute(link, base))

    def _named_in(self, text: str) -> str | None:
        pattern = self.card.detail.publisher_pattern
        found = re.search(pattern, text) if pattern else None
        return " ".join(found.group(1).split()) or None if found else None

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
