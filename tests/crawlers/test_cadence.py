"""How often a source is asked, how far back, how much, and by whom: never by two at once."""

from __future__ import annotations

import datetime as dt
import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawlers.cadence import due_from
from crawlers.cards import Card
from crawlers.locks import HostBusyError, hosts_locked
from crawlers.memory import CrawlMemory, KnownState
from crawlers.period import Period
from crawlers.route import Route
from crawlers.settings import SLOWEST, scrapy_settings
from netdocket.datadir import DataDir
from netdocket.errors import StorageError
from netdocket.settings import load_settings
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, harvested, make_card

NOON = "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    ("cadence", "state", "days"),
    [("daily", "ok", 1), ("weekly", "nothing_new", 7), ("monthly", "ok", 30), ("irregular", "ok", 7),
     ("monthly", "blocked", 1), ("daily", "changed", 1)],
)  # fmt: skip
def test_a_source_is_due_by_its_cadence_and_the_next_day_after_a_failure(
    tmp_path: Path, cadence: str, state: str, days: int
) -> None:
    card = make_card(tmp_path, ("cadence: daily", f"cadence: {cadence}"))
    known = KnownState(state=state, since=NOON, last_good=None, at=NOON)
    due = due_from(card, known)
    assert due is not None
    wait = due - dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert dt.timedelta(days=days) - dt.timedelta(hours=1) == wait
    assert due_from(card, None) is None


