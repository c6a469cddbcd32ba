"""Documents that pages link to: their text stands in the bulletin, and one that cannot be had is said."""

from __future__ import annotations

import datetime as dt
import io
import re
import time
import zipfile

import pytest

from crawlers.archive import read_fetch
from crawlers.archived import document_places, fetches
from crawlers.bulletins import remake_bulletin
from crawlers.cards import Card
from crawlers.extract.documents import sheets
from crawlers.extract.documents.reader import DocumentReader
from crawlers.extract.documents.sheets import MOST_COLUMNS
from crawlers.extract.documents.worker import document_text
from crawlers.pipelines.documents import MOST
from netdocket.datadir import DataDir
from netdocket.errors import UnreadableError
from netdocket.identity import digest_of
from netdocket.records import Bulletin
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, article, dead_letters, harvested, news
from tests.crawlers.made_files import Pdf, word, workbook

HEAD = ["序号", "应用名称", "所涉问题"]
ROWS = [[str(n), f"应用{n}", f"违规收集个人\n信息第{n}条"] for n in range(1, 13)]
WIDTHS = [60, 180, 220]
LINK = '<p>附件：<a href="/files/list.pdf">问题应用名单</a></p>'
LINK_ALONE = '<a href="/files/list.pdf"></a>'


def pdf() -> bytes:
    """A table over three pages: heads on the first alone, a row that goes on over a page, numbers of pages."""
    made = (
        Pdf().page().line("关于示例批次问题应用的名单，经检测发现下列应用存在问题，请于七日").line("内整改。")
    )
    made.table([HEAD, *ROWS[:5]], WIDTHS).line("- 1 -")
    made.page().table([["", "", "（续行）"], *ROWS[5:9]], WIDTHS)
    return made.page().table([HEAD, *ROWS[9:]], WIDTHS).line("以上名单按笔画排列").line("第 3 页").bytes()


def test_a_table_over_several_pages_of_a_pdf_is_one_table() -> None:
    lines = document_text(pdf()).split("\n")
    assert lines[0] == "关于示例批次问题应用的名单，经检测发现下列应用存在问题，请于七日内整改。"
    assert lines[1] == "\t".join(HEAD)
    rows = [line.split("\t") for line in lines[2:14]]
    assert [row[0] for row in rows] == [str(n) for n in range(1, 13)]
    assert rows[4][2] == "违规收集个人信息第5条（续行）" and rows[5][2] == "违规收集个人信息第6条"
    assert lines[14:] == ["以上名单按笔画排列"]


def test_word_keeps_paragraphs_and_tables_in_their_order() -> None:
    found = document_text(word(["第一段", "第二段"], [HEAD, ROWS[0]], after="落款"))
    assert found == "第一段\n第二段\n序号\t应用名称\t所涉问题\n1\t应用1\t违规收集个人信息第1条\n落款"


def test_a_workbook_is_read_sheet_by_sheet() -> None:
    found = document_text(
        workbook({"处罚": [["当事人", "日期", "万元"], ["甲", dt.date(2025, 3, 1), 36.5], [None], ["乙", None, 3.0]],
                  "空": [], "说明": [["以决定书为准"]]})
    )  # fmt: skip
    assert found == "处罚\n当事人\t日期\t万元\n甲\t2025-03-01\t36.5\n乙\t\t3\n\n说明\n以决定书为准"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(400_000_000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>404</body></html>", "a page came"),
        (b"", "nothing came"),
        (b"\xd0\xcf\x11\xe0 old", "before 2007"),
        (b"\x89PNG....", "a picture"),
        (b"PK\x03\x04 torn", "cannot be opened"),
        (b"%PDF-1.7\nnothing behind it", "cannot be read"),
        (Pdf().page().bytes(), "pictures of pages"),
    ],
)
def test_what_is_no_document_is_said(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableError, match=words):
        document_text(body)


def test_a_zip_bomb_is_not_unpacked() -> None:
    with pytest.raises(UnreadableError, match="ZIP bomb"):
        document_text(bomb())


