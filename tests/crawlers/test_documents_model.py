"""What crawlers.followed promises of documents, held against random histories of pages, crawls, losses and mends.

A site of a few pages changes by chance, and so do the readers; real crawls and repetitions from the archive go over it. No
step says what is to come of it: every bulletin is held against the one before it and against the site as it is. Every text
names its document and the version of it, so that whatever is lost, mixed up or older than before is seen.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
import re
from collections import Counter
from dataclasses import dataclass, field

import pytest

import crawlers.middlewares.fetches
import crawlers.pipelines.documents
from crawlers.archive import read_fetch
from crawlers.archived import fetches
from crawlers.cards import Card
from crawlers.extract.documents.reader import DocumentReader
from crawlers.reparse import Reparsed, reparse
from netdocket.datadir import DataDir
from netdocket.errors import StorageError, UnreadableError
from netdocket.identity import bulletin_id
from netdocket.records import Bulletin, decode
from netdocket.spool import Spool
from tests.crawlers.conftest import Crawl
from tests.crawlers.example_site import Reply, Site, dead_letters, news

PAGES = range(1, 9)
MOST = 4
NEVER = 99
"""A level that no reader ever has."""


@dataclass
class Document:
    """As it is published. `level`: of the reader that can read it; `down`: it is not served."""

    number: int
    url: str
    name: str
    version: int = 1
    level: int = 1
    down: bool = False
    moved: bool = False
    """Since the page was taken last it has got another name or address; both at once nobody could follow."""
    twin: bool = False
    """Another one has its name."""


@dataclass
class Page:
    """As it is published. `state`: `ok`, `down` or `broken` (no body); `served`: counts what changes nothing but bytes;
    `changed`: since the crawl before."""

    number: int
    silent: bool
    version: int = 1
    served: int = 0
    state: str = "ok"
    documents: list[Document] = field(default_factory=list)
    changed: bool = True

    @property
    def html(self) -> str:
        links = "".join(f'<p><a href="{item.url}">{item.name}</a></p>' for item in self.documents)
        text = "" if self.silent else f"The office publishes version {self.version} of this notice."
        body = f"<div class=body><p>{text}</p>{links}</div>" if self.state == "ok" else ""
        return (
            f"<html><h1>Notice {self.number}</h1><time>2024-03-02</time>{body}<!-- {self.served} --></html>"
        )


class World:
    """The publisher's site, and the level of our reader."""

    def __init__(self, seed: int, site: Site, *, breaks: bool) -> None:
        self.breaks = breaks
        self.states = ("ok", "ok", "down", "broken") if breaks else ("ok", "down")
        self.chance = random.Random(seed)
        self.site = site
        self.reader = 1
        self._numbers = itertools.count(1)
        self.pages = {number: Page(number, silent=number % 4 == 0) for number in PAGES}
        for page in self.pages.values():
            for _ in range(self.chance.randrange(4)):
                self._appear(page)
            if len(page.documents) > 1 and self.chance.random() < 0.3:  # publishers call two of them the same
                first, second = page.documents[:2]
                second.name, first.twin, second.twin = first.name, True, True
                first.level, second.level = self.chance.choice(((1, 1), (1, NEVER), (NEVER, 1)))
        site.tell("/news/index_1.html", news(list(PAGES)))
        self.tell()

    def read(self, body: bytes) -> str:
        found = re.match(rb"%PDF- document (\d+) version (\d+) level (\d+)", body)
        assert found is not None
        number, version, level = map(int, found.groups())
        if level > self.reader:
            raise UnreadableError("the reader is not so far")
        return f"<document {number} version {version} reader {self.reader}>"

    def go_on(self) -> None:
        for page in self.pages.values():
            page.changed = False
            for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
                self._change(page)
                page.changed = True
        self.tell()

    def tell(self) -> None:
        for page in self.pages.values():
            reply = Reply(status=500) if page.state == "down" else Reply(page.html.encode())
            self.site.tell(f"/news/{page.number}.html", reply)
            for item in page.documents:
                body = f"%PDF- document {item.number} version {item.version} level {item.level}".encode()
                self.site.tell(item.url, Reply(status=404) if item.down else Reply(body))

    def _appear(self, page: Page) -> None:
        number = next(self._numbers)
        level = self.chance.choice((1, 1, 1, 2, 3, NEVER))
        place = self.chance.randint(0, len(page.documents))
        page.documents.insert(place, Document(number, f"/files/{number}.pdf", f"Annex {number}", level=level))

    def _change(self, page: Page) -> None:
        chance = self.chance
        page.served += 1
        kind = chance.choice(
            (
                "text",
                "bytes",
                "appear",
                "withdraw",
                "rename",
                "move",
                "content",
                "content",
                "down",
                "up",
                "up",
                "state",
            )
        )
        if kind == "text":
            page.version += 1
        elif kind == "state":
            page.state = chance.choice(self.states) if page.state == "ok" else "ok"
        elif kind == "appear" and len(page.documents) < MOST + 2:
            self._appear(page)
        elif page.documents:
            item = chance.choice(page.documents)
            if kind == "withdraw":
                page.documents.remove(item)
            elif kind == "rename" and not item.moved and not item.twin:
                item.name, item.moved = f"Annex {next(self._numbers)}", True
            elif kind == "move" and not item.moved and not item.twin:
                item.url, item.moved = f"/files/{next(self._numbers)}.pdf", True
            elif kind == "content":
                levels = (1, 1, NEVER) if item.twin else (1, 1, 2, 3, NEVER)
                item.version, item.level = item.version + 1, chance.choice(levels)
            elif kind in ("down", "up"):
                item.down = kind == "down"


