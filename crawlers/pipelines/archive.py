"""Archives what was fetched, before anything made from it is confirmed.

A page that cannot be read, or a document of it, is tried again and again. What is in the archive since the last attempt
is not archived once more: the documents' bytes, and the page where its record says all that a new one would. The time is
no part of that as long as the bulletin is the one that the spool has.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
from scrapy.crawler import Crawler

from crawlers.archive import Attached, Fetch, read_fetch
from crawlers.session import Fetched, Harvest, Session
from crawlers.spiders.card import session_of
from netdocket.errors import StorageError
from netdocket.identity import digest_of
from netdocket.records import Archive


class ArchivePipeline:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchivePipeline:
        return cls(session_of(crawler))

    async def process_item(self, item: Harvest) -> Harvest:
        """Raises StorageError, DiskFullError."""
        if item.files:
            attached = [await self._attached(file) for file in item.files]
            item.fetch = replace(item.fetch, attached=tuple(attached))
        failed = item.failure is not None or item.lacking
        last = await asyncio.to_thread(self._same_page, item) if failed else None
        if last is None:
            item.archive = await self._written(item.fetch)
        else:
            item.archive, fetched_at = last
            if item.bulletin is not None:  # what is made again from there says this too
                item.bulletin = msgspec.structs.replace(item.bulletin, fetched_at=fetched_at)
        if item.bulletin is not None:
            item.bulletin = msgspec.structs.replace(item.bulletin, archive=item.archive)
        return item

    async def _attached(self, file: Fetched) -> Attached:
        """Where nothing came, what came last is still known."""
        link, stands = file.link, file.text is not None
        if file.fetch is None:
            last = file.record or Attached(url=link.url, name=link.name)
            return replace(last, url=link.url, name=link.name, text=stands)
        place = file.archived or await self._written(file.fetch)
        return Attached(
            url=link.url, name=link.name, archive=place, former=file.former, unread=file.unread, text=stands
        )

    def _same_page(self, item: Harvest) -> tuple[Archive, str] | None:
        """The record of the last attempt, if it says all of the page that a new one would: its place and time."""
        page = item.known.last if item.known else None
        if page is None or page.digest != item.body_digest:
            return None
        if item.bulletin is not None and digest_of(item.bulletin) != item.kept_digest:
            return None
        try:
            last = read_fetch(self._session.archive.folder, page.archive)[0]
        except StorageError:  # moved away, or damaged
            return None
        return (page.archive, last.fetched_at) if _said(last) == _said(item.fetch) else None

    async def _written(self, fetch: Fetch) -> Archive:
        return await asyncio.wrap_future(self._session.archive.write(fetch))


def _said(fetch: Fetch) -> tuple[object, ...]:
    return (
        fetch.url, fetch.bulletin_url, fetch.status, fetch.listed_title, fetch.listed_published, fetch.attached,
        fetch.quiet,
    )  # fmt: skip