def test_a_document_that_takes_too_long_or_ends_its_process_leaves_the_next_one_unharmed() -> None:
    slow = Pdf()
    for _ in range(120):
        slow.page().table([HEAD, *ROWS], WIDTHS)
    with DocumentReader(seconds=0.3) as reader:
        assert reader.read(word(["一段"])) == "一段"
        began = time.monotonic()
        with pytest.raises(UnreadableError, match=r"more than 0\.3 s"):
            reader.read(slow.bytes())
        assert time.monotonic() - began < 10
        assert reader._process is None
        assert reader.read(word(["再来一段"])) == "再来一段"
        process = reader._process
        assert process is not None
        process.kill()
        process.wait()
        with pytest.raises(UnreadableError, match="ended the process"):
            reader.read(word(["三"]))
        assert reader.read(word(["四"])) == "四"


def posted(site: Site, text: str, body: bytes, *, link: str = LINK) -> None:
    site.tell("/news/index_1.html", news([1]))
    site.tell("/news/1.html", article(1, text).replace("</div>", f"{link}</div>"))
    site.tell("/files/list.pdf", Reply(body, headers={"Content-Type": "application/octet-stream"}))


def test_a_document_stands_in_the_bulletin_under_its_name(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card
) -> None:
    posted(site, "The office names twelve apps.", pdf())
    assert crawl_site().new == 1
    (bulletin,) = harvested(datadir)
    (attachment,) = bulletin.attachments
    assert attachment.name == "问题应用名单"
    assert bulletin.text.startswith(
        "The office names twelve apps.\n附件：问题应用名单\n\nAttachment: 问题应用名单\n"
    )
    assert bulletin.text[attachment.span.start : attachment.span.end] == document_text(pdf())
    # the archive has page and document, and gives the same bulletin again
    kept = {fetch.url: fetch for fetch in fetches(datadir.archive)}
    assert set(kept) == {"https://www.example.org/news/1.html", "https://www.example.org/files/list.pdf"}
    assert bulletin.archive is not None
    again = remake_bulletin({"example": card}, datadir.archive, bulletin.archive, origin="replica")
    assert digest_of(again) == digest_of(bulletin) and again.attachments == bulletin.attachments
    assert crawl_site(recheck=True).unchanged == 1  # the page has not changed: its document is not asked for


@pytest.mark.parametrize(
    ("reply", "state", "words"),
    [
        (Reply(b"<html><body>404 not here</body></html>"), "unreadable", "a page came"),
        (Reply(bomb()), "unreadable", "ZIP bomb"),
        (Reply(status=404), "gone", "HTTP 404"),
        (Reply(status=302, headers={"Location": "http://10.0.0.7/x.pdf"}), "gone", "private address"),
        (Reply(status=302, headers={"Location": "https://other.example/x.pdf"}), "gone", "another host"),
        (Reply(b"late", seconds=3), "unreachable", "no answer in time"),
        (Reply(status=412), "challenge", "瑞数"),
    ],
)
def test_a_document_that_cannot_be_had_names_the_state_and_the_bulletin_goes_on(
    site: Site, crawl_site: Crawl, datadir: DataDir, reply: Reply, state: str, words: str
) -> None:
    posted(site, "The office names twelve apps.", b"")
    site.tell("/files/list.pdf", reply)
    found = crawl_site().sources["example"]
    assert (found.state, found.new, found.failed) == (state, 1, 1)
    assert words in (found.reason or "")
    (bulletin,) = harvested(datadir)
    assert bulletin.text == "The office names twelve apps.\n附件：问题应用名单" and not bulletin.attachments
    (letter,) = dead_letters(datadir)
    assert letter.bulletin_id == bulletin.bulletin_id and words in letter.reason
    # and when it can be had, the bulletin has it
    site.tell("/files/list.pdf", Reply(pdf()))
    assert crawl_site().changed == 1
    assert [len(b.attachments) for b in harvested(datadir)] == [0, 1]
    assert dead_letters(datadir) == []
    assert crawl_site(recheck=True).failed == 0


