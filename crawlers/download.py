"""The download handler: asks where the route leads, and answers in the publisher's addresses.

No publisher is asked at a private address: the resolver sees to that before a connection is made.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response

from crawlers.loop import resolver
from crawlers.route import Route
from netdocket.errors import UnreachableError

ROUTE = "NETDOCKET_ROUTE"


class RoutedDownloadHandler(HTTP11DownloadHandler):
    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._route: Route = crawler.settings[ROUTE]

    async def download_request(self, request: Request) -> Response:
        asked = request.replace(url=self._route.to_fetch(request.url))
        try:
            response = await super().download_request(asked)
        except CannotResolveHostError as error:
            if refused := resolver().refused.get(urlsplit(asked.url).hostname or ""):
                raise UnreachableError(
                    f"the host has a private address, {refused}", where=request.url
                ) from error
            raise
        request.meta["download_latency"] = asked.meta.get("download_latency")
        return response.replace(url=request.url)
