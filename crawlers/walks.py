"""The book-keeping of list pages: which are complete, and so what memory may be told.

A list page is complete when everything found through it is in the spool, is a dead letter, or is written down as
failed and due again. A walk is complete when all its pages are, down to what was known before, or to the end.
Memory hears of both only then: whatever stops a crawl, the next one takes up what was left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from crawlers.cards import Card
from crawlers.memory import CrawlMemory, Validators
from crawlers.pages import Entry, ListRequest
from crawlers.period import Period
from netdocket.records import utc_now


@dataclass(slots=True)
class _OpenPage:
    listed: Mapping[str, str]
    outstanding: set[str]
    read: bool = False
    following: ListRequest | None = None


@dataclass(slots=True)
class Walk:
    """One list in one run. `intact_run`: whatever the list showed up to that run is known. `validators`: of its first
    page, as known and then as sent."""

    key: str
    intact_run: int
    validators: Validators = field(default_factory=Validators)
    pages: dict[int, _OpenPage] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    ended: bool = False


class Walks:
    """All lists of a source in one run. Addresses are canonical.

    `period`: the run walks back to a date instead, past what is known; it leaves the high-water marks alone and keeps
    with which page it goes on."""

    def __init__(self, card: Card, memory: CrawlMemory, run: int, *, period: Period | None = None) -> None:
        self._period = period
        self._source = card.code
        self._rules = hashlib.blake2b(repr((card.engine, card.listing)).encode(), digest_size=8).hexdigest()
        self._memory = memory
        self._run = run
        self._walks: dict[str, Walk] = {}
        self._waiting: dict[str, list[tuple[Walk, int]]] = {}

    def walk(self, key: str) -> Walk:
        if key not in self._walks:
            known = self._memory.known_list(self._source, key, self._rules)
            self._walks[key] = Walk(key, known.intact_run, known.validators) if known else Walk(key, 0)
        return self._walks[key]

    def open_page(
        self, walk: Walk, number: int, entries: Mapping[str, Entry], shown: Sequence[str]
    ) -> tuple[set[str], bool]:
        """Notes what a list page shows: which of its addresses it listed otherwise before, and whether the walk goes
        on behind it. It ends at a page that the last complete walk knew, and where a list begins to repeat itself.
        `shown`: all addresses of the page, also those outside the period: an item may be pinned to every page."""
        listed = {url: _as_listed(entry) for url, entry in entries.items()}
        known = self._memory.found(self._source, walk.key, listed)
        walk.pages[number] = _OpenPage(listed, set())
        relisted = {url for url, how in listed.items() if url in known and known[url][1] != how}
        old = (
            self._period is None
            and bool(listed)
            and all(url in known and known[url][0] <= walk.intact_run for url in listed)
        )
        fingerprint = hash(tuple(shown))
        repeats = bool(shown) and fingerprint in walk.seen
        walk.seen.add(fingerprint)
        return relisted, not old and not repeats

    def expect(self, url: str, walk: Walk | None = None, number: int = 0) -> bool:
        """A page is outstanding; False where it is on its way already."""
        on_its_way = url in self._waiting
        waiting = self._waiting.setdefault(url, [])
        if walk is not None:
            waiting.append((walk, number))
            walk.pages[number].outstanding.add(url)
        return not on_its_way

    def leave_out(self, url: str, walk: Walk, number: int) -> None:
        """A page is not fetched in this run, though it should be: its list page stays incomplete."""
        walk.pages[number].outstanding.add(url)

    def is_waiting(self, url: str) -> bool:
        return url in self._waiting

    def settle(self, url: str) -> None:
        """A page is in the spool, a dead letter, or written down as failed."""
        for walk, number in self._waiting.pop(url, []):
            walk.pages[number].outstanding.discard(url)
            self._complete(walk, number)

    def resumed(self, request: ListRequest) -> ListRequest:
        """The list page with which the walk of a list begins: its first, or that with which a walk back goes on."""
        if self._period is None:
            return request
        kept = self._memory.backfill(self._source, request.key, str(self._period))
        return ListRequest(**json.loads(kept)) if kept else request

    def close_page(
        self, walk: Walk, number: int, *, last: bool, following: ListRequest | None = None
    ) -> None:
        """A list page was read to its end. `last`: no page of the walk follows."""
        if number in walk.pages:
            walk.pages[number].read = True
            walk.pages[number].following = following
        walk.ended = walk.ended or last
        self._complete(walk, number)

    def _complete(self, walk: Walk, number: int) -> None:
        page = walk.pages.get(number)
        if page is not None and page.read and not page.outstanding:
            self._memory.complete_page(self._source, walk.key, page.listed, run=self._run)
            del walk.pages[number]
            first_open = min(
                walk.pages, default=number + 1
            )  # the next page may be read before this one is complete
            if self._period is not None and page.following is not None and number < first_open:
                kept = json.dumps(asdict(page.following))
                self._memory.keep_backfill(self._source, walk.key, str(self._period), kept)
        if walk.ended and not walk.pages:
            if self._period is not None:
                self._memory.keep_backfill(self._source, walk.key, str(self._period), None)
                return
            self._memory.complete_walk(
                self._source, walk.key, self._rules, walk.validators, run=self._run, at=utc_now()
            )


def _as_listed(entry: Entry) -> str:
    shown = f"{entry.title}\x1f{entry.published}\x1f{entry.wanted}"
    return hashlib.blake2b(shown.encode(), digest_size=8).hexdigest()
