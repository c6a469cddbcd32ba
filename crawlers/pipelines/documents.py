"""Fetches the documents that a page links to and reads them into its bulletin.

A document that cannot be had is a failure of its own: the bulletin goes on without it, and is asked for again. Where it
had the document before, the former text stands in (crawlers.followed says how documents are followed). Documents
beyond the twelfth are counted and said; they are no failure, since no later attempt could mend it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.archive import Fetch
from crawlers.budget import Held
from crawlers.bulletins import DocumentText, bulletin_of
from crawlers.former import Former, Known, former, stand_in
from crawlers.health import download_failure, judge
from crawlers.middlewares.budget import HELD
from crawlers.middlewares.fetches import FETCH
from crawlers.pages import FileLink
from crawlers.refusals import BudgetSpent, NotAsked
from crawlers.session import Fetched, Harvest
from crawlers.spiders.card import session_of
from netdocket.errors import NetdocketError, UnreachableError, UnreadableError
from netdocket.identity import digest_of

MOST: Final = 12
"""Documents that are read of one bulletin."""
_PRIORITY: Final = 100
_AROUND: Final = 4
"""Requests that a crawl makes at least before it comes to a document: robots.txt, a list page or two, the page."""


class DocumentsPipeline:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._session = session_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DocumentsPipeline:
        return cls(crawler)

    async def process_item(self, item: Harvest) -> Harvest:
        """Raises DropItem: what is left of the budget is not enough, so that the page waits for the next crawl."""
        if item.draft is None:
            return item
        session = self._session
        last = item.known.unread.archive if item.known and item.known.unread else None
        before = await asyncio.to_thread(former, session, item.bulletin_id, last)
        item.kept_digest = digest_of(before.bulletin) if before.bulletin else None
        known = before.known(item.draft.files)
        links = _chosen(item.draft.files, known)
        item.beyond = len(item.draft.files) - len(links)
        self._require_budget(len(links))
        texts: list[DocumentText] = []
        with session.budget.hold(len(links)) as held:
            for link in links:
                of_it = known.get(link.url, Known())
                file = Fetched(link=link, record=of_it.record)
                item.files.append(file)
                text: str | None
                try:
                    text = await self._read(file, item, held, before, of_it)
                except NetdocketError as error:
                    item.lacking.append(error)
                    text, place = await asyncio.to_thread(stand_in, session, of_it)
                    file.former = None if place == file.archived else place
                if text is not None:
                    texts.append(DocumentText(name=link.name, text=text))
        try:
            item.bulletin = bulletin_of(
                session.card, item.draft, item.entry, fetched_at=item.fetch.fetched_at, origin=session.origin,
                quiet=session.quiet, documents=texts,
            )  # fmt: skip
        except NetdocketError as error:
            item.failure = item.lacking[0] if item.lacking else error
        return item

    def _require_budget(self, count: int) -> None:
        budget = self._session.budget
        if budget.limit is None or budget.left is None or count <= budget.left:
            return
        if count + _AROUND <= budget.limit:  # a crawl that begins here has room for them
            budget.refused = True
            raise DropItem("the budget is spent")

    async def _read(self, file: Fetched, item: Harvest, held: Held, before: Former, known: Known) -> str:
        """Raises NetdocketError and its kinds."""
        session, url = self._session, file.link.url
        response, file.fetch = await self._fetch(file.link, item, held)
        file.archived = await asyncio.to_thread(before.place_of, session, url, known, response.body)
        try:
            return await asyncio.to_thread(session.reader.read, response.body)
        except UnreadableError as error:
            file.unread = True
            raise type(error)(error.what, where=url) from error

    async def _fetch(self, link: FileLink, item: Harvest, held: Held) -> tuple[Response, Fetch]:
        self._session.route.require_allowed(link.url)
        headers = {"Referer": item.fetch.url} if self._session.card.referer else None
        request = Request(
            link.url, headers=headers, priority=_PRIORITY, callback=NO_CALLBACK, meta={HELD: held}
        )
        engine = self._crawler.engine
        assert engine is not None  # noqa: S101 - items come while it runs
        try:
            response = await engine.download_async(request)
        except BudgetSpent as error:
            raise UnreachableError("not asked for: the budget is spent", where=link.url) from error
        except NotAsked as error:
            raise UnreachableError("not asked for: the publisher refuses us", where=link.url) from error
        except Exception as error:
            raise download_failure(error, link.url) from error
        judge(response.status, link.url)
        if response.status != 200 or response.request is None:
            raise UnreachableError(f"HTTP {response.status} without a document", where=link.url)
        fetch = cast(Fetch, response.request.meta[FETCH])
        return response, replace(fetch, url=link.url, document_of=item.entry.url)


def _chosen(links: Sequence[FileLink], known: Mapping[str, Known]) -> list[FileLink]:
    """As many as are read, in the page's order: first those whose text the bulletin has, then those that were asked for."""

    def rank(number: int) -> int:
        of_it = known.get(links[number].url)
        return 2 if of_it is None else 0 if of_it.former is not None else 1

    return [links[number] for number in sorted(sorted(range(len(links)), key=rank)[:MOST])]
