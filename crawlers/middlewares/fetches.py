"""Keeps each answer as it was sent, before anything is unpacked: this is what goes to the archive."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.archive import Fetch
from crawlers.download import ROUTE
from crawlers.route import Route
from netdocket.records import utc_now

FETCH = "netdocket_fetch"


class FetchMiddleware:
    """Stands next to the downloader. `request.meta[FETCH]` is the Fetch of the last answer."""

    def __init__(self, route: Route) -> None:
        self._route = route

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FetchMiddleware:
        return cls(crawler.settings[ROUTE])

    def process_response(self, request: Request, response: Response) -> Response:
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        )
        request.meta[FETCH] = Fetch(
            source=self._route.card.code,
            url=request.url,
            status=response.status,
            headers=headers,
            body=response.body,
            fetched_at=utc_now(),
            fetched_from=self._route.to_fetch(request.url) if self._route.replica else None,
        )
        return response
