"""Which alert still has to go where: an SQLite file of the data directory, one row an alert and channel.

A row is there before its batch is confirmed, and says `delivered` only after the channel has taken the message: killed
in between, the message goes again, with the same id. A channel that fails is asked again later and later.
"""

from __future__ import annotations

import dataclasses
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
TABLES: Final = (
    """CREATE TABLE deliveries (
        alert TEXT NOT NULL, channel TEXT NOT NULL, put_at REAL NOT NULL, due_at REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, delivered_at REAL, error TEXT,
        PRIMARY KEY (alert, channel)) WITHOUT ROWID""",
    "CREATE INDEX waiting ON deliveries (channel, due_at) WHERE delivered_at IS NULL",
    "CREATE TABLE mutes (rule TEXT PRIMARY KEY, until REAL) WITHOUT ROWID",
)
FIRST_RETRY_SECONDS: Final = 5.0
LONGEST_RETRY_SECONDS: Final = 6 * 3600.0


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    alert: str
    channel: str
    attempts: int
    delivered_at: float | None
    error: str | None


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
        with self._lock, storage_errors(self._path):
            return dict(self._db.execute("SELECT rule, until FROM mutes ORDER BY rule"))

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

    def delivered(self, alerts: Iterable[str], channel: str, now: float) -> None:
        with self._lock, transaction(self._db, self._path) as db:
            db.executemany(
                "UPDATE deliveries SET delivered_at = ?, attempts = attempts + 1, error = NULL "
                "WHERE alert = ? AND channel = ?",
                [(now, alert, channel) for alert in alerts],
            )

    def failed(self, alerts: Iterable[str], channel: str, now: float, error: str) -> None:
        """To be tried again: after 5 s, then twice as long each time, at most 6 hours."""
        with self._lock, transaction(self._db, self._path) as db:
            for alert in alerts:
                (attempts,) = db.execute(
                    "SELECT attempts FROM deliveries WHERE alert = ? AND channel = ?", (alert, channel)
                ).fetchone()
                wait = min(FIRST_RETRY_SECONDS * 2.0 ** min(attempts, 20), LONGEST_RETRY_SECONDS)
                db.execute(
                    "UPDATE deliveries SET attempts = ?, due_at = ?, error = ? WHERE alert = ? AND channel = ?",
                    (attempts + 1, now + wait, error, alert, channel),
                )

    def of(self, alert: str) -> list[Delivery]:
        with self._lock, storage_errors(self._path):
            return [
                Delivery(*row)
                for row in self._db.execute(
                    "SELECT alert, channel, attempts, delivered_at, error FROM deliveries WHERE alert = ?",
                    (alert,),
                )
            ]

    def waiting(self) -> Mapping[str, int]:
        """Channel -> alerts that it has not taken."""
        with self._lock, storage_errors(self._path):
            return dict(
                self._db.execute(
                    "SELECT channel, count(*) FROM deliveries WHERE delivered_at IS NULL GROUP BY channel"
                )
            )
