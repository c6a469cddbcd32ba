"""How a publisher sees us: who we are, how often we come, what we do when we are asked to wait."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest

from crawlers.cards import Card
from crawlers.middlewares.retries import retry_after
from crawlers.route import Route
from crawlers.settings import scrapy_settings
from netdocket import __version__
from netdocket.datadir import DataDir
from netdocket.errors import ConfigurationError
from netdocket.settings import load_settings
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, make_card, news

LIST = "/news/index_1.html"


def test_every_request_says_who_asks(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    crawl_site(settings=load_settings(download_delay=0, contact_url="https://about.example/crawler"))
    agents = {request.headers["User-Agent"] for request in site.asked}
    assert agents == {f"Mozilla/5.0 (compatible; netdocket/{__version__}; +https://about.example/crawler)"}
    assert not any("Cookie" in request.headers or "Referer" in request.headers for request in site.asked)


def test_no_publisher_is_asked_by_nobody(
    crawl_site: Crawl, site: Site, datadir: DataDir, tmp_path: Path
) -> None:
    """Live, the agent string must lead to somebody; a replica needs no introduction."""
    card = make_card(tmp_path, ("https://www.example.org", site.url))
    with pytest.raises(ConfigurationError, match="find out who asks") as caught:
        crawl_site(cards=[card], base_urls=None, origin="live")
    assert caught.value.where == "NETDOCKET_CONTACT_URL"
    assert site.asked == []
    assert datadir.family is None  # nothing came, and the directory may still take a demonstration
    site.bulletins({1: "Notice number 1 in full."})
    crawl_site()
    assert {r.headers["User-Agent"] for r in site.asked} == {
        f"Mozilla/5.0 (compatible; netdocket/{__version__})"
    }


@pytest.mark.parametrize("contact", ["", "office", "file:///etc/passwd", "https://a b"])
def test_a_contact_is_an_address(contact: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(contact_url=contact)
    assert caught.value.where == "--contact-url"


@pytest.mark.parametrize(("setting", "seconds"), [(0, 2), (1.5, 2), (5, 5), (None, 2)])
def test_a_setting_can_only_give_a_publisher_more_time(
    card: Card, setting: float | None, seconds: float
) -> None:
    """And takes nothing from the delay that its robots.txt asks for."""
    settings = load_settings(download_delay=setting)
    live = scrapy_settings(card, Route(card), settings)
    assert (live["DOWNLOAD_DELAY"], live["NETDOCKET_CRAWL_DELAY"]) == (seconds, True)
    replica = scrapy_settings(card, Route(card, "http://127.0.0.1:1"), settings)
    assert replica["DOWNLOAD_DELAY"] == (2 if setting is None else setting)


def test_one_request_at_a_time(site: Site, crawl_site: Crawl) -> None:
    site.tell(LIST, news(list(range(1, 7))))
    for number in range(1, 7):
        site.tell(f"/news/{number}.html", Reply(article(number, "Notice in full.").encode(), seconds=0.05))
    assert crawl_site().new == 6
    assert {request.others for request in site.asked} == {0}


def test_the_delay_is_kept_between_requests(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full.", 2: "Notice number 2 in full."})
    crawl_site(settings=load_settings(download_delay=0.3))
    gaps = [later.at - earlier.at for earlier, later in pairwise(site.asked)]
    assert len(gaps) == 4
    assert min(gaps) > 0.25  # a lower bound: the machine may be slow, never fast


def test_the_delay_of_the_card_holds_where_the_settings_say_none(site: Site, crawl_site: Crawl) -> None:
    site.tell(LIST, Reply(status=403))
    crawl_site(settings=load_settings())  # the card says 2 seconds
    robots, listed = site.asked
    assert listed.at - robots.at > 1.9


def test_a_longer_crawl_delay_of_robots_txt_is_taken_over(site: Site, crawl_site: Crawl) -> None:
    site.tell("/robots.txt", "User-agent: *\nCrawl-delay: 3\n")
    site.bulletins({})
    site.tell("/news/index_1.html", Reply(status=403))
    crawl_site(settings=load_settings())
    robots, listed = site.asked
    assert listed.at - robots.at > 2.9


@pytest.mark.parametrize("status", [429, 503])
def test_we_wait_as_long_as_we_are_asked_to(site: Site, crawl_site: Crawl, status: int) -> None:
    site.bulletins({1: "Notice number 1 in full.", 2: "Notice number 2 in full."})
    site.tell(
        "/news/1.html", Reply(status=status, headers={"Retry-After": "1"}), article(1, "Notice in full.")
    )
    assert crawl_site().new == 2
    refused = next(n for n, request in enumerate(site.asked) if request.path == "/news/1.html")
    assert site.asked[refused + 1].at - site.asked[refused].at > 0.9
    assert site.paths().count("/news/1.html") == 2


def test_who_asks_for_too_long_a_wait_blocks_us(site: Site, crawl_site: Crawl) -> None:
    site.tell(LIST, Reply(status=503, headers={"Retry-After": "86400"}))
    found = crawl_site().sources["example"]
    assert (found.state, found.reason) == ("blocked", "HTTP 503: asks to wait 86,400 s")
    assert site.paths() == ["/robots.txt", LIST]


def test_rules_that_are_refused_allow_everything(site: Site, crawl_site: Crawl) -> None:
    """RFC 9309, 2.3.1.3: a robots.txt that answers 4xx may be taken as missing."""
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/robots.txt", Reply(status=403))
    assert crawl_site().sources["example"].state == "ok"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (b"7", 7.0),
        (b"Sun, 01 Mar 2026 00:01:00 GMT", 60.0),
        (b"Sat, 28 Feb 2026 00:00:00 GMT", 0.0),
        (b"soon", None),
        (b"-3", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: bytes | None, seconds: float | None) -> None:
    assert retry_after(header, dt.datetime(2026, 3, 1, tzinfo=dt.UTC)) == seconds
