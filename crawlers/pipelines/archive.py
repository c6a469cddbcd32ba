"""Archives what was fetched, before anything made from it is confirmed.

A page that cannot be read is tried again and again. Bytes of it that are in the archive since the last attempt are not
archived once more.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
from scrapy.crawler import Crawler

from crawlers.archive import Attached, Fetch
from crawlers.session import Harvest, Session
from crawlers.spiders.card import session_of
from netdocket.records import Archive


class ArchivePipeline:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(session_of(crawler))

    async def process_item(self, item: Harvest) -> Harvest:
        """Raises StorageError, DiskFullError."""
        unread = item.known.unread if item.known else None
        if item.failure is not None and unread is not None and unread.digest == item.body_digest:
            item.archive = unread.archive
            return item
        if item.files:
            attached = [
                Attached(url=link.url, name=link.name, archive=await self._written(fetch))
                for link, fetch in item.files
            ]
            item.fetch = replace(item.fetch, attached=tuple(attached))
        item.archive = await self._written(item.fetch)
        if item.bulletin is not None:
            item.bulletin = msgspec.structs.replace(item.bulletin, archive=item.archive)
        return item

    async def _written(self, fetch: Fetch | None) -> Archive | None:
        if fetch is None:
            return None
        return await asyncio.wrap_future(self._session.archive.write(fetch))
