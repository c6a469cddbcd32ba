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
        if (
            item.failure is not None
            and unread is not None
            and unread.digest == item.body_digest
            and self._is_there(unread.archive)
        ):
            item.archive = unread.archive
            return item
        if item.files:
            attached = [
                Attached(
                    url=file.link.url, name=file.link.name, archive=await self._written(file.fetch), former=file.former
                )
                for file in item.files
            ]  # fmt: skip
            item.fetch = replace(item.fetch, attached=tuple(attached))
        item.archive = await self._written(item.fetch)
        if item.bulletin is not None:
            item.bulletin = msgspec.structs.replace(item.bulletin, archive=item.archive)
        return item

    def _is_there(self, place: Archive) -> bool:
        """Files of the archive may be moved away, and are when a bulletin is to be purged from them."""
        try:
            return (self._session.archive.folder / place.file).stat().st_size > place.offset
        except OSError:
            return False

    async def _written(self, fetch: Fetch | None) -> Archive | None:
        if fetch is None:
            return None
        return await asyncio.wrap_future(self._session.archive.write(fetch))
