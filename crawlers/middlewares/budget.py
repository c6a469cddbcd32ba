"""Asks nothing beyond the budget of the crawl. Behind the middleware for robots.txt: what that forbids costs nothing."""

from __future__ import annotations

from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler

from crawlers.refusals import BudgetSpent
from crawlers.session import Session
from crawlers.spiders.card import session_of

HELD: Final = "netdocket_held"
"""In a request's meta: what is kept back of the budget for it."""


class BudgetMiddleware:
    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BudgetMiddleware:
        return cls(session_of(crawler))

    def process_request(self, request: Request) -> None:
        """Raises BudgetSpent."""
        if not self._session.budget.take(request.meta.get(HELD)):
            raise BudgetSpent
