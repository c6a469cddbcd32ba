"""The card-driven spider: walks a card's lists, asks for what is new or due, and hands over what comes.

It reads nothing itself (the engine does) and stores nothing (the pipelines do). Details go before further list pages,
so that no more than a list page's worth of requests waits in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.archive import Fetch
from crawlers.bulletins import bulletin_of, canonical
from crawlers.health import download_failure, judge, layout_or_challenge, state_of
from crawlers.memory import KnownPage, Validators
from crawlers.middlewares.fetches import FETCH
from crawlers.pages import Entry, Listing, ListRequest, Page
from crawlers.refusals import NotAsked, stops
from crawlers.session import EXTRACT, REVISITS, Harvest, Session
from netdocket.errors import HarvestError, LayoutError, NetdocketError
from netdocket.identity import bulletin_id, digest_of
from netdocket.records import utc_now

T = TypeVar("T")
Output = Request | Harvest
_DETAIL, _LIST = 10, 0
"""Priorities: higher goes first."""
_AHEAD = 50
"""Requests of known pages that wait in memory at a time."""


class CardSpider(scrapy.Spider):
    name = "card"

    def __init__(self, session: Session, **given: Any) -> None:
        super().__init__(**given)
        self.session = session
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **given: Any) -> CardSpider:
        spider = super().from_crawler(crawler, *args, **given)
        crawler.signals.connect(spider.fault, signals.spider_error)
        crawler.signals.connect(spider.fault, signals.item_error)
        crawler.signals.connect(spider.count_request, signals.request_reached_downloader)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        session = self.session
        for request in session.first_pages():
            yield self._list_request(request, self._known_of(request))
        if session.period is not None:
            return
        budget, at = (None, None) if session.recheck else (REVISITS, utc_now())
        asked = 0
        for page in session.memory.due(session.card.code, at, budget):
            if not session.revisit(page):
                continue
            yield self._detail_request(Entry(url=page.address, published=page.published), page)
            asked += 1
            if asked % _AHEAD == 0:
                await self.crawler.signals.wait_for(signals.scheduler_empty)

    # --- list pages ----------------------------------------------------------------------------------------

    def parse_list(self, response: Response, request: ListRequest) -> Iterator[Output]:
        session = self.session
        walk = session.walks.walk(request.key)
        is_first = request.number == session.card.pagination.first and not request.prelude
        if response.status == 304 and is_first and walk.validators.headers:
            session.walks.close_page(walk, request.number, last=True)
            session.report()
            return
        page = _page(response)
        try:
            judge(response.status, request.url)
            listing = _read(lambda: session.engine.parse_list(page, request), page)
        except NetdocketError as error:
            ends = not is_first and session.card.pagination.missing_page == "end"
            if ends and response.status in (404, 410):
                session.walks.close_page(walk, request.number, last=True)
            else:
                self._list_failed(error)
            return
        if request.prelude:
            if listing.following is not None:
                yield self._list_request(listing.following, self._known_of(listing.following))
            return
        if is_first:
            walk.validators = _validators(response)
            self._compare_volume(request, listing)
        session.tally.elsewhere += listing.elsewhere
        session.tally.unlinked += listing.unlinked
        wanted, goes_on = session.plan(walk, request.number, listing)
        for entry in wanted:
            yield self._detail_request(entry, session.memory.page(session.card.code, self._canonical(entry)))
        if goes_on and listing.following is not None:
            yield self._list_request(listing.following, Validators())
        if goes_on and listing.endless:
            limit = session.card.pagination.limit
            self._list_failed(
                LayoutError(f"the list has no end: {limit} pages and more to come", where=request.url)
            )
        session.walks.close_page(
            walk, request.number, last=not session.exhausted and (not goes_on or listing.following is None),
            following=listing.following,
        )  # fmt: skip
        session.report()

    def _known_of(self, request: ListRequest) -> Validators:
        """With which a list page is asked for: those of the first, unless all of the list is to be walked."""
        session = self.session
        is_first = request.number == session.card.pagination.first and not request.prelude
        known = is_first and session.period is None
        return session.walks.walk(request.key).validators if known else Validators()

    def list_unavailable(self, failure: Failure) -> Iterator[Output]:
        request = failure.request  # type: ignore[attr-defined]
        if not isinstance(failure.value, NotAsked):
            self._list_failed(download_failure(_value(failure), request.url))
        yield from ()  # a generator may end the crawl without an error in the log

    def _list_failed(self, error: NetdocketError) -> None:
        self.session.tally.list_failures.append(error)
        self.session.report()
        self._stop_if_refused(error)

    def _compare_volume(self, request: ListRequest, listing: Listing) -> None:
        """What a card expects is said of the publisher's site; a replica has as much as it is given."""
        expected = self.session.card.volume.first_page
        count = len(listing.entries)
        if self.session.origin == "live" and expected and not expected.min <= count <= expected.max:
            self.session.tally.volume.append(
                f"{count} items on {request.url}, where {expected.min} to {expected.max} are usual"
            )

    # --- detail pages --------------------------------------------------------------------------------------

    def parse_detail(self, response: Response, entry: Entry, known: KnownPage | None) -> Iterator[Output]:
        session = self.session
        url = self._canonical(entry)
        if response.status == 304 and known is not None:
            self._unchanged(url)
            return
        try:
            judge(response.status, entry.url)
        except NetdocketError as error:
            self._detail_failed(entry, known, error)
            return
        if session.is_purged(url):  # since it was asked for
            session.memory.forget(session.card.code, url)
            session.walks.settle(url)
            return
        session.tally.fetched += 1
        digest = hashlib.sha256(response.body).hexdigest()
        if known is not None and known.body_digest == digest:
            self._unchanged(url)
            return
        if (
            entry.title is None and known is not None
        ):  # asked for from memory; the page may be silent about its title
            entry = replace(entry, title=session.title_of(known))
        item = self._harvest(response, entry, known, digest)
        if item.failure is not None and stops(item.failure):
            self._detail_failed(entry, known, item.failure)
        elif (
            item.draft is None
            and item.bulletin is not None
            and known
            and known.content_digest == digest_of(item.bulletin)
        ):
            if known.failure is not None:  # what was said of it is mended
                session.letters.settle([item.bulletin_id], steps=[EXTRACT])
            session.memory.settle(
                session.card.code, session.row(entry, item.url), at=utc_now(), run=session.run,
                validators=item.validators, body_digest=digest, content_digest=known.content_digest,
            )  # fmt: skip
            self._counted_unchanged(item.url)
        else:
            yield item

    def _harvest(self, response: Response, entry: Entry, known: KnownPage | None, digest: str) -> Harvest:
        session, card = self.session, self.session.card
        page, url = _page(response), canonical(card, entry.url)
        asked = session.engine.fetch_url(entry.url)
        fetch: Fetch = _request(response).meta[FETCH]
        item = Harvest(
            entry=entry, url=url, bulletin_id=bulletin_id(card.code, url), body=response.body, body_digest=digest,
            fetch=replace(
                fetch, url=asked, bulletin_url=entry.url if asked != entry.url else None,
                listed_title=entry.title, listed_published=entry.published, quiet=session.quiet,
            ),
            validators=_validators(response), known=known,
        )  # fmt: skip
        try:
            draft = _read(lambda: session.engine.parse_detail(page, entry), page)
            if draft.files:
                item.draft = draft
            else:
                item.bulletin = bulletin_of(
                    card,
                    draft,
                    entry,
                    fetched_at=fetch.fetched_at,
                    origin=session.origin,
                    quiet=session.quiet,
                )
        except NetdocketError as error:
            item.failure = error
        return item

    def detail_unavailable(self, failure: Failure) -> Iterator[Output]:
        request = failure.request  # type: ignore[attr-defined]
        given = request.cb_kwargs
        if not isinstance(failure.value, NotAsked):
            self._detail_failed(
                given["entry"], given["known"], download_failure(_value(failure), request.url)
            )
        yield from ()

    def _unchanged(self, url: str) -> None:
        """Not a byte of the page is another than when it was taken."""
        session = self.session
        session.memory.confirm(session.card.code, url, at=utc_now(), run=session.run)
        self._counted_unchanged(url)

    def _counted_unchanged(self, url: str) -> None:
        self.session.tally.unchanged += 1
        self.session.walks.settle(url)
        self.session.report()

    def _detail_failed(self, entry: Entry, known: KnownPage | None, error: NetdocketError) -> None:
        self.session.note_failure(entry, known, error, state_of(error))
        self.session.report()
        self._stop_if_refused(error)

    # --- ends ----------------------------------------------------------------------------------------------

    def _stop_if_refused(self, error: NetdocketError) -> None:
        refusals = self.session.refusals  # which have heard of refused answers as they came
        if stops(error):
            refusals.refuse(error)
        if refusals.refused:
            raise CloseSpider(state_of(refusals.refused))

    def fault(self, failure: Failure) -> None:
        """An error of ours in reading or in storing: it ends the crawl, since what it left undone is not known."""
        if self.session.fatal is None:
            self.session.fatal = _value(failure)
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="fault"))

    def count_request(self) -> None:
        self.session.tally.requests += 1

    # --- requests ------------------------------------------------------------------------------------------

    def _list_request(self, request: ListRequest, known: Validators) -> Request:
        card = self.session.card
        referrer = {"Referer": f"{card.base}/"} if card.referer else {}
        return Request(
            request.url, callback=self.parse_list, errback=self.list_unavailable, cb_kwargs={"request": request},
            headers={**referrer, **request.headers, **known.headers}, priority=_LIST - request.number, dont_filter=True,
        )  # fmt: skip

    def _detail_request(self, entry: Entry, known: KnownPage | None) -> Request:
        card = self.session.card
        headers = {"Referer": f"{card.base}/"} if card.referer else {}
        return Request(
            self.session.engine.fetch_url(entry.url), callback=self.parse_detail,
            errback=self.detail_unavailable, cb_kwargs={"entry": entry, "known": known},
            headers={**headers, **(known.validators.headers if known else {})}, priority=_DETAIL, dont_filter=True,
        )  # fmt: skip

    def _canonical(self, entry: Entry) -> str:
        return canonical(self.session.card, entry.url)


