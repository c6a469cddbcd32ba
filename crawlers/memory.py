"""What a crawler remembers: which pages it has taken, what they were like, how far each list was walked.

Memory only saves requests. It is written after what it speaks of is in the spool, so that losing it, or a kill at any
moment, means to fetch again and never to miss. For the same reason it is not synced to disk at each commit.

    pages   one row a bulletin's page: validators and digests of what was taken, when it is due again; where the page
            lies in the archive that came last, and its digest (the columns unread_…)
    found   which list has shown which address, in which run first, and how it was listed
    lists   validators of a list's first page, and the run in which the list was last walked without a gap: whatever
            the list showed up to that run is known, so that a walk may stop there (the high-water mark)
    states  what a source was last found to be, when and since when, and why
    backfills  the list page with which a walk back to a date goes on, once everything above it is in the spool

No title is kept, since names stand in titles: the spool and the archive have them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from netdocket.database import BUSY_SECONDS, open_database, require_sqlite, storage_errors, transaction
from netdocket.records import Archive

FORMAT: Final = 3
APPLICATION: Final = 0x6E64_6372  # "ndcr"
SCHEMA: Final = (
    """CREATE TABLE pages (source TEXT NOT NULL, url TEXT NOT NULL, address TEXT NOT NULL, published TEXT,
         etag TEXT, last_modified TEXT, body_digest TEXT, content_digest TEXT, first_seen TEXT NOT NULL,
         checked_at TEXT NOT NULL, due_at TEXT NOT NULL, failures INTEGER NOT NULL DEFAULT 0, failure TEXT,
         run INTEGER NOT NULL, unread_digest TEXT, unread_file TEXT, unread_offset INTEGER,
         PRIMARY KEY (source, url)) WITHOUT ROWID""",
    "CREATE INDEX pages_due ON pages (source, due_at)",
    """CREATE TABLE found (source TEXT NOT NULL, list TEXT NOT NULL, url TEXT NOT NULL, run INTEGER NOT NULL,
         listed TEXT NOT NULL, PRIMARY KEY (source, list, url)) WITHOUT ROWID""",
    """CREATE TABLE lists (source TEXT NOT NULL, list TEXT NOT NULL, rules TEXT NOT NULL, etag TEXT,
         last_modified TEXT, intact_run INTEGER NOT NULL, walked_at TEXT NOT NULL, PRIMARY KEY (source, list)) WITHOUT ROWID""",
    """CREATE TABLE states (source TEXT PRIMARY KEY, state TEXT NOT NULL, since TEXT NOT NULL, last_good TEXT,
         at TEXT, reason TEXT, place TEXT) WITHOUT ROWID""",
    """CREATE TABLE backfills (source TEXT NOT NULL, list TEXT NOT NULL, period TEXT NOT NULL, request TEXT NOT NULL,
         PRIMARY KEY (source, list, period)) WITHOUT ROWID""",
    "CREATE TABLE runs (run INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, started TEXT NOT NULL)",
)

_FROM_FORMAT_1: Final = (
    "ALTER TABLE pages DROP COLUMN title",
    "ALTER TABLE pages ADD COLUMN unread_digest TEXT",
    "ALTER TABLE pages ADD COLUMN unread_file TEXT",
    "ALTER TABLE pages ADD COLUMN unread_offset INTEGER",
    "PRAGMA user_version = 2",
)
_FROM_FORMAT_2: Final = (
    "ALTER TABLE states ADD COLUMN at TEXT",
    "ALTER TABLE states ADD COLUMN reason TEXT",
    "ALTER TABLE states ADD COLUMN place TEXT",
    """CREATE TABLE backfills (source TEXT NOT NULL, list TEXT NOT NULL, period TEXT NOT NULL, request TEXT NOT NULL,
         PRIMARY KEY (source, list, period)) WITHOUT ROWID""",
    "PRAGMA user_version = 3",
)

_SHORTEST, _LONGEST = dt.timedelta(days=1), dt.timedelta(days=180)
_BATCH: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Those of a conditional request."""
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPage:
    """A page as it came last: the digest of its bytes, and where the archive has it."""

    digest: str
    archive: Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPage:
    """`address`: as it was linked (its id rests on `url`). `failure`: state of the last attempt, None where it went
    well; digests are those of what is in the spool. `last`: the page as it was archived last,
    whatever came of it."""

    url: str
    address: str
    published: str | None = None
    validators: Validators = Validators()
    body_digest: str | None = None
    content_digest: str | None = None
    first_seen: str
    due_at: str
    failures: int = 0
    failure: str | None = None
    run: int = 0
    last: LastPage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownList:
    validators: Validators
    intact_run: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownState:
    """`at`: when the source was crawled last; `place`: the address that the reason speaks of."""

    state: str
    since: str
    last_good: str | None
    at: str | None = None
    reason: str | None = None
    place: str | None = None


