"""Waits when a publisher asks for it (429 or 503 with Retry-After), and gives up when it asks for too long."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from email.utils import parsedate_to_datetime
from typing import Final

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.refusals import Refusals
from crawlers.spiders.card import session_of
from netdocket.errors import BlockedError

LONGEST_SECONDS: Final = 120.0
MOST: Final = 3
_TIMES: Final = "netdocket_waits"
_log = logging.getLogger(__name__)


class RetryAfterMiddleware:
    """While it waits nothing else is asked of the host."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._until = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RetryAfterMiddleware:
        return cls(session_of(crawler).refusals)

    async def process_request(self, request: Request) -> None:
        loop = asyncio.get_running_loop()
        while (left := self._until - loop.time()) > 0:
            await asyncio.sleep(left)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Raises BlockedError."""
        if response.status not in (429, 503):
            return response
        seconds = retry_after(response.headers.get(b"Retry-After"), dt.datetime.now(dt.UTC))
        times = request.meta.get(_TIMES, 0) + 1
        if seconds is None or times > MOST:
            return response
        if seconds > LONGEST_SECONDS:
            error = BlockedError(f"HTTP {response.status}: asks to wait {seconds:,.0f} s", where=request.url)
            self._refusals.refuse(error)
            raise error
        _log.info("%s: HTTP %d, waiting %.0f s as asked", request.url, response.status, seconds)
        self._until = max(self._until, asyncio.get_running_loop().time() + seconds)
        return request.replace(meta={**request.meta, _TIMES: times}, dont_filter=True)


def retry_after(header: bytes | None, now: dt.datetime) -> float | None:
    """Seconds that the header asks for: a number, or a date. None where it is missing or says nothing."""
    if header is None:
        return None
    value = header.decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - now).total_seconds())