@pytest.mark.parametrize(
    "reply",
    [Reply(status=503), Reply(status=404), Reply(b"<html><body>404 not here</body></html>"), Reply(b"late", seconds=3)],
)  # fmt: skip
def test_a_document_that_was_read_once_is_not_lost_when_it_cannot_be_had(
    site: Site, crawl_site: Crawl, datadir: DataDir, reply: Reply
) -> None:
    posted(site, "The office names twelve apps.", pdf())
    assert crawl_site().new == 1
    site.tell("/news/1.html", article(1, "The office names 12 apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", reply)
    for _ in range(2):  # and what stood in for it stands in for it again
        found = crawl_site(recheck=True)
        assert found.failed == 1
    first, second = harvested(datadir)
    assert second.text.startswith("The office names 12 apps.")
    span, former = second.attachments[0].span, first.attachments[0].span
    assert second.text[span.start : span.end] == first.text[former.start : former.end]
    assert len(dead_letters(datadir)) == 1
    assert second.archive is not None  # the newest page names the bytes, though they came with an earlier one
    (place,) = document_places(datadir.archive, second.archive)[-1:]
    assert read_fetch(datadir.archive, place)[1] == pdf()
    site.tell("/files/list.pdf", Reply(pdf()))
    assert crawl_site(recheck=True).unchanged == 1 and dead_letters(datadir) == []


def empty_archive(datadir: DataDir) -> None:
    for path in datadir.archive.iterdir():
        path.unlink()


def texts(bulletin: Bulletin) -> list[str]:
    """Of its documents."""
    return [bulletin.text[part.span.start : part.span.end] for part in bulletin.attachments]


def test_a_text_that_nobody_has_the_document_of_any_more_stands_and_the_page_goes_on(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    posted(site, "The office names twelve apps.", pdf())
    crawl_site()
    empty_archive(datadir)
    site.tell("/news/1.html", article(1, "The office names 12 apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", Reply(status=404))
    found = crawl_site(recheck=True)
    assert (found.failed, found.changed) == (1, 1)
    first, second = harvested(datadir)
    assert second.text.startswith("The office names 12 apps.") and texts(second) == texts(first)
    (letter,) = dead_letters(datadir)
    assert "HTTP 404" in letter.reason and letter.archive is not None
    # a document that the page itself has dropped is another matter
    site.tell("/news/1.html", article(1, "The office names 12 apps."))
    assert crawl_site().changed == 1
    assert [len(b.attachments) for b in harvested(datadir)] == [1, 1, 0]


def annexes_links(count: int) -> str:
    return "".join(f'<p><a href="/files/{n}.docx">Annex {n}</a></p>' for n in range(count))


def annexes(site: Site, text: str, count: int) -> None:
    """A page with so many small documents."""
    posted(site, text, b"", link=annexes_links(count))
    for n in range(count):
        site.tell(f"/files/{n}.docx", Reply(word([f"Annex number {n}."])))


def test_documents_beyond_the_bound_are_said_and_no_failure(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    annexes(site, "The office names apps.", MOST + 3)
    found = crawl_site().sources["example"]
    assert (found.state, found.new, found.failed) == ("ok", 1, 0)
    assert "3 documents of pages with too many" in (found.reason or "")
    (bulletin,) = harvested(datadir)
    assert len(bulletin.attachments) == MOST
    (letter,) = dead_letters(datadir)
    assert f"3 more documents than the {MOST}" in letter.reason and letter.bulletin_id == bulletin.bulletin_id
    assert len([path for path in site.paths() if "files" in path]) == MOST
    site.asked.clear()
    assert crawl_site().sources["example"].state == "nothing_new"
    assert not [path for path in site.paths() if "files" in path or path == "/news/1.html"]
    annexes(site, "The office names fewer apps.", MOST)
    assert crawl_site(recheck=True).changed == 1 and dead_letters(datadir) == []


def test_a_document_that_was_read_is_not_pushed_beyond_the_bound(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    annexes(site, "The office names apps.", MOST)
    crawl_site()
    further = '<p><a href="/files/new.docx">New annex</a></p>'
    site.tell("/files/new.docx", Reply(word(["A new annex."])))
    posted(site, "The office names more apps.", b"", link=further + annexes_links(MOST))
    crawl_site(recheck=True)
    before, now = harvested(datadir)
    assert [a.name for a in now.attachments] == [a.name for a in before.attachments]


def archived_bytes(datadir: DataDir) -> int:
    return sum(path.stat().st_size for path in datadir.archive.iterdir())


def test_a_page_that_lacks_a_document_for_good_is_asked_for_on_later_and_later_days(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    annexes(site, "The office names apps.", 4)
    site.tell("/files/3.docx", Reply(status=404))
    requests, archived = [], []
    for _ in range(5):
        site.asked.clear()
        crawl_site()
        requests.append(len([path for path in site.paths() if "files" in path]))
        archived.append(archived_bytes(datadir))
    assert requests == [4, 4, 0, 0, 0]
    for _ in range(2):  # nor does what comes again just so lie in the archive once more
        assert crawl_site(recheck=True).failed == 1
    assert {archived_bytes(datadir)} == set(archived)
    (letter,) = dead_letters(datadir)
    assert letter.reason == "HTTP 404"
    # of a page that came otherwise, the documents that did not
    posted(site, "The office names 12 apps.", b"", link=annexes_links(4))
    assert crawl_site(recheck=True).changed == 1
    assert len([f for f in fetches(datadir.archive) if f.document]) == 3
    newest = harvested(datadir)[-1]
    assert newest.archive is not None and len(newest.attachments) == 3


def test_a_document_is_not_lost_with_the_memory(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    posted(site, "The office names twelve apps.", pdf())
    crawl_site()
    for path in datadir.crawl.parent.glob(f"{datadir.crawl.name}*"):
        path.unlink()
    site.tell("/news/1.html", article(1, "The office names 12 apps.").replace("</div>", f"{LINK}</div>"))
    site.tell("/files/list.pdf", Reply(status=503))
    assert crawl_site().changed == 1
    assert [len(bulletin.attachments) for bulletin in harvested(datadir)] == [1, 1]


def test_a_document_under_another_name_is_missed_too(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    """Its link text was edited."""
    posted(site, "The office names twelve apps.", pdf())
    crawl_site()
    renamed = LINK.replace("问题应用名单", "名单")
    site.tell("/news/1.html", article(1, "The office names 12 apps.").replace("</div>", f"{renamed}</div>"))
    site.tell("/files/list.pdf", Reply(status=503))
    found = crawl_site(recheck=True)
    assert (found.failed, found.changed) == (1, 1)
    first, second = harvested(datadir)
    assert texts(second) == texts(first) and second.attachments[0].name == "名单"


def links(*given: tuple[str, str]) -> str:
    """File name and name of each."""
    return "".join(f'<p><a href="/files/{file}.docx">{name}</a></p>' for file, name in given)


SCAN = Reply(Pdf().page().bytes())


def test_a_scan_that_was_never_read_does_not_hold_a_page_whose_other_document_goes(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    posted(site, "The office names apps.", b"", link=links(("x", "Scan"), ("y", "List")))
    site.tell("/files/x.docx", SCAN)
    site.tell("/files/y.docx", Reply(word(["Twelve apps."])))
    assert crawl_site().new == 1
    posted(site, "The office names 12 apps.", b"", link=links(("x", "Scan")))
    assert crawl_site(recheck=True).changed == 1
    assert [texts(bulletin) for bulletin in harvested(datadir)] == [["Twelve apps."], []]
    posted(site, "The office names no apps.", b"", link=links(("x", "Scan"), ("z", "List (corrected)")))
    site.tell("/files/z.docx", Reply(word(["Thirteen apps."])))
    assert crawl_site(recheck=True).changed == 1
    assert texts(harvested(datadir)[-1]) == ["Thirteen apps."]


def test_two_documents_of_one_name_are_told_apart(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    """The one that was read does not stand in for the one that never was."""
    posted(site, "The office names apps.", b"", link=links(("x", "Annex"), ("y", "Annex")))
    site.tell("/files/x.docx", SCAN)
    site.tell("/files/y.docx", Reply(word(["Twelve apps."])))
    crawl_site()
    posted(site, "The office names 12 apps.", b"", link=links(("x", "Annex"), ("y", "Annex")))
    assert crawl_site(recheck=True).changed == 1
    assert [texts(bulletin) for bulletin in harvested(datadir)] == [["Twelve apps."]] * 2


def test_a_document_that_moved_beyond_the_bound_is_read(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """Its address is another; the page has twelve new documents before it."""
    posted(site, "The office names apps.", b"", link=links(("y", "List")))
    site.tell("/files/y.docx", Reply(word(["Twelve apps."])))
    crawl_site()
    empty_archive(datadir)
    annexes(site, "", MOST)
    posted(site, "The office names 12 apps.", b"", link=annexes_links(MOST) + links(("z", "List")))
    site.tell("/files/z.docx", Reply(status=503))
    assert crawl_site(recheck=True).changed == 1
    assert "Twelve apps." in texts(harvested(datadir)[-1])
    assert len(harvested(datadir)[-1].attachments) == MOST


def documents_of(datadir: DataDir) -> int:
    return len([fetch for fetch in fetches(datadir.archive) if fetch.document])


def test_bytes_that_nobody_can_read_are_archived_also_where_no_bulletin_comes_of_them(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """The page has no text of its own, and its document could not be had before."""
    posted(site, "", b"")
    site.tell("/files/list.pdf", Reply(status=404))
    site.tell(
        "/news/1.html",
        f"<html><h1>Notice 1</h1><time>2024-03-02</time><div class=body>{LINK_ALONE}</div></html>",
    )
    assert crawl_site().failed == 1 and documents_of(datadir) == 0
    site.tell("/files/list.pdf", SCAN)
    for _ in range(2):
        assert crawl_site(recheck=True).failed == 1
        assert documents_of(datadir) == 1
    assert len(list(fetches(datadir.archive))) == 3
    assert harvested(datadir) == []


def test_bytes_are_not_archived_again_after_an_outage(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    """Neither those that were read nor those that nobody can read."""
    posted(site, "The office names apps.", b"", link=links(("x", "Scan"), ("y", "List")))
    replies = {"/files/x.docx": SCAN, "/files/y.docx": Reply(word(["Twelve apps."]))}
    for number, down in enumerate((False, True, True, False)):
        for path, reply in replies.items():
            site.tell(path, Reply(status=404) if down else reply)
        page = article(1, f"The office names apps, {number}.").replace(
            "</div>", f"{links(('x', 'Scan'), ('y', 'List'))}</div>"
        )
        site.tell("/news/1.html", page)
        crawl_site(recheck=True)
        assert documents_of(datadir) == 2
    assert [texts(bulletin) for bulletin in harvested(datadir)] == [["Twelve apps."]] * 4


@pytest.mark.parametrize("with_text", [True, False])
def test_what_the_list_says_is_not_brought_back_from_an_earlier_attempt(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, with_text: bool
) -> None:
    """The page is silent about its title, and lacks a document; then the list calls it otherwise."""
    body = "The office names apps." if with_text else ""
    site.tell("/news/1.html", f"<html><time>2024-03-02</time><div class=body>{body}{LINK_ALONE}</div></html>")
    for title in (
        "Notice 1",
        "Notice 1",
        "Notice 1 (corrected)",
    ):  # asked for again since the list shows it so
        site.tell("/news/index_1.html", news([1]).replace("Notice 1", title))
        crawl_site()
    site.tell("/news/index_1.html", Reply(status=503))
    site.tell("/files/list.pdf", Reply(word(["Twelve apps."])))
    crawl_site(recheck=True)
    assert [bulletin.title for bulletin in harvested(datadir)][-1] == "Notice 1 (corrected)"
    for bulletin in harvested(datadir):
        assert bulletin.archive is not None
        again = remake_bulletin({"example": card}, datadir.archive, bulletin.archive, origin="replica")
        assert (again.title, again.text, again.fetched_at) == (
            bulletin.title, bulletin.text, bulletin.fetched_at,
        )  # fmt: skip


def test_columns_beyond_the_bound_are_said() -> None:
    assert document_text(workbook({"S": [["x"] * MOST_COLUMNS, ["y"]]})).count("x") == MOST_COLUMNS
    with pytest.raises(UnreadableError, match="more than 200 columns"):
        document_text(workbook({"S": [["x"], ["x", *([None] * 250), "y"]]}))


def declared(size: str, book: bytes) -> bytes:
    """A workbook whose sheets say that they are so large."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            part = given.read(name)
            if name.startswith("xl/worksheets/"):
                part, count = re.subn(
                    rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % size.encode(), part
                )
                assert count == 1
            made.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("size", ["A1:XFD20000", "A1:A1"])
def test_what_a_sheet_says_of_its_size_neither_fills_nor_cuts_its_rows(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["甲", "2025-03-01", "36"], ["乙", "2025-03-02", "3"]]
    widths, printed = [], sheets._printed

    def counted(value: object) -> str:
        widths.append(value)
        return printed(value)

    monkeypatch.setattr(sheets, "_printed", counted)
    assert document_text(declared(size, workbook({"S": rows}))) == "\n".join("\t".join(row) for row in rows)
    assert len(widths) == 6


def test_documents_are_within_the_budget(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    """A page whose documents no longer fit waits, with them, for the next crawl."""
    site.tell("/news/index_1.html", news([1, 2, 3]))
    for n in (1, 2, 3):
        links = "".join(f'<p><a href="/files/{n}-{d}.docx">Annex {d}</a></p>' for d in range(4))
        site.tell(
            f"/news/{n}.html", article(n, f"Notice number {n} in full.").replace("</div>", f"{links}</div>")
        )
        for d in range(4):
            site.tell(f"/files/{n}-{d}.docx", Reply(word([f"Annex {d} of {n}."])))
    # robots.txt, the list's first page and its end, three notices, and one notice's documents, in whatever order they come
    budget, crawls = 10, 0
    while len(harvested(datadir)) < 3:
        site.asked.clear()
        found = crawl_site(budget=budget).sources["example"]
        assert len(site.asked) <= budget and found.requests <= budget and found.failed == 0
        crawls += 1
        assert crawls <= 3
        if len(harvested(datadir)) < 3:
            assert f"the budget of {budget} requests is spent" in (found.reason or "")
    assert [len(bulletin.attachments) for bulletin in harvested(datadir)] == [4, 4, 4]
    assert dead_letters(datadir) == []


def test_more_documents_than_any_crawl_may_ask_for_are_said(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    links = "".join(f'<p><a href="/files/{n}.docx">Annex {n}</a></p>' for n in range(9))
    posted(site, "The office names apps.", b"", link=links)
    for n in range(9):
        site.tell(f"/files/{n}.docx", Reply(word([f"Annex number {n}."])))
    found = crawl_site(budget=8).sources["example"]
    (bulletin,) = harvested(datadir)
    assert len(site.asked) == 8 and found.failed == 9 - len(bulletin.attachments) > 3
    assert "the budget is spent" in (found.reason or "")


def test_a_bulletin_that_is_only_a_document_is_one(site: Site, crawl_site: Crawl, datadir: DataDir) -> None:
    posted(site, "", pdf())
    crawl_site()
    (bulletin,) = harvested(datadir)
    assert bulletin.attachments and "应用12" in bulletin.text


def test_a_document_on_a_host_that_the_card_does_not_name_is_not_fetched(
    site: Site, crawl_site: Crawl, datadir: DataDir
) -> None:
    posted(site, "The office names apps.", b"", link='<a href="http://127.0.0.1:9/list.pdf">List</a>')
    found = crawl_site().sources["example"]
    assert (found.state, found.new) == ("gone", 1)
    assert "private address" in (found.reason or "")
