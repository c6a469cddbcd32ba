"""The spool: a durable outbox between harvesting and processing.

A bulletin is safe (against a power cut, not only a kill) when the future of `submit` resolves. It stays queued until
the reader confirms that the store or the broker has it. Crawlers and runner may be different processes.

One thread writes: what arrives within a few milliseconds shares one commit, so that a spider pays for a share of a
disk sync and never blocks its event loop. Three tables:

    revisions  (bulletin, revision, digest), kept for good: what was ever seen. A lost queue does no harm, since
               revisions are clock seconds and a page harvested again is newer than what was known of it.
    payloads   the bulletin as harvested, compressed: while it is queued, and the newest revision of each bulletin
               afterwards, since re-classification starts from the unmasked text, which no index holds. An older one
               goes when a newer one is confirmed; `purge` wipes a bulletin's and keeps it from ever coming back.
    queue      what waits: positions rise, are never used again, and are what the reader confirms.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import queue
import sqlite3
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

from netdocket.database import open_database, storage_errors, transaction
from netdocket.errors import NetdocketError, OversizedBulletinError, RecordError, SpoolFullError, StorageError
from netdocket.identity import MAX_REVISION, digest_of
from netdocket.records import MAX_TEXT_BYTES, Bulletin, SourceState, encode

BULLETINS: Final = "netdocket.bulletins"
SOURCES: Final = "netdocket.sources"
RECLASSIFY: Final = "netdocket.reclassify"
"""Bulletins that are processed once more, under newer rules: nothing about them is news."""

FORMAT: Final = 1
APPLICATION: Final = 0x6E64_7370  # "ndsp"
SCHEMA: Final = (
    """CREATE TABLE revisions (bulletin_id TEXT NOT NULL, revision INTEGER NOT NULL, ordinal INTEGER NOT NULL,
         digest BLOB NOT NULL, PRIMARY KEY (bulletin_id, revision)) WITHOUT ROWID""",
    """CREATE TABLE payloads (arrival INTEGER PRIMARY KEY AUTOINCREMENT, bulletin_id TEXT NOT NULL,
         revision INTEGER NOT NULL, source TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (bulletin_id, revision))""",
    """CREATE TABLE queue (position INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL,
         revision INTEGER, payload BLOB)""",  # payload NULL: it stands in payloads
    "CREATE INDEX queue_by_key ON queue (key)",
    "CREATE TABLE purged (bulletin_id TEXT PRIMARY KEY) WITHOUT ROWID",
)
COMPRESSION: Final = 3
"""zlib level: level 6 makes Chinese text 5 % smaller and takes twice the time."""

GROUP_ITEMS: Final = 1_000
GROUP_BYTES: Final = 64_000_000
"""Bounds of one commit."""
POLL_SECONDS: Final = 0.1
"""How often a full spool looks whether another process has confirmed something."""

R = TypeVar("R")


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """What the spool made of a bulletin. `ordinal` counts its revisions from 1, for people. `unchanged`: the newest
    known revision has this content already (or the bulletin was purged on request), and nothing was queued."""

    bulletin_id: str
    revision: int
    ordinal: int
    change: Literal["new", "changed", "unchanged"]


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """What waits: `payload` is the JSON of a Bulletin (topic BULLETINS) or of a SourceState (SOURCES)."""

    position: int
    topic: str
    key: str
    payload: bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """The newest revision of a bulletin; `arrival` rises with the order in which they came."""

    arrival: int
    bulletin_id: str
    revision: int
    payload: bytes


@dataclasses.dataclass(slots=True)
class _Job:
    run: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    size: int = 0
    waits_until: float | None = None
    """Monotonic time up to which it waits for room; None: needs none."""


class Spool:
    """Thread-safe. `limit`: how many entries may wait; `commit_ms`: how long a commit waits for company;
    `patience`: seconds that a bulletin waits for room.

    Everything raises StorageError and its kinds (DiskFullError, FormatVersionError); futures also carry
    SpoolFullError, OversizedBulletinError and RecordError.
    """

    def __init__(
        self, path: Path, *, limit: int = 10_000, commit_ms: float = 5, patience: float = 600.0
    ) -> None:
        self.path = path
        self._limit = limit
        self._commit_seconds = commit_ms / 1000
        self._patience = patience
        self._reader = open_database(path, application=APPLICATION, version=FORMAT, schema=SCHEMA)
        self._reading = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        writer = open_database(path, application=APPLICATION, version=FORMAT, schema=SCHEMA)
        self._writer = threading.Thread(target=self._write, args=(writer,), name="spool-writer", daemon=True)
        self._writer.start()

    # --- in ----------------------------------------------------------------------------------------------

    def submit(self, bulletin: Bulletin) -> Future[Receipt]:
        """Gives the bulletin its revision and digest and queues it, unless its content is known already."""
        size = _text_size(bulletin.text)
        if size > MAX_TEXT_BYTES:
            archive = bulletin.archive
            raise_later = OversizedBulletinError(
                f"the text has {size:,} bytes, at most {MAX_TEXT_BYTES:,} are taken"
                + (f"; archived in {archive.file} at {archive.offset}" if archive else ""),
                where=bulletin.url or bulletin.bulletin_id,
            )
            failed: Future[Receipt] = Future()
            failed.set_exception(raise_later)
            return failed
        return self._hand_over(
            lambda db: _accept(db, bulletin), size=size, waits_until=time.monotonic() + self._patience
        )

    def submit_state(self, state: SourceState) -> Future[None]:
        """Queues what became of a source. Takes no part in back-pressure: a stalled crawl must be able to say so."""
        return self._hand_over(lambda db: _put(db, SOURCES, state.source, encode(state)))

    def put_back(self, topic: str, key: str, payload: bytes) -> Future[None]:
        """Queues bytes as they are: a dead letter on its way back to the step that could not process it."""
        return self._hand_over(lambda db: _put(db, topic, key, payload))

    def requeue(self, bulletin_ids: Iterable[str], topic: str = RECLASSIFY) -> list[int]:
        """Queues the kept revisions of these bulletins once more; their positions. Durable on return."""
        wanted = list(bulletin_ids)
        return self._hand_over(lambda db: _requeue(db, wanted, topic)).result()

    # --- out ---------------------------------------------------------------------------------------------

    def read(self, after: int = 0, limit: int = 100) -> list[Entry]:
        """What waits behind position `after`, oldest first. Reading takes nothing out."""
        with self._reading, storage_errors(self.path):
            rows = self._reader.execute(
                """SELECT q.position, q.topic, q.key, coalesce(q.payload, p.payload) FROM queue q
                   LEFT JOIN payloads p ON q.payload IS NULL AND p.bulletin_id = q.key AND p.revision = q.revision
                   WHERE q.position > ? ORDER BY q.position LIMIT ?""",
                (after, limit),
            ).fetchall()
        return [Entry(position, topic, key, self._unpack(data)) for position, topic, key, data in rows]

    def confirm(self, positions: Iterable[int]) -> None:
        """These entries are safe elsewhere: they leave the queue. Durable on return."""
        done = list(positions)
        if done:
            self._hand_over(lambda db: _confirm(db, done)).result()

    def pending(self) -> int:
        """How many entries wait."""
        with self._reading, storage_errors(self.path):
            return _pending(self._reader)

    # --- kept --------------------------------------------------------------------------------------------

    def kept(self, *, after: int = 0, limit: int = 100, source: str | None = None) -> list[Kept]:
        """The newest revision of each bulletin, in the order of arrival, behind `after`."""
        with self._reading, storage_errors(self.path):
            rows = self._reader.execute(
                """SELECT arrival, bulletin_id, revision, payload FROM payloads p
                   WHERE arrival > ?1 AND (?3 IS NULL OR source = ?3) AND NOT EXISTS (
                     SELECT 1 FROM payloads n WHERE n.bulletin_id = p.bulletin_id AND n.revision > p.revision)
                   ORDER BY arrival LIMIT ?2""",
                (after, limit, source),
            ).fetchall()
        return [Kept(arrival, key, revision, self._unpack(data)) for arrival, key, revision, data in rows]

    def all_kept(self, *, source: str | None = None, page: int = 100) -> Iterator[Kept]:
        after = 0
        while batch := self.kept(after=after, limit=page, source=source):
            yield from batch
            after = batch[-1].arrival

    def latest(self, bulletin_id: str) -> Kept | None:
        """The newest revision of one bulletin, as harvested and not masked."""
        with self._reading, storage_errors(self.path):
            row = self._reader.execute(
                """SELECT arrival, bulletin_id, revision, payload FROM payloads
                   WHERE bulletin_id = ? ORDER BY revision DESC LIMIT 1""",
                (bulletin_id,),
            ).fetchone()
        return Kept(row[0], row[1], row[2], self._unpack(row[3])) if row else None

    def count_kept(self, *, source: str | None = None) -> int:
        """How many bulletins are kept."""
        with self._reading, storage_errors(self.path):
            (count,) = self._reader.execute(
                "SELECT count(DISTINCT bulletin_id) FROM payloads WHERE ?1 IS NULL OR source = ?1", (source,)
            ).fetchone()
        return int(count)

    def revisions(self, bulletin_id: str) -> list[tuple[int, int]]:
        """(ordinal, revision) of everything ever seen of a bulletin, oldest first."""
        with self._reading, storage_errors(self.path):
            return self._reader.execute(
                "SELECT ordinal, revision FROM revisions WHERE bulletin_id = ? ORDER BY revision",
                (bulletin_id,),
            ).fetchall()

    def purge(self, bulletin_id: str) -> bool:
        """Wipes the text of a bulletin from the file and refuses to take it again. True where there was one."""
        gone = self._hand_over(lambda db: _purge(db, bulletin_id)).result()
        with self._reading, storage_errors(self.path):  # what the write-ahead log still holds goes with it
            self._reader.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return gone

    def close(self) -> None:
        """Waits until everything handed over is written; what still waits for room is given up (SpoolFullError)."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        with self._reading:
            self._reader.close()

    # --- the writer --------------------------------------------------------------------------------------

    def _unpack(self, data: bytes | None) -> bytes:
        if data is None:
            raise StorageError("an entry without a payload", where=str(self.path))
        try:
            return zlib.decompress(data)
        except zlib.error as error:
            raise StorageError(f"a damaged payload: {error}", where=str(self.path)) from error

    def _hand_over(
        self, run: Callable[[sqlite3.Connection], R], *, size: int = 0, waits_until: float | None = None
    ) -> Future[R]:
        future: Future[R] = Future()
        with self._closing:
            if self._closed:
                raise StorageError("the spool is closed", where=str(self.path))
            self._jobs.put(_Job(run, future, size, waits_until))
        return future

    def _write(self, db: sqlite3.Connection) -> None:
        waiting: deque[_Job] = deque()
        open_ = True
        while open_:
            arrived, open_ = self._gather(idle_for=POLL_SECONDS if waiting else None)
            waiting.extend(job for job in arrived if job.waits_until is not None)
            group = [job for job in arrived if job.waits_until is None]
            try:
                group += _take(waiting, self._room(db) if waiting else 0)
                self._commit(db, group)
            except Exception as error:
                # Nothing of the group is written; whoever waits for it hears why and may submit again. An error
                # that nobody foresaw must not end the thread either: every later future would hang.
                for job in group or waiting:
                    _fail(job, error)
                if not group:
                    waiting.clear()
            now = time.monotonic()
            while waiting and (not open_ or (waiting[0].waits_until or 0.0) <= now):
                _fail(waiting.popleft(), self._full(self._patience if open_ else None))
        db.close()

    def _gather(self, *, idle_for: float | None) -> tuple[list[_Job], bool]:
        """The next job and what comes within the commit's waiting time; False with the last ones."""
        jobs: list[_Job] = []
        size = 0
        deadline = 0.0
        while len(jobs) < GROUP_ITEMS and size < GROUP_BYTES:
            try:
                if not jobs:
                    job = self._jobs.get(timeout=idle_for)
                    deadline = time.monotonic() + self._commit_seconds
                else:
                    job = self._jobs.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                return jobs, False
            jobs.append(job)
            size += job.size
        return jobs, True

    def _room(self, db: sqlite3.Connection) -> int:
        with storage_errors(self.path):
            return max(0, self._limit - _pending(db))

    def _commit(self, db: sqlite3.Connection, group: Sequence[_Job]) -> None:
        if not group:
            return
        done: list[tuple[_Job, Any]] = []
        refused: list[tuple[_Job, NetdocketError]] = []
        with transaction(db, self.path):
            for job in group:
                try:
                    done.append((job, job.run(db)))
                except RecordError as error:  # raised before anything of it is written
                    refused.append((job, error))
        for job, result in done:
            if job.future.set_running_or_notify_cancel():
                job.future.set_result(result)
        for job, reason in refused:
            _fail(job, reason)

    def _full(self, waited: float | None) -> SpoolFullError:
        what = (
            "closed while a bulletin waited for room" if waited is None else f"still full after {waited:g} s"
        )
        return SpoolFullError(
            f"{what}: {self._limit:,} entries wait; is the runner alive? (`netdocket status`)",
            where=str(self.path),
        )