def test_a_crawl_of_what_is_due_leaves_the_others_alone(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    assert crawl_site(due=True).new == 1
    site.asked.clear()
    report = crawl_site(due=True)
    assert site.asked == [] and not report.sources
    assert report.skipped["example"].startswith("not due before ")
    memory = CrawlMemory(datadir.crawl)
    known = memory.state("example")
    assert known is not None
    memory.keep_state("example", KnownState(state="ok", since=NOON, last_good=NOON, at=NOON))
    memory.close()
    assert crawl_site(due=True).sources["example"].state == "nothing_new"


def dated(site: Site, pages: int) -> None:
    """Three notices a page, a month further back each page."""
    for page in range(1, pages + 1):
        numbers = range(page * 10, page * 10 + 3)
        month = f"2024-{13 - page:02}"
        items = "".join(
            f'<li><a href="/news/{n}.html">Notice {n}</a><span>{month}-10</span></li>' for n in numbers
        )
        site.tell(f"/news/index_{page}.html", f"<html><ul class=news>{items}</ul></html>")
        for n in numbers:
            site.tell(f"/news/{n}.html", article(n, f"Notice number {n} in full."))


def test_a_back_fill_goes_to_its_day_past_what_is_known(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    dated(site, 8)
    crawl_site(limit=3)
    site.asked.clear()
    report = crawl_site(period=Period("2024-09-15", "2024-11-30"))
    assert report.new == 6  # October and November
    assert [path for path in site.paths() if "index" in path] == [
        f"/news/index_{n}.html" for n in range(1, 5)
    ]
    found = {bulletin.url for bulletin in harvested(datadir)}
    assert len(found) == 9
    assert crawl_site().new == 15  # the ordinary walk misses nothing for it


def test_a_back_fill_that_was_cut_short_goes_on_where_it_was(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    dated(site, 8)
    period = Period("2024-06-01")
    assert crawl_site(period=period, limit=8).new == 8
    site.asked.clear()
    assert crawl_site(period=period).new == 13
    lists = [path for path in site.paths() if "index" in path]
    assert lists == [f"/news/index_{n}.html" for n in range(3, 9)]
    assert len({bulletin.url for bulletin in harvested(datadir)}) == 21
    site.asked.clear()
    assert crawl_site(period=period).new == 0  # begins at the top again, and asks for lists alone
    assert not [path for path in site.paths() if path.removeprefix("/news/")[:1].isdigit()]


def test_a_budget_ends_a_crawl_and_the_next_goes_on(site: Site, crawl_site: Crawl) -> None:
    dated(site, 8)
    first = crawl_site(budget=10)
    state = first.sources["example"]
    assert 5 <= state.new < 15 and state.requests <= 14
    assert "the budget of 10 requests is spent" in (state.reason or "")
    total = first.new
    for _ in range(12):
        total += crawl_site(budget=10).new
    assert total == 24


def test_a_list_without_end_is_said(site: Site, crawl_site: Crawl, tmp_path: Path) -> None:
    """Every page shows others, as calendars and searches do."""
    dated(site, 8)
    card = make_card(tmp_path, ("limit: 50", "limit: 5"))
    state = crawl_site(cards=[card]).sources["example"]
    assert (state.state, state.new) == ("changed", 15)
    assert state.reason == "the list has no end: 5 pages and more to come"
    assert state.where == "https://www.example.org/news/index_5.html"


def test_a_host_is_asked_by_one_crawl_at_a_time(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    host = site.url.removeprefix("http://")
    program = (
        "import sys\nfrom crawlers.locks import hosts_locked\n"
        "with hosts_locked([sys.argv[1]]):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, host], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        report = crawl_site()
        assert not report.sources and site.asked == []
        assert "another crawl asks this host" in report.skipped["example"]
        other.kill()
    assert crawl_site().new == 1  # a lock ends with its process


def test_a_lock_that_cannot_be_had_holds_none_of_the_others(tmp_path: Path) -> None:
    with hosts_locked(["b.example"], tmp_path):
        with (
            pytest.raises(HostBusyError, match=r"b\.example"),
            hosts_locked(["a.example", "b.example"], tmp_path),
        ):
            raise AssertionError
        with hosts_locked(["a.example"], tmp_path):
            pass


def test_a_slow_publisher_is_given_more_time_and_a_replica_is_not(card: Card) -> None:
    live = scrapy_settings(card, Route(card), load_settings())
    assert live["AUTOTHROTTLE_ENABLED"] and live["DOWNLOAD_DELAY"] == card.delay
    assert live["AUTOTHROTTLE_MAX_DELAY"] == SLOWEST
    assert not scrapy_settings(card, Route(card, "http://127.0.0.1:9"), load_settings())[
        "AUTOTHROTTLE_ENABLED"
    ]


def test_a_page_that_names_its_referrer_does_so_only_where_the_card_says(
    site: Site, crawl_site: Crawl, tmp_path: Path
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    site.tell("/news/index_1.html", Reply(site._replies["/news/index_1.html"][0].body))
    crawl_site(cards=[make_card(tmp_path, ("delay: 2", "delay: 2\nreferer: true"))])
    named = {asked.path: asked.headers.get("Referer") for asked in site.asked}
    assert named["/news/1.html"] == named["/news/index_1.html"] == "https://www.example.org/"


def test_locks_are_kept_in_a_folder_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a place that all share somebody may have been there first."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    mine = tmp_path / f"netdocket-{os.getuid()}"
    mine.mkdir(mode=0o777)
    mine.chmod(0o777)
    with hosts_locked(["a.example"]):
        assert mine.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr("os.getuid", lambda: 4_294_000)
    (tmp_path / "netdocket-4294000").mkdir()
    with pytest.raises(StorageError, match="no folder of this user's own"), hosts_locked(["a.example"]):
        raise AssertionError
    monkeypatch.undo()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "other"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / mine.name).symlink_to(mine)
    with pytest.raises(StorageError, match="no folder of this user's own"), hosts_locked(["a.example"]):
        raise AssertionError


def test_a_file_system_without_locks_is_no_busy_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none)
    with pytest.raises(StorageError, match="No locks available") as caught, hosts_locked(["a"], tmp_path):
        raise AssertionError
    assert not isinstance(caught.value, HostBusyError)


def test_a_back_fill_ends_where_the_list_repeats_itself(site: Site, crawl_site: Crawl) -> None:
    """Also with an item pinned to the top of every page."""
    dated(site, 3)
    pinned = '<li><a href="/news/90.html">Notice 90</a><span>2024-12-20</span></li>'
    for page in range(1, 4):
        numbers = range(page * 10, page * 10 + 3)
        items = "".join(
            f'<li><a href="/news/{n}.html">Notice {n}</a><span>2024-{13 - page:02}-10</span></li>'
            for n in numbers
        )
        site.tell(f"/news/index_{page}.html", f"<html><ul class=news>{pinned}{items}</ul></html>")
    site.tell("/news/90.html", article(90, "Notice number 90 in full."))
    for page in range(4, 12):  # overflow: whatever number is asked for, the last page comes
        site.tell(f"/news/index_{page}.html", f"<html><ul class=news>{pinned}{items}</ul></html>")
    report = crawl_site(period=Period("2024-10-01", "2024-11-30"))
    assert report.new == 6
    report = crawl_site(period=Period("2024-09-01"))
    assert (report.new, report.failed) == (4, 0)
    assert max(int(path[12:].partition(".")[0]) for path in site.paths() if "index" in path) == 4
