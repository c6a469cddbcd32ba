"""Crawls of a site that behaves as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawlers.cards import Card
from crawlers.loop import run
from crawlers.run import CrawlReport, crawl
from netdocket.datadir import DataDir
from netdocket.settings import Settings, load_settings
from tests.crawlers.example_site import Reply, Site, make_card


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return make_card(tmp_path)


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """Only where the site is told to be late is it not waited for: a busy machine answers late too."""
    callspec = getattr(request.node, "callspec", None)
    reply = callspec.params.get("reply") if callspec else None
    late = isinstance(reply, Reply) and reply.seconds
    return load_settings(download_delay=0, download_timeout=1 if late else 30, spool_commit_ms=1)


@pytest.fixture
def datadir(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


Crawl = Callable[..., CrawlReport]


@pytest.fixture
def crawl_site(site: Site, card: Card, settings: Settings, datadir: DataDir) -> Crawl:
    """Crawls the example site, with whatever arguments of `crawl` are given."""

    def crawl_site(**given: Any) -> CrawlReport:
        used: dict[str, Any] = {
            "cards": [card], "settings": settings, "datadir": datadir,
            "base_urls": {"example": site.url}, "origin": "replica",
        } | given  # fmt: skip
        return run(crawl(used.pop("cards"), **used))

    return crawl_site
