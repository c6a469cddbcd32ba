"""Scrapy's settings for the crawl of one card."""

from __future__ import annotations

from typing import Any, Final

from crawlers.cards import Card
from crawlers.download import ROUTE
from crawlers.route import Route
from netdocket import __version__
from netdocket.errors import ConfigurationError
from netdocket.settings import PREFIX, Settings

MAX_PAGE_BYTES: Final = 32_000_000
RETRIES: Final = 2
SLOWEST: Final = 60.0
"""Seconds between two requests, however slowly a publisher answers."""


def agent(settings: Settings) -> str:
    """How we introduce ourselves; the publisher finds there who we are."""
    contact = f"; +{settings.contact_url}" if settings.contact_url else ""
    return f"Mozilla/5.0 (compatible; netdocket/{__version__}{contact})"


def require_contact(settings: Settings) -> None:
    """Raises ConfigurationError where publishers could not find out who asks."""
    if not settings.contact_url:
        raise ConfigurationError(
            "publishers must be able to find out who asks: set it to a page about this installation, or to an address "
            "such as mailto:office@your-organisation.example, before real sites are crawled",
            where=f"{PREFIX}CONTACT_URL",
        )


def delay(card: Card, route: Route, settings: Settings) -> float:
    """Seconds between two requests. A setting may hurry a replica; a publisher it can only give more time."""
    if settings.download_delay is None:
        return card.delay
    return settings.download_delay if route.replica else max(settings.download_delay, card.delay)


def scrapy_settings(card: Card, route: Route, settings: Settings) -> dict[str, Any]:
    """One connection to the host, the card's delay between two requests, no cookies, everything typed by our own
    middlewares instead of Scrapy's."""
    ours = "crawlers.middlewares"
    return {
        ROUTE: route,
        "NETDOCKET_CRAWL_DELAY": settings.download_delay is None or route.replica is None,
        "USER_AGENT": agent(settings),
        "DOWNLOAD_DELAY": delay(card, route, settings),
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "CONCURRENT_REQUESTS": 1,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 1,  # of one page, which has but one; Scrapy starts as many tasks for each page
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # parses the source of a callback anew for each page
        # Where a publisher answers slowly the delay grows to what its answers take. A replica is as fast as it is.
        "AUTOTHROTTLE_ENABLED": route.replica is None,
        "AUTOTHROTTLE_START_DELAY": delay(card, route, settings),
        "AUTOTHROTTLE_MAX_DELAY": SLOWEST,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": 1.0,
        "DOWNLOAD_TIMEOUT": settings.download_timeout,
        "DOWNLOAD_MAXSIZE": MAX_PAGE_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "RETRY_TIMES": RETRIES,
        "RETRY_HTTP_CODES": [408, 500, 502, 503, 504],
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "COOKIES_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "ROBOTSTXT_OBEY": False,  # RobotsMiddleware does
        "HTTPERROR_ALLOW_ALL": True,
        "REFERER_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        "EXTENSIONS": {
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.corestats.CoreStats": None,
        },
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8",
            "Accept-Encoding": "gzip, deflate",  # what every reader of the archive understands
        },
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",  # the newest first, as lists show them
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # memory knows what was asked for
        "DOWNLOAD_HANDLERS": {
            "http": "crawlers.download.RoutedDownloadHandler",
            "https": "crawlers.download.RoutedDownloadHandler",
            **dict.fromkeys(("data", "file", "ftp", "s3")),
        },
        "DOWNLOADER_MIDDLEWARES": {
            f"{ours}.refusals.RefusalMiddleware": 90,
            f"{ours}.robots.RobotsMiddleware": 100,
            f"{ours}.budget.BudgetMiddleware": 110,
            f"{ours}.retries.RetryAfterMiddleware": 555,
            f"{ours}.redirects.RedirectMiddleware": 580,
            f"{ours}.fetches.FetchMiddleware": 950,  # next to the downloader: sees what is still packed
        },
        "ITEM_PIPELINES": {
            "crawlers.pipelines.documents.DocumentsPipeline": 50,
            "crawlers.pipelines.archive.ArchivePipeline": 100,
            "crawlers.pipelines.spool.SpoolPipeline": 200,
            "crawlers.pipelines.memory.MemoryPipeline": 300,
        },
    }