def _take(waiting: deque[_Job], room: int) -> list[_Job]:
    taken: list[_Job] = []
    size = 0
    while waiting and len(taken) < min(room, GROUP_ITEMS) and size < GROUP_BYTES:
        job = waiting.popleft()
        taken.append(job)
        size += job.size
    return taken


def _fail(job: _Job, error: Exception) -> None:
    if job.future.set_running_or_notify_cancel():
        job.future.set_exception(error)


def _text_size(text: str) -> int:
    """Bytes in UTF-8; a lone surrogate, which has none, is refused by the encoder later."""
    return len(text.encode("utf-8", "surrogatepass"))


# --- what is done inside a transaction ---------------------------------------------------------------------


def _accept(db: sqlite3.Connection, bulletin: Bulletin) -> Receipt:
    key = bulletin.bulletin_id
    try:
        digest = digest_of(bulletin)
        fetched = int(dt.datetime.fromisoformat(bulletin.fetched_at).timestamp())
    except ValueError as error:  # no UTF-8, or no time
        raise RecordError(str(error), where=bulletin.url or key) from error
    last: tuple[int, int, bytes] | None = db.execute(
        "SELECT revision, ordinal, digest FROM revisions WHERE bulletin_id = ? ORDER BY revision DESC LIMIT 1",
        (key,),
    ).fetchone()
    if last and last[2] == bytes.fromhex(digest):
        return Receipt(key, last[0], last[1], "unchanged")
    if db.execute("SELECT 1 FROM purged WHERE bulletin_id = ?", (key,)).fetchone():
        return Receipt(key, last[0] if last else 0, last[1] if last else 0, "unchanged")
    # A clock that was put back, or two changes within a second: never at or below what is known.
    revision = max(fetched, last[0] + 1) if last else fetched
    ordinal = last[1] + 1 if last else 1
    if not 0 <= revision < MAX_REVISION:
        raise RecordError(f"fetched_at {bulletin.fetched_at} gives no revision", where=bulletin.url or key)
    given = msgspec.structs.replace(bulletin, content_digest=digest, revision=revision, ordinal=ordinal)
    try:
        payload = zlib.compress(encode(given), COMPRESSION)
    except UnicodeEncodeError as error:
        raise RecordError(str(error), where=bulletin.url or key) from error
    db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?)", (key, revision, ordinal, bytes.fromhex(digest)))
    db.execute(
        "INSERT INTO payloads (bulletin_id, revision, source, payload) VALUES (?, ?, ?, ?)",
        (key, revision, bulletin.source, payload),
    )
    db.execute("INSERT INTO queue (topic, key, revision) VALUES (?, ?, ?)", (BULLETINS, key, revision))
    return Receipt(key, revision, ordinal, "changed" if last else "new")


