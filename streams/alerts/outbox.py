"""Which alert still has to go where: an SQLite file of the data directory, one row an alert and channel.

A row is there before its batch is confirmed, and says `delivered` only after the channel has taken the message: killed
in between, the message goes again, with the same id. A channel that fails is asked again later and later.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from netdocket.database import open_database, storage_errors, transaction
from streams.alerts.rules import Channel

FORMAT: Final = 1
APPLICATION: Final = 0x6E64616C
"""`ndal`: what tells the file from other SQLite files."""
LEFT: Final = (
    "CREATE TABLE IF NOT EXISTS recipients (alert TEXT NOT NULL, channel TEXT NOT NULL, name TEXT NOT NULL, "
    "PRIMARY KEY (alert, channel, name)) WITHOUT ROWID"
)
"""Who has still to get what others have got. Files made before it have no such table."""
TABLES: Final = (
    """CREATE TABLE deliveries (
        alert TEXT NOT NULL, channel TEXT NOT NULL, put_at REAL NOT NULL, due_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, delivered_at REAL, error TEXT,
        PRIMARY KEY (alert, channel)) WITHOUT ROWID""",
    "CREATE INDEX waiting ON deliveries (channel, due_at) WHERE delivered_at IS NULL",
    LEFT,
    "CREATE TABLE mutes (rule TEXT PRIMARY KEY, until REAL) WITHOUT ROWID",
)
FIRST_RETRY_SECONDS: Final = 5.0
LONGEST_RETRY_SECONDS: Final = 6 * 3600.0
NEVER: Final = 1e15
"""The due time of what was given up."""
REFUSED_ATTEMPTS: Final = 20
"""So often, over two days, what a channel refuses is offered; then it is given up."""


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    """`error`: of the last attempt, or who did not get it although it was taken. Given up: `due_at` is None."""

    alert: str
    channel: str
    attempts: int
    due_at: float | None
    delivered_at: float | None
    error: str | None


def next_attempt(now: float, attempts: int, *, refused: bool) -> float | None:
    """When to try again after so many attempts: 5 s later, then twice as long each time, at most 6 hours. None: never,
    it was refused often enough."""
    if refused and attempts >= REFUSED_ATTEMPTS:
        return None
    return now + min(FIRST_RETRY_SECONDS * 2.0 ** min(attempts - 1, 20), LONGEST_RETRY_SECONDS)


class Outbox:
    """Thread-safe, and usable by several processes. Times are Unix seconds."""

    def __init__(
        self, path: Path, channels: Sequence[Channel], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._channels = list(channels)
        self._lock = threading.Lock()
        self._clock = clock
        self._db = open_database(path, application=APPLICATION, version=FORMAT, schema=TABLES)
        with transaction(self._db, path) as db:
            db.execute(LEFT)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # --- putting in ----------------------------------------------------------------------------------

    def put(self, alert: str, rule: str) -> None:
        now = self._clock()
        rows = [
            (alert, channel.id, now, now + channel.digest_minutes * 60)
            for channel in self._channels
            if not channel.rules or rule in channel.rules
        ]
        if rows:
            with self._lock, transaction(self._db, self._path) as db:
                db.executemany(
                    "INSERT OR IGNORE INTO deliveries (alert, channel, put_at, due_at) VALUES (?, ?, ?, ?)",
                    rows,
                )

    def muted(self, rule: str) -> bool:
        with self._lock, storage_errors(self._path):
            row = self._db.execute("SELECT until FROM mutes WHERE rule = ?", (rule,)).fetchone()
        return row is not None and (row[0] is None or row[0] > self._clock())

    def mute(self, rule: str, until: float | None) -> None:
        with self._lock, transaction(self._db, self._path) as db:
            db.execute("INSERT OR REPLACE INTO mutes VALUES (?, ?)", (rule, until))

    def unmute(self, rule: str) -> None:
        with self._lock, transaction(self._db, self._path) as db:
            db.execute("DELETE FROM mutes WHERE rule = ?", (rule,))

    def mutes(self) -> dict[str, float | None]:
        """Rule -> until when, None for good; those that hold now."""
        with self._lock, storage_errors(self._path):
            held = self._db.execute("SELECT rule, until FROM mutes ORDER BY rule").fetchall()
        now = self._clock()
        return {rule: until for rule, until in held if until is None or until > now}

    # --- taking out ----------------------------------------------------------------------------------

    def due(self, channel: str, now: float, limit: int) -> list[str]:
        """Alerts that wait for this channel, once the oldest of them is due: all of them, oldest first."""
        with self._lock, storage_errors(self._path):
            (oldest,) = self._db.execute(
                "SELECT min(due_at) FROM deliveries WHERE channel = ? AND delivered_at IS NULL", (channel,)
            ).fetchone()
            if oldest is None or oldest > now:
                return []
            return [
                alert
                for (alert,) in self._db.execute(
                    "SELECT alert FROM deliveries WHERE channel = ? AND delivered_at IS NULL AND "
                    "(attempts = 0 OR due_at <= ?) ORDER BY put_at, alert LIMIT ?",
                    (channel, now, limit),
                )
            ]

    def left(self, alerts: Iterable[str], channel: str) -> Mapping[str, tuple[str, ...]]:
        """Alert -> who has still to get it, of those that others have got."""
        found: dict[str, tuple[str, ...]] = {}
        with self._lock, storage_errors(self._path):
            for alert in alerts:
                rows = self._db.execute(
                    "SELECT name FROM recipients WHERE alert = ? AND channel = ? ORDER BY name",
                    (alert, channel),
                )
                if names := tuple(name for (name,) in rows):
                    found[alert] = names
        return found

    def delivered(self, alerts: Iterable[str], channel: str, now: float, note: str | None = None) -> None:
        """`note`: who did not get it."""
        rows = [(now, note, alert, channel) for alert in alerts]
        with self._lock, transaction(self._db, self._path) as db:
            db.executemany(
                "UPDATE deliveries SET delivered_at = ?, attempts = attempts + 1, error = ? "
                "WHERE alert = ? AND channel = ?",
                rows,
            )
            _forget_left(db, [row[2:] for row in rows])

    def drop(self, alerts: Iterable[str], channel: str) -> None:
        """Waits no more and was sent to nobody: put in again, it waits again."""
        rows = [(alert, channel) for alert in alerts]
        with self._lock, transaction(self._db, self._path) as db:
            db.executemany("DELETE FROM deliveries WHERE alert = ? AND channel = ?", rows)

    def failed(
        self,
        alerts: Iterable[str],
        channel: str,
        now: float,
        error: str,
        *,
        refused: bool = False,
        left: Sequence[str] = (),
    ) -> None:
        """To be tried again later; what is `refused` often enough is not. `left`: see `left`."""
        with self._lock, transaction(self._db, self._path) as db:
            for alert in alerts:
                (attempts,) = db.execute(
                    "SELECT attempts FROM deliveries WHERE alert = ? AND channel = ?", (alert, channel)
                ).fetchone()
                due = next_attempt(now, attempts + 1, refused=refused)
                db.execute(
                    "UPDATE deliveries SET attempts = ?, due_at = ?, error = ? WHERE alert = ? AND channel = ?",
                    (attempts + 1, NEVER if due is None else due, error, alert, channel),
                )
                _forget_left(db, [(alert, channel)])
                db.executemany(
                    "INSERT INTO recipients VALUES (?, ?, ?)", [(alert, channel, name) for name in left]
                )

    def offer_again(self, now: float) -> int:
        """Makes what was given up due; how many."""
        with self._lock, transaction(self._db, self._path) as db:
            return db.execute(
                "UPDATE deliveries SET due_at = ?, attempts = 1 WHERE delivered_at IS NULL AND due_at >= ?",
                (now, NEVER),
            ).rowcount

    def of(self, alert: str) -> list[Delivery]:
        with self._lock, storage_errors(self._path):
            rows = self._db.execute(
                "SELECT alert, channel, attempts, due_at, delivered_at, error FROM deliveries WHERE alert = ?",
                (alert,),
            ).fetchall()
        return [
            Delivery(alert, channel, attempts, due if due < NEVER else None, delivered, error)
            for alert, channel, attempts, due, delivered, error in rows
        ]

    def waiting(self) -> Mapping[str, int]:
        """Channel -> alerts that it has not taken, and may yet."""
        return self._counted("due_at < ?")

    def given_up(self) -> Mapping[str, int]:
        """Channel -> alerts that it has refused for good."""
        return self._counted("due_at >= ?")

    def _counted(self, condition: str) -> Mapping[str, int]:
        with self._lock, storage_errors(self._path):
            return dict(
                self._db.execute(
                    f"SELECT channel, count(*) FROM deliveries WHERE delivered_at IS NULL AND {condition} "  # noqa: S608
                    "GROUP BY channel",
                    (NEVER,),
                )
            )


def _forget_left(db: sqlite3.Connection, deliveries: Iterable[tuple[object, ...]]) -> None:
    db.executemany("DELETE FROM recipients WHERE alert = ? AND channel = ?", list(deliveries))
