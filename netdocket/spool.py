"""The spool: a durable outbox between harvesting and processing.

A bulletin is safe (against a power cut, not only a kill) when the future of `submit` resolves. It stays queued until
the reader confirms that the store or the broker has it. Crawlers and runner may be different processes.

One thread writes (group_commit.py): what arrives within a few milliseconds shares one commit, so that a spider pays
for a share of a disk sync and never blocks its event loop. Tables:

    revisions  (bulletin, revision, digest), kept for good: what was ever seen. A lost queue does no harm, since
               revisions are clock seconds and a page harvested again is newer than what was known of it.
    payloads   the bulletin as harvested, compressed: while it is queued, and the newest revision of each bulletin
               afterwards, since re-classification starts from the unmasked text, which no index holds. An older one
               goes when a newer one is confirmed; `purge` wipes a bulletin's and keeps it from ever coming back.
    queue      what waits: positions rise, are never used again, and are what the reader confirms.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from netdocket.database import empty_log, open_database, storage_errors
from netdocket.errors import OversizedBulletinError, RecordError, SpoolFullError, StorageError
from netdocket.group_commit import GroupCommit
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

PAGE_BYTES: Final = 32_000_000
"""Bound of what is read at a time: a batch of the largest bulletins must not fill the memory."""


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
        self._patience = patience
        self._reader = open_database(path, application=APPLICATION, version=FORMAT, schema=SCHEMA)
        self._reading = threading.Lock()
        self._writer = GroupCommit(
            open_database(path, application=APPLICATION, version=FORMAT, schema=SCHEMA),
            path,
            company=commit_ms / 1000,
            room=lambda db: limit - _pending(db),
            full=self._full,
        )

    # --- in ----------------------------------------------------------------------------------------------

    def submit(self, bulletin: Bulletin, topic: str = BULLETINS) -> Future[Receipt]:
        """Gives the bulletin its revision and digest and queues it, unless its content is known already. `topic`:
        RECLASSIFY for one that only reads otherwise than before, of which no alert is to fire."""
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
        return self._writer.submit(
            lambda db: _accept(db, bulletin, topic), size=size, patience=self._patience
        )

    def submit_state(self, state: SourceState) -> Future[None]:
        """Queues what became of a source. Takes no part in back-pressure: a stalled crawl must be able to say so."""
        return self._writer.submit(lambda db: _put(db, SOURCES, state.source, encode(state)))

    def put_back(self, topic: str, key: str, payload: bytes) -> Future[None]:
        """Queues bytes as they are: a dead letter on its way back to the step that could not process it."""
        return self._writer.submit(lambda db: _put(db, topic, key, payload))

    def requeue(self, bulletin_ids: Iterable[str], topic: str = RECLASSIFY) -> list[int]:
        """Queues the kept revisions of these bulletins once more; their positions. Durable on return."""
        wanted = list(bulletin_ids)
        return self._writer.submit(lambda db: _requeue(db, wanted, topic)).result()

    # --- out ---------------------------------------------------------------------------------------------

    def read(self, after: int = 0, limit: int = 100, *, topic: str | None = None) -> list[Entry]:
        """What waits behind position `after`, oldest first: at most `limit` entries, fewer where they are large.
        `topic`: of this one only. Reading takes nothing out but entries of purged bulletins: they say nothing. An entry
        whose bytes are gone though nobody purged it comes with empty ones, of which its reader makes a dead letter."""
        while True:
            rows = self._page(
                """SELECT q.position, q.topic, q.key, coalesce(q.payload, p.payload) FROM queue q
                   LEFT JOIN payloads p ON q.payload IS NULL AND p.bulletin_id = q.key AND p.revision = q.revision
                   WHERE q.position > ?1 AND (?3 IS NULL OR q.topic = ?3) ORDER BY q.position LIMIT ?2""",
                (after, limit, topic),
            )
            wiped = [where for where, _, key, payload in rows if payload is None and self.is_purged(key)]
            if not wiped:
                return [Entry(where, of, key, payload or b"") for where, of, key, payload in rows]
            self.confirm(wiped)

    def confirm(self, positions: Iterable[int]) -> None:
        """These entries are safe elsewhere: they leave the queue. Durable on return."""
        done = list(positions)
        if done:
            self._writer.submit(lambda db: _confirm(db, done)).result()

    def pending(self, topic: str | None = None) -> int:
        """How many entries wait; `topic`: of this one only."""
        with self._reading, storage_errors(self.path):
            return _pending(self._reader, topic)

    def waiting(self, keys: Iterable[str], topic: str) -> set[str]:
        """Those of these keys of which something waits under this topic."""
        sql = "SELECT 1 FROM queue WHERE key = ? AND topic = ? LIMIT 1"
        with self._reading, storage_errors(self.path):
            return {key for key in keys if self._reader.execute(sql, (key, topic)).fetchone()}

    # --- kept --------------------------------------------------------------------------------------------

    def kept(self, *, after: int = 0, limit: int = 100, source: str | None = None) -> list[Kept]:
        """The newest revision of each bulletin, in the order of arrival, behind `after`."""
        rows = self._page(
            """SELECT arrival, bulletin_id, revision, payload FROM payloads p
               WHERE arrival > ?1 AND (?3 IS NULL OR source = ?3) AND NOT EXISTS (
                 SELECT 1 FROM payloads n WHERE n.bulletin_id = p.bulletin_id AND n.revision > p.revision)
               ORDER BY arrival LIMIT ?2""",
            (after, limit, source),
        )
        return [
            Kept(arrival, key, revision, payload)
            for arrival, key, revision, payload in rows
            if payload is not None
        ]

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
        gone = self._writer.submit(lambda db: _purge(db, bulletin_id)).result()
        with self._reading:
            empty_log(self._reader, self.path)
        return gone

    def is_purged(self, bulletin_id: str) -> bool:
        """Whether a bulletin was purged: it is never to be taken again."""
        with self._reading, storage_errors(self.path):
            sql = "SELECT 1 FROM purged WHERE bulletin_id = ?"
            return self._reader.execute(sql, (bulletin_id,)).fetchone() is not None

    def close(self) -> None:
        """Waits until everything handed over is written; what still waits for room is given up (SpoolFullError)."""
        self._writer.close()
        with self._reading:
            self._reader.close()

    def _page(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, Any, Any, bytes | None]]:
        """Rows with the last column unpacked, up to the first with which they are PAGE_BYTES or more."""
        found: list[tuple[Any, Any, Any, bytes | None]] = []
        size = 0
        with (
            self._reading,
            storage_errors(self.path),
            contextlib.closing(self._reader.execute(sql, parameters)) as rows,
        ):
            for first, second, third, packed in rows:
                payload = None if packed is None else self._unpack(packed)
                found.append((first, second, third, payload))
                size += len(payload or b"")
                if size >= PAGE_BYTES:
                    break
        return found

    def _unpack(self, data: bytes) -> bytes:
        try:
            return zlib.decompress(data)
        except zlib.error as error:
            raise StorageError(f"a damaged payload: {error}", where=str(self.path)) from error

    def _full(self, waited: float | None) -> SpoolFullError:
        what = (
            "closed while a bulletin waited for room" if waited is None else f"still full after {waited:g} s"
        )
        return SpoolFullError(
            f"{what}: {self._limit:,} entries wait; is the runner alive? (`netdocket status`)",
            where=str(self.path),
        )


def _text_size(text: str) -> int:
    """Bytes in UTF-8; a lone surrogate, which has none, is refused by the encoder later."""
    return len(text.encode("utf-8", "surrogatepass"))


# --- what is done inside a transaction ---------------------------------------------------------------------


def _accept(db: sqlite3.Connection, bulletin: Bulletin, topic: str) -> Receipt:
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
    db.execute("INSERT INTO queue (topic, key, revision) VALUES (?, ?, ?)", (topic, key, revision))
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
    # Whatever topic the bulletin waits under; a source may bear the same name.
    waiting = db.execute("DELETE FROM queue WHERE key = ? AND topic <> ?", (bulletin_id, SOURCES)).rowcount
    kept = db.execute("DELETE FROM payloads WHERE bulletin_id = ?", (bulletin_id,)).rowcount
    db.execute("INSERT OR IGNORE INTO purged VALUES (?)", (bulletin_id,))
    return bool(waiting or kept)


def _pending(db: sqlite3.Connection, topic: str | None = None) -> int:
    (count,) = db.execute("SELECT count(*) FROM queue WHERE ?1 IS NULL OR topic = ?1", (topic,)).fetchone()
    return int(count)
