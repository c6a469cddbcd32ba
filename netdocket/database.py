"""SQLite files that several processes share and that a power cut must not harm: spool, dead letters.

WAL with synchronous=FULL: a commit is on disk when it returns. Each file carries what it is (application_id) and the
version of its format (user_version), and every SQLite error becomes one of ours, with the file's path.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from netdocket.errors import DiskFullError, FormatVersionError, StorageError

BUSY_SECONDS: Final = 60.0
OLDEST_SQLITE: Final = (3, 35, 0)
"""RETURNING, and columns that can be dropped."""


def open_database(path: Path, *, application: int, version: int, schema: Sequence[str]) -> sqlite3.Connection:
    """A connection in autocommit mode; makes the file where there is none.

    Raises FormatVersionError (another version of the format, or another kind of file), DiskFullError, StorageError.
    """
    require_sqlite(path)
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _switch_to_wal(db)
            db.execute("PRAGMA synchronous = FULL")
            # What is deleted is overwritten: unmasked text must not outlive its row.
            db.execute("PRAGMA secure_delete = ON")
            _prepare(db, path, application=application, version=version, schema=schema)
        except BaseException:
            db.close()
            raise
    return db


def require_sqlite(path: Path) -> None:
    """Raises StorageError where the SQLite of this Python cannot do what the file at `path` needs."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StorageError(
            f"this Python has SQLite {sqlite3.sqlite_version}; 3.35 or newer is needed", where=str(path)
        )


@contextlib.contextmanager
def transaction(db: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """All or nothing, serialised with every other writer of the file. Durable on leaving."""
    with storage_errors(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # SQLite rolls back by itself on some errors, a full disk among them
                db.execute("ROLLBACK")
            raise


def empty_log(db: sqlite3.Connection, path: Path) -> None:
    """Takes the write-ahead log into the file and cuts it to nothing: what was deleted stands in neither then.

    Raises StorageError where somebody else has been reading for BUSY_SECONDS."""
    with storage_errors(path):
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StorageError(
            "deleted, but the write-ahead log may hold it still, since somebody else is reading the file; repeat this",
            where=str(path),
        )


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        # no code: an error of the Python module itself, such as the use of a closed connection
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise DiskFullError("no room is left on the disk", where=str(path)) from error
        name = getattr(error, "sqlite_errorname", "")
        raise StorageError(f"{error}{f' ({name})' if name else ''}", where=str(path)) from error
    except OSError as error:
        raise StorageError(error.strerror or str(error), where=str(path)) from error


def _switch_to_wal(db: sqlite3.Connection) -> None:
    # The switch does not wait for other connections as everything else does: two processes that make the file at the
    # same moment meet here.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _prepare(
    db: sqlite3.Connection, path: Path, *, application: int, version: int, schema: Sequence[str]
) -> None:
    with transaction(db, path):
        (found_application,) = db.execute("PRAGMA application_id").fetchone()
        (found_version,) = db.execute("PRAGMA user_version").fetchone()
        (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            for statement in schema:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {application:d}")
            db.execute(f"PRAGMA user_version = {version:d}")
        elif found_application != application:
            raise FormatVersionError("an SQLite file, but not one of this kind", where=str(path))
        elif found_version != version:
            raise FormatVersionError(
                f"format {found_version}, this netdocket reads format {version}", where=str(path)
            )
