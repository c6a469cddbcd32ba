"""What a crawl finds, what it finds again, and what it asks for on the way."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from crawlers.cards import Card, load_cards
from crawlers.loop import run
from crawlers.memory import CrawlMemory, due_again
from crawlers.run import CrawlReport, crawl
from crawlers.session import Progress
from netdocket.datadir import DataDir
from netdocket.errors import ConfigurationError, MixedOriginError, StorageError
from netdocket.identity import bulletin_id, canonical_url
from netdocket.replica import serve
from netdocket.replica.site import Site as ReplicaSite
from netdocket.settings import Settings
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, harvested, make_card, news, source_states


def test_a_bulletin_carries_what_list_and_page_say(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    site.bulletins({7: "The office warned a hospital on 3 March."})
    crawl_site()
    (bulletin,) = harvested(datadir)
    assert bulletin.url == "https://www.example.org/news/7.html"  # the publisher's address, not the replica's
    assert bulletin.bulletin_id == bulletin_id("example", bulletin.url)
    assert (bulletin.title, bulletin.published, bulletin.publisher) == (
        "Notice 7",
        "2024-03-08",
        "Example Office",
    )
    assert bulletin.text == "The office warned a hospital on 3 March."
    assert (bulletin.language, bulletin.origin, bulletin.quiet) == ("en", "replica", False)
    assert bulletin.archive is not None


def test_pages_of_two_hosts_are_two_bulletins(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path
) -> None:
    """Also where their paths are alike; and the card's own host is what it always was, whatever its link looks like."""
    card = make_card(
        tmp_path, ("base: https://www.example.org", "base: https://www.example.org\nhosts: [Old.example.org]")
    )
    again = [
        f'<li><a href="{host}/news/1.html">Notice 1</a><span>2024-03-02</span></li>'
        for host in ("https://old.example.org", "//old.example.org", "http://WWW.example.org")
    ]
    site.tell("/news/index_1.html", news([1], extra="".join(again)))
    site.tell("/news/1.html", article(1, "Notice number 1 in full."))
    assert crawl_site(cards=[card]).new == 2
    found = harvested(datadir)
    assert {bulletin.url for bulletin in found} == {
        "https://www.example.org/news/1.html", "https://old.example.org/news/1.html",
    }  # fmt: skip
    assert len({bulletin.bulletin_id for bulletin in found}) == 2


def test_a_second_crawl_of_the_same_asks_for_the_list_alone(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({n: f"The office fined company number {n}." for n in range(1, 6)})
    first = crawl_site()
    site.asked.clear()
    second = crawl_site()
    assert (first.new, second.new, second.changed) == (5, 0, 0)
    assert second.sources["example"].state == "nothing_new"
    assert site.paths() == ["/robots.txt", "/news/index_1.html"]
    assert len(harvested(datadir)) == 5


def test_validators_are_sent_back(site: Site, crawl_site: Crawl) -> None:
    site.tell("/news/index_1.html", Reply(news([1]).encode(), headers={"ETag": '"list"'}), Reply(status=304))
    site.tell(
        "/news/1.html",
        Reply(
            article(1, "The office closed a site.").encode(), headers={"ETag": '"one"', "Last-Modified": "x"}
        ),
        Reply(status=304),
    )
    crawl_site()
    site.asked.clear()
    again = crawl_site(recheck=True)
    asked = {request.path: request.headers for request in site.asked}
    assert asked["/news/index_1.html"]["If-None-Match"] == '"list"'
    assert asked["/news/1.html"]["If-None-Match"] == '"one"'
    assert asked["/news/1.html"]["If-Modified-Since"] == "x"
    assert (again.unchanged, again.new, again.changed) == (1, 0, 0)


def test_an_amended_page_is_a_new_revision_and_nothing_else_is(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "The fine is 10,000 yuan.", 2: "The fine is 20,000 yuan."})
    crawl_site()
    site.tell("/news/2.html", article(2, "The fine is 25,000 yuan (corrected)."))
    report = crawl_site(recheck=True)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    one, old, amended = harvested(datadir)
    assert one.url != old.url == amended.url
    assert amended.revision > old.revision
    assert (old.ordinal, amended.ordinal) == (1, 2)


def test_a_page_that_only_looks_another_way_is_unchanged(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "The fine is 10,000 yuan."})
    crawl_site()
    site.tell(
        "/news/1.html", article(1, "The   fine is\n10,000 yuan.").replace("<body>", "<body><nav>New</nav>")
    )
    report = crawl_site(recheck=True)
    assert (report.changed, report.unchanged) == (0, 1)
    assert len(harvested(datadir)) == 1


def test_a_title_that_changes_on_the_list_makes_the_crawl_look_again(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "The fine is 10,000 yuan.", 2: "The fine is 20,000 yuan."})
    crawl_site()
    site.tell("/news/index_1.html", news([1, 2]).replace("Notice 2", "Notice 2 (corrected)"))
    site.tell("/news/2.html", article(2, "The fine is 25,000 yuan."))
    site.asked.clear()
    assert crawl_site().changed == 1
    assert "/news/1.html" not in site.paths()


