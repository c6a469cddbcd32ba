"""Obeys robots.txt (RFC 9309): a missing one allows everything, one that cannot be had forbids everything.

Stricter than the RFC where the file has moved to a host that the card does not name: there it cannot be had.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawlers.challenge import signs
from crawlers.refusals import DisallowedError, NoRulesError, stops
from crawlers.spiders.card import session_of
from netdocket.errors import BlockedError, ChallengeError, HarvestError, UnreachableError

AGENT: Final = "netdocket"
OF_ROBOTS: Final = "netdocket_robots"
_MOST_BYTES: Final = 512_000  # what RFC 9309 asks a crawler to read at least


class RobotsMiddleware:
    """A crawl-delay longer than the card's is taken over; of a replica only where no setting says another delay."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._session = session_of(crawler)
        self._takes_delay: bool = crawler.settings.getbool("NETDOCKET_CRAWL_DELAY")
        self._rules: dict[str, asyncio.Future[Protego | HarvestError]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises BlockedError where robots.txt disallows every list of the card, DisallowedError where it disallows
        this address; NoRulesError where it cannot be had, UnreachableError where it is that of a further host."""
        if request.meta.get(OF_ROBOTS):
            return
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.get_running_loop().create_future()
            self._rules[origin].set_result(await self._fetch(origin))
        rules = await self._rules[origin]
        is_own_host = parts.netloc.lower() == self._session.card.host
        if isinstance(rules, HarvestError):
            kind = UnreachableError if isinstance(rules, NoRulesError) and not is_own_host else type(rules)
            raise self._told(kind(rules.what, where=rules.where))
        if not rules.can_fetch(request.url, AGENT):
            forbids_all = is_own_host and not self._allows_a_list(rules)
            kind = BlockedError if forbids_all else DisallowedError
            raise self._told(kind("robots.txt does not allow it", where=request.url))
        self._slow_down(parts.hostname or "", rules)

    def _told(self, error: HarvestError) -> HarvestError:
        """The session hears of it at once: requests are waiting."""
        if stops(error):
            self._session.refusals.refuse(error)
        return error

    def _allows_a_list(self, rules: Protego) -> bool:
        session = self._session
        return any(
            rules.can_fetch(session.engine.first_page(source_list).url, AGENT)
            for source_list in session.card.lists
        )

    async def _fetch(self, origin: str) -> Protego | HarvestError:
        url = f"{origin}/robots.txt"
        request = Request(url, priority=1000, meta={OF_ROBOTS: True}, callback=NO_CALLBACK)
        try:
            response = await self._crawler.engine.download_async(request)
        except BlockedError as error:
            return error
        except HarvestError as error:
            return NoRulesError(f"robots.txt cannot be had: {error.what}", where=url)
        except Exception as error:  # whatever it was, there are no rules
            return NoRulesError(f"robots.txt cannot be had: {error}", where=url)
        if response.status in signs().statuses:
            return ChallengeError(f"HTTP {response.status}: {signs().statuses[response.status]}", where=url)
        if response.status == 200:
            return Protego.parse(response.body[:_MOST_BYTES].decode("utf-8", errors="replace"))
        if 400 <= response.status < 500 and response.status != 429:
            return Protego.parse("")
        return NoRulesError(f"robots.txt cannot be had: HTTP {response.status}", where=url)

    def _slow_down(self, host: str, rules: Protego) -> None:
        delay = rules.crawl_delay(AGENT)
        slot = self._crawler.engine.downloader.slots.get(host)
        if self._takes_delay and delay is not None and slot is not None and delay > slot.delay:
            slot.delay = float(delay)
