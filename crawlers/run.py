"""Crawls sources: one Scrapy crawler a card, several hosts at a time, each host by one crawler only."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings as ScrapySettings

from crawlers.archive import WarcArchive
from crawlers.budget import Budget
from crawlers.cadence import due_from
from crawlers.cards import Card
from crawlers.extract.documents.reader import DocumentReader
from crawlers.health import source_state
from crawlers.locks import HostBusyError, hosts_locked
from crawlers.loop import require_reactor_loop, resolver
from crawlers.memory import CrawlMemory, KnownState
from crawlers.period import Period
from crawlers.resolver import proxy_hosts
from crawlers.route import Route
from crawlers.session import Progress, Session
from crawlers.settings import require_contact, scrapy_settings
from crawlers.spiders.card import CardSpider
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.errors import ConfigurationError
from netdocket.records import DEMO_ORIGINS, Origin, SourceState, utc_now
from netdocket.settings import Settings
from netdocket.spool import Spool

AT_A_TIME: Final = 8
"""Sources crawled at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlReport:
    """What a crawl found. `sources`: the state of each source crawled; `skipped`: source to why it was not."""

    run_id: str
    started: str
    ended: str
    sources: Mapping[str, SourceState]
    skipped: Mapping[str, str] = field(default_factory=dict)

    @property
    def new(self) -> int:
        return sum(state.new for state in self.sources.values())

    @property
    def changed(self) -> int:
        return sum(state.changed for state in self.sources.values())

    @property
    def unchanged(self) -> int:
        return sum(state.unchanged for state in self.sources.values())

    @property
    def failed(self) -> int:
        return sum(state.failed for state in self.sources.values())

    @property
    def requests(self) -> int:
        return sum(state.requests for state in self.sources.values())


async def crawl(
    cards: Mapping[str, Card] | Iterable[Card],
    *,
    settings: Settings,
    datadir: DataDir,
    base_urls: Mapping[str, str] | None = None,
    origin: Origin = "live",
    on_progress: Callable[[Progress], None] | None = None,
    limit: int | None = None,
    recheck: bool = False,
    quiet: bool = False,
    due: bool = False,
    period: Period | None = None,
    budget: int | None = None,
) -> CrawlReport:
    """Crawls the cards' sources into the spool of the data directory.

    `base_urls`: source code to the address of a replica; then nothing else is asked for anything, and cards without
    an address are skipped. `limit`: detail pages asked for at most, of each source; the next crawl goes on behind
    them. `recheck`: ask again for every page ever taken, not only for those that are due. `quiet`: the bulletins
    teach alerts without firing. `due`: only sources that their cadence makes due. `period`: walk each list back over
    these days, past what is known; a walk that was cut short is taken up where it was. `budget`: requests to each source
    at most (None: as its card says, live). A source of whose hosts another crawl asks one is skipped.

    A failing source is a state in the report and no error. Raises ConfigurationError, MixedOriginError, and
    StorageError and its kinds, after all sources have ended: what was harvested until then is in the spool.
    """
    require_reactor_loop()
    chosen, skipped = _choose(cards, base_urls, origin)
    if datadir.family is not None:
        datadir.claim(origin)  # a directory of the other kind is the graver mistake
    if base_urls is None:
        require_contact(settings)
    datadir.claim(origin)  # an unclaimed one only now: what cannot be crawled must not mark it
    run_id, started = uuid.uuid4().hex, utc_now()
    memory = CrawlMemory(datadir.crawl)
    archive = WarcArchive(datadir.archive, run_id=run_id[:8])
    letters = DeadLetters(datadir.dead_letters)
    spool = Spool(datadir.spool, limit=settings.spool_limit, commit_ms=settings.spool_commit_ms)
    reader = DocumentReader()
    try:
        if due:
            chosen, resting = _due(chosen, memory)
            skipped |= resting
        run = memory.begin(run_id, started)
        sessions = [
            Session(
                card=card, route=Route(card, (base_urls or {}).get(card.code)), origin=origin, quiet=quiet, run=run,
                run_id=run_id, limit=limit, recheck=recheck, memory=memory, spool=spool, archive=archive,
                letters=letters, on_progress=on_progress or _unheard, reader=reader, period=period,
                budget=Budget(budget or (card.budget if origin == "live" else None)),
            )
            for card in chosen
        ]  # fmt: skip
        with resolver().anywhere(
            [session.route.replica_host for session in sessions if session.route.replica] + proxy_hosts()
        ):
            states = {state.source: state for state in await _crawl_all(sessions, settings, skipped)}
    finally:
        await asyncio.to_thread(reader.close)
        await asyncio.to_thread(archive.close)
        await asyncio.to_thread(spool.close)
        letters.close()
        memory.close()
    return CrawlReport(run_id=run_id, started=started, ended=utc_now(), sources=states, skipped=skipped)


