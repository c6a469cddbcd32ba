"""Asks nothing more of a publisher that has refused us.

The spider ends the crawl too, but only when it comes to the answer; the next request would be on its way by then.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.health import judge
from crawlers.middlewares.robots import OF_ROBOTS
from crawlers.refusals import NotAsked, Refusals
from crawlers.spiders.card import is_of_list, session_of
from netdocket.errors import HarvestError


class RefusalMiddleware:
    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RefusalMiddleware:
        return cls(session_of(crawler).refusals)

    def process_request(self, request: Request) -> None:
        """Raises NotAsked."""
        if self._refusals.refused:
            raise NotAsked

    def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get(OF_ROBOTS):  # to refuse its rules is not to refuse its pages
            return response
        try:
            judge(response.status, request.url)
        except HarvestError as error:
            self._refusals.heard(error, of_list=is_of_list(request))
        else:
            self._refusals.heard(None, of_list=False)
        return response
