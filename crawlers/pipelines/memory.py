"""Remembers a page, once what came of it is safe."""

from __future__ import annotations

from scrapy.crawler import Crawler

from crawlers.health import state_of
from crawlers.memory import LastPage
from crawlers.session import Harvest, Session
from crawlers.spiders.card import session_of
from netdocket.identity import digest_of
from netdocket.records import utc_now


class MemoryPipeline:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> MemoryPipeline:
        return cls(session_of(crawler))

    def process_item(self, item: Harvest) -> Harvest:
        """Raises StorageError."""
        session, source = self._session, self._session.card.code
        row = session.row(item.entry, item.url)
        last = LastPage(digest=item.body_digest, archive=item.archive) if item.archive else None
        if item.failure is not None:
            session.tally.page_failed(item.failure)
            session.memory.fail(
                source, row, at=utc_now(), run=session.run, failure=state_of(item.failure), last=last
            )
        elif item.receipt is not None and item.bulletin is not None:
            match item.receipt.change:
                case "new":
                    session.tally.new += 1
                case "changed":
                    session.tally.changed += 1
                case "unchanged":
                    session.tally.unchanged += 1
            session.tally.beyond += item.beyond
            for failure in item.lacking:
                session.tally.page_failed(failure)
            session.memory.settle(
                source, row, at=utc_now(), run=session.run, validators=item.validators,
                body_digest=item.body_digest, content_digest=digest_of(item.bulletin),
                lacking=state_of(item.lacking[0]) if item.lacking else None, last=last,
            )  # fmt: skip
        session.walks.settle(item.url)
        session.report()
        return item
