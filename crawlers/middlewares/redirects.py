"""Follows redirects, but only to where the card allows: not to another host and not to a private address."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.download import ROUTE
from crawlers.route import Route
from netdocket.errors import GoneError

MOST: Final = 5
_TIMES: Final = "netdocket_redirects"


class RedirectMiddleware:
    def __init__(self, route: Route) -> None:
        self._route = route

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RedirectMiddleware:
        return cls(crawler.settings[ROUTE])

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Raises GoneError for a redirect that is not followed."""
        if response.status not in (301, 302, 303, 307, 308) or b"Location" not in response.headers:
            return response
        location = (response.headers[b"Location"] or b"").decode("utf-8", errors="replace")
        target = self._route.to_publisher(urljoin(request.url, location))
        try:
            self._route.require_allowed(target)
        except GoneError as error:
            raise GoneError(f"HTTP {response.status} {error.what}", where=request.url) from error
        times = request.meta.get(_TIMES, 0) + 1
        if times > MOST:
            raise GoneError(f"redirected more than {MOST} times", where=request.url)
        return request.replace(url=target, meta={**request.meta, _TIMES: times}, dont_filter=True)
