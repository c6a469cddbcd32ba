"""Bulletins again from the archive: what is damaged, lacking or quiet there must harm nothing that is known."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import crawlers.middlewares.fetches
from crawlers.archive import Fetch, WarcArchive, read_fetch
from crawlers.archived import archive_files, fetches
from crawlers.bulletins import remake_bulletin
from crawlers.cards import Card
from crawlers.extract.documents.reader import DocumentReader, SlowDocumentError
from crawlers.members import DamagedRecordError
from crawlers.reparse import Reparsed, reparse
from netdocket.datadir import DataDir
from netdocket.errors import StorageError
from netdocket.records import Archive, Bulletin, decode
from netdocket.spool import BULLETINS, RECLASSIFY, Spool
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, harvested, make_card, news
from tests.crawlers.made_files import Pdf, word
from tests.crawlers.test_archive import FETCH
from tests.crawlers.test_documents import LINK, pdf, posted


@contextmanager
def spool_of(datadir: DataDir) -> Iterator[Spool]:
    spool = Spool(datadir.spool)
    try:
        yield spool
    finally:
        spool.close()


def read_again(datadir: DataDir, card: Card) -> Reparsed:
    with spool_of(datadir) as spool:
        return reparse({"example": card}, datadir.archive, spool, origin="replica")


def written(folder: Path, *given: Fetch, run: str = "r") -> list[Archive]:
    archive = WarcArchive(folder, run_id=run)
    places = [archive.write(fetch) for fetch in given]
    archive.close()
    return [place.result() for place in places]


def many(number: int) -> bytes:
    """A page that does not pack to nothing."""
    return article(number, " ".join(f"{n * 7919 % 100_003} of {number}" for n in range(9_000))).encode()


@pytest.mark.parametrize("lost", [3, 900, 12_000])
def test_a_torn_record_is_no_shorter_page(tmp_path: Path, lost: int) -> None:
    """As a power cut leaves it: the reader of WARC files itself does not complain."""
    places = written(tmp_path, *(dataclasses.replace(FETCH, body=many(n)) for n in range(3)))
    (path,) = archive_files(tmp_path)
    path.write_bytes(path.read_bytes()[:-lost])
    with pytest.raises(DamagedRecordError, match="torn"):
        read_fetch(tmp_path, places[2])
    said: list[DamagedRecordError] = []
    assert [fetch.archive for fetch in fetches(tmp_path, said.append)] == places[:2]
    assert [(Path(error.where or "").name, error.offset) for error in said] == [
        (places[2].file, places[2].offset)
    ]
    with pytest.raises(StorageError, match="torn"):
        list(fetches(tmp_path))


def test_what_lies_behind_a_damaged_record_is_read(tmp_path: Path) -> None:
    places = written(tmp_path, *(dataclasses.replace(FETCH, body=many(n)) for n in range(4)))
    (path,) = archive_files(tmp_path)
    whole = bytearray(path.read_bytes())
    whole[places[1].offset + 4_000] ^= 0x10
    whole[places[2].offset] ^= 0xFF
    path.write_bytes(bytes(whole))
    further = written(tmp_path, FETCH, run="s")
    said: list[DamagedRecordError] = []
    found = [fetch.archive for fetch in fetches(tmp_path, said.append)]
    assert sorted(found, key=str) == sorted([places[0], places[3], *further], key=str)
    assert [error.offset for error in said] == [places[1].offset]


def test_a_torn_page_changes_nothing(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, tmp_path: Path
) -> None:
    site.tell("/news/index_1.html", news([1]))
    site.tell("/news/1.html", many(1))
    crawl_site()
    site.tell("/news/1.html", many(2).replace(b"Notice 2", b"Notice 1"))
    crawl_site(recheck=True)
    place = harvested(datadir)[-1].archive
    assert place is not None
    newest = datadir.archive / place.file
    newest.write_bytes(newest.read_bytes()[:-5_000])
    kept = len(harvested(datadir))
    result = read_again(datadir, make_card(tmp_path, ("minimum_text: 10", "minimum_text: 11")))
    # neither the half page nor the older one, which is sound, takes the place of what the spool has
    assert (result.changed, result.new, len(harvested(datadir))) == (0, 0, kept)
    torn, held = result.failed
    assert "torn" in str(torn) and "no sound page" in str(held)


def test_a_document_that_cannot_be_read_this_time_takes_nothing_away(
    site: Site,
    crawl_site: Crawl,
    datadir: DataDir,
    card: Card,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posted(site, "The office names twelve apps.", pdf())
    crawl_site()

    def slow(self: DocumentReader, body: bytes) -> str:
        raise SlowDocumentError("the document takes more than 9 s to read")

    with monkeypatch.context() as busy:
        busy.setattr(DocumentReader, "read", slow)
        result = read_again(datadir, card)
    assert (result.changed, result.same, len(result.lacking)) == (0, 1, 1)
    assert "more than 9 s" in str(result.lacking[0])
    with (datadir.archive / archive_files(datadir.archive)[0].name).open("r+b") as file:
        place = next(f.archive for f in fetches(datadir.archive) if f.url.endswith(".pdf"))
        file.seek(place.offset + 20)
        file.write(b"\x00" * 40)
    damaged = read_again(datadir, card)
    assert damaged.changed == 0 and [type(error) for error in damaged.lacking] == [DamagedRecordError]
    # a mended card is not kept from the page by it, and takes nothing from the document
    mended = make_card(tmp_path, ("publisher: Example Office", "publisher: Other Office"))
    assert read_again(datadir, mended).changed == 1
    first, second = harvested(datadir)
    assert second.publisher == "Other Office" and second.text == first.text


def test_a_document_whose_page_never_came_is_no_bulletin(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card
) -> None:
    """The crawl was killed between the two."""
    page = article(7, "A page that is the document of another one.").encode()
    url = "https://www.example.org/files/7.html"
    written(
        datadir.archive,
        dataclasses.replace(FETCH, url=url, body=page, document_of="https://www.example.org/7"),
    )
    result = read_again(datadir, card)
    assert (result.new, result.read) == (0, 0)


def test_a_record_without_its_card_or_its_bytes_does_not_end_the_run(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, tmp_path: Path
) -> None:
    site.bulletins({n: f"Notice number {n} in full." for n in range(1, 5)})
    crawl_site()
    first = archive_files(datadir.archive)[0]
    body = bytearray(first.read_bytes())
    place = next(iter(fetches(datadir.archive))).archive
    body[place.offset + 30] ^= 0xFF
    first.write_bytes(bytes(body))
    result = read_again(
        datadir, make_card(tmp_path, ("publisher: Example Office", "publisher: Other Office"))
    )
    assert (result.changed, len(result.failed)) == (3, 1)


@pytest.mark.parametrize("quiet", [True, False])
def test_what_only_reads_otherwise_is_no_news(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path, quiet: bool
) -> None:
    """A mended card must not fire the alerts of years of back-fill."""
    site.bulletins({1: "Notice number 1 in full."})
    crawl_site(quiet=quiet)
    other = make_card(tmp_path, ("publisher: Example Office", "publisher: Other Office"))
    assert read_again(datadir, other).changed == 1
    assert topics(datadir) == [(BULLETINS, quiet), (RECLASSIFY, quiet)]


@pytest.mark.parametrize("quiet", [True, False])
def test_a_page_that_could_not_be_read_before_is_as_quiet_as_its_crawl(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, tmp_path: Path, quiet: bool
) -> None:
    site.bulletins({1: "Notice number 1 in full."})
    wrong = make_card(tmp_path, ("body: [div.body]", "body: [div.text]"))
    assert crawl_site(cards=[wrong], quiet=quiet).failed == 1
    assert read_again(datadir, card).new == 1
    with spool_of(datadir) as spool:
        (entry,) = (e for e in spool.read() if "sources" not in e.topic)
    assert (entry.topic, decode(entry.payload, Bulletin).quiet) == (BULLETINS, quiet)


def test_a_document_that_stood_in_does_so_again(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card
) -> None:
    posted(site, "The office names twelve apps.", pdf())
    crawl_site()
    site.tell("/news/1.html", article(1, "The office names 12 apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", Reply(b"<html>moved</html>"))
    assert crawl_site(recheck=True).changed == 1
    newest = harvested(datadir)[-1]
    assert newest.archive is not None and len(newest.attachments) == 1
    again = remake_bulletin({"example": card}, datadir.archive, newest.archive, origin="replica")
    assert again.text == newest.text
    result = read_again(datadir, card)
    assert (result.same, result.changed, result.failed) == (1, 0, [])


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between any two fetches lies an hour."""
    first, passed = dt.datetime(2024, 5, 1, tzinfo=dt.UTC), itertools.count()
    monkeypatch.setattr(
        crawlers.middlewares.fetches,
        "utc_now",
        lambda: (first + dt.timedelta(hours=next(passed))).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def topics(datadir: DataDir) -> list[tuple[str, bool]]:
    """Topic and quiet of each bulletin in the queue, oldest first."""
    with spool_of(datadir) as spool:
        return [
            (e.topic, decode(e.payload, Bulletin).quiet) for e in spool.read() if "sources" not in e.topic
        ]


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.usefixtures("hours")
def test_a_later_page_whose_crawl_was_ended_before_the_spool_had_it_is_news(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch, quiet: bool
) -> None:
    site.bulletins({1: "The office warns A."})
    crawl_site()
    site.tell("/news/1.html", article(1, "The office fines A CNY 80,000,000."))

    def full(self: Spool, *given: object) -> None:
        raise StorageError("ended here")

    with monkeypatch.context() as ended:
        ended.setattr(Spool, "submit", full)
        with pytest.raises(StorageError, match="ended here"):
            crawl_site(recheck=True, quiet=quiet)
    assert read_again(datadir, card).changed == 1
    assert topics(datadir) == [(BULLETINS, False), (BULLETINS, quiet)]
    assert "80,000,000" in harvested(datadir)[-1].text
    assert crawl_site(recheck=True).changed == 0


@pytest.mark.usefixtures("hours")
def test_a_later_page_that_only_a_mended_card_can_read_is_news(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, tmp_path: Path
) -> None:
    site.bulletins({1: "The office warns A."})
    crawl_site()
    site.tell("/news/1.html", article(1, "The office fines A.").replace("class=body", "class=text"))
    assert crawl_site(recheck=True).failed == 1
    mended = make_card(tmp_path, ("body: [div.body]", "body: [div.body, div.text]"))
    assert read_again(datadir, mended).changed == 1
    assert topics(datadir) == [(BULLETINS, False), (BULLETINS, False)]


@pytest.mark.usefixtures("hours")
def test_a_later_page_that_says_the_same_is_no_news_under_a_mended_card(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path
) -> None:
    """Other bytes alone (a counter of readers) make no news of years of bulletins."""
    posted(site, "The office names twelve apps.", pdf())
    crawl_site(quiet=True)
    page = article(1, "The office names twelve apps.").replace("</div>", f"{LINK}</div><p>Read 7 times</p>")
    site.tell("/news/1.html", page)
    assert crawl_site(recheck=True).unchanged == 1
    other = make_card(tmp_path, ("publisher: Example Office", "publisher: Other Office"))
    assert read_again(datadir, other).changed == 1
    assert topics(datadir) == [(BULLETINS, True), (RECLASSIFY, True)]


@pytest.mark.parametrize("busy", [True, False])
def test_an_older_document_does_not_take_the_place_of_a_newer_one(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    """It stood in while no reader could read the newer one, and that one cannot be read for a moment again."""
    newer, read = word(["Thirteen apps now."]), DocumentReader.read

    def slow(self: DocumentReader, body: bytes) -> str:
        if body == newer:
            raise SlowDocumentError("the document takes more than 9 s to read")
        return read(self, body)

    posted(site, "The office names twelve apps.", pdf())
    crawl_site()
    site.tell("/news/1.html", article(1, "The office names apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", Reply(newer))
    with monkeypatch.context() as unread:
        unread.setattr(DocumentReader, "read", slow)
        assert crawl_site(recheck=True).changed == 1
    assert read_again(datadir, card).changed == 1
    assert "Thirteen" in harvested(datadir)[-1].text
    if busy:
        monkeypatch.setattr(DocumentReader, "read", slow)
    else:
        documents = [f.archive for f in fetches(datadir.archive) if f.document]
        (last,) = (place for place in documents if read_fetch(datadir.archive, place)[1] == newer)
        with (datadir.archive / last.file).open("r+b") as file:
            file.seek(last.offset + 20)
            file.write(b"\x00" * 40)
    again = read_again(datadir, card)
    assert (again.same, again.changed, len(again.lacking)) == (1, 0, 1)
    assert "Thirteen" in harvested(datadir)[-1].text


def test_a_text_that_stands_in_is_read_again_by_a_mended_reader(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document was away when the page came last; the archive has it still."""
    posted(site, "The office names twelve apps.", word(["Twelve apps."]))
    crawl_site()
    site.tell("/news/1.html", article(1, "The office names apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", Reply(status=404))
    assert crawl_site(recheck=True).changed == 1
    read = DocumentReader.read
    monkeypatch.setattr(
        DocumentReader, "read", lambda self, body: read(self, body).replace("apps", "applications")
    )
    result = read_again(datadir, card)
    assert (result.changed, result.failed, result.lacking) == (1, [], [])
    assert "Twelve applications." in harvested(datadir)[-1].text


@pytest.mark.usefixtures("hours")
def test_a_scan_beside_a_withdrawn_document_does_not_hold_the_bulletin(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The crawl was ended before the spool had the page without it."""
    scan, other = '<a href="/files/scan.pdf">Scan</a>', '<a href="/files/other.docx">Other</a>'
    site.tell("/files/scan.pdf", Reply(b"<html>moved</html>"))
    posted(site, "The office names apps.", b"", link=scan + other)
    site.tell("/files/other.docx", Reply(word(["Twelve apps."])))
    crawl_site()
    posted(site, "The office names 12 apps.", b"", link=scan)

    def full(self: Spool, *given: object) -> None:
        raise StorageError("ended here")

    with monkeypatch.context() as ended:
        ended.setattr(Spool, "submit", full)
        with pytest.raises(StorageError, match="ended here"):
            crawl_site(recheck=True)
    result = read_again(datadir, card)
    assert (result.changed, result.failed, len(result.unread)) == (1, [], 1)
    assert [len(bulletin.attachments) for bulletin in harvested(datadir)] == [1, 0]


@pytest.mark.usefixtures("hours")
def test_no_alert_fires_where_nobody_can_tell_who_says_something_else(
    site: Site, crawl_site: Crawl, datadir: DataDir, tmp_path: Path
) -> None:
    """The former page was moved out of the archive; the later one says the same in other bytes; the card was mended."""
    posted(site, "The office names twelve apps.", pdf())
    crawl_site()
    place = harvested(datadir)[0].archive
    assert place is not None
    page = article(1, "The office names twelve apps.").replace("</div>", f"{LINK}</div><p>Read 7 times</p>")
    site.tell("/news/1.html", page)
    assert crawl_site(recheck=True).unchanged == 1
    (datadir.archive / place.file).unlink()
    other = make_card(tmp_path, ("publisher: Example Office", "publisher: Other Office"))
    assert read_again(datadir, other).changed == 1
    assert topics(datadir) == [(BULLETINS, False), (RECLASSIFY, False)]


@pytest.mark.usefixtures("hours")
def test_a_later_page_is_no_news_without_a_document_that_is_only_slow(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says would be added on another day without an alert: the page waits. The crawl was ended before the spool had
    it."""
    posted(site, "The office names apps.", b"", link="")
    crawl_site()
    posted(site, "The office names 12 apps.", word(["Twelve apps fined."]))

    def full(self: Spool, *given: object) -> None:
        raise StorageError("ended here")

    with monkeypatch.context() as ended:
        ended.setattr(Spool, "submit", full)
        with pytest.raises(StorageError, match="ended here"):
            crawl_site(recheck=True)

    def slow(self: DocumentReader, body: bytes) -> str:
        raise SlowDocumentError("the document takes more than 9 s to read")

    with monkeypatch.context() as busy:
        busy.setattr(DocumentReader, "read", slow)
        result = read_again(datadir, card)
        assert (result.changed, [type(error) for error in result.failed]) == (0, [SlowDocumentError])
    assert read_again(datadir, card).changed == 1
    assert topics(datadir) == [(BULLETINS, False), (BULLETINS, False)]
    assert "Twelve apps fined." in harvested(datadir)[-1].text


def test_bytes_that_stand_in_for_a_scan_are_read_by_a_mended_reader(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody will read the newer ones."""
    posted(site, "The office names apps.", word(["Twelve apps."]))
    crawl_site()
    site.tell("/news/1.html", article(1, "The office names 12 apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", Reply(Pdf().page().bytes()))
    assert crawl_site(recheck=True).changed == 1
    read = DocumentReader.read
    monkeypatch.setattr(
        DocumentReader, "read", lambda self, body: read(self, body).replace("apps", "applications")
    )
    result = read_again(datadir, card)
    assert (result.changed, result.failed, len(result.lacking)) == (1, [], 1)
    newest = harvested(datadir)[-1]
    assert newest.archive is not None and "Twelve applications." in newest.text
    again = remake_bulletin({"example": card}, datadir.archive, newest.archive, origin="replica")
    assert again.text == newest.text


def test_what_never_had_a_text_is_told_from_what_keeps_it(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card
) -> None:
    posted(site, "The office names apps.", Pdf().page().bytes())
    crawl_site()
    result = read_again(datadir, card)
    assert (result.same, result.lacking, len(result.unread)) == (1, [], 1)
