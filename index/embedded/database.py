"""The SQLite file behind the embedded store: opening it, its format, and its errors in our own terms.

Everything that must survive lives here (WAL, synchronous FULL); the tantivy folders beside it are derived from it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from netdocket.errors import DiskFullError, FormatVersionError, StorageError

FORMAT: Final = 1
BUSY_SECONDS: Final = 60

# documents: one row a write, never changed, numbered in the order of commits; source NULL is a tombstone.
# current: which row an id now is. superseded: rows that are no longer current, kept a while for searches under way.
TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY, idx TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL,
    replaces INTEGER, written_at REAL NOT NULL, source BLOB) STRICT;
CREATE TABLE IF NOT EXISTS current (
    idx TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, version INTEGER NOT NULL,
    deleted_at REAL, PRIMARY KEY (idx, id)) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS tombstones ON current (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS superseded (
    seq INTEGER PRIMARY KEY, by_seq INTEGER NOT NULL, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS several (
    idx TEXT NOT NULL, field TEXT NOT NULL, PRIMARY KEY (idx, field)) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS user_state (
    kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, changed_at REAL NOT NULL,
    PRIMARY KEY (kind, key)) WITHOUT ROWID, STRICT;
"""


class Database:
    """Two connections, one to write and one to read, each used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Opens or creates. Raises StorageError, DiskFullError, FormatVersionError."""
        self.path = path
        self._closed = False
        self._write_lock = threading.RLock()
        self._read_lock = threading.RLock()
        with self._typed():
            self._writer = _connect(path)
            try:
                _claim_format(self._writer, path)
                self._reader = _connect(path)
            except BaseException:
                self._writer.close()
                raise

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, durable when the block has ended; undone where it raises."""
        with self._write_lock, self._typed():
            self._check_open()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                # SQLite itself has rolled back where the disk is full.
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._read_lock, self._typed():
            self._check_open()
            yield self._reader

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            if not self._closed:
                self._closed = True
                self._writer.close()
                self._reader.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the store is closed", where=str(self.path))

    @contextlib.contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise storage_error(error, self.path) from error


def storage_error(error: Exception, path: Path) -> StorageError:
    """SQLite's, tantivy's or the system's error in the terms of our tree."""
    text = str(error).strip() or type(error).__name__
    if "disk is full" in text or "No space left" in text or "StorageFull" in text:
        return DiskFullError("no room is left on the disk; nothing unconfirmed was kept", where=str(path))
    if isinstance(error, sqlite3.DatabaseError) and ("malformed" in text or "not a database" in text):
        return StorageError(
            f"the file is damaged ({text}); restore it or remove the data directory", where=str(path)
        )
    return StorageError(text.splitlines()[0], where=str(path))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-65536")  # KiB: the B-tree of ids is written at random places
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def _claim_format(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, FORMAT):
            raise FormatVersionError(
                f"written in format {version}, this version of netdocket knows format {FORMAT}",
                where=str(path),
            )
        if version == 0:
            for statement in TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={FORMAT}")
    finally:
        connection.execute("COMMIT")
