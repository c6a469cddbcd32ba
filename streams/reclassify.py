"""All bulletins once more under the present rules: records change, appear and go, and nothing fires.

What is read is the bulletin as harvested, kept by the spool. What is stored is written only where the rules are newer
than those it was stored under, or where the result differs. Each page of bulletins is queued in the spool while it is
in hand, so that a re-classification that is killed leaves no bulletin half written: the next runner finishes it, or
the next re-classification, whatever bulletins that is of.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from enrich import Knowledge
from index.store import Store, Stored
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.errors import RecordError
from netdocket.identity import RULES_BITS, external_version
from netdocket.records import Bulletin, DeadLetter, decode
from netdocket.spool import BULLETINS, RECLASSIFY, Kept, Spool
from streams import firstseen
from streams.manifests import MERGED, Held, outdated, read_manifests
from streams.processors import (
    CLASSIFY_STEP,
    PUBLISH_STEP,
    READ_STEP,
    STORE_STEP,
    Correct,
    Outcome,
    Processor,
    Work,
    as_classified,
    dead_letter,
)
from streams.record_changes import Change, changes

PAGE: Final = 100
STEPS: Final = frozenset({PUBLISH_STEP, READ_STEP, CLASSIFY_STEP, STORE_STEP})
"""A letter of one of these holds a bulletin that is on its way no more."""


@dataclasses.dataclass(slots=True)
class Reclassified:
    """`seen`: bulletins classified; `written`: of those, stored again, and those that a killed one had in hand.
    `passed_over`: removed on request, stored under newer rules already, or with news that waits to be stored: stored
    before it, that would fire nothing. `changes`: filled by a diff; otherwise only counted. `first_seen`: the digest."""

    seen: int = 0
    written: int = 0
    passed_over: int = 0
    dead: int = 0
    added: int = 0
    removed: int = 0
    changed: int = 0
    changes: list[Change] = dataclasses.field(default_factory=list)
    first_seen: firstseen.Settled = dataclasses.field(default_factory=firstseen.Settled)


def reclassify(
    datadir: DataDir,
    store: Store,
    knowledge: Knowledge,
    source: str | None = None,
    since: dt.date | None = None,
    diff: bool = False,
    *,
    passed_on: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
    correct: Correct = as_classified,
    on_stored: Callable[[Outcome], object] = lambda _outcome: None,
) -> Reclassified:
    """`source`: bulletins of this source only; `since`: published (else fetched) on this day or later; `diff`: changes
    nothing and lists what would change. `passed_on`: others store what has left the queue, perhaps not yet: what the store
    lacks, or holds at an older revision, counts as news that waits, unless it is a dead letter here. `on_progress` hears how many bulletins of how many were looked at; `on_stored`
    what was stored, while it is still queued: after a kill it hears it again.

    Raises StoreError, StorageError."""
    spool = Spool(datadir.spool)
    letters = DeadLetters(datadir.dead_letters)
    try:
        processor = Processor(store, knowledge, letters, correct=correct)
        run = _Run(processor, spool, letters, diff=diff, passed_on=passed_on, on_stored=on_stored)
        if not diff:
            run.left_over()
        total, done = spool.count_kept(source=source), 0
        for page in _pages(spool, source):
            run.page(page, since.isoformat() if since else "")
            done += len(page)
            on_progress(done, total)
        return run.finish()
    finally:
        letters.close()
        spool.close()


class _Run:
    def __init__(
        self,
        processor: Processor,
        spool: Spool,
        letters: DeadLetters,
        *,
        diff: bool,
        passed_on: bool,
        on_stored: Callable[[Outcome], object],
    ) -> None:
        self._processor = processor
        self._store = processor.store
        self._spool = spool
        self._letters = letters
        self._diff = diff
        self._passed_on = passed_on
        self._on_stored = on_stored
        self._report = Reclassified()
        self._queued: list[int] = []

    def left_over(self) -> None:
        """Finishes what one that was killed had in hand, as a runner would. That may be bulletins which this one leaves
        out, and some may be half written and look the same already: all are written."""
        after = 0
        while page := self._spool.read(after, limit=PAGE, topic=RECLASSIFY):
            after = page[-1].position
            news, _ = self._unstored({entry.key: _revision(entry.payload) for entry in page})
            entries = [entry for entry in page if entry.key not in news]
            if not entries:
                continue
            outcome = self._processor.process(entries, settle=False)
            self._on_stored(outcome)
            self._spool.confirm(self._queued)
            self._queued = [entry.position for entry in entries]  # the last of them wait, as below
            self._report.written += len(outcome.stored)

    def page(self, kept: Sequence[Kept], since: str = "") -> None:
        """`since`: those of this day (ISO) or later; one that is dated by its month or year by the last day of that."""
        outcome = Outcome()
        bulletins = self._read(kept, since, outcome)
        news, held = self._unstored({key: bulletin.revision for key, (bulletin, _) in bulletins.items()})
        self._report.passed_over += len(news)
        works: dict[str, Work] = {}
        for key, (bulletin, payload) in bulletins.items():
            work = None if key in news else self._look(bulletin, payload, held.get(key))
            if isinstance(work, Work):
                works[key] = work
            elif work is not None:
                outcome.letters.append(work)
        stored = self._stored(works, held)
        for key in list(works):
            if not self._differs(works[key], held.get(key), stored):
                del works[key]
        self._report.dead += len(outcome.letters)
        if self._diff:
            return
        if works:
            # What was in hand before is confirmed only now: at every moment at least one entry waits, and the runner
            # that finds one puts the first-seen entries in order.
            positions = self._spool.requeue(works)
            self._spool.confirm(self._queued)
            self._queued = positions
            self._processor.write(works, held, outcome)
            self._on_stored(outcome)
        self._letters.keep(outcome.letters)
        self._report.written += len(outcome.stored)

    def finish(self) -> Reclassified:
        if self._diff:
            return self._report
        if self._report.written or self._queued:
            self._report.first_seen = firstseen.settle_all(self._store)
            self._processor.refresh()
        self._spool.confirm(self._queued)
        return self._report

    def _read(self, kept: Sequence[Kept], since: str, outcome: Outcome) -> dict[str, tuple[Bulletin, bytes]]:
        """With the bytes as kept, which a letter must hold. What cannot be read is a letter, whatever its day."""
        found: dict[str, tuple[Bulletin, bytes]] = {}
        for one in kept:
            try:
                bulletin = decode(one.payload, Bulletin)
            except RecordError as error:
                key = one.bulletin_id
                letter = dead_letter(READ_STEP, error, one.payload, topic=RECLASSIFY, bulletin_id=key)
                outcome.letters.append(letter)
                continue
            if _last_day(bulletin) >= since:
                found[one.bulletin_id] = (bulletin, one.payload)
        return found

    def _unstored(self, revisions: Mapping[str, int]) -> tuple[set[str], dict[str, Held]]:
        """Of these bulletins, those with news that nobody has stored yet; the manifests. The queue is asked first: what
        leaves it in between is found stored, or not."""
        news = self._spool.waiting(revisions, BULLETINS)
        held = read_manifests(self._store, revisions)
        if self._passed_on:
            lacking = {
                key
                for key, revision in revisions.items()
                if key not in held or held[key].manifest.version >> RULES_BITS < revision
            }
            news |= {key for key in lacking if not self._dead(key)}
        return news, held

    def _dead(self, bulletin_id: str) -> bool:
        return any(letter.step in STEPS for letter in self._letters.of(bulletin_id))

    def _look(self, bulletin: Bulletin, payload: bytes, held: Held | None) -> Work | DeadLetter | None:
        version = external_version(bulletin.revision, self._processor.knowledge.rules_version)
        if outdated(held, version):
            self._report.passed_over += 1
            return None
        self._report.seen += 1
        return self._processor.prepare(bulletin, payload, topic=RECLASSIFY)

    def _stored(self, works: Mapping[str, Work], held: Mapping[str, Held]) -> dict[tuple[str, str], Stored]:
        """What the store has of the documents that these bulletins had or will have."""
        wanted: dict[str, set[str]] = {}
        for key, work in works.items():
            listed = held[key].manifest.documents if key in held else ()
            for index, id in {*work.keys, *listed}:
                if index not in MERGED:
                    wanted.setdefault(index, set()).add(id)
        return {(s.index, s.id): s for index, ids in wanted.items() for s in self._store.mget(index, ids)}

    def _differs(self, work: Work, held: Held | None, stored: Mapping[tuple[str, str], Stored]) -> bool:
        """Counts the changes of a bulletin's records; whether it must be written at all."""
        new = {document.key: document.body for document in work.documents}
        old = {key: stored[key].source for key in (held.manifest.documents if held else ()) if key in stored}
        for change in changes(work.bulletin.bulletin_id, old, new):
            setattr(self._report, change.what, getattr(self._report, change.what) + 1)
            if self._diff:
                self._report.changes.append(change)
        whole = held is not None and held.manifest.version == work.version and not held.manifest.to_delete
        return not whole or old != new


def _revision(payload: bytes) -> int:
    """0 of what cannot be read."""
    try:
        return decode(payload, Bulletin).revision
    except RecordError:
        return 0


def _pages(spool: Spool, source: str | None) -> Iterator[list[Kept]]:
    after = 0
    while page := spool.kept(after=after, limit=PAGE, source=source):
        yield page
        after = page[-1].arrival


def _last_day(bulletin: Bulletin) -> str:
    """Of the period that the bulletin is dated by, to compare with: no month has more than 31 days."""
    day = bulletin.published or bulletin.fetched_at[:10]
    return day + "YYYY-12-31"[len(day) :]
