"""Archives what was fetched, before anything made from it is confirmed.

A page that cannot be read, or a document of it, is tried again and again. Bytes that are in the archive since the last
attempt are not archived once more.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
from scrapy.crawler import Crawler

from crawlers.archive import Attached, Fetch, read_fetch
from crawlers.session import Harvest, Session
from crawlers.spiders.card import session_of
from netdocket.errors import StorageError
from netdocket.records import Archive


class ArchivePipeline:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(session_of(crawler))

    async def process_item(self, item: Harvest) -> Harvest:
        """Raises StorageError, DiskFullError."""
        if item.failure is not None and (place := self._unread(item)):
            item.archive = place
            return item
        if item.files:
            attached = [
                Attached(
                    url=file.link.url, name=file.link.name, archive=file.archived or await self._written(file.fetch),
                    former=file.former,
                )
                for file in item.files
            ]  # fmt: skip
            item.fetch = replace(item.fetch, attached=tuple(attached))
        last = await asyncio.to_thread(self._same_page, item) if item.lacking else None
        if last is None:
            item.archive = await self._written(item.fetch)
        else:
            item.archive, fetched_at = last
            if item.bulletin is not None:  # what is made again from there says this too
                item.bulletin = msgspec.structs.replace(item.bulletin, fetched_at=fetched_at)
        if item.bulletin is not None:
            item.bulletin = msgspec.structs.replace(item.bulletin, archive=item.archive)
        return item

    def _unread(self, item: Harvest) -> Archive | None:
        """Where the page lies as it came the last time, if it came just so."""
        unread = item.known.unread if item.known else None
        if unread is None or unread.digest != item.body_digest or not self._is_there(unread.archive):
            return None
        return unread.archive

    def _same_page(self, item: Harvest) -> tuple[Archive, str] | None:
        """The page as it came the last time, with the documents that came now: where it lies, and of when it is."""
        place = self._unread(item)
        if place is None:
            return None
        try:
            last = read_fetch(self._session.archive.folder, place)[0]
        except StorageError:  # damaged
            return None
        same = last.attached == item.fetch.attached and last.quiet == item.fetch.quiet
        return (place, last.fetched_at) if same else None

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
