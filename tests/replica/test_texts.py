"""A folder of texts comes through a crawl to the character: spans of records are compared with the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netdocket.errors import ConfigurationError
from netdocket.identity import fold_space
from netdocket.intake import read_text
from netdocket.replica import serve
from tests.replica.conftest import Visitor, fetch

AWKWARD = {
    "first line empty": "\n\nHello\n\n",
    "line ends": "a\r\nb\rc\n",
    "spaces": "  1.\u00a0Heading\u00a0 \n\t\ttabbed  \n   ",
    "markup": "<b>&amp; </pre> <!--text--> &nbsp;&#13; <script>x</script>",
    "breaks": "a\x0cb\x0bc\x85d\u2028e\u2029f\x1fg",
    "characters": "中文😀𠀀\u200b\ufeff\u00ad e\u0301 \ufffd",
    "通报 1": "某市网信办通报\n\n　　正文。",
    "a%20b#c?d&e": "an odd name",
    "one": "x",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stem, text in AWKWARD.items():
        (tmp_path / f"{stem}.txt").write_bytes(text.encode())
    return tmp_path


def crawled(folder: Path) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    """Text, publisher, date and language of every article by its address."""
    with serve(sites=["texts"], texts=folder) as running:
        visitor = Visitor(running, "texts")
        drafts = {url: visitor.detail(entry) for url, entry in visitor.entries().items()}
        return {url: (d.text, d.publisher, d.published, d.language) for url, d in drafts.items()}


def test_texts_come_through_exactly(folder: Path) -> None:
    found = crawled(folder)
    assert sorted(text for text, *_ in found.values()) == sorted(AWKWARD.values())


def test_real_texts_come_through_exactly(shared: Path) -> None:
    for documents in (shared / "seeds", shared / "gold" / "docs"):
        want = {path.stem: read_text(path) for path in documents.glob("*.txt")}
        found = {
            url.rpartition("/")[2].removesuffix(".html"): found for url, found in crawled(documents).items()
        }
        assert found == {
            # White space in an attribute is folded when it is read, in a text never.
            stem: (w.text, fold_space(w.publisher) if w.publisher else None, w.published, w.language)
            for stem, w in want.items()
        }


def test_what_is_known_of_a_text_stands_on_its_page(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("Some text.")
    known = {"title": 'A "title" <&>', "published": "2019-08", "publisher": "P & <Q>", "language": "zh"}
    (tmp_path / "n.json").write_text(json.dumps({**known, "records": 12}))
    with serve(sites=["texts"], texts=tmp_path) as running:
        visitor = Visitor(running, "texts")
        (entry,) = visitor.entries().values()
        draft = visitor.detail(entry)
    assert {key: getattr(draft, key) for key in known} == known
    assert entry.title == known["title"]


def test_many_texts_are_listed_over_pages_in_the_order_of_their_names(tmp_path: Path) -> None:
    for number in range(53):
        (tmp_path / f"{number:03}.txt").write_text(f"text {number}")
    with serve(sites=["texts"], texts=tmp_path) as running:
        pages = list(Visitor(running, "texts").lists())
    assert [len(entries) for entries in pages] == [20, 20, 13]
    urls = [entry.url for entries in pages for entry in entries]
    assert urls == sorted(urls)


def test_a_changed_file_is_a_changed_page(tmp_path: Path) -> None:
    path = tmp_path / "n.txt"
    path.write_text("one")
    with serve(sites=["texts"], texts=tmp_path) as running:
        url = f"{running.base_urls['texts']}/articles/n.html"
        tag = fetch(url).headers["etag"]
        path.write_text("two")
        assert fetch(url, headers={"If-None-Match": tag}).status == 200


def test_a_file_that_is_no_text_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "good.txt").write_text("good")
    with serve(sites=["texts"], texts=tmp_path) as running:
        base = f"{running.base_urls['texts']}/articles"
        assert fetch(f"{base}/bad.html").status == 500
        assert b"is not UTF-8" in fetch(f"{base}/bad.html").body
        assert fetch(f"{base}/good.html").status == fetch(f"{base}/index_1.html").status == 200


def test_a_folder_that_cannot_be_served_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no \.txt file"):
        serve(sites=["texts"], texts=tmp_path)
    (tmp_path / "index_2.txt").write_text("x")
    with pytest.raises(ConfigurationError, match="list page"):
        serve(sites=["texts"], texts=tmp_path)