def _read(make: Callable[[], T], page: Page) -> T:
    """Whatever a page makes a parser raise is said of that page."""
    try:
        return make()
    except HarvestError as error:
        said = error if error.where else type(error)(error.what, where=page.url)
        raise layout_or_challenge(said, page) from error
    except Exception as error:
        raise HarvestError(f"cannot be read: {type(error).__name__}: {error}", where=page.url) from error


def _page(response: Response) -> Page:
    content_type = response.headers.get(b"Content-Type")
    return Page(
        url=response.url,
        body=response.body,
        content_type=content_type.decode("latin-1") if content_type else None,
    )


def is_of_list(request: Request) -> bool:
    return "request" in request.cb_kwargs


def _validators(response: Response) -> Validators:
    etag, modified = response.headers.get(b"ETag"), response.headers.get(b"Last-Modified")
    return Validators(
        etag=etag.decode("latin-1") if etag else None,
        last_modified=modified.decode("latin-1") if modified else None,
    )


def _request(response: Response) -> Request:
    assert response.request is not None  # noqa: S101 - Scrapy sets it before the callback
    return response.request


def _value(failure: Failure) -> BaseException:
    assert failure.value is not None  # noqa: S101 - a failure without an exception is none
    return failure.value


def session_of(crawler: Crawler) -> Session:
    """The session of the crawl that a component is made for."""
    assert isinstance(crawler.spider, CardSpider)  # noqa: S101 - components are made after their spider
    return crawler.spider.session