class CrawlMemory:
    """One process's connection. Raises StorageError and its kinds."""

    def __init__(self, path: Path) -> None:
        self.path = path
        require_sqlite(path)
        _renew(path)
        self._db = open_database(path, application=APPLICATION, version=FORMAT, schema=SCHEMA)
        self._db.execute("PRAGMA synchronous = NORMAL")

    def begin(self, run_id: str, at: str) -> int:
        """Numbers a run: runs rise."""
        with transaction(self._db, self.path) as db:
            run = db.execute("INSERT INTO runs (run_id, started) VALUES (?, ?)", (run_id, at)).lastrowid
        assert run is not None  # noqa: S101 - SQLite numbers every row
        return run

    # --- pages ---------------------------------------------------------------------------------------------

    def page(self, source: str, url: str) -> KnownPage | None:
        with storage_errors(self.path):
            row = self._db.execute(f"{_SELECT_PAGE} AND url = ?", (source, url)).fetchone()
        return _page(row) if row else None

    def due(self, source: str, at: str | None, limit: int | None = None) -> Iterator[KnownPage]:
        """Pages that are due at a time (None: all), the longest overdue first, without those of a later change."""
        after = ("", "")
        given = 0
        while limit is None or given < limit:
            wanted = _BATCH if limit is None else min(_BATCH, limit - given)
            with storage_errors(self.path):
                rows = self._db.execute(
                    f"""{_SELECT_PAGE} AND (?2 IS NULL OR due_at <= ?2) AND (due_at, url) > (?3, ?4)
                        ORDER BY due_at, url LIMIT ?5""",
                    (source, at, *after, wanted),
                ).fetchall()
            if not rows:
                return
            found = [_page(row) for row in rows]
            after = (found[-1].due_at, found[-1].url)
            given += len(found)
            yield from found

    def settle(
        self, source: str, entry: Mapping[str, str | None], *, at: str, run: int, validators: Validators,
        body_digest: str, content_digest: str, lacking: str | None = None, last: LastPage | None = None,
    ) -> None:  # fmt: skip
        """The page as fetched is in the spool. `entry`: url, address, published. `lacking`: in which state a document of
        it is; then the page counts as failed, is due as such, and is asked for without condition; `last`: where the page
        lies, None where it was not archived."""
        with transaction(self._db, self.path) as db:
            first_seen = _first_seen(db, source, str(entry["url"])) or at
            failures = _failures(db, source, str(entry["url"])) + 1
            db.execute(
                """INSERT OR REPLACE INTO pages (source, url, address, published, etag, last_modified,
                     body_digest, content_digest, first_seen, checked_at, due_at, run, unread_digest, unread_file,
                     unread_offset)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    source, entry["url"], entry["address"], entry["published"], validators.etag,
                    validators.last_modified, body_digest, content_digest, first_seen, at,
                    due_again(entry["published"] or first_seen, at), run,
                    last and last.digest, last and last.archive.file, last and last.archive.offset,
                ),
            )  # fmt: skip
            if lacking is not None:
                _note_failure(
                    db, source, entry, at=at, run=run, failures=failures, failure=lacking, last=last
                )

    def confirm(self, source: str, url: str, *, at: str, run: int) -> None:
        """The page was asked for and is as it was."""
        with transaction(self._db, self.path) as db:
            row = db.execute(
                "SELECT published, first_seen FROM pages WHERE source = ? AND url = ?", (source, url)
            ).fetchone()
            if row:
                db.execute(
                    """UPDATE pages SET checked_at = ?, due_at = ?, run = ?, failures = 0, failure = NULL
                       WHERE source = ? AND url = ?""",
                    (at, due_again(row[0] or row[1], at), run, source, url),
                )

    def fail(
        self, source: str, entry: Mapping[str, str | None], *, at: str, run: int, failure: str,
        last: LastPage | None = None,
    ) -> None:  # fmt: skip
        """The page could not be taken: it is due in the next run, and after further failures on later and later days.
        What was taken of it before still holds, but it is asked for without condition. `last`: what came of it; None
        where nothing did, and then what came last is still known."""
        with transaction(self._db, self.path) as db:
            failures = _failures(db, source, str(entry["url"])) + 1
            _note_failure(db, source, entry, at=at, run=run, failures=failures, failure=failure, last=last)

    def forget(self, source: str, url: str) -> None:
        """The page is never to be asked for again."""
        with transaction(self._db, self.path) as db:
            db.execute("DELETE FROM pages WHERE source = ? AND url = ?", (source, url))

    def count(self, source: str) -> int:
        """How many pages are known and were taken."""
        with storage_errors(self.path):
            (count,) = self._db.execute(
                "SELECT count(*) FROM pages WHERE source = ? AND content_digest IS NOT NULL", (source,)
            ).fetchone()
        return int(count)

    # --- lists ---------------------------------------------------------------------------------------------

    def known_list(self, source: str, key: str, rules: str) -> KnownList | None:
        """`rules`: digest of the card's rules for lists; a list walked under other rules is not known."""
        with storage_errors(self.path):
            row = self._db.execute(
                "SELECT etag, last_modified, intact_run FROM lists WHERE source = ? AND list = ? AND rules = ?",
                (source, key, rules),
            ).fetchone()
        return (
            KnownList(validators=Validators(etag=row[0], last_modified=row[1]), intact_run=row[2])
            if row
            else None
        )

    def found(self, source: str, key: str, urls: Iterable[str]) -> dict[str, tuple[int, str]]:
        """Of these addresses those that the list has shown before: in which run first, and how."""
        found: dict[str, tuple[int, str]] = {}
        with storage_errors(self.path):
            for url in urls:
                row = self._db.execute(
                    "SELECT run, listed FROM found WHERE source = ? AND list = ? AND url = ?",
                    (source, key, url),
                ).fetchone()
                if row:
                    found[url] = row
        return found

    def complete_page(self, source: str, key: str, listed: Mapping[str, str], *, run: int) -> None:
        """Everything found through this list page is in the spool. `listed`: address to how it was listed."""
        with transaction(self._db, self.path) as db:
            db.executemany(
                """INSERT INTO found VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (source, list, url) DO UPDATE SET listed = excluded.listed""",
                [(source, key, url, run, how) for url, how in listed.items()],
            )

    def complete_walk(
        self, source: str, key: str, rules: str, validators: Validators, *, run: int, at: str
    ) -> None:
        """Every page of the list, down to what was known before or to its end, is complete."""
        with transaction(self._db, self.path) as db:
            db.execute(
                "INSERT OR REPLACE INTO lists VALUES (?, ?, ?, ?, ?, ?, ?)",
                (source, key, rules, validators.etag, validators.last_modified, run, at),
            )

    # --- states --------------------------------------------------------------------------------------------

    def state(self, source: str) -> KnownState | None:
        with storage_errors(self.path):
            row = self._db.execute(f"{_SELECT_STATE} WHERE source = ?", (source,)).fetchone()
        return KnownState(**dict(zip(_STATE_FIELDS, row[1:], strict=True))) if row else None

    def states(self) -> dict[str, KnownState]:
        """Of every source that was ever crawled."""
        with storage_errors(self.path):
            rows = self._db.execute(f"{_SELECT_STATE} ORDER BY source").fetchall()
        return {row[0]: KnownState(**dict(zip(_STATE_FIELDS, row[1:], strict=True))) for row in rows}

    def keep_state(self, source: str, known: KnownState) -> None:
        with transaction(self._db, self.path) as db:
            db.execute(
                """INSERT OR REPLACE INTO states (source, state, since, last_good, at, reason, place)
                   VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (source, known.state, known.since, known.last_good, known.at, known.reason, known.place),
            )

    # --- back-fills ----------------------------------------------------------------------------------------

    def backfill(self, source: str, key: str, period: str) -> str | None:
        """The list page with which a walk back goes on, as it was kept; None where it begins at the top."""
        with storage_errors(self.path):
            row = self._db.execute(
                "SELECT request FROM backfills WHERE source = ? AND list = ? AND period = ?",
                (source, key, period),
            ).fetchone()
        return row[0] if row else None

    def keep_backfill(self, source: str, key: str, period: str, request: str | None) -> None:
        """None: the walk is at its end."""
        with transaction(self._db, self.path) as db:
            if request is None:
                db.execute(
                    "DELETE FROM backfills WHERE source = ? AND list = ? AND period = ?",
                    (source, key, period),
                )
            else:
                db.execute(
                    "INSERT OR REPLACE INTO backfills VALUES (?, ?, ?, ?)", (source, key, period, request)
                )

    def close(self) -> None:
        self._db.close()


_SELECT_PAGE: Final = (
    "SELECT url, address, published, etag, last_modified, body_digest, content_digest, first_seen, due_at, "
    "failures, failure, run, unread_digest, unread_file, unread_offset FROM pages WHERE source = ?1"
)


_STATE_FIELDS: Final = ("state", "since", "last_good", "at", "reason", "place")
_SELECT_STATE: Final = "SELECT source, state, since, last_good, at, reason, place FROM states"


def _page(row: tuple[str, ...]) -> KnownPage:
    url, address, published, etag, modified, body, content, first, due, failures, failure, run, *last = row
    came = LastPage(digest=last[0], archive=Archive(file=last[1], offset=int(last[2]))) if last[0] else None
    return KnownPage(
        url=url, address=address, published=published, body_digest=body, content_digest=content,
        validators=Validators(etag=etag, last_modified=modified), first_seen=first, due_at=due,
        failures=int(failures), failure=failure, run=int(run), last=came,
    )  # fmt: skip


def _renew(path: Path) -> None:
    """Brings a file of an earlier format to this one. Titles, which stood in format 1, are wiped from the file."""
    if not path.exists():
        return
    with (
        storage_errors(path),
        contextlib.closing(sqlite3.connect(path, BUSY_SECONDS, isolation_level=None)) as db,
    ):
        db.execute("PRAGMA secure_delete = ON")
        with transaction(db, path):
            kind = (
                db.execute("PRAGMA application_id").fetchone(),
                db.execute("PRAGMA user_version").fetchone(),
            )
            if kind not in (((APPLICATION,), (1,)), ((APPLICATION,), (2,))):
                return
            for statement in (*(_FROM_FORMAT_1 if kind[1] == (1,) else ()), *_FROM_FORMAT_2):
                db.execute(statement)
        if kind[1] == (1,):
            db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _first_seen(db: sqlite3.Connection, source: str, url: str) -> str | None:
    row = db.execute("SELECT first_seen FROM pages WHERE source = ? AND url = ?", (source, url)).fetchone()
    return row[0] if row else None


def _failures(db: sqlite3.Connection, source: str, url: str) -> int:
    """In a row, up to the last attempt."""
    row = db.execute("SELECT failures FROM pages WHERE source = ? AND url = ?", (source, url)).fetchone()
    return int(row[0]) if row else 0


def _note_failure(
    db: sqlite3.Connection, source: str, entry: Mapping[str, str | None], *, at: str, run: int, failures: int,
    failure: str, last: LastPage | None,
) -> None:  # fmt: skip
    """`failures`: in a row, with this one."""
    due = _moved(at, dt.timedelta(days=min(failures - 1, 30)))
    db.execute(
        """INSERT INTO pages (source, url, address, published, first_seen, checked_at, due_at, failures, failure,
             run, unread_digest, unread_file, unread_offset)
             VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
           ON CONFLICT (source, url) DO UPDATE SET checked_at = ?5, due_at = ?6, failures = ?7, failure = ?8,
             run = ?9, etag = NULL, last_modified = NULL, body_digest = NULL,
             unread_digest = coalesce(?10, unread_digest), unread_file = coalesce(?11, unread_file),
             unread_offset = coalesce(?12, unread_offset)""",
        (
            source, entry["url"], entry["address"], entry["published"], at, due, failures, failure, run,
            last and last.digest, last and last.archive.file, last and last.archive.offset,
        ),
    )  # fmt: skip


def due_again(since: str, at: str) -> str:
    """When a page is asked for again: after a tenth of its age, since pages are amended soon or hardly ever; between a
    day and half a year. `since`: ISO date or time of its publication, also YYYY-MM or YYYY."""
    born = dt.datetime.fromisoformat(f"{since}-01-01"[:10] if len(since) < 10 else since[:10]).replace(
        tzinfo=dt.UTC
    )
    age = dt.datetime.fromisoformat(at) - born
    return _moved(at, min(max(age / 10, _SHORTEST), _LONGEST))


def _moved(at: str, by: dt.timedelta) -> str:
    return (dt.datetime.fromisoformat(at) + by).strftime("%Y-%m-%dT%H:%M:%SZ")
