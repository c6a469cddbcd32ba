"""Archives what was fetched, before anything made from it is confirmed.

A page that cannot be read is tried again and again. Bytes of it that are in the archive since the last attempt are not
archived once more.
"""

from __future__ import annotations

import asyncio

import msgspec
from scrapy.crawler import Crawler

from crawlers.session import Harvest, Session
from crawlers.spiders.card import session_of


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
        item.archive = await asyncio.wrap_future(self._session.archive.write(item.fetch))
        if item.bulletin is not None:
            item.bulletin = msgspec.structs.replace(item.bulletin, archive=item.archive)
        return item
