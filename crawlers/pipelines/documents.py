"""Fetches the documents that a page links to and reads them into its bulletin.

A document that cannot be had is a failure of its own: the bulletin goes on without it, and is asked for again. Where it
had the document before, the former one stands in; and where that is gone too, the bulletin stays as it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.archive import Attached, Fetch, read_fetch
from crawlers.budget import Held
from crawlers.bulletins import DocumentText, bulletin_of, read_attached, shrinks
from crawlers.health import download_failure, judge
from crawlers.middlewares.budget import HELD
from crawlers.middlewares.fetches import FETCH
from crawlers.pages import FileLink
from crawlers.refusals import BudgetSpent, NotAsked
from crawlers.session import Fetched, Harvest
from crawlers.spiders.card import session_of
from netdocket.errors import NetdocketError, RecordError, StorageError, UnreachableError, UnreadableError
from netdocket.records import Bulletin, decode

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
        session, links = self._session, item.draft.files[:MOST]
        self._require_budget(len(links))
        before, attached = self._before(item)
        texts, lacking = [], [link.name for link in item.draft.files[MOST:]]
        if lacking:
            what = f"{len(lacking)} more documents than the {MOST} that are read of one bulletin"
            item.lacking.append(UnreadableError(what, where=item.entry.url))
        with session.budget.hold(len(links)) as held:
            for link in links:
                file = Fetched(link=link)
                item.files.append(file)
                try:
                    text: str | None = await self._read(file, item, held)
                except NetdocketError as error:
                    item.lacking.append(error)
                    lacking.append(link.name)
                    text = await asyncio.to_thread(self._former, file, attached)
                if text is not None:
                    texts.append(DocumentText(name=link.name, text=text))
        try:
            bulletin = bulletin_of(
                session.card, item.draft, item.entry, fetched_at=item.fetch.fetched_at, origin=session.origin,
                quiet=session.quiet, documents=texts,
            )  # fmt: skip
        except NetdocketError as error:
            item.failure = item.lacking[0] if item.lacking else error
            return item
        if shrinks(before, bulletin, lacking):
            item.failure = item.lacking.pop(0)
        else:
            item.bulletin = bulletin
        return item

    def _require_budget(self, count: int) -> None:
        budget = self._session.budget
        if budget.limit is None or budget.left is None or count <= budget.left:
            return
        if count + _AROUND <= budget.limit:  # a crawl that begins here has room for them
            budget.refused = True
            raise DropItem("the budget is spent")

    def _before(self, item: Harvest) -> tuple[Bulletin | None, dict[str, Attached]]:
        """The bulletin as it was read last, and its documents by address, as far as anybody knows."""
        kept = self._session.spool.latest(item.bulletin_id) if item.known else None
        try:
            before = decode(kept.payload, Bulletin) if kept else None
            if before is None or before.archive is None or not before.attachments:
                return before, {}
            page, _ = read_fetch(self._session.archive.folder, before.archive)
        except RecordError:
            return None, {}
        except StorageError:  # moved away, or damaged
            return before, {}
        return before, {document.url: document for document in page.attached}

    def _former(self, file: Fetched, attached: dict[str, Attached]) -> str | None:
        """The text that the document had; `file` learns where it lies."""
        document = attached.get(file.link.url)
        if document is None:
            return None
        for place in (document.archive, document.former):
            alone = replace(document, archive=place, former=None)
            text, _ = read_attached(self._session.archive.folder, alone, self._session.reader)
            if text is not None:
                file.former = place
                return text
        return None

    async def _read(self, file: Fetched, item: Harvest, held: Held) -> str:
        """Raises NetdocketError and its kinds."""
        response, file.fetch = await self._fetch(file.link, item, held)
        try:
            return await asyncio.to_thread(self._session.reader.read, response.body)
        except UnreadableError as error:
            raise type(error)(error.what, where=file.link.url) from error

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
