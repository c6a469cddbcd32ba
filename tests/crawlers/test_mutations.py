"""Damaged pages, PDF files, spreadsheets and JSON answers: each is read or is a typed failure, soon, and none ends the
reader. A third is damaged so that its form breaks, the others so that it stays whole and what reads the content sees it."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawlers.bulletins import bulletin_of
from crawlers.cards import load_cards
from crawlers.engines import engine_for
from crawlers.extract.documents.reader import DocumentReader
from crawlers.pages import Entry, ListRequest, Page
from crawlers.spiders.card import _read
from netdocket.errors import HarvestError, RecordError
from netdocket.spool import Spool
from tests.crawlers.made_files import word, workbook
from tests.crawlers.mutations import coarse, json_finely, office_finely, pdf_finely
from tests.crawlers.test_cards import CODES, PAGES, saved
from tests.crawlers.test_documents import HEAD, ROWS, pdf

EACH = 500
CARDS = load_cards()
SECONDS = 10.0
"""For the worst of them."""
Case = tuple[str, bytes, Callable[[bytes], object]]
Mutation = Callable[[bytes, random.Random], bytes]


@dataclass
class Ended:
    """How the cases ended: `read`, or the state of the failure; `why`: what was said, without what differs each time."""

    states: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    slowest: float = 0

    def told(self) -> str:
        lines = [f"{sum(self.states.values())} cases, slowest {self.slowest:.2f} s: {dict(self.states)}"]
        return "\n".join([*lines, *(f"  {count:4}  {what}" for what, count in self.why.most_common(25))])


def read_all(cases: Iterator[Case]) -> Ended:
    """Anything but a typed failure that says something is an error of ours."""
    ended = Ended()
    for name, body, read in cases:
        began = time.monotonic()
        try:
            read(body)
            ended.states["read"] += 1
        except RecordError as error:
            ended.states["refused"] += 1
            ended.why[f"refused by the spool: {_kind_of(error.what)}"] += 1
        except HarvestError as error:
            assert type(error) is not HarvestError, f"{name}: {error}"
            assert error.what
            ended.states[error.state] += 1
            ended.why[f"{error.state}: {_kind_of(error.what)}"] += 1
        took = time.monotonic() - began
        assert took < SECONDS, name
        ended.slowest = max(ended.slowest, took)
    return ended


def _kind_of(what: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|[\d,.]*\d|0x\w+", "#", what)[:100]


def pages(
    kinds: tuple[str, ...], endings: tuple[str, ...], fine: Mutation, count: int, spool: Spool
) -> Iterator[Case]:
    draw = random.Random(20261122)
    names = [
        (code, kind)
        for code in CODES
        for kind in kinds
        if any((PAGES / f"{code}.{kind}.{ending}").exists() for ending in endings)
    ]
    for number in range(count):
        code, kind = names[number % len(names)]
        mutation = fine if draw.random() < 2 / 3 else coarse
        yield f"{code}.{kind} {number}", mutation(saved(code, kind), draw), reading(code, kind, spool)


def markup_finely(body: bytes, draw: random.Random) -> bytes:
    """One piece of markup between two tags is another one, or is gone: a class, an address, a date, a closing tag."""
    parts = re.split(rb"(<[^>]*>)", body)
    at = draw.randrange(len(parts))
    match draw.randrange(4):
        case 0:
            parts[at] = b""
        case 1:
            parts[at] = draw.choice(parts)
        case 2:
            parts[at] = re.sub(rb'"[^"]*"', b'"x"', parts[at])
        case 3:
            parts[at] = re.sub(rb"\d+", b"99", parts[at])
    return b"".join(parts)


def reading(code: str, kind: str, spool: Spool) -> Callable[[bytes], object]:
    card = CARDS[code]
    engine = engine_for(card)
    first = engine.first_page(card.lists[0])

    def read(body: bytes) -> object:
        """As the spider does, and what comes of it into the spool."""
        page = Page(url=first.url, body=body, content_type=None)
        if kind == "detail":
            entry = Entry(url=f"{card.base}/x?docId=1", title="x", published="2025-01-01")
            draft = _read(lambda: engine.parse_detail(page, entry), page)
            if draft.files:
                return draft
            bulletin = bulletin_of(card, draft, entry, fetched_at="2026-03-01T00:00:00Z", origin="replica")
            return spool.submit(bulletin).result()
        request = first if kind == "column" or not first.prelude else _called(code)
        return _read(lambda: engine.parse_list(page, request), page)

    return read


def _called(code: str) -> ListRequest:
    card = CARDS[code]
    engine = engine_for(card)
    first = engine.first_page(card.lists[0])
    column = engine.parse_list(Page(url=first.url, body=saved(code, "column")), first)
    assert column.following is not None
    return column.following


@pytest.mark.proof
@pytest.mark.parametrize(
    ("kinds", "endings", "fine"),
    [(("list", "detail", "column"), ("html", "xml"), markup_finely), (("list", "detail"), ("json",), json_finely)],
    ids=["pages", "json"],
)  # fmt: skip
def test_damaged_pages_and_answers(
    kinds: tuple[str, ...], endings: tuple[str, ...], fine: Mutation, proof_scale: float, tmp_path: Path
) -> None:
    count = round(EACH * proof_scale)
    spool = Spool(tmp_path / "spool.sqlite", commit_ms=0)
    try:
        ended = read_all(pages(kinds, endings, fine, count, spool))
    finally:
        spool.close()
    print(f"\n{' and '.join(endings)}: {ended.told()}")
    assert ended.states.total() == count
    assert ended.states.keys() <= {"read", "changed", "empty", "unreadable", "challenge", "refused"}
    assert ended.states["read"] > count / 5 and ended.states["changed"] > count / 10


@pytest.mark.proof
@pytest.mark.parametrize("kind", ["pdf", "office"])
def test_damaged_documents(kind: str, proof_scale: float) -> None:
    draw = random.Random(7)
    count = round(EACH * proof_scale)
    fine = pdf_finely if kind == "pdf" else office_finely
    sound = [pdf()] if kind == "pdf" else [workbook({"一": [HEAD, *ROWS]}), word(["段"], [HEAD, *ROWS])]

    def mutated(body: bytes) -> bytes:
        """Mostly with the first bytes as they were, or every one would fail by its kind."""
        if draw.random() < 2 / 3:
            return fine(body, draw)
        head = body[:8] if draw.random() < 0.9 else b""
        return head + coarse(body[8:], draw)

    with DocumentReader() as reader:
        ended = read_all(
            (f"{kind} {number}", mutated(sound[number % len(sound)]), reader.read) for number in range(count)
        )
    print(f"\n{kind}: {ended.told()}")
    assert ended.states.total() == count
    assert ended.states.keys() <= {"read", "unreadable"} and ended.states["unreadable"]
    assert ended.states["read"] > count / 5