@dataclass
class Seen:
    """A bulletin, by what its texts say. `documents`: number to version and text."""

    version: int
    documents: dict[int, tuple[int, str]]
    bulletin: Bulletin


def seen(payload: bytes) -> Seen:
    bulletin = decode(payload, Bulletin)
    version = re.search(r"version (\d+) of this notice", bulletin.text)
    documents = {}
    for part in bulletin.attachments:
        text = bulletin.text[part.span.start : part.span.end]
        found = re.fullmatch(r"<document (\d+) version (\d+) reader \d+>", text)
        assert found is not None and int(found[1]) not in documents
        documents[int(found[1])] = int(found[2]), text
    assert len(documents) == bulletin.text.count("<document ")
    return Seen(int(version[1]) if version else 0, documents, bulletin)


class Installation:
    """One data directory, and the steps that are taken with it."""

    def __init__(self, world: World, crawl_site: Crawl, datadir: DataDir, card: Card) -> None:
        self.world, self.crawl_site, self.datadir, self.card = world, crawl_site, datadir, card
        self.before = self.kept()

    def kept(self) -> dict[int, Seen]:
        spool = Spool(self.datadir.spool)
        try:
            found = {}
            for number in PAGES:
                identity = bulletin_id("example", f"https://www.example.org/news/{number}.html")
                if latest := spool.latest(identity):
                    found[number] = seen(latest.payload)
            spool.confirm([entry.position for entry in spool.read(limit=10_000)])
            return found
        finally:
            spool.close()

    def reparse(self, *, dry: bool = False) -> Reparsed:
        spool = Spool(self.datadir.spool)
        try:
            return reparse({"example": self.card}, self.datadir.archive, spool, origin="replica", dry=dry)
        finally:
            spool.close()

    def archived(self) -> tuple[Counter[str], Counter[bytes]]:
        """How often each page, and the bytes of each document, lie in the archive."""
        pages: Counter[str] = Counter()
        documents: Counter[bytes] = Counter()
        if self.datadir.archive.is_dir():
            for found in fetches(self.datadir.archive):
                if found.document:
                    path = self.datadir.archive / found.archive.file
                    documents[read_fetch(path.parent, found.archive)[1]] += 1
                else:
                    pages[found.url] += 1
        return pages, documents

    def check_not_older(self) -> None:
        """Whatever step it was: nothing known gives way to something older."""
        now = self.kept()
        for number, former in self.before.items():
            assert number in now
            assert now[number].version >= former.version
            assert now[number].bulletin.revision >= former.bulletin.revision
            for document, (version, _) in former.documents.items():
                assert now[number].documents.get(document, (version, ""))[0] >= version
        self.before = now

    def check_crawled(self) -> None:
        """The bulletins of all pages that could be had are as the site is, and where that is silent as they were."""
        letters = {letter.bulletin_id for letter in dead_letters(self.datadir)}
        now = self.kept()
        for page in self.world.pages.values():
            former = self.before.get(page.number)
            had = former.documents if former else {}
            if page.state != "ok":
                continue
            if page.number not in now:
                assert page.silent, "a page with a text is a bulletin"
                assert not had
                continue
            found = now[page.number]
            readable = {
                item.number for item in page.documents if not item.down and item.level <= self.world.reader
            }
            if readable or had.keys() & {item.number for item in page.documents} or not page.silent:
                assert page.silent or found.version == page.version, "a document holds its page"
                assert found.documents.keys() <= {item.number for item in page.documents}
            chosen = set(had) if len(page.documents) > MOST else {item.number for item in page.documents}
            for item in page.documents:
                if item.number not in chosen:
                    continue
                if item.number in readable:
                    assert found.documents[item.number][0] == item.version
                elif item.number in had:
                    assert found.documents[item.number] == had[item.number], "lost, or another's"
                assert found.bulletin.bulletin_id in letters or item.number in readable, (
                    "lacking and not said"
                )
            if (
                len(page.documents) <= MOST
                and len(readable) == len(page.documents)
                and (readable or not page.silent)
            ):
                assert found.bulletin.bulletin_id not in letters, "said and mended"
            for item in page.documents if not self.world.breaks else ():  # memory knows them under both
                item.moved = False
        self.check_not_older()


