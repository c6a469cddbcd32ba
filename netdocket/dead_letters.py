"""Dead letters: what could not be processed, with its reason and its bytes, until somebody has dealt with it.

A letter is keyed (see DeadLetter.key), so that a redelivery makes no second one but counts as another attempt. It goes
when it is replayed (it is back where it came from then, and comes again if that fails again), when its bulletin has
passed the step after all (`settle`: a newer revision, say), or when somebody drops it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from netdocket.database import empty_log, open_database, storage_errors, transaction
from netdocket.errors import StorageError
from netdocket.records import DeadLetter, decode, encode

FORMAT: Final = 1
APPLICATION: Final = 0x6E64_646C  # "nddl"
SCHEMA: Final = (
    """CREATE TABLE letters (key TEXT PRIMARY KEY, step TEXT NOT NULL, source TEXT, bulletin_id TEXT,
         at TEXT NOT NULL, body BLOB NOT NULL)""",
    "CREATE INDEX letters_by_bulletin ON letters (bulletin_id, step)",
)


def letter_key(step: str, *, bulletin_id: str | None = None, payload: bytes = b"") -> str:
    """Key in the embedded profile: bulletin and step; where the bulletin cannot be read, step and digest of the bytes."""
    return f"{bulletin_id or hashlib.sha256(payload).hexdigest()}/{step}"


class DeadLetters:
    """Thread-safe; several processes may have the file open. Durable when a method returns.

    Raises StorageError, DiskFullError, FormatVersionError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = open_database(path, application=APPLICATION, version=FORMAT, schema=SCHEMA)
        self._lock = threading.Lock()

    def keep(self, letters: Sequence[DeadLetter]) -> None:
        if not letters:
            return
        with self._lock, transaction(self._db, self.path) as db:
            for letter in letters:
                row = db.execute("SELECT body FROM letters WHERE key = ?", (letter.key,)).fetchone()
                kept = _after(decode(row[0], DeadLetter), letter) if row else letter
                db.execute(
                    "INSERT OR REPLACE INTO letters VALUES (?, ?, ?, ?, ?, ?)",
                    (kept.key, kept.step, kept.source, kept.bulletin_id, kept.at, encode(kept)),
                )

    def list(
        self, *, step: str | None = None, source: str | None = None, limit: int = 1000, offset: int = 0
    ) -> Sequence[DeadLetter]:
        """Oldest first."""
        with self._lock, storage_errors(self.path):
            rows = self._db.execute(
                """SELECT body FROM letters WHERE (?1 IS NULL OR step = ?1) AND (?2 IS NULL OR source = ?2)
                   ORDER BY at, key LIMIT ?3 OFFSET ?4""",
                (step, source, limit, offset),
            ).fetchall()
        return [decode(body, DeadLetter) for (body,) in rows]

    def show(self, key: str) -> DeadLetter | None:
        with self._lock, storage_errors(self.path):
            row = self._db.execute("SELECT body FROM letters WHERE key = ?", (key,)).fetchone()
        return decode(row[0], DeadLetter) if row else None

    def of(self, bulletin_id: str) -> Sequence[DeadLetter]:
        """Every letter of a bulletin, oldest first."""
        with self._lock, storage_errors(self.path):
            rows = self._db.execute(
                "SELECT body FROM letters WHERE bulletin_id = ? ORDER BY at, key", (bulletin_id,)
            ).fetchall()
        return [decode(body, DeadLetter) for (body,) in rows]

    def count(self) -> int:
        with self._lock, storage_errors(self.path):
            (count,) = self._db.execute("SELECT count(*) FROM letters").fetchone()
        return int(count)

    def counts(self) -> dict[str, int]:
        """How many letters each step has left."""
        with self._lock, storage_errors(self.path):
            return dict(self._db.execute("SELECT step, count(*) FROM letters GROUP BY step ORDER BY step"))

    def replay(self, key: str, resubmit: Callable[[DeadLetter], None]) -> DeadLetter:
        """Hands the letter to `resubmit`, which gives it back to the step it came from and returns once it is safe
        there; then the letter goes. Raises StorageError where there is no such letter."""
        letter = self.show(key)
        if letter is None:
            raise StorageError(f"no dead letter with the key {key}", where=str(self.path))
        resubmit(letter)
        with self._lock, transaction(self._db, self.path) as db:
            # as it was: it may have failed again already
            db.execute("DELETE FROM letters WHERE key = ? AND body = ?", (key, encode(letter)))
        return letter

    def drop(self, keys: Iterable[str]) -> int:
        """Discards letters for good; how many there were."""
        with self._lock, transaction(self._db, self.path) as db:
            return sum(db.execute("DELETE FROM letters WHERE key = ?", (key,)).rowcount for key in keys)

    def settle(self, bulletin_ids: Iterable[str], *, steps: Iterable[str]) -> int:
        """The bulletins have passed these steps: their letters there have served. How many there were."""
        if not self.count():
            return 0
        pairs = [(bulletin_id, step) for bulletin_id in bulletin_ids for step in steps]
        with self._lock, transaction(self._db, self.path) as db:
            sql = "DELETE FROM letters WHERE bulletin_id = ? AND step = ?"
            return sum(db.execute(sql, pair).rowcount for pair in pairs)

    def forget(self, bulletin_id: str) -> int:
        """Drops every letter of a bulletin and wipes its bytes from the file."""
        with self._lock:
            with transaction(self._db, self.path) as db:
                gone = db.execute("DELETE FROM letters WHERE bulletin_id = ?", (bulletin_id,)).rowcount
            empty_log(self._db, self.path)
            return gone

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _after(known: DeadLetter, letter: DeadLetter) -> DeadLetter:
    """One attempt more. The same bytes stay what they first were: a bulletin that never got past the step is news
    still when a re-classification has failed with it too."""
    topic = known.topic if known.payload == letter.payload else letter.topic
    return msgspec.structs.replace(letter, attempts=known.attempts + 1, topic=topic)
