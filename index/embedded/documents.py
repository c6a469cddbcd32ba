"""Documents in SQLite: the truth that tantivy is derived from.

Every write gets the next number (`seq`) and a row of its own. Versions are compared inside the transaction, so any
process may write. A delete leaves a tombstone for an hour (`gc_deletes`), so that an older write that arrives after
it is refused. Rows that were replaced stay for ten minutes: a search over an earlier commit still finds its
documents.

Ids come in as one JSON array (`json_each`); CROSS JOIN keeps SQLite from walking the whole table around it.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from index.embedded.database import Database
from index.mappings import IndexMapping
from index.store import Stored, Swap, Write, Written
from netdocket.errors import DocumentError, MixedOriginError, StoreError, VersionConflict
from netdocket.records import DEMO_ORIGINS

GC_DELETES_SECONDS: Final = 3600
KEPT_FOR_SEARCHES_SECONDS: Final = 600
SWEEP_ROWS: Final = 20_000

Family = Literal["live", "demo"]
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclasses.dataclass(frozen=True, slots=True)
class Current:
    """The newest row of an id; `deleted_at` where that is a tombstone."""

    seq: int
    version: int
    deleted_at: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A row in the order of writing. `source` is None for a tombstone and for a row replaced since."""

    seq: int
    index: str
    replaces: int | None
    source: bytes | None


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    index: str
    id: str
    version: int
    source: bytes | None
    before: Current | None


