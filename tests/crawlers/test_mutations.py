"""Damaged pages, PDF files, spreadsheets and JSON answers: each is read or is a typed failure, soon, and none ends the
reader."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from crawlers.cards import load_cards
from crawlers.engines import engine_for
from crawlers.extract.documents.reader import DocumentReader
from crawlers.pages import Entry, Page
from crawlers.spiders.card import _read
from netdocket.errors import HarvestError
from tests.crawlers.made_files import word, workbook
from tests.crawlers.test_cards import CODES, PAGES, saved
from tests.crawlers.test_documents import HEAD, ROWS, pdf

EACH = 500
CARDS = load_cards()
SECONDS = 10.0
"""For the worst of them."""
PIECES = (
    b"<", b">", b"</table>", b"<table><tr><td colspan=99999999>", b"<!--", b"]]>", b"\x00", b"\xff\xfe", b"&#x110000;",
    b"\xe7\xbd", b'"', b"{", b"[[[[[[[[", b"}", b"null", b"1e999", b"-", b"/Length 99999999", b"endobj", b"stream",
    b"<<", b"%%EOF", b"PK\x05\x06", b"<div>" * 300, b"[" * 5000, "锟斤拷".encode() * 5, b"gb2312", b"\r\n\r\n",
)  # fmt: skip


def mutated(body: bytes, draw: random.Random) -> bytes:
    """One to eight changes: bits, cuts, doublings, pieces put in, ends swapped."""
    data = bytearray(body)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(6):
            case 0:
                for _ in range(draw.randint(1, 20)):
                    if data:
                        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            case 1:
                del data[at : at + draw.randint(1, max(1, len(data) // 4))]
            case 2:
                data[at:at] = data[at : at + draw.randint(1, 4000)] * draw.randint(1, 5)
            case 3:
                data[at:at] = draw.choice(PIECES)
            case 4:
                data = data[:at]
            case 5:
                data = data[at:] + data[:at]
    return bytes(data)


def read_all(bodies: Iterator[tuple[str, bytes, Callable[[bytes], object]]]) -> Counter[str]:
    """How each ended: `read`, or the state of its failure. Anything but a typed failure is an error of ours."""
    ended: Counter[str] = Counter()
    for name, body, read in bodies:
        began = time.monotonic()
        try:
            read(body)
            ended["read"] += 1
        except HarvestError as error:
            assert type(error) is not HarvestError, f"{name}: {error}"
            assert error.what
            ended[error.state] += 1
        assert time.monotonic() - began < SECONDS, name
    return ended


def pages(
    kinds: tuple[str, ...], endings: tuple[str, ...], count: int
) -> Iterator[tuple[str, bytes, Callable[[bytes], object]]]:
    draw = random.Random(20261122)
    names = [
        (code, kind)
        for code in CODES
        for kind in kinds
        if any(PAGES.glob(f"{code}.{kind}.{e}") for e in endings)
    ]
    names = [n for n in names if next(PAGES.glob(f"{n[0]}.{n[1]}.*"), PAGES).suffix[1:] in endings]
    for number in range(count):
        code, kind = names[number % len(names)]
        yield f"{code}.{kind} {number}", mutated(saved(code, kind), draw), reading(code, kind)


def reading(code: str, kind: str) -> Callable[[bytes], object]:
    card = CARDS[code]
    engine = engine_for(card)
    first = engine.first_page(card.lists[0])

    def read(body: bytes) -> object:
        """As the spider does."""
        page = Page(url=first.url, body=body, content_type=None)
        if kind == "detail":
            entry = Entry(url=f"{card.base}/x?docId=1", title="x", published="2025-01-01")
            return _read(lambda: engine.parse_detail(page, entry), page)
        request = first if kind == "column" or not first.prelude else _called(code)
        return _read(lambda: engine.parse_list(page, request), page)

    return read


def _called(code: str):  # type: ignore[no-untyped-def]
    card = CARDS[code]
    engine = engine_for(card)
    first = engine.first_page(card.lists[0])
    column = engine.parse_list(Page(url=first.url, body=saved(code, "column")), first)
    assert column.following is not None
    return column.following


@pytest.mark.proof
@pytest.mark.parametrize(
    ("kinds", "endings"), [(("list", "detail", "column"), ("html", "xml")), (("list", "detail"), ("json",))]
)
def test_damaged_pages_and_answers(
    kinds: tuple[str, ...], endings: tuple[str, ...], proof_scale: float
) -> None:
    ended = read_all(pages(kinds, endings, round(EACH * proof_scale)))
    print(f"\n{endings}: {dict(ended)}")
    assert ended.total() == round(EACH * proof_scale)
    assert ended["read"] and ended.keys() <= {"read", "changed", "empty", "unreadable", "challenge"}


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["pdf", "office"])
def test_damaged_documents(kind: str, proof_scale: float) -> None:
    draw = random.Random(7)
    sound = [pdf()] if kind == "pdf" else [workbook({"一": [HEAD, *ROWS]}), word(["段"], [HEAD, *ROWS])]
    with DocumentReader() as reader:
        ended = read_all(
            (f"{kind} {number}", _kept(sound[number % len(sound)], draw), reader.read)
            for number in range(round(EACH * proof_scale))
        )
    print(f"\n{kind}: {dict(ended)}")
    assert ended.total() == round(EACH * proof_scale)
    assert ended.keys() <= {"read", "unreadable"} and ended["unreadable"]


def _kept(body: bytes, draw: random.Random) -> bytes:
    """Mostly with the first bytes as they were, or every one would fail by its kind."""
    head = body[:8] if draw.random() < 0.9 else b""
    return head + mutated(body[8:], draw)
