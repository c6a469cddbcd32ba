"""Hands bulletins to the spool and waits until they are safe there; keeps what is no bulletin as a dead letter."""

from __future__ import annotations

import asyncio
from typing import Final

from scrapy.crawler import Crawler

from crawlers.pipelines.documents import MOST
from crawlers.session import EXTRACT, Harvest, Session
from crawlers.spiders.card import session_of
from netdocket.dead_letters import letter_key
from netdocket.errors import NetdocketError, OversizedBulletinError, RecordError, UnreadableError
from netdocket.records import DeadLetter, utc_now

MOST_BYTES: Final = 1_000_000
"""Of a page that cannot be processed so many bytes stand in the letter; the archive has all."""


class SpoolPipeline:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SpoolPipeline:
        return cls(session_of(crawler))

    async def process_item(self, item: Harvest) -> Harvest:
        """Raises StorageError and its kinds (DiskFullError, SpoolFullError)."""
        if item.bulletin is not None:
            try:
                item.receipt = await asyncio.wrap_future(self._session.spool.submit(item.bulletin))
            except (OversizedBulletinError, RecordError) as error:
                item.failure = error
        letters = self._session.letters
        failure = item.failure or next(iter(item.lacking), None) or _too_many(item)
        if failure is not None:
            await asyncio.to_thread(letters.keep, [self._letter(item, failure)])
        else:
            await asyncio.to_thread(letters.settle, [item.bulletin_id], steps=[EXTRACT])
        return item

    def _letter(self, item: Harvest, failure: NetdocketError) -> DeadLetter:
        return DeadLetter(
            key=letter_key(EXTRACT, bulletin_id=item.bulletin_id),
            step=EXTRACT,
            reason=failure.what,
            error=type(failure).__name__,
            payload=item.body[:MOST_BYTES],
            at=utc_now(),
            bulletin_id=item.bulletin_id,
            source=self._session.card.code,
            url=item.url,
            archive=item.archive,
        )


def _too_many(item: Harvest) -> NetdocketError | None:
    """No failure of the page, which is taken; the letter says what stands nowhere else."""
    if not item.beyond:
        return None
    what = f"{item.beyond} more documents than the {MOST} that are read of one bulletin"
    return UnreadableError(what, where=item.entry.url)
