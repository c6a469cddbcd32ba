"""The archive: bytes as they were sent, found again by file and offset, read by other tools."""

from __future__ import annotations

import dataclasses
import errno
import gzip
import zlib
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

import crawlers.archive
from crawlers.archive import Fetch, WarcArchive, read_fetch
from crawlers.bulletins import remake_bulletin
from crawlers.cards import Card
from netdocket.datadir import DataDir
from netdocket.errors import ConfigurationError, DiskFullError, LayoutError, StorageError
from netdocket.records import Archive
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, dead_letters, harvested, make_card, news

FETCH = Fetch(
    source="example", url="https://www.example.org/news/1.html", status=200, body=b"<p>\xc4\xe3</p>",
    headers=(("Content-Type", "text/html; charset=gb2312"), ("Transfer-Encoding", "chunked")),
    fetched_at="2026-03-01T02:03:04Z", fetched_from="http://127.0.0.1:1/news/1.html",
    listed_title="通报", listed_published="2026-03-01",
)  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "pack"), [(None, bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_what_was_sent_is_found_by_file_and_offset(
    site: Site, crawl_site: Crawl, datadir: DataDir, encoding: str | None, pack: type[bytes]
) -> None:
    sent = {n: article(n, f"Notice number {n} in full.").encode() for n in range(1, 4)}
    site.tell("/news/index_1.html", news(list(sent)))
    headers = {"Content-Encoding": encoding} if encoding else {}
    for number, body in sent.items():
        site.tell(f"/news/{number}.html", Reply(pack(body), headers=headers))
    crawl_site()
    for bulletin, body in zip(harvested(datadir), sent.values(), strict=True):
        assert bulletin.archive is not None
        with (datadir.archive / bulletin.archive.file).open("rb") as file:  # as any WARC reader does
            file.seek(bulletin.archive.offset)
            record = next(iter(ArchiveIterator(file, check_digests="raise")))
            assert record.rec_type == "response"
            assert record.rec_headers["WARC-Target-URI"] == bulletin.url
            assert record.rec_headers["WARC-Date"] == bulletin.fetched_at
            assert record.http_headers.get_statuscode() == "200"
            assert record.raw_stream.read() == pack(body)
        fetch, unpacked = read_fetch(datadir.archive, bulletin.archive)
        assert (fetch.body, unpacked) == (pack(body), body)


def test_a_whole_file_reads_from_end_to_end(tmp_path: Path) -> None:
    archive = WarcArchive(tmp_path, run_id="r")
    places = [archive.write(dataclasses.replace(FETCH, body=b"x" * n)) for n in range(200)]
    archive.close()
    (path,) = tmp_path.iterdir()
    with path.open("rb") as file:
        records = [
            (r.rec_type, r.content_stream().read()) for r in ArchiveIterator(file, check_digests="raise")
        ]
    assert records[0][0] == "warcinfo"
    assert [body for kind, body in records if kind == "response"] == [b"x" * n for n in range(200)]
    assert read_fetch(tmp_path, places[150].result())[1] == b"x" * 150


def test_a_fetch_comes_back_as_it_was(tmp_path: Path) -> None:
    archive = WarcArchive(tmp_path, run_id="r")
    place = archive.write(FETCH).result()
    archive.close()
    kept, body = read_fetch(tmp_path, place)
    assert body == FETCH.body
    same = dataclasses.replace(kept, headers=FETCH.headers)
    assert same == FETCH
    assert dict(kept.headers) == {"Content-Type": "text/html; charset=gb2312", "Content-Length": "9"}


def test_a_new_file_is_begun_at_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawlers.archive, "FILE_BYTES", 2_000)
    archive = WarcArchive(tmp_path, run_id="r")
    places = [archive.write(FETCH).result() for _ in range(12)]
    archive.close()
    assert len({place.file for place in places}) > 2
    for place in places:
        assert read_fetch(tmp_path, place)[1] == FETCH.body


def test_a_full_disk_is_said_and_the_archive_stays_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = WarcArchive(tmp_path, run_id="r")
    first = archive.write(FETCH).result()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        with pytest.raises(DiskFullError):
            archive.write(FETCH).result()
    second = archive.write(FETCH).result()
    archive.close()
    assert first.file != second.file
    for place in (first, second):
        assert read_fetch(tmp_path, place)[1] == FETCH.body
    with (tmp_path / first.file).open("rb") as file:
        assert [record.rec_type for record in ArchiveIterator(file)] == ["warcinfo", "response"]


@pytest.mark.parametrize(
    "place", [("none.warc.gz", 0), ("a.warc.gz", 0), ("a.warc.gz", 3), ("a.warc.gz", 10**9)]
)
def test_a_place_without_a_fetch_is_said(tmp_path: Path, place: tuple[str, int]) -> None:
    archive = WarcArchive(tmp_path, run_id="r")
    archive.write(FETCH).result()
    archive.close()
    next(tmp_path.iterdir()).rename(tmp_path / "a.warc.gz")
    with pytest.raises(StorageError) as caught:
        read_fetch(tmp_path, Archive(file=place[0], offset=place[1]))
    assert place[0] in (caught.value.where or "")


def test_the_archive_gives_the_same_bulletins_again(
    site: Site, crawl_site: Crawl, card: Card, datadir: DataDir
) -> None:
    """Also where the page is silent and the list spoke for it."""
    site.tell("/news/index_1.html", news([1, 2]))
    site.tell("/news/1.html", article(1, "Notice number 1 in full."))
    site.tell("/news/2.html", "<html><body><div class=body>A page without title or date.</div></body></html>")
    crawl_site()
    for bulletin in harvested(datadir):
        assert bulletin.archive is not None
        again = remake_bulletin({"example": card}, datadir.archive, bulletin.archive, origin="replica")
        for name in (
            "bulletin_id",
            "url",
            "title",
            "text",
            "published",
            "publisher",
            "fetched_at",
            "archive",
        ):
            assert getattr(again, name) == getattr(bulletin, name)
        with pytest.raises(ConfigurationError, match="no card"):
            remake_bulletin({}, datadir.archive, bulletin.archive, origin="replica")


def test_a_dead_letter_becomes_a_bulletin_once_its_card_is_right(
    site: Site, crawl_site: Crawl, card: Card, datadir: DataDir, tmp_path: Path
) -> None:
    """Without asking the publisher again."""
    site.bulletins({1: "Notice number 1 in full."})
    wrong = make_card(tmp_path, ("body: [div.body]", "body: [div.text]"))
    assert crawl_site(cards=[wrong]).failed == 1
    (letter,) = dead_letters(datadir)
    assert letter.archive is not None
    with pytest.raises(LayoutError):
        remake_bulletin({"example": wrong}, datadir.archive, letter.archive, origin="replica")
    bulletin = remake_bulletin({"example": card}, datadir.archive, letter.archive, origin="replica")
    assert bulletin.bulletin_id == letter.bulletin_id
    assert bulletin.text == "Notice number 1 in full."
