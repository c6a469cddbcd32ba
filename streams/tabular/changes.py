"""What has changed since the last export: a file that remembers of each row its id and a digest of its cells.

It takes the place of the former one only after the rows have been written, so that an export that was interrupted
leaves changes to be written again, and none unwritten. A second export with the same file is refused while one runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

from netdocket.database import storage_errors
from netdocket.errors import ConfigurationError, FormatVersionError
from streams.tabular.columns import Cell

FORMAT: Final = 2
"""Raised with what a row's digest is of: by another, every row would be a changed one."""
APPLICATION: Final = 0x6E647874
"""`ndxt`: what tells the file from other SQLite files."""
TABLES: Final = """
CREATE TABLE of (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (id TEXT PRIMARY KEY, digest BLOB NOT NULL, run INTEGER NOT NULL) WITHOUT ROWID;
"""

What = Literal["added", "changed", "removed"]


class Changes:
    """Compares the rows of one export with the file `path`, which is made where it is missing.

    `of`: what is exported (index and query); a file that remembers another export, or that another export is using,
    is refused with ConfigurationError, one of another format with FormatVersionError."""

    def __init__(self, path: Path, of: str) -> None:
        self._path = path
        self._unfinished = path.with_name(path.name + ".unfinished")
        with storage_errors(path):
            self._lock = _locked(path.with_name(path.name + ".lock"))
            try:
                self._unfinished.unlink(missing_ok=True)
                if path.exists():
                    shutil.copyfile(path, self._unfinished)
                self._db = sqlite3.connect(self._unfinished, isolation_level=None)
            except BaseException:
                os.close(self._lock)
                raise
            try:
                # Its safety is that it is on disk before it takes its name, at the end.
                self._db.execute("PRAGMA journal_mode = OFF")
                self._db.execute("PRAGMA synchronous = OFF")
                self._open(of)
            except BaseException:
                self.abandon()
                raise

    def _open(self, of: str) -> None:
        (application,) = self._db.execute("PRAGMA application_id").fetchone()
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            self._db.executescript(TABLES)
            self._db.execute(f"PRAGMA application_id = {APPLICATION:d}")
            self._db.execute(f"PRAGMA user_version = {FORMAT:d}")
            self._db.execute("INSERT INTO of VALUES ('export', ?), ('run', '0')", (of,))
        elif application == APPLICATION and version != FORMAT:
            raise FormatVersionError(
                f"of another netdocket (format {version}, not {FORMAT}); without it, all rows are written as added",
                where=str(self._path),
            )
        elif application != APPLICATION:
            raise FormatVersionError("no record of a former export", where=str(self._path))
        (known,) = self._db.execute("SELECT value FROM of WHERE key = 'export'").fetchone()
        if known != of:
            raise ConfigurationError(
                f"remembers another export ({known}); give this one a file of its own", where=str(self._path)
            )
        (run,) = self._db.execute("SELECT value FROM of WHERE key = 'run'").fetchone()
        self._run = int(run) + 1
        self._db.execute("BEGIN")

    def of_row(self, id: str, cells: Sequence[Cell]) -> What | None:
        """What became of this row; None: it is as it was."""
        digest = hashlib.blake2b(
            json.dumps(cells, ensure_ascii=False).encode("utf-8", "surrogatepass"), digest_size=16
        ).digest()
        known = self._db.execute("SELECT digest FROM rows WHERE id = ?", (id,)).fetchone()
        self._db.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (id, digest, self._run))
        if known is None:
            return "added"
        return None if known[0] == digest else "changed"

    def removed(self) -> Iterator[str]:
        """Ids of the rows that were not given this time. After the last `of_row`."""
        for (id,) in self._db.execute("SELECT id FROM rows WHERE run < ? ORDER BY id", (self._run,)):
            yield id

    def keep(self) -> None:
        """Remembers this export instead of the former one."""
        with storage_errors(self._path):
            self._db.execute("DELETE FROM rows WHERE run < ?", (self._run,))
            self._db.execute("UPDATE of SET value = ? WHERE key = 'run'", (str(self._run),))
            self._db.execute("COMMIT")
            self._db.close()
            _to_disk(self._unfinished)
            self._unfinished.replace(self._path)
            _to_disk(self._path.parent)
            os.close(self._lock)

    def abandon(self) -> None:
        """Leaves the former file as it was."""
        self._db.close()
        self._unfinished.unlink(missing_ok=True)
        os.close(self._lock)


def _locked(path: Path) -> int:
    """The open lock of one export; the file stays, or two could hold two files of one name."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise ConfigurationError("another export is using this file", where=str(path)) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
