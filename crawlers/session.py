"""One crawl of one source: what its spider, middlewares and pipelines share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from crawlers.archive import Attached, Fetch, WarcArchive, read_fetch
from crawlers.budget import Budget
from crawlers.bulletins import canonical
from crawlers.cards import Card
from crawlers.engines import Engine, engine_for
from crawlers.extract.documents.reader import DocumentReader
from crawlers.health import Tally
from crawlers.memory import CrawlMemory, KnownPage, Validators
from crawlers.pages import Draft, Entry, FileLink, Listing, ListRequest
from crawlers.period import Period
from crawlers.refusals import Refusals
from crawlers.route import Route
from crawlers.walks import Walk, Walks
from netdocket.dead_letters import DeadLetters
from netdocket.errors import NetdocketError, RecordError, StorageError
from netdocket.identity import bulletin_id
from netdocket.records import Archive, Bulletin, Origin, decode, utc_now
from netdocket.spool import Receipt, Spool

REVISITS: Final = 500
"""Known pages that a run asks for again at most, besides those that a list shows as changed."""
EXTRACT: Final = "extract"
"""The step that dead letters of this room name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the crawl of a source is. `state`: None while it runs."""

    source: str
    found: int
    fetched: int
    new: int
    changed: int
    unchanged: int
    failed: int
    requests: int
    state: str | None = None


@dataclass(slots=True, kw_only=True)
class Fetched:
    """A document of a page. `fetch`: None where nothing came; `archived`: where in the archive its very bytes lie since an
    earlier crawl; `unread`: nobody can read them; `former`: where those lie that could be read before; `record`: what the
    archive said of it last; `text`: what stands of it in the bulletin."""

    link: FileLink
    fetch: Fetch | None = None
    archived: Archive | None = None
    unread: bool = False
    former: Archive | None = None
    record: Attached | None = None
    text: str | None = None


@dataclass(slots=True, kw_only=True)
class Harvest:
    """A detail page on its way through the pipelines: with a bulletin, or with the failure to make one. `draft`: what the
    page says, where documents are still to be fetched; `files`: those, with what became of them; `lacking`: why a document
    of the bulletin could not be had; `beyond`: how many the page has behind the last that is read; `kept_digest`: that of the
    bulletin as the spool has it, where it was looked up."""

    entry: Entry
    url: str
    bulletin_id: str
    fetch: Fetch
    body: bytes
    body_digest: str
    validators: Validators
    known: KnownPage | None
    draft: Draft | None = None
    files: list[Fetched] = field(default_factory=list)
    lacking: list[NetdocketError] = field(default_factory=list)
    beyond: int = 0
    kept_digest: str | None = None
    bulletin: Bulletin | None = None
    failure: NetdocketError | None = None
    archive: Archive | None = None
    receipt: Receipt | None = None


@dataclass(slots=True, kw_only=True)
class Session:
    """`limit`: detail pages asked for at most; `budget`: requests of any kind; `recheck`: ask again for every known page,
    due or not; `period`: walk back over these days instead; `fatal`: what
    ended the crawl from our side (a full disk, a spool that nobody reads, a fault of ours)."""

    card: Card
    route: Route
    origin: Origin
    quiet: bool
    run: int
    run_id: str
    limit: int | None
    recheck: bool
    memory: CrawlMemory
    spool: Spool
    archive: WarcArchive
    letters: DeadLetters
    on_progress: Callable[[Progress], None]
    reader: DocumentReader
    budget: Budget = field(default_factory=lambda: Budget(None))
    period: Period | None = None
    engine: Engine = field(init=False)
    walks: Walks = field(init=False)
    tally: Tally = field(default_factory=Tally)
    refusals: Refusals = field(default_factory=Refusals)
    fatal: BaseException | None = None
    started: int = 0

    def __post_init__(self) -> None:
        self.engine = engine_for(self.card)
        self.walks = Walks(self.card, self.memory, self.run, period=self.period)

    @property
    def exhausted(self) -> bool:
        return self._spent or (self.limit is not None and self.started >= self.limit)

    @property
    def _spent(self) -> bool:
        """Whether what is asked for and what waits to be asked for comes to the budget."""
        limit = self.budget.limit
        if limit is None or (self.budget.left and self.started < limit):
            return False
        self.budget.refused = True
        return True

    def first_pages(self) -> list[ListRequest]:
        """With which list pages the crawl begins."""
        return [self.walks.resumed(self.engine.first_page(source_list)) for source_list in self.card.lists]

    def plan(self, walk: Walk, number: int, listing: Listing) -> tuple[list[Entry], bool]:
        """What to fetch of a list page, and whether to go on to the one behind it."""
        shown = [entry for entry in listing.entries if self.period is None or self.period.holds(entry)]
        entries = {canonical(self.card, entry.url): entry for entry in shown}
        relisted, goes_on = self.walks.open_page(
            walk, number, entries, [canonical(self.card, entry.url) for entry in listing.entries]
        )
        wanted: list[Entry] = []
        for url, entry in entries.items():
            if not entry.wanted or self.is_purged(url):
                continue
            on_its_way = self.walks.is_waiting(url)
            if not on_its_way and not self._is_due(
                self.memory.page(self.card.code, url), relisted=url in relisted
            ):
                continue
            if not on_its_way and self.exhausted:
                self.walks.leave_out(url, walk, number)
            elif self.walks.expect(url, walk, number):
                self.started += 1
                self.tally.found += 1
                wanted.append(entry)
        if self.period is not None:
            goes_on = goes_on and self.period.goes_on_below(listing.entries)
        return wanted, goes_on and not self.exhausted

    def is_purged(self, url: str) -> bool:
        """Whether the bulletin of this address was taken out for good, and so is neither asked for nor archived."""
        return self.spool.is_purged(bulletin_id(self.card.code, url))

    def _is_due(self, known: KnownPage | None, *, relisted: bool) -> bool:
        """`relisted`: the list shows it otherwise than before."""
        if known is None:
            return True
        return known.run != self.run and (relisted or self.recheck or known.due_at <= utc_now())

    def revisit(self, known: KnownPage) -> bool:
        """Whether to ask again for a page that memory has due."""
        if self.is_purged(known.url):
            self.memory.forget(self.card.code, known.url)
            return False
        if known.run == self.run or self.exhausted or not self.walks.expect(known.url):
            return False
        self.started += 1
        self.tally.found += 1
        return True

    def title_of(self, known: KnownPage) -> str | None:
        """What a page that is asked for from memory was called last: by itself or by its list. Memory keeps no titles:
        the spool has that of a bulletin, the archive that of a page that could not be read."""
        if known.failure is not None and known.last is not None:
            with contextlib.suppress(StorageError):  # it was moved away: then nobody knows
                return read_fetch(self.archive.folder, known.last.archive)[0].listed_title
        kept = self.spool.latest(bulletin_id(self.card.code, known.url))
        with contextlib.suppress(RecordError):  # nobody can read it any more: then nobody knows
            return decode(kept.payload, Bulletin).title if kept else None
        return None

    def note_failure(self, entry: Entry, known: KnownPage | None, error: NetdocketError, state: str) -> None:
        """A detail page could not be had at all."""
        url = canonical(self.card, entry.url)
        if state == "gone" and known is not None and known.content_digest is not None:
            self.tally.withdrawn += 1
        else:
            self.tally.page_failed(error)
        self.memory.fail(self.card.code, self.row(entry, url), at=utc_now(), run=self.run, failure=state)
        self.walks.settle(url)

    def row(self, entry: Entry, url: str) -> dict[str, str | None]:
        """What memory keeps of an entry."""
        return {"url": url, "address": entry.url, "published": entry.published}

    def report(self, state: str | None = None) -> None:
        tally = self.tally
        self.on_progress(
            Progress(
                source=self.card.code, found=tally.found, fetched=tally.fetched, new=tally.new,
                changed=tally.changed, unchanged=tally.unchanged, failed=tally.failed,
                requests=tally.requests, state=state,
            )
        )  # fmt: skip
