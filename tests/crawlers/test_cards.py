"""Every card reads its saved pages as its golden file says; a wrong card is refused with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

import enrich
from crawlers.bulletins import canonical, make_bulletin
from crawlers.cards import FOLDER, load_card, load_cards
from crawlers.engines import engine_for
from crawlers.pages import Entry, Page
from netdocket.errors import CardError, LayoutError, UnreadableError
from netdocket.identity import digest_of
from tests.crawlers.example_site import CARD

PAGES = Path(__file__).parent / "pages"
NEW_SITE = b"<html><body>New site</body></html>"
CODES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("code", CODES)
def test_the_saved_pages_of_a_card_read_as_its_golden_file_says(code: str) -> None:
    """A card needs `pages/<code>.list.*` and `<code>.detail.*` (html, xml or json), `<code>.column.html` where a page
    without items goes before the list, and `<code>.json`. The last is written where it is missing, and then still
    fails: read it, and keep it when it is right."""
    card = load_cards()[code]
    engine = engine_for(card)
    request = engine.first_page(card.lists[0])
    if request.prelude:
        column = engine.parse_list(Page(url=request.url, body=saved(code, "column")), request)
        assert column.following is not None
        request = column.following
    listing = engine.parse_list(Page(url=request.url, body=saved(code, "list")), request)
    entry = next(entry for entry in listing.entries if entry.wanted)
    page = Page(url=engine.fetch_url(entry.url), body=saved(code, "detail"))
    draft = engine.parse_detail(page, entry)
    bulletin = make_bulletin(card, engine, page, entry, fetched_at="2026-01-01T00:00:00Z", origin="replica")
    found: dict[str, Any] = {
        "list": {
            "url": request.url,
            "entries": [
                {"url": canonical(card, entry.url), "title": entry.title, "published": entry.published,
                 "wanted": entry.wanted}
                for entry in listing.entries
            ],
            "following": listing.following.url if listing.following else None,
            **({"headers": request.headers} if request.headers else {}),
        },
        "detail": {
            **{name: getattr(bulletin, name) for name in ("bulletin_id", "url", "title", "published", "publisher")},
            "language": bulletin.language,
            "content_digest": digest_of(bulletin),
            "text": bulletin.text.split("\n"),
            **({"asked for": page.url} if page.url != entry.url else {}),
            **({"files": [[file.name, file.url] for file in draft.files]} if draft.files else {}),
        },
    }  # fmt: skip
    golden = PAGES / f"{code}.json"
    if not golden.is_file():
        golden.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{golden} was missing and has been written: review it")
    assert found == json.loads(golden.read_text("utf-8"))


def saved(code: str, kind: str) -> bytes:
    found = sorted(PAGES.glob(f"{code}.{kind}.*"))
    assert len(found) == 1, f"the card {code} needs one saved page {code}.{kind}.* in {PAGES}"
    return found[0].read_bytes()


def test_no_saved_page_is_left_over() -> None:
    assert {path.name.partition(".")[0] for path in PAGES.iterdir()} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_list_without_what_the_card_names_is_never_an_empty_success(code: str) -> None:
    card = load_cards()[code]
    engine = engine_for(card)
    request = engine.first_page(card.lists[0])
    bodies = {"xml": b"<?xml version='1.0'?><rss/>", "json": b'{"data": {}}', "html": NEW_SITE}
    with pytest.raises(LayoutError, match="no list here"):
        engine.parse_list(Page(url=request.url, body=bodies[engine.markup]), request)
    with pytest.raises(LayoutError, match="no body here"):
        engine.parse_detail(Page(url=card.base, body=bodies[engine.detail_markup]), Entry(url=card.base))
    if engine.markup == "json":
        with pytest.raises(UnreadableError, match="no JSON"):
            engine.parse_list(Page(url=request.url, body=NEW_SITE), request)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("code: example", "code: Example!", 1, "no source code"),
        ("code: example", "code: other", 1, "the file is named example.yaml"),
        ("role: official", "role: officious", 4, "Invalid enum value 'officious'"),
        ("language: en", "language: en\nlanguages: [en]", 6, "unknown field `languages`"),
        ("publisher: Example Office", "publisher: Example Office\npublisher: Twice", 4, "stands here twice"),
        ("base: https://www.example.org", "base: https://www.example.org/news", 6, "scheme and host"),
        ("engine: pages", "engine: pages\nhosts: [x.example, WWW.example.org]", 8, "host of base already"),
        ("engine: pages", "engine: steam", 7, "no engine 'steam'"),
        ('  - {path: "/news/index_{page}.html"', '  - {path: "/news/index.html"', 9, "has no {page}"),
        ('  - {path: "/news/index_{page}.html"', '  - {path: "news/{page}"', 9, "begins with /"),
        ("  item: ul.news li", "  item: ul..news", 13, "no CSS selector"),
        ("  link: a::attr(href)", "  link: //a[", 14, "no XPath selector"),
        ("  title: a\n", "  title: a\n  title_filter: '('\n", 16, "no regular expression"),
        ('  date_formats: ["%Y-%m-%d"]\ndetail', '  date_formats: ["%Q"]\ndetail', 17, "%Q"),
        ('  date_formats: ["%Y-%m-%d"]\n  body', "  body", 18, "no date_formats"),
        ("  body: [div.body]", "  body: []", 22, "names no selector"),
        ("  body: [div.body]", "  body: div.body", 22, "Expected `array`"),
        ("delay: 2", "delay: 0.1", 25, "impolite"),
        ("delay: 2", "delay: two", 25, "Expected `float`"),
        ("delay: 2", "", 1, "missing required field `delay`"),
        ("cadence: daily", "cadence: daily\nvolume: {first_page: {min: 9, max: 1}}", 25, "min is over max"),
        ("cadence: daily", "cadence: [daily", 25, "expected ',' or ']'"),
    ],
)
def test_a_wrong_card_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in CARD
    path = tmp_path / "example.yaml"
    path.write_text(CARD.replace(old, new, 1), "utf-8")
    with pytest.raises(CardError) as caught:
        load_cards(tmp_path)
    assert words in caught.value.what
    assert caught.value.where == f"{path}:{line}"


def test_a_folder_without_cards_is_said(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="no source cards"):
        load_cards(tmp_path)
    (tmp_path / "empty.yaml").write_text("# nothing yet\n", "utf-8")
    with pytest.raises(CardError, match="an empty card"):
        load_cards(tmp_path)
    (tmp_path / "empty.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CardError, match=r"cannot be read"):
        load_card(tmp_path / "empty.yaml")


def test_cards_can_be_written_out_again() -> None:
    """What a card holds is plain data, for `sources list --json`."""
    for card in load_cards().values():
        assert json.loads(msgspec.json.encode(card))["code"] == card.code


def test_every_publisher_with_a_card_is_known_to_the_classifier() -> None:
    """Save those that print many publishers' texts again: there the printed name decides."""
    knowledge = Path(enrich.__file__).parent / "knowledge" / "publishers.yaml"
    known = yaml.safe_load(knowledge.read_text("utf-8"))["sources"]
    assert set(known) == set(CODES) - {"secrss", "texts"}
    assert {code: entry["role"] for code, entry in known.items()} == {
        code: card.role for code, card in load_cards().items() if code in known
    }