class Documents:
    def __init__(
        self, database: Database, mappings: Mapping[str, IndexMapping], family: Family | None
    ) -> None:
        """Raises MixedOriginError where the store holds documents of the other family."""
        self._database = database
        self._mappings = mappings
        self._family = family
        if family is not None:
            self._claim(family)

    # --- writing -------------------------------------------------------------------------------------

    def bulk(self, writes: Sequence[Write]) -> list[Written]:
        encoded = [self._prepare(write) for write in writes]
        results: list[Written | None] = [None] * len(writes)
        with self._database.writing() as connection:
            now = time.time()
            known = _currents(connection, ((write.index, write.id) for write in writes), now)
            seq = _last_seq(connection)
            rows: list[_Row] = []
            for position, (write, source) in enumerate(zip(writes, encoded, strict=True)):
                if isinstance(source, Written):
                    results[position] = source
                    continue
                key = (write.index, write.id)
                before = known.get(key)
                if before is not None and write.version < before.version:
                    results[position] = Written(
                        write.index, write.id, "stale", f"version {before.version} is stored"
                    )
                    continue
                seq += 1
                rows.append(_Row(write.index, write.id, write.version, source, before))
                alive = before is not None and before.deleted_at is None
                known[key] = Current(seq, write.version, now if source is None else None)
                if source is None:
                    results[position] = Written(write.index, write.id, "deleted" if alive else "not_found")
                else:
                    results[position] = Written(write.index, write.id, "updated" if alive else "created")
            if rows:
                _insert(connection, seq - len(rows), rows, now)
        return [result for result in results if result is not None]

    def create(self, index: str, id: str, document: Mapping[str, Any]) -> Stored | None:
        source = self._fitting(index, document)
        with self._database.writing() as connection:
            before = _current(connection, index, id)
            if before is not None and before.deleted_at is None:
                return None
            version = _next_version(before)
            seq = _write_one(connection, _Row(index, id, version, source, before))
        return Stored(index, id, version, seq, _decode(source))

    def swap(
        self, index: str, id: str, document: Mapping[str, Any], *, seq_no: int | None, version: int | None
    ) -> Stored:
        source = self._fitting(index, document)
        with self._database.writing() as connection:
            before = _current(connection, index, id)
            stored = before.seq if before is not None and before.deleted_at is None else None
            if stored != seq_no:
                raise VersionConflict(
                    f"sequence number {stored} is stored, {seq_no} was expected", where=f"{index}/{id}"
                )
            new_version = version if version is not None else _next_version(before)
            seq = _write_one(connection, _Row(index, id, new_version, source, before))
        return Stored(index, id, new_version, seq, _decode(source))

    def swap_many(self, index: str, swaps: Sequence[Swap]) -> list[Stored | None]:
        sources = [self._fitting(index, swap.document) for swap in swaps]
        swapped: list[Stored | None] = []
        rows: list[_Row] = []
        with self._database.writing() as connection:
            known = _currents(connection, ((index, swap.id) for swap in swaps), time.time())
            seq = _last_seq(connection)
            for swap, source in zip(swaps, sources, strict=True):
                before = known.get((index, swap.id))
                stored = before.seq if before is not None and before.deleted_at is None else None
                if stored != swap.seq_no:
                    swapped.append(None)
                    continue
                seq += 1
                version = _next_version(before)
                rows.append(_Row(index, swap.id, version, source, before))
                known[index, swap.id] = Current(seq, version, None)
                swapped.append(Stored(index, swap.id, version, seq, _decode(source)))
            if rows:
                _insert(connection, seq - len(rows), rows, time.time())
        return swapped

    def drop(self, index: str, id: str, *, seq_no: int) -> bool:
        self._mapping(index)
        with self._database.writing() as connection:
            before = _current(connection, index, id)
            if before is None or before.deleted_at is not None or before.seq != seq_no:
                return False
            _write_one(connection, _Row(index, id, before.version, None, before))
        return True

    def sweep(self, applied: int, *, now: float | None = None) -> int:
        """Forgets tombstones over an hour old and replaced rows over ten minutes old, as far as tantivy has
        `applied` them; how many rows went."""
        moment = time.time() if now is None else now
        with self._database.writing() as connection:
            gone = [
                seq
                for (seq,) in connection.execute(
                    "SELECT seq FROM superseded WHERE by_seq <= ? AND at < ? LIMIT ?",
                    (applied, moment - KEPT_FOR_SEARCHES_SECONDS, SWEEP_ROWS),
                )
            ]
            dead = connection.execute(
                "SELECT idx, id, seq FROM current WHERE deleted_at < ? AND seq <= ? LIMIT ?",
                (moment - GC_DELETES_SECONDS, applied, SWEEP_ROWS),
            ).fetchall()
            connection.executemany("DELETE FROM superseded WHERE seq = ?", ((seq,) for seq in gone))
            connection.executemany(
                "DELETE FROM current WHERE idx = ? AND id = ?", ((row[0], row[1]) for row in dead)
            )
            rows = [*gone, *(row[2] for row in dead)]
            connection.executemany("DELETE FROM documents WHERE seq = ?", ((seq,) for seq in rows))
        return len(rows)

    # --- reading -------------------------------------------------------------------------------------

    def get(self, index: str, id: str) -> Stored | None:
        return next(iter(self.mget(index, [id])), None)

    def mget(self, index: str, ids: Iterable[str]) -> list[Stored]:
        self._mapping(index)
        wanted = list(ids)
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT d.id, d.version, d.seq, d.source FROM json_each(?) AS w "
                "CROSS JOIN current AS c ON c.idx = ? AND c.id = w.value AND c.deleted_at IS NULL "
                "CROSS JOIN documents AS d ON d.seq = c.seq",
                (json.dumps(wanted), index),
            ).fetchall()
        found = {row[0]: Stored(index, row[0], row[1], row[2], _decode(row[3])) for row in rows}
        return [found[id] for id in dict.fromkeys(wanted) if id in found]

    def rows(self, seqs: Sequence[int]) -> dict[int, tuple[str, int, bytes]]:
        """(id, version, source as JSON) of the rows with these numbers, those replaced since included."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT d.seq, d.id, d.version, d.source FROM json_each(?) AS w CROSS JOIN documents AS d ON d.seq = w.value",
                (json.dumps(list(seqs)),),
            ).fetchall()
        return {row[0]: (row[1], row[2], row[3]) for row in found}

    def seqs(self, index: str, ids: Sequence[str]) -> list[int]:
        """The rows of these ids, those kept for searches under way included."""
        with self._database.reading() as connection:
            found = connection.execute(
                "WITH RECURSIVE chain (seq) AS ("
                "SELECT c.seq FROM json_each(?) AS w CROSS JOIN current AS c ON c.idx = ? AND c.id = w.value UNION "
                "SELECT d.replaces FROM chain CROSS JOIN documents AS d ON d.seq = chain.seq "
                "WHERE d.replaces IS NOT NULL) SELECT seq FROM chain",
                (json.dumps(list(ids)), index),
            ).fetchall()
        return [seq for (seq,) in found]

    def changes(self, after: int, limit: int) -> list[Change]:
        """What was written after row `after`, oldest first."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT d.seq, d.idx, d.replaces, CASE WHEN s.seq IS NULL THEN d.source END FROM documents AS d "
                "LEFT JOIN superseded AS s ON s.seq = d.seq WHERE d.seq > ? ORDER BY d.seq LIMIT ?",
                (after, limit),
            ).fetchall()
        return [Change(*row) for row in found]

    def living(self, index: str, limit: int) -> Iterator[list[Change]]:
        """Every document of an index as it is now, in pages: what a rebuild reads."""
        after = 0
        while True:
            with self._database.reading() as connection:
                found = connection.execute(
                    "SELECT d.seq, d.idx, NULL, d.source FROM documents AS d LEFT JOIN superseded AS s "
                    "ON s.seq = d.seq WHERE d.seq > ? AND d.idx = ? AND s.seq IS NULL AND d.source IS NOT NULL "
                    "ORDER BY d.seq LIMIT ?",
                    (after, index, limit),
                ).fetchall()
            if not found:
                return
            yield [Change(*row) for row in found]
            after = found[-1][0]

    def counts(self) -> dict[str, int]:
        """Documents by index."""
        with self._database.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT idx, count(*) FROM current WHERE deleted_at IS NULL GROUP BY idx"
                ).fetchall()
            )

    def last_seq(self) -> int:
        with self._database.reading() as connection:
            return _last_seq(connection)

    # --- fitting -------------------------------------------------------------------------------------

    def _mapping(self, index: str) -> IndexMapping:
        mapping = self._mappings.get(index)
        if mapping is None:
            raise StoreError(f"no such index; there are {', '.join(sorted(self._mappings))}", where=index)
        return mapping

    def _prepare(self, write: Write) -> bytes | Written | None:
        mapping = self._mapping(write.index)
        if write.document is None:
            return None
        reason = mapping.misfit(write.document)
        if reason is None:
            try:
                self._check_origin(write.document)
                return _encode(write.document)
            except UnicodeEncodeError:
                reason = f"{write.index}: a string holds half a character (a lone surrogate)"
        return Written(write.index, write.id, "refused", reason)

    def _fitting(self, index: str, document: Mapping[str, Any]) -> bytes:
        prepared = self._prepare(Write(index, "", 0, document))
        if isinstance(prepared, Written):
            raise DocumentError(prepared.reason or "the document does not fit", where=index)
        assert prepared is not None  # noqa: S101 (a document was given)
        return prepared

    def _check_origin(self, document: Mapping[str, Any]) -> None:
        origin = document.get("origin")
        if origin is None:
            return
        family: Family = "demo" if origin in DEMO_ORIGINS else "live"
        if self._family is None:
            self._claim(family)
        elif family != self._family:
            raise MixedOriginError(
                f"this store holds {self._family} data, a document of origin {origin!r} was given",
                where=str(self._database.path),
            )

    def _claim(self, family: Family) -> None:
        with self._database.writing() as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES ('family', ?)", (family,))
            (held,) = connection.execute("SELECT value FROM meta WHERE key = 'family'").fetchone()
        if held != family:
            raise MixedOriginError(
                f"this store holds {held} data; {family} data need a data directory of their own",
                where=str(self._database.path),
            )
        self._family = family