def _unheard(_: Progress) -> None: ...


def _choose(
    cards: Mapping[str, Card] | Iterable[Card], base_urls: Mapping[str, str] | None, origin: Origin
) -> tuple[list[Card], dict[str, str]]:
    """The cards to crawl, and why others are not. Raises ConfigurationError."""
    given = list(cards.values() if isinstance(cards, Mapping) else cards)
    if base_urls is None:
        if origin in DEMO_ORIGINS:
            raise ConfigurationError(f"a crawl of {origin} data needs the addresses of a replica")
        return (
            [card for card in given if not card.replica_only],
            {card.code: "stands only on a replica" for card in given if card.replica_only},
        )
    if origin not in DEMO_ORIGINS:
        raise ConfigurationError(f"what comes from a replica is not {origin} data")
    if unknown := sorted(set(base_urls) - {card.code for card in given}):
        raise ConfigurationError(f"a replica of {', '.join(unknown)}, but no such card is crawled")
    return (
        [card for card in given if card.code in base_urls],
        {card.code: "not on the replica" for card in given if card.code not in base_urls},
    )


def _due(cards: list[Card], memory: CrawlMemory) -> tuple[list[Card], dict[str, str]]:
    now = dt.datetime.now(dt.UTC)
    from_when = {card.code: due_from(card, memory.state(card.code)) for card in cards}
    resting = {
        code: f"not due before {moment:%Y-%m-%d %H:%M} UTC"
        for code, moment in from_when.items()
        if moment is not None and moment > now
    }
    return [card for card in cards if card.code not in resting], resting


async def _crawl_all(
    sessions: list[Session], settings: Settings, skipped: dict[str, str]
) -> list[SourceState]:
    """`skipped` learns of sources whose host is asked by another crawl."""
    runner = AsyncCrawlerRunner(ScrapySettings())
    gate = asyncio.Semaphore(AT_A_TIME)
    hosts = {session.card.host: asyncio.Lock() for session in sessions}
    stopping = asyncio.Event()

    async def crawl_one(session: Session) -> SourceState | None:
        async with hosts[session.card.host], gate:
            if stopping.is_set():
                return None
            try:
                with hosts_locked(session.route.hosts):
                    crawler = Crawler(CardSpider, scrapy_settings(session.card, session.route, settings))
                    await runner.crawl(crawler, session=session)
            except HostBusyError as error:
                skipped[session.card.code] = str(error)
                return None
            if stopping.is_set() or session.fatal is not None:
                return None  # what ended it says nothing of the source
            return await _conclude(session)

    tasks = [asyncio.ensure_future(crawl_one(session)) for session in sessions]
    if tasks:
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            stopping.set()
            await runner.stop()
            await asyncio.wait(tasks)
            raise
    states = [task.result() for task in tasks]
    for session in sessions:
        if session.fatal is not None:
            raise session.fatal
    return [state for state in states if state is not None]


def _known(state: SourceState) -> KnownState:
    return KnownState(
        state=state.state, since=state.since, last_good=state.last_good, at=state.at, reason=state.reason,
        place=state.where,
    )  # fmt: skip


async def _conclude(session: Session) -> SourceState:
    """Says through the spool what the source was found to be."""
    source, memory = session.card.code, session.memory
    session.tally.spent = session.budget.limit if session.budget.refused else None
    state = source_state(
        source,
        session.tally,
        memory.state(source),
        at=utc_now(),
        run_id=session.run_id,
        origin=session.origin,
        refused=session.refusals.refused,
    )
    await asyncio.wrap_future(session.spool.submit_state(state))
    memory.keep_state(source, _known(state))
    session.report(state.state)
    return state