class EndedError(StorageError):
    pass


@pytest.fixture
def rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour between any two fetches, and four documents at most of one page."""
    first, passed = dt.datetime(2024, 5, 1, tzinfo=dt.UTC), itertools.count()
    monkeypatch.setattr(
        crawlers.middlewares.fetches,
        "utc_now",
        lambda: (first + dt.timedelta(hours=next(passed))).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    monkeypatch.setattr(crawlers.pipelines.documents, "MOST", MOST)


@pytest.mark.usefixtures("rest")
@pytest.mark.parametrize("seed", [101, 105])
def test_without_losses_all_is_followed_and_nothing_is_archived_twice(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world = World(seed, site, breaks=False)
    monkeypatch.setattr(DocumentReader, "read", lambda self, body: world.read(body))
    here = Installation(world, crawl_site, datadir, card)
    mended = False
    for step in range(14):
        pages, _ = here.archived()
        crawl_site(recheck=True)
        here.check_crawled()
        after, documents = here.archived()
        for page in world.pages.values():
            url = f"https://www.example.org/news/{page.number}.html"
            assert page.changed or mended or after[url] == pages[url], "the same page once more"
        assert max(documents.values()) == 1, "the same bytes once more"
        again = here.reparse(dry=True)
        assert (again.changed, again.new) == (0, 0), "the archive says something else than the spool"
        if mended := step % 5 == 4 and world.reader < 3:
            world.reader += 1
            here.reparse()
            for number, former in here.before.items():
                assert here.kept()[number].documents.keys() >= former.documents.keys()
            here.check_not_older()
        world.go_on()


@pytest.mark.usefixtures("rest")
@pytest.mark.parametrize("seed", [209])
def test_losses_and_crashes_take_nothing_that_was_known(
    site: Site, crawl_site: Crawl, datadir: DataDir, card: Card, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    world = World(seed, site, breaks=True)
    monkeypatch.setattr(DocumentReader, "read", lambda self, body: world.read(body))
    here = Installation(world, crawl_site, datadir, card)
    submit = Spool.submit

    def crashed(after: int) -> None:
        """The archive has more pages than the spool."""
        left = itertools.count(after, -1)

        def ended(self: Spool, bulletin: Bulletin, *given: str) -> object:
            if next(left) <= 0:
                raise EndedError("ended here")
            return submit(self, bulletin, *given)

        with monkeypatch.context() as context:
            context.setattr(Spool, "submit", ended)
            with contextlib.suppress(EndedError):
                crawl_site(recheck=True)

    crawl_site()
    here.check_crawled()
    for _ in range(18):
        world.go_on()
        match world.chance.choice(
            ("crawl", "crawl", "memory", "crash", "crash and reparse", "spool", "mend")
        ):
            case "memory":
                for path in datadir.root.glob(f"{datadir.crawl.name}*"):
                    path.unlink()
            case "crash":
                crashed(world.chance.randrange(4))
                here.check_not_older()
                world.go_on()
            case "crash and reparse":
                crashed(world.chance.randrange(4))
                here.reparse()
                here.check_not_older()
                world.go_on()
            case "spool":
                for path in datadir.root.glob(f"{datadir.spool.name}*"):
                    path.unlink()
                lost = here.before
                failed = {error.where for error in here.reparse().failed}
                here.before = here.kept()
                for number, former in lost.items():
                    if f"https://www.example.org/news/{number}.html" not in failed:
                        assert here.before[number].documents.keys() >= former.documents.keys()
                        assert here.before[number].version >= former.version
            case "mend" if world.reader < 3:
                world.reader += 1
                here.reparse()
                here.check_not_older()
        crawl_site(recheck=True)
        here.check_crawled()
