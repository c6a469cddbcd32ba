"""Asks nothing more of a publisher that has refused us.

The spider ends the crawl too, but only when it comes to the answer; the next request would be on its way by then.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.health import judge, stops
from crawlers.middlewares.robots import OF_ROBOTS
from netdocket.errors import HarvestError


class NotAsked(IgnoreRequest):
    """A request that was not sent, since the publisher refuses us: nothing is known of its page."""


class RefusalMiddleware:
    def __init__(self) -> None:
        self._refused = False

    def process_request(self, request: Request) -> None:
        """Raises NotAsked."""
        if self._refused:
            raise NotAsked

    def process_response(self, request: Request, response: Response) -> Response:
        if request.meta.get(OF_ROBOTS):  # to refuse its rules is not to refuse its pages
            return response
        try:
            judge(response.status, request.url)
        except HarvestError as error:
            self._refused = self._refused or stops(error)
        return response
