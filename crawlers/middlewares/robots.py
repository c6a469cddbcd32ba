"""Obeys robots.txt (RFC 9309): a missing one allows everything, one that cannot be had forbids everything."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawlers.challenge import signs
from netdocket.errors import BlockedError, ChallengeError, GoneError, HarvestError, UnreachableError

AGENT: Final = "netdocket"
OF_ROBOTS: Final = "netdocket_robots"
_MOST_BYTES: Final = 512_000  # what RFC 9309 asks a crawler to read at least


class RobotsMiddleware:
    """A crawl-delay longer than the card's is taken over, unless the settings say their own delay."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._takes_delay: bool = crawler.settings.getbool("NETDOCKET_CRAWL_DELAY")
        self._rules: dict[str, asyncio.Future[Protego | HarvestError]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises BlockedError where robots.txt disallows, UnreachableError where it cannot be had."""
        if request.meta.get(OF_ROBOTS):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.get_running_loop().create_future()
            self._rules[origin].set_result(await self._fetch(origin))
        rules = await self._rules[origin]
        if isinstance(rules, HarvestError):
            raise type(rules)(rules.what, where=rules.where)
        if not rules.can_fetch(request.url, AGENT):
            raise BlockedError("robots.txt does not allow it", where=request.url)
        self._slow_down(parts.hostname or "", rules)

    async def _fetch(self, origin: str) -> Protego | HarvestError:
        url = f"{origin}/robots.txt"
        request = Request(url, priority=1000, meta={OF_ROBOTS: True}, callback=NO_CALLBACK)
        try:
            response = await self._crawler.engine.download_async(request)
        except GoneError:  # moved to another host: as good as missing
            return Protego.parse("")
        except HarvestError as error:
            return error
        except Exception as error:  # whatever it was, there are no rules
            return UnreachableError(f"robots.txt cannot be had: {error}", where=url)
        if response.status in signs().statuses:
            return ChallengeError(f"HTTP {response.status}: {signs().statuses[response.status]}", where=url)
        if response.status >= 500 or response.status == 429:
            return UnreachableError(f"robots.txt cannot be had: HTTP {response.status}", where=url)
        text = response.body[:_MOST_BYTES].decode("utf-8", errors="replace") if response.status == 200 else ""
        return Protego.parse(text)

    def _slow_down(self, host: str, rules: Protego) -> None:
        delay = rules.crawl_delay(AGENT)
        slot = self._crawler.engine.downloader.slots.get(host)
        if self._takes_delay and delay is not None and slot is not None and delay > slot.delay:
            slot.delay = float(delay)
