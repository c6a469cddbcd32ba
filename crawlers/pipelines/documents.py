"""Fetches the documents that a page links to and reads them into its bulletin.

A document that cannot be had is a failure of its own: the bulletin goes on without it, and is asked for again. Where it
had the document before, the former text stands in (crawlers.followed says how documents are followed). Documents
beyond the twelfth are counted and said; they are no failure, since no later attempt could mend it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
from crawlers.session import Fetched, Harvest, Session
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
        last = item.known.last.archive if item.known and item.known.last else None
        before = await asyncio.to_thread(former, session, item.bulletin_id, last)
        item.kept_digest = digest_of(before.bulletin) if before.bulletin else None
        links = _chosen(item.draft.files, before)
        item.beyond = len(item.draft.files) - len(links)
        self._require_budget(len(links))
        with session.budget.hold(len(links)) as held:
            for link in links:
                file = Fetched(link=link)
                item.files.append(file)
                try:
                    file.text = await self._read(file, item, held, before)
                except NetdocketError as error:
                    item.lacking.append(error)
        await asyncio.to_thread(_stand_in, session, before, item.files)
        texts = [
            DocumentText(name=file.link.name, text=file.text) for file in item.files if file.text is not None
        ]
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

    async def _read(self, file: Fetched, item: Harvest, held: Held, before: Former) -> str:
        """Raises NetdocketError and its kinds."""
        session, url = self._session, file.link.url
        response, file.fetch = await self._fetch(file.link, item, held)
        file.archived = await asyncio.to_thread(before.place_of, session, url, response.body)
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


def _stand_in(session: Session, before: Former, files: Sequence[Fetched]) -> None:
    """What the bulletin has of those that could not be had or read. All were asked for."""
    brought = {file.link.url: file.text for file in files if file.text is not None}
    unread = {file.link.url for file in files if file.unread}
    known = before.known([file.link for file in files], brought=brought, unread=unread)
    for file in files:
        of_it = known.get(file.link.url, Known())
        file.record = of_it.record
        if file.text is None:
            file.text, place = stand_in(session, of_it)
            file.former = None if place == file.archived else place


def _chosen(links: Sequence[FileLink], before: Former) -> list[FileLink]:
    """As many as are read, in the page's order: first those whose text the bulletin has, then those that were asked for."""
    likely = before.documents.likely(links)

    def rank(number: int) -> int:
        url = links[number].url
        return 0 if url in likely else 2 if before.record(url) is None else 1

    return [links[number] for number in sorted(sorted(range(len(links)), key=rank)[:MOST])]
