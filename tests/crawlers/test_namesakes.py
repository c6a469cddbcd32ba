"""Several documents of one name (附件, "Annex") on one page: the text of none stands under another's address, and none twice."""

from __future__ import annotations

import pytest

from crawlers.archive import Attached, read_fetch
from crawlers.cards import Card
from crawlers.extract.documents.reader import DocumentReader, SlowDocumentError
from crawlers.followed import former_documents
from netdocket.datadir import DataDir
from netdocket.records import Archive, Bulletin
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, harvested
from tests.crawlers.made_files import word
from tests.crawlers.test_documents import SCAN, empty_archive, links, posted, texts
from tests.crawlers.test_reparse import read_again

TWELVE = word(["Twelve apps."])
DOWN = Reply(status=503)


def offers(site: Site, files: dict[str, Reply], *, says: str = "The office names apps.") -> None:
    """A page with these documents, all called "Annex"."""
    posted(site, says, b"", link=links(*((file, "Annex") for file in files)))
    for file, reply in files.items():
        site.tell(f"/files/{file}.docx", reply)


@pytest.fixture
def one_read(site: Site, crawl_site: Crawl) -> None:
    """Of two, the first is a scan that nobody can read."""
    offers(site, {"x": SCAN, "y": Reply(TWELVE)})
    assert crawl_site().new == 1


def attached(datadir: DataDir, bulletin: Bulletin) -> tuple[Attached, ...]:
    assert bulletin.archive is not None
    return read_fetch(datadir.archive, bulletin.archive)[0].attached


@pytest.mark.usefixtures("one_read")
def test_what_is_withdrawn_goes_beside_a_namesake_without_a_text(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    offers(site, {"x": SCAN}, says="The office names 12 apps.")
    crawl_site(recheck=True)
    assert [texts(bulletin) for bulletin in harvested(datadir)] == [["Twelve apps."], []]


@pytest.mark.usefixtures("one_read")
def test_what_moved_does_not_leave_its_former_text_to_a_namesake(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    offers(site, {"x": SCAN, "z": Reply(word(["Thirteen apps."]))})
    crawl_site(recheck=True)
    assert texts(harvested(datadir)[-1]) == ["Thirteen apps."]


@pytest.mark.usefixtures("one_read")
def test_whose_text_stands_in_a_bulletin_is_written_with_its_page(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it stood in for bytes that could not be read for a moment: they are those that were read before."""
    offers(site, {"x": SCAN, "y": Reply(TWELVE)}, says="The office names 12 apps.")
    read = DocumentReader.read

    def slow(self: DocumentReader, body: bytes) -> str:
        if body == TWELVE:
            raise SlowDocumentError("the document takes more than 9 s to read")
        return read(self, body)

    with monkeypatch.context() as busy:
        busy.setattr(DocumentReader, "read", slow)
        assert crawl_site(recheck=True).changed == 1
        for bulletin in harvested(datadir):
            assert [item.text for item in attached(datadir, bulletin)] == [False, True]
        assert read_again(datadir, card).changed == 0
    assert read_again(datadir, card).changed == 0
    assert texts(harvested(datadir)[-1]) == ["Twelve apps."]


@pytest.mark.usefixtures("one_read")
def test_without_the_archive_a_text_stands_in_for_none_that_another_link_brings(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    empty_archive(datadir)
    for reply, text in ((Reply(TWELVE), "Twelve apps."), (DOWN, "Twelve apps."), (DOWN, "Twelve apps.")):
        offers(site, {"x": SCAN, "y": reply}, says=f"The office names apps, as of {len(site.asked)}.")
        crawl_site(recheck=True)
        assert texts(harvested(datadir)[-1]) == [text]
    offers(site, {"x": SCAN, "y": Reply(word(["Thirteen apps."]))})
    crawl_site(recheck=True)
    assert texts(harvested(datadir)[-1]) == ["Thirteen apps."]


@pytest.mark.usefixtures("one_read")
def test_without_the_archive_a_text_is_rather_of_what_is_down_than_of_a_scan(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    empty_archive(datadir)
    offers(site, {"x": SCAN, "y": DOWN}, says="The office names 12 apps.")
    crawl_site(recheck=True)
    newest = harvested(datadir)[-1]
    assert texts(newest) == ["Twelve apps."]
    assert [item.text for item in attached(datadir, newest)] == [False, True]


def test_where_all_moved_the_text_is_left_that_no_link_brings(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """A new one stands before them."""
    offers(site, {"a": Reply(word(["Apps of A."])), "b": Reply(word(["Apps of B."]))})
    crawl_site()
    new, b = Reply(word(["Apps of N."])), Reply(word(["Apps of B."]))
    offers(site, {"n": new, "a2": DOWN, "b2": b})
    crawl_site(recheck=True)
    assert texts(harvested(datadir)[-1]) == ["Apps of N.", "Apps of A.", "Apps of B."]
    offers(site, {"n": new, "a2": DOWN, "b2": b}, says="The office names 12 apps.")
    crawl_site(recheck=True)
    assert texts(harvested(datadir)[-1]) == ["Apps of N.", "Apps of A.", "Apps of B."]


def test_a_page_of_an_earlier_version_does_not_say_whose_text_stands(
    site: Site, crawl_site: Crawl, datadir: DataDir, one_read: None
) -> None:
    """Then the one is taken whose bytes say it."""
    (bulletin,) = harvested(datadir)
    first, second = attached(datadir, bulletin)
    assert first.archive is not None and second.archive is not None
    older = [
        Attached(url=item.url, name=item.name, archive=item.archive, unread=True) for item in (first, second)
    ]

    def read(place: Archive) -> str | None:
        return "Twelve apps." if place == second.archive else None

    (document,) = former_documents(bulletin, older, read).documents
    assert document.record is not None and document.record.url == second.url