def _put(db: sqlite3.Connection, topic: str, key: str, payload: bytes) -> None:
    db.execute(
        "INSERT INTO queue (topic, key, payload) VALUES (?, ?, ?)",
        (topic, key, zlib.compress(payload, COMPRESSION)),
    )


def _requeue(db: sqlite3.Connection, bulletin_ids: list[str], topic: str) -> list[int]:
    positions: list[int] = []
    for key in bulletin_ids:
        row = db.execute(
            """INSERT INTO queue (topic, key, revision)
               SELECT ?1, bulletin_id, revision FROM payloads WHERE bulletin_id = ?2
               ORDER BY revision DESC LIMIT 1 RETURNING position""",
            (topic, key),
        ).fetchone()
        if row:
            positions.append(row[0])
    return positions


def _confirm(db: sqlite3.Connection, positions: list[int]) -> None:
    for position in positions:
        row = db.execute(
            "DELETE FROM queue WHERE position = ? RETURNING key, revision", (position,)
        ).fetchone()
        if row and row[1] is not None:
            db.execute(
                """DELETE FROM payloads WHERE bulletin_id = ?1 AND revision < ?2 AND NOT EXISTS (
                     SELECT 1 FROM queue q WHERE q.key = ?1 AND q.revision = payloads.revision)""",
                row,
            )


def _purge(db: sqlite3.Connection, bulletin_id: str) -> bool:
    db.execute("PRAGMA secure_delete = ON")
    try:
        waiting = db.execute(
            "DELETE FROM queue WHERE topic = ? AND key = ?", (BULLETINS, bulletin_id)
        ).rowcount
        kept = db.execute("DELETE FROM payloads WHERE bulletin_id = ?", (bulletin_id,)).rowcount
    finally:
        db.execute("PRAGMA secure_delete = OFF")
    db.execute("INSERT OR IGNORE INTO purged VALUES (?)", (bulletin_id,))
    return bool(waiting or kept)


def _pending(db: sqlite3.Connection) -> int:
    (count,) = db.execute("SELECT count(*) FROM queue").fetchone()
    return int(count)
