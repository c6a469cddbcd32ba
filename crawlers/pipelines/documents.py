"""Fetches the documents that a page links to and reads them into its bulletin.

A document that cannot be had is a failure of its own: the bulletin goes on without it, and is asked for again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.archive import Fetch
from crawlers.bulletins import DocumentText, bulletin_of
from crawlers.health import download_failure, judge
from crawlers.middlewares.fetches import FETCH
from crawlers.pages import FileLink
from crawlers.refusals import NotAsked
from crawlers.session import Harvest
from crawlers.spiders.card import session_of
from netdocket.errors import NetdocketError, UnreachableError, UnreadableError

_PRIORITY = 100


class DocumentsPipeline:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._session = session_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DocumentsPipeline:
        return cls(crawler)

    async def process_item(self, item: Harvest) -> Harvest:
        if item.draft is None:
            return item
        session, texts = self._session, []
        for link in item.draft.files:
            try:
                text = await self._read(link, item)
            except NetdocketError as error:
                item.lacking.append(error)
            else:
                texts.append(DocumentText(name=link.name, text=text))
        try:
            item.bulletin = bulletin_of(
                session.card, item.draft, item.entry, fetched_at=item.fetch.fetched_at, origin=session.origin,
                quiet=session.quiet, documents=texts,
            )  # fmt: skip
        except NetdocketError as error:
            item.failure = item.lacking[0] if item.lacking else error
        return item

    async def _read(self, link: FileLink, item: Harvest) -> str:
        """Raises NetdocketError and its kinds."""
        response, fetch = await self._fetch(link, item)
        item.files.append((link, fetch))
        try:
            return await asyncio.to_thread(self._session.reader.read, response.body)
        except UnreadableError as error:
            raise UnreadableError(error.what, where=link.url) from error

    async def _fetch(self, link: FileLink, item: Harvest) -> tuple[Response, Fetch]:
        self._session.route.require_allowed(link.url)
        headers = {"Referer": item.fetch.url} if self._session.card.referer else None
        request = Request(link.url, headers=headers, priority=_PRIORITY, callback=NO_CALLBACK)
        engine = self._crawler.engine
        assert engine is not None  # noqa: S101 - items come while it runs
        try:
            response = await engine.download_async(request)
        except NotAsked as error:
            raise UnreachableError("not asked for: the publisher refuses us", where=link.url) from error
        except Exception as error:
            raise download_failure(error, link.url) from error
        judge(response.status, link.url)
        if response.status != 200 or response.request is None:
            raise UnreachableError(f"HTTP {response.status} without a document", where=link.url)
        fetch = cast(Fetch, response.request.meta[FETCH])
        return response, replace(fetch, url=link.url)
