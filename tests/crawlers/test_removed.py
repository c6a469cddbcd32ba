"""Names that the crawler must not keep, and bulletins that it must not fetch again."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

import crawlers.memory
from crawlers.memory import CrawlMemory, LastPage
from netdocket.datadir import DataDir
from netdocket.errors import FormatVersionError
from netdocket.identity import bulletin_id
from netdocket.records import Archive
from netdocket.spool import Spool
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, harvested, news

NAME = "Li Xiaoqiang"
PAGES = "https://www.example.org/news"


def stands_in_memory(datadir: DataDir, word: str) -> bool:
    files = datadir.root.glob(f"{datadir.crawl.name}*")
    return any(word.encode() in path.read_bytes() for path in files)


def purge(datadir: DataDir, number: int) -> None:
    spool = Spool(datadir.spool)
    assert spool.purge(bulletin_id("example", f"{PAGES}/{number}.html"))
    spool.close()


def archived(datadir: DataDir, number: int) -> int:
    found = 0
    for path in datadir.archive.iterdir():
        with path.open("rb") as file:
            found += sum(
                record.rec_headers["WARC-Target-URI"] == f"{PAGES}/{number}.html"
                for record in ArchiveIterator(file)
            )
    return found


def test_no_title_stands_in_memory(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    """Neither of a page that was taken nor of one that failed."""
    site.tell("/news/index_1.html", news([1, 2]).replace("Notice", f"{NAME} fined, notice"))
    site.tell(
        "/news/1.html", article(1, "The office fined a man.").replace("Notice", f"{NAME} fined, notice")
    )
    site.tell("/news/2.html", Reply(status=500))
    assert crawl_site().new == 1
    assert NAME in harvested(datadir)[0].title  # as harvested, it stands in the spool
    assert not stands_in_memory(datadir, NAME)


def test_a_page_without_a_title_keeps_that_of_its_list(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """Also where it is asked for again on its own account."""
    silent = "<html><body><time>2024-03-02</time><div class=body>{}</div></body></html>"
    site.tell("/news/index_1.html", Reply(news([1]).encode(), headers={"ETag": '"list"'}), Reply(status=304))
    site.tell("/news/1.html", silent.format("The fine is 10,000 yuan."))
    crawl_site()
    site.tell("/news/1.html", silent.format("The fine is 20,000 yuan."))
    assert crawl_site(recheck=True).changed == 1
    assert [bulletin.title for bulletin in harvested(datadir)] == ["Notice 1", "Notice 1"]


def test_a_purged_bulletin_is_not_asked_for_again(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    """Not from memory, not from a list that shows it otherwise, not by a crawler that remembers nothing."""
    site.bulletins({1: "The office fined a man.", 2: "The office fined a bank."})
    crawl_site()
    purge(datadir, 1)
    before = archived(datadir, 1)
    site.asked.clear()
    assert crawl_site(recheck=True).unchanged == 1
    site.tell("/news/index_1.html", news([1, 2]).replace("Notice 1", "Notice 1 (corrected)"))
    site.tell("/news/1.html", article(1, "The office fined a man twice."))
    assert crawl_site(recheck=True).unchanged == 1
    for path in datadir.root.glob(f"{datadir.crawl.name}*"):
        path.unlink()
    again = crawl_site()
    assert (again.failed, again.sources["example"].state) == (0, "nothing_new")
    assert "/news/1.html" not in site.paths()
    assert archived(datadir, 1) == before
    site.asked.clear()
    assert crawl_site().requests == 2  # the walk was complete: the list is known


def test_a_page_that_is_purged_while_it_is_fetched_is_not_archived(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    site.bulletins({1: "The office fined a man."})
    crawl_site()
    before = archived(datadir, 1)
    amended = Reply(article(1, "The office fined a man twice.").encode())
    amended.sent = lambda: purge(datadir, 1)
    site.tell("/news/1.html", amended)
    site.asked.clear()
    crawl_site(recheck=True)
    assert "/news/1.html" in site.paths()
    assert archived(datadir, 1) == before


def test_memory_of_the_first_format_is_kept_without_its_titles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "crawl.sqlite"
    with monkeypatch.context() as old:
        old.setattr(crawlers.memory, "FORMAT", 1)
        old.setattr(crawlers.memory, "_renew", lambda path: None)
        schema = crawlers.memory.SCHEMA[0].replace("published TEXT", "title TEXT, published TEXT")
        schema = schema.replace("unread_digest TEXT, unread_file TEXT, unread_offset INTEGER,", "")
        kept = [statement for statement in crawlers.memory.SCHEMA[1:] if "backfills" not in statement]
        old.setattr(
            crawlers.memory,
            "SCHEMA",
            (schema, *(re.sub(r",\s+at TEXT, reason TEXT, place TEXT", "", statement) for statement in kept)),
        )
        memory = CrawlMemory(path)
        row = {"url": f"{PAGES}/1.html", "address": f"{PAGES}/1.html", "published": "2024-03-02"}
        memory.close()
    with sqlite3.connect(path) as db:
        db.execute(
            """INSERT INTO pages (source, url, address, title, published, etag, body_digest, content_digest, first_seen,
                 checked_at, due_at, run) VALUES ('example', ?1, ?1, ?2, '2024-03-02', 'e', 'b', 'c', ?3, ?3, ?3, 1)""",
            (row["url"], NAME * 50, "2024-03-03T00:00:00Z"),
        )
    db.close()
    for _ in range(2):
        memory = CrawlMemory(path)
        page = memory.page("example", f"{PAGES}/1.html")
        assert page is not None
        assert (page.validators.etag, page.content_digest, page.last) == ("e", "c", None)
        memory.close()
    last = LastPage(digest="d", archive=Archive(file="f", offset=7))
    memory = CrawlMemory(path)
    memory.fail("example", row, at="2024-03-04T00:00:00Z", run=2, failure="changed", last=last)
    known = memory.page("example", f"{PAGES}/1.html")
    assert known is not None
    assert known.last == last
    memory.close()
    assert not any(NAME.encode() in file.read_bytes() for file in tmp_path.iterdir())
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(FormatVersionError):
        CrawlMemory(path)