def test_new_bulletins_are_found_without_walking_the_whole_list_again(site: Site, crawl_site: Crawl) -> None:
    for page in range(1, 6):
        site.bulletins({n: f"Notice number {n} in full." for n in range(page * 10, page * 10 + 4)}, page=page)
    assert crawl_site().new == 20
    site.asked.clear()
    site.bulletins({99: "A new notice, in full.", 10: "x", 11: "x", 12: "x"}, page=1)
    site.bulletins(dict.fromkeys((13, 20, 21, 22), "x"), page=2)
    assert crawl_site().new == 1
    assert [path for path in site.paths() if "index" in path] == ["/news/index_1.html", "/news/index_2.html"]
    assert [path for path in site.paths() if "index" not in path] == ["/robots.txt", "/news/99.html"]


def test_a_crawl_that_was_cut_short_is_taken_up_where_it_was(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    for page in range(1, 4):
        site.bulletins({n: f"Notice number {n} in full." for n in range(page * 10, page * 10 + 4)}, page=page)
    found = [crawl_site(limit=5).new for _ in range(4)]
    assert found == [5, 5, 2, 0]
    assert len({bulletin.bulletin_id for bulletin in harvested(datadir)}) == 12


def test_what_two_lists_show_is_fetched_once(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path
) -> None:
    second = (
        '{path: "/news/index_{page}.html", title: News}\n  - {path: "/other/index_{page}.html", title: Other}'
    )
    card = make_card(tmp_path, ('{path: "/news/index_{page}.html", title: News}', second))
    site.bulletins({1: "The office fined a bank.", 2: "The office fined a school."})
    site.tell("/other/index_1.html", news([2, 1]))
    assert crawl_site(cards=[card]).new == 2
    assert sorted(path for path in site.paths() if path.startswith("/news/") and "index" not in path) == [
        "/news/1.html", "/news/2.html",
    ]  # fmt: skip
    site.asked.clear()
    assert crawl_site(cards=[card]).requests == 3  # robots.txt and both lists
    assert len(harvested(datadir)) == 2


def test_a_list_that_never_ends_is_left_where_it_repeats_itself(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."}, page=1)
    for page in range(2, 60):
        site.tell(f"/news/index_{page}.html", news([1]))
    report = crawl_site()
    assert (report.new, report.sources["example"].state) == (1, "ok")
    assert sum("index" in path for path in site.paths()) == 2


def test_a_list_page_of_links_to_elsewhere_alone_is_no_end(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({1: "Notice number 1 in full."}, page=1)
    for page in (2, 3):
        site.tell(f"/news/index_{page}.html", news([], extra='<li><a href="https://other.example/x">X</a>'))
    site.bulletins({2: "Notice number 2 in full."}, page=4)
    assert crawl_site().new == 2


def test_a_changed_title_filter_looks_at_the_list_again(
    site: Site, crawl_site: Crawl, tmp_path: Path
) -> None:
    site.tell("/news/index_1.html", Reply(news([1, 2]).encode(), headers={"ETag": '"list"'}))
    site.tell("/news/1.html", article(1, "Notice number 1 in full."))
    site.tell("/news/2.html", article(2, "Notice number 2 in full."))
    narrow = make_card(tmp_path, ("  item: ul.news li", "  item: ul.news li\n  title_filter: Notice 1"))
    assert crawl_site(cards=[narrow]).new == 1
    assert crawl_site(cards=[make_card(tmp_path)]).new == 1


def test_the_state_of_a_source_goes_through_the_spool(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    reports = [crawl_site(), crawl_site()]
    first, second = source_states(datadir)
    assert [state.run_id for state in (first, second)] == [report.run_id for report in reports]
    assert (first.state, first.new, first.found, first.failed) == ("ok", 1, 1, 0)
    assert (second.state, second.since, second.origin) == ("nothing_new", first.since, "replica")
    assert first.requests == 4  # robots.txt, the list, the end of the list, the page


def test_progress_is_told_as_it_comes(site: Site, crawl_site: Crawl) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 4)})
    told: list[Progress] = []
    crawl_site(on_progress=told.append)
    assert [progress.new for progress in told] == sorted(progress.new for progress in told)
    assert (told[-1].new, told[-1].fetched, told[-1].state) == (3, 3, "ok")
    assert told[0].state is None


def test_a_quiet_crawl_says_so_of_each_bulletin(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    crawl_site(quiet=True)
    assert [bulletin.quiet for bulletin in harvested(datadir)] == [True]


def test_live_and_replica_data_do_not_mix(site: Site, crawl_site: Crawl, card: Card) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    crawl_site()
    with pytest.raises(MixedOriginError):
        crawl_site(base_urls=None, origin="live")
    with pytest.raises(ConfigurationError, match="not live data"):
        crawl_site(origin="live")
    with pytest.raises(ConfigurationError, match="addresses of a replica"):
        crawl_site(base_urls=None)
    with pytest.raises(ConfigurationError, match="no such card"):
        crawl_site(base_urls={"example": site.url, "other": site.url})


def test_cards_without_an_address_on_the_replica_are_not_asked_live(
    site: Site, crawl_site: Crawl, card: Card
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    report = crawl_site(cards={**load_cards(), "example": card})
    assert list(report.sources) == ["example"]
    assert set(report.skipped) == set(load_cards())


def test_the_replica_of_all_cards(settings: Settings, datadir: DataDir, tmp_path: Path) -> None:
    """Every bulletin of the replica once; none the second time; those amended as new revisions."""
    texts = tmp_path / "texts"
    texts.mkdir()
    written = {
        "000_notice": "\n  A notice\u00a0with odd  spaces\n\n\tand <tags> & signs\n",
        "通报": "某市网信办通报：\r\n一、约谈；\n二、罚款5万元。",
    }
    for stem, text in written.items():
        (texts / f"{stem}.txt").write_bytes(text.encode())
    with serve(texts=texts, count=80) as replica:

        def again(**given: bool) -> CrawlReport:
            return run(
                crawl(
                    load_cards(), settings=settings, datadir=datadir, base_urls=replica.base_urls,
                    origin="replica", **given,
                )
            )  # fmt: skip

        wanted = {
            load_cards()[site.source].base + path
            for site in replica.sites.values()
            if isinstance(site, ReplicaSite)
            for path, bulletin in site.articles.items()
            if not bulletin.fixture.beside  # what the title filter leaves out
        }
        first = again()
        replica.served.clear()
        second = again()
        requests = sum(replica.served.values())
        amended = replica.amend(0.1)
        third = again(recheck=True)
    assert {state.state for state in first.sources.values()} == {"ok"}
    assert (first.new, first.failed) == (len(wanted) + len(written), 0)
    assert (second.new, second.changed, second.requests) == (0, 0, requests)
    assert requests == sum(
        1 + len(card.lists) for card in load_cards().values() if card.code in replica.base_urls
    )  # robots.txt and first pages
    found = harvested(datadir)
    assert {bulletin.url for bulletin in found if bulletin.source != "texts"} == wanted
    assert len({bulletin.bulletin_id for bulletin in found}) == first.new
    assert third.new == 0
    assert third.changed == len(found) - first.new
    assert 0 < third.changed <= len(amended)
    texts_found = {bulletin.url: bulletin.text for bulletin in found if bulletin.source == "texts"}
    assert sorted(hashlib.sha256(text.encode()).hexdigest() for text in texts_found.values()) == sorted(
        hashlib.sha256(text.encode()).hexdigest() for text in written.values()
    )
    for bulletin in found:
        card = load_cards()[bulletin.source]
        assert bulletin.url is not None
        assert bulletin.url == canonical_url(bulletin.url, base=card.base)


def test_an_interrupted_crawl_keeps_what_it_has_and_goes_on(
    site: Site, card: Card, settings: Settings, datadir: DataDir, crawl_site: Crawl
) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 30)})

    async def interrupted() -> None:
        enough = asyncio.Event()
        crawling = asyncio.ensure_future(
            crawl(
                [card], settings=settings, datadir=datadir, base_urls={"example": site.url}, origin="replica",
                on_progress=lambda progress: enough.set() if progress.new >= 5 else None,
            )
        )  # fmt: skip
        await enough.wait()
        crawling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await crawling

    run(interrupted())
    kept = len(harvested(datadir))
    assert 5 <= kept < 29
    assert source_states(datadir) == []  # what ended it says nothing of the source
    assert crawl_site().new == 29 - kept


def test_a_crawl_outside_the_reactors_loop_is_refused(
    card: Card, settings: Settings, datadir: DataDir, site: Site
) -> None:
    with pytest.raises(ConfigurationError, match=r"crawlers\.loop\.run"):
        asyncio.run(
            crawl(
                [card], settings=settings, datadir=datadir, base_urls={"example": site.url}, origin="replica"
            )
        )


def test_old_pages_are_asked_for_more_and_more_rarely() -> None:
    at = "2026-03-01T00:00:00Z"
    assert due_again("2026-02-28", at) == "2026-03-02T00:00:00Z"  # a day at least
    assert due_again("2025-11-21", at) == "2026-03-11T00:00:00Z"  # a tenth of 100 days
    assert due_again("2016", at) == due_again("2016-05", at) == "2026-08-28T00:00:00Z"  # half a year at most


def test_a_sqlite_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr("sqlite3.sqlite_version", "3.34.1")
    with pytest.raises(StorageError, match=r"SQLite 3\.34\.1; 3\.35 or newer"):
        CrawlMemory(tmp_path / "crawl.sqlite")
