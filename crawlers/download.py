"""The download handler: asks where the route leads, and answers in the publisher's addresses."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.route import Route
from netdocket.errors import UnreachableError

ROUTE = "NETDOCKET_ROUTE"


class RoutedDownloadHandler(HTTP11DownloadHandler):
    """Refuses an answer from a private address where no replica was asked for: a public name that leads inside."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._route: Route = crawler.settings[ROUTE]

    async def download_request(self, request: Request) -> Response:
        asked = request.replace(url=self._route.to_fetch(request.url))
        response = await super().download_request(asked)
        request.meta["download_latency"] = asked.meta.get("download_latency")
        address = response.ip_address
        if self._route.replica is None and address is not None and not address.is_global:
            raise UnreachableError(f"the host has a private address, {address}", where=request.url)
        return response.replace(url=request.url)