def _last_seq(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM meta WHERE key = 'last_seq'").fetchone()
    return int(row[0]) if row else 0


def _current(connection: sqlite3.Connection, index: str, id: str) -> Current | None:
    return _currents(connection, [(index, id)], time.time()).get((index, id))


def _currents(
    connection: sqlite3.Connection, keys: Iterable[tuple[str, str]], now: float
) -> dict[tuple[str, str], Current]:
    """A tombstone over an hour old forbids nothing any more, whether it was swept or not."""
    by_index: dict[str, list[str]] = {}
    for index, id in keys:
        by_index.setdefault(index, []).append(id)
    found: dict[tuple[str, str], Current] = {}
    for index, ids in by_index.items():
        for id, seq, version, deleted_at in connection.execute(
            "SELECT c.id, c.seq, c.version, c.deleted_at FROM json_each(?) AS w "
            "CROSS JOIN current AS c ON c.idx = ? AND c.id = w.value",
            (json.dumps(ids), index),
        ):
            expired = deleted_at is not None and deleted_at < now - GC_DELETES_SECONDS
            found[index, id] = Current(seq, -1 if expired else version, deleted_at)
    return found


def _next_version(before: Current | None) -> int:
    return max(before.version, 0) + 1 if before else 1


def _write_one(connection: sqlite3.Connection, row: _Row) -> int:
    last = _last_seq(connection)
    _insert(connection, last, [row], time.time())
    return last + 1


def _insert(connection: sqlite3.Connection, last: int, rows: Sequence[_Row], now: float) -> None:
    """Rows get the numbers after `last`. An id that comes twice in a bulk ends as its last row."""
    numbered = list(enumerate(rows, last + 1))
    latest = {(row.index, row.id): seq for seq, row in numbered}
    superseded = [(row.before.seq, seq, now) for seq, row in numbered if row.before is not None]
    connection.executemany(
        "INSERT INTO documents (seq, idx, id, version, replaces, written_at, source) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (seq, row.index, row.id, row.version, row.before.seq if row.before else None, now, row.source)
            for seq, row in numbered
        ),
    )
    connection.executemany(
        "INSERT INTO current (idx, id, seq, version, deleted_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (idx, id) "
        "DO UPDATE SET seq = excluded.seq, version = excluded.version, deleted_at = excluded.deleted_at",
        (
            (row.index, row.id, seq, row.version, now if row.source is None else None)
            for seq, row in numbered
            if latest[row.index, row.id] == seq
        ),
    )
    if superseded:
        connection.executemany(
            "INSERT OR REPLACE INTO superseded (seq, by_seq, at) VALUES (?, ?, ?)", superseded
        )
    connection.execute(
        "INSERT INTO meta VALUES ('last_seq', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (str(last + len(rows)),),
    )
