"""The archive: bytes as they were sent, found again by file and offset, read by other tools."""

from __future__ import annotations

import dataclasses
import errno
import gzip
import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

import crawlers.archive
from crawlers.archive import Attached, Fetch, WarcArchive, read_fetch
from crawlers.archived import archive_files
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
    ("encoding", "pack"),
    [(None, bytes), ("gzip", partial(gzip.compress, mtime=0)), ("deflate", zlib.compress)],
)
def test_what_was_sent_is_found_by_file_and_offset(
    site: Site, crawl_site: Crawl, datadir: DataDir, encoding: str | None, pack: Callable[[bytes], bytes]
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


_OTHER_READER = """
import json, sys
from hanzo.httptools import RequestMessage, ResponseMessage
from hanzo.warctools import WarcRecord
found = []
archive = WarcRecord.open_archive(sys.argv[1], gzip="auto")
for offset, record, errors in archive.read_records(limit=None):
    if record is None:
        assert not errors, errors
        continue
    assert not errors and not record.validate(), (errors, record.validate())
    if record.type == b"response":
        message = ResponseMessage(RequestMessage())
        left = message.feed(record.content[1])
        found.append([record.url.decode(), record.date.decode(), message.header.code, message.get_body().hex(), left.hex()])
print(json.dumps(found))
"""


def test_a_reader_of_other_hands_accepts_the_archive(tmp_path: Path) -> None:
    """The Internet Archive's warctools, with its check of each record, in a process of its own."""
    archive = WarcArchive(tmp_path, run_id="r")
    bodies = [b"", b"x" * 70_000, *(bytes(range(256)) * n for n in range(1, 30))]
    places = {f"https://www.example.org/{number}": body for number, body in enumerate(bodies)}
    for url, body in places.items():
        attached = (Attached(url=f"{url}/a.pdf", name="附件"),)
        archive.write(dataclasses.replace(FETCH, url=url, body=body, attached=attached, quiet=True))
    packed = gzip.compress(b"<p>packed</p>", mtime=0)
    headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    archive.write(dataclasses.replace(FETCH, url="https://www.example.org/gz", body=packed, headers=headers))
    archive.close()
    (path,) = archive_files(tmp_path)
    told = subprocess.run(
        [sys.executable, "-c", _OTHER_READER, path], capture_output=True, text=True, check=True
    )
    found = json.loads(told.stdout)
    assert [row[:3] for row in found] == [
        [url, FETCH.fetched_at, 200] for url in (*places, "https://www.example.org/gz")
    ]
    # its parser of HTTP unpacks a body that was sent packed
    assert [bytes.fromhex(row[3]) for row in found] == [*places.values(), b"<p>packed</p>"]
    valid = subprocess.run(
        [sys.executable, "-c", "from hanzo.warcvalid import run; run()", path],
        capture_output=True,
        check=False,
    )
    assert valid.returncode == 0, valid.stderr
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\x00" * 50 + whole[len(whole) // 2 + 50 :])
    broken = subprocess.run(
        [sys.executable, "-c", "from hanzo.warcvalid import run; run()", path],
        capture_output=True,
        check=False,
    )
    assert broken.returncode != 0  # it does look


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


PATIENCE = 30.0
"""Seconds after which a future is taken to hang: no measure of speed."""


class Gate:
    """Lets the writer wait at its disk sync, so that what is handed over meanwhile forms one group; then breaks what
    it is told to break."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.broken: list[bool] = []
        """For each sync behind the first, whether it fails; all later ones work."""

    def __call__(self, handle: int) -> None:
        if not self.reached.is_set():
            self.reached.set()
            assert self.opened.wait(PATIENCE)
        elif self.broken and self.broken.pop(0):
            raise OSError(errno.EIO, "Input/output error")


def bodies(folder: Path) -> list[bytes]:
    """Of every response in every file, each read to its end."""
    found = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            found += [
                r.content_stream().read()
                for r in ArchiveIterator(file, check_digests="raise")
                if r.rec_type == "response"
            ]
    return found


def test_a_file_that_cannot_be_begun_is_said_and_the_next_one_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawlers.archive, "FILE_BYTES", 1)
    folder, aside = tmp_path / "archive", tmp_path / "aside"
    archive = WarcArchive(folder, run_id="r")
    archive.write(FETCH).result(PATIENCE)
    folder.rename(aside)
    folder.write_bytes(b"a file where the folder was")
    for _ in range(2):
        with pytest.raises(StorageError):
            archive.write(FETCH).result(PATIENCE)
    folder.unlink()
    aside.rename(folder)
    archive.write(FETCH).result(PATIENCE)
    archive.close()
    assert bodies(folder) == [FETCH.body] * 2


def test_a_fetch_that_nobody_waits_for_any_more_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr("os.fsync", gate)
    archive = WarcArchive(tmp_path, run_id="r")
    first = archive.write(FETCH)
    assert gate.reached.wait(PATIENCE)
    given_up, last = archive.write(FETCH), archive.write(dataclasses.replace(FETCH, body=b"last"))
    assert given_up.cancel()
    assert not first.cancel()  # it is on its way
    gate.opened.set()
    for place in (first.result(PATIENCE), last.result(PATIENCE)):
        assert read_fetch(tmp_path, place)
    archive.close()
    assert bodies(tmp_path) == [FETCH.body, b"last"]


@pytest.mark.parametrize("broken", [[True], [False, True], [False, False, True]])
def test_a_group_that_fails_at_the_bound_of_a_file_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: list[bool]
) -> None:
    """Whichever sync it is, that of the folder of a new file included."""
    monkeypatch.setattr(crawlers.archive, "FILE_BYTES", 1_500)
    gate = Gate()
    monkeypatch.setattr("os.fsync", gate)
    archive = WarcArchive(tmp_path, run_id="r")
    kept = [archive.write(FETCH)]
    assert gate.reached.wait(PATIENCE)
    group = [archive.write(dataclasses.replace(FETCH, body=b"%d" % n)) for n in range(8)]
    gate.broken = broken
    gate.opened.set()
    kept += [future for future in group if not future.exception(PATIENCE)]
    kept += [archive.write(FETCH) for _ in range(6)]
    kept = [future for future in kept if not future.exception(PATIENCE)]
    archive.close()
    gate.broken = []
    assert len(kept) > 1
    places = [future.result() for future in kept]
    assert bodies(tmp_path) == [read_fetch(tmp_path, place)[0].body for place in places]


def test_an_error_that_nobody_foresaw_does_not_end_the_writer(tmp_path: Path) -> None:
    archive = WarcArchive(tmp_path, run_id="r")
    with pytest.raises(TypeError):
        archive.write(dataclasses.replace(FETCH, headers=None)).result(PATIENCE)  # type: ignore[arg-type]
    archive.write(FETCH).result(PATIENCE)
    archive.close()
    assert bodies(tmp_path) == [FETCH.body]


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
