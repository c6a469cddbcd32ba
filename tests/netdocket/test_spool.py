"""The spool: what is acknowledged survives a kill, revisions rise, a full queue or disk is an error and no loss."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import netdocket.spool
from netdocket.database import open_database
from netdocket.errors import (
    DiskFullError,
    FormatVersionError,
    OversizedBulletinError,
    RecordError,
    SpoolFullError,
    StorageError,
)
from netdocket.records import Archive, Bulletin, SourceState, decode
from netdocket.spool import BULLETINS, RECLASSIFY, SOURCES, Spool

WAIT = 30.0


def bulletin(key: str, text: str = "正文", **given: Any) -> Bulletin:
    values = {
        "source": "test",
        "title": "标题",
        "language": "zh",
        "fetched_at": "2026-03-01T00:00:00Z",
    } | given
    return Bulletin(bulletin_id=key, text=text, **values)


STATE = SourceState(
    source="test", state="ok", since="2026-03-01T00:00:00Z", at="2026-03-01T00:00:00Z", run_id="r1"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.sqlite"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[..., Spool]]:
    spools: list[Spool] = []

    def open_(**given: Any) -> Spool:
        spools.append(Spool(path, **{"commit_ms": 0} | given))
        return spools[-1]

    yield open_
    for spool in spools:
        spool.close()


# --- what comes in goes out ------------------------------------------------------------------------------


def test_a_bulletin_waits_until_it_is_confirmed(opened: Callable[..., Spool]) -> None:
    spool = opened()
    receipt = spool.submit(bulletin("a")).result(WAIT)
    spool.submit_state(STATE).result(WAIT)
    first, second = spool.read()
    read = decode(first.payload, Bulletin)
    assert (first.topic, first.key, second.topic) == (BULLETINS, "a", SOURCES)
    assert (read.revision, read.ordinal) == (receipt.revision, 1)
    assert read.content_digest
    assert decode(second.payload, SourceState) == STATE
    assert spool.read() == [first, second], "reading takes nothing out"
    assert spool.read(after=first.position) == [second]
    spool.confirm([first.position])
    assert spool.read() == [second]
    spool.confirm([first.position, second.position])
    assert spool.pending() == 0


def test_large_bulletins_are_read_a_few_at_a_time_and_none_is_left_out(
    opened: Callable[..., Spool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(netdocket.spool, "PAGE_BYTES", 25_000)
    spool = opened()
    for key in "abcde":
        spool.submit(bulletin(key, key * 10_000)).result(WAIT)
    pages = []
    after = 0
    while page := spool.read(after, 100):
        pages.append("".join(entry.key for entry in page))
        after = page[-1].position
    assert pages == ["abc", "de"]
    assert [k.bulletin_id for k in spool.all_kept()] == list("abcde")


def test_reopened_it_holds_what_it_held(opened: Callable[..., Spool]) -> None:
    one = opened()
    one.submit(bulletin("a")).result(WAIT)
    waiting = one.read()
    one.close()
    assert opened().read() == waiting


# --- revisions -------------------------------------------------------------------------------------------


def test_revisions_are_seconds_of_the_fetch_and_rise_whatever_the_clock_does(
    opened: Callable[..., Spool],
) -> None:
    spool = opened()

    def submit(text: str, at: str) -> tuple[int, int, str]:
        receipt = spool.submit(bulletin("a", text, fetched_at=at)).result(WAIT)
        return receipt.revision, receipt.ordinal, receipt.change

    noon = 1_772_366_400
    assert submit("one", "2026-03-01T12:00:00Z") == (noon, 1, "new")
    assert submit("one", "2026-03-02T12:00:00Z") == (noon, 1, "unchanged")
    assert submit("one \n ", "2026-03-02T12:00:00Z") == (noon, 1, "unchanged"), "white space is no change"
    assert submit("two", "2026-03-01T12:00:00Z") == (noon + 1, 2, "changed"), "twice within a second"
    assert submit("three", "2020-01-01T00:00:00Z") == (noon + 2, 3, "changed"), "the clock was put back"
    assert submit("two", "2026-03-03T12:00:00Z") == (noon + 2 * 86_400, 4, "changed"), (
        "back to what it was before"
    )
    assert [entry.key for entry in spool.read()] == ["a"] * 4, "what is unchanged is not queued"
    assert spool.revisions("a") == [(1, noon), (2, noon + 1), (3, noon + 2), (4, noon + 2 * 86_400)]


def test_a_lost_spool_does_no_harm(opened: Callable[..., Spool], tmp_path: Path) -> None:
    old = opened()
    for text in ("one", "two"):
        last = old.submit(bulletin("a", text)).result(WAIT)
    fresh = Spool(tmp_path / "another.sqlite", commit_ms=0)
    again = fresh.submit(bulletin("a", "two", fetched_at="2026-03-02T00:00:00Z")).result(WAIT)
    fresh.close()
    assert again.revision > last.revision


def test_revisions_outlive_the_payload(opened: Callable[..., Spool]) -> None:
    spool = opened()
    spool.submit(bulletin("a")).result(WAIT)
    spool.confirm([entry.position for entry in spool.read()])
    assert spool.submit(bulletin("a")).result(WAIT).change == "unchanged"


# --- what is kept for a re-classification ----------------------------------------------------------------


def test_the_newest_revision_is_kept_and_older_ones_go_once_they_are_confirmed(
    opened: Callable[..., Spool],
) -> None:
    spool = opened()
    for text in ("one", "two", "three"):
        spool.submit(bulletin("a", text)).result(WAIT)
    spool.submit(bulletin("b", source="other")).result(WAIT)
    texts = [decode(entry.payload, Bulletin).text for entry in spool.read()]
    assert texts == ["one", "two", "three", "正文"], "each revision waits with its own text"
    spool.confirm([entry.position for entry in spool.read()])
    assert [(k.bulletin_id, decode(k.payload, Bulletin).text) for k in spool.all_kept(page=1)] == [
        ("a", "three"),
        ("b", "正文"),
    ]
    assert [k.bulletin_id for k in spool.all_kept(source="other")] == ["b"]
    rows = sqlite3.connect(spool.path)
    assert rows.execute("SELECT count(*) FROM payloads").fetchone() == (2,)
    rows.close()


def test_requeued_bulletins_come_again_as_they_are_kept(opened: Callable[..., Spool]) -> None:
    spool = opened()
    spool.submit(bulletin("a", "one")).result(WAIT)
    spool.confirm([entry.position for entry in spool.read()])
    positions = spool.requeue(["a", "unknown"])
    (entry,) = spool.read()
    assert ([entry.position], entry.topic) == (positions, RECLASSIFY)
    assert decode(entry.payload, Bulletin).text == "one"


def test_what_is_purged_is_not_in_the_file_and_does_not_come_back(opened: Callable[..., Spool]) -> None:
    secret = "某甲的秘密" * 50
    spool = opened()
    spool.submit(bulletin("a", secret)).result(WAIT)
    (kept,) = spool.all_kept()
    assert spool.purge("a")
    assert (spool.pending(), spool.latest("a")) == (0, None)
    assert spool.submit(bulletin("a", secret + "!")).result(WAIT).change == "unchanged"
    assert spool.pending() == 0
    spool.close()
    packed = zlib.compress(kept.payload, netdocket.spool.COMPRESSION)
    for file in spool.path.parent.iterdir():
        assert packed[20:60] not in file.read_bytes(), file.name


def test_a_purge_takes_every_entry_of_the_bulletin_and_none_that_is_left_blocks_the_queue(
    opened: Callable[..., Spool],
) -> None:
    spool = opened()
    for key in "ab":
        spool.submit(bulletin(key)).result(WAIT)
    spool.submit_state(STATE).result(WAIT)
    spool.requeue(["a", "b"])
    assert spool.purge("a")
    assert [(e.topic, e.key) for e in spool.read()] == [
        (BULLETINS, "b"),
        (SOURCES, "test"),
        (RECLASSIFY, "b"),
    ]


def test_of_entries_without_bytes_only_those_that_were_purged_leave_unread(
    opened: Callable[..., Spool],
) -> None:
    """A purge of an earlier version left such entries; whatever else loses bytes is to be seen."""
    spool = opened()
    for key in "abc":
        spool.submit(bulletin(key)).result(WAIT)
    with sqlite3.connect(spool.path) as rows:
        rows.execute("DELETE FROM payloads WHERE bulletin_id IN ('a', 'b')")
        rows.execute("INSERT INTO purged VALUES ('a')")
    rows.close()
    assert [(entry.key, bool(entry.payload)) for entry in spool.read()] == [("b", False), ("c", True)]
    assert spool.pending() == 2


def test_a_revision_that_is_replaced_leaves_no_bytes_in_the_file(opened: Callable[..., Spool]) -> None:
    spool = opened()
    spool.purge("another")
    spool.submit(bulletin("a", os.urandom(40_000).hex())).result(WAIT)
    (old,) = spool.all_kept()
    spool.submit(bulletin("a", "short")).result(WAIT)
    spool.confirm([entry.position for entry in spool.read()])
    spool.close()  # the last connection takes the write-ahead log into the file
    packed = zlib.compress(old.payload, netdocket.spool.COMPRESSION)
    assert packed[1000:1040] not in spool.path.read_bytes()


def test_a_purge_that_a_reader_keeps_from_the_log_says_so_and_can_be_repeated(
    opened: Callable[..., Spool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netdocket.database.BUSY_SECONDS", 0.05)
    spool = opened()
    spool.submit(bulletin("a")).result(WAIT)
    reading = sqlite3.connect(spool.path, isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM payloads").fetchone()
    with pytest.raises(StorageError, match=r"somebody else is reading.*repeat"):
        spool.purge("a")
    reading.close()
    assert not spool.purge("a"), "there was nothing left but the log"


# --- errors ----------------------------------------------------------------------------------------------


def test_a_text_over_the_limit_is_refused_and_names_its_archive_entry(opened: Callable[..., Spool]) -> None:
    large = bulletin("a", "字" * 4_000_001, archive=Archive(file="a-1.warc.gz", offset=77))
    with pytest.raises(OversizedBulletinError, match=r"12,000,003 bytes.*a-1\.warc\.gz at 77"):
        opened().submit(large).result(WAIT)


@pytest.mark.parametrize(
    "bad", [{"text": "\ud800"}, {"fetched_at": "yesterday"}, {"fetched_at": "1900-01-01T00:00:00Z"}]
)
def test_a_bulletin_that_cannot_be_stored_is_refused_and_its_neighbours_are_not(
    opened: Callable[..., Spool], bad: dict[str, str]
) -> None:
    spool = opened(commit_ms=50)  # all three share a commit
    futures = [
        spool.submit(bulletin("a")),
        spool.submit(bulletin("b", **bad)),
        spool.submit(bulletin("c")),
    ]
    with pytest.raises(RecordError):
        futures[1].result(WAIT)
    assert [f.result(WAIT).bulletin_id for f in (futures[0], futures[2])] == ["a", "c"]
    assert [entry.key for entry in spool.read()] == ["a", "c"]


def test_a_full_queue_holds_new_bulletins_until_there_is_room(opened: Callable[..., Spool]) -> None:
    spool = opened(limit=2)
    futures = [spool.submit(bulletin(key)) for key in "abcd"]
    for future in futures[:2]:
        future.result(WAIT)
    spool.submit_state(STATE).result(WAIT)  # a stalled crawl can still say so
    assert not futures[2].done()
    assert [e.key for e in spool.read()] == ["a", "b", "test"]
    spool.confirm([entry.position for entry in spool.read()])
    assert [f.result(WAIT).bulletin_id for f in futures] == ["a", "b", "c", "d"]


def test_room_made_by_another_process_is_noticed(opened: Callable[..., Spool]) -> None:
    crawler, runner = opened(limit=1), opened(limit=1)
    crawler.submit(bulletin("a")).result(WAIT)
    waits = crawler.submit(bulletin("b"))
    runner.confirm([entry.position for entry in runner.read()])
    assert waits.result(WAIT).change == "new"


def test_patience_with_a_full_queue_ends(opened: Callable[..., Spool]) -> None:
    spool = opened(limit=1, patience=0.2)
    spool.submit(bulletin("a")).result(WAIT)
    with pytest.raises(SpoolFullError, match=r"still full after 0\.2 s: 1 entries wait"):
        spool.submit(bulletin("b")).result(WAIT)
    spool.confirm([entry.position for entry in spool.read()])
    assert spool.submit(bulletin("b")).result(WAIT).change == "new", "nothing of the refused one was kept"


def test_closing_gives_up_what_waits_for_room(opened: Callable[..., Spool]) -> None:
    spool = opened(limit=1)
    spool.submit(bulletin("a")).result(WAIT)
    waits = spool.submit(bulletin("b"))
    spool.close()
    with pytest.raises(SpoolFullError, match="closed"):
        waits.result(WAIT)
    with pytest.raises(StorageError, match="closed"):
        spool.submit(bulletin("c"))


def test_a_full_disk_is_an_error_of_those_who_wait_and_of_nobody_else(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[sqlite3.Connection] = []

    def remembering(*args: Any, **given: Any) -> sqlite3.Connection:
        connections.append(open_database(*args, **given))
        return connections[-1]

    monkeypatch.setattr(netdocket.spool, "open_database", remembering)
    spool = Spool(path, commit_ms=0)
    spool.submit(bulletin("a")).result(WAIT)
    # SQLite itself says SQLITE_FULL when the file may not grow, as it does when the disk is full
    (pages,) = connections[1].execute("PRAGMA page_count").fetchone()
    connections[1].execute(f"PRAGMA max_page_count = {pages}")
    incompressible = os.urandom(100_000).hex()
    with pytest.raises(DiskFullError, match=r"no room.*|spool\.sqlite.*no room"):
        spool.submit(bulletin("b", incompressible)).result(WAIT)
    assert [entry.key for entry in spool.read()] == ["a"]
    connections[1].execute("PRAGMA max_page_count = 1000000")
    assert spool.submit(bulletin("b", incompressible)).result(WAIT).change == "new"
    assert [entry.key for entry in spool.read()] == ["a", "b"]
    spool.close()


def test_files_of_another_format_or_kind_and_damaged_ones_are_refused(path: Path) -> None:
    Spool(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(FormatVersionError, match="format 99, this netdocket reads format 1"):
        Spool(path)
    other = path.with_name("other.sqlite")
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE things (a)")
    db.close()
    with pytest.raises(FormatVersionError, match="not one of this kind"):
        Spool(other)
    garbage = path.with_name("garbage.sqlite")
    garbage.write_bytes(b"this is no database" * 1000)
    with pytest.raises(StorageError, match=r"garbage\.sqlite: file is not a database"):
        Spool(garbage)


def test_a_damaged_page_is_a_typed_error(path: Path) -> None:
    spool = Spool(path)
    for key in range(200):
        spool.submit(bulletin(str(key), os.urandom(500).hex())).result(WAIT)
    spool.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    damaged = Spool(path)
    with pytest.raises(StorageError):
        damaged.read()
    with pytest.raises(StorageError):
        damaged.submit(bulletin("new")).result(WAIT)
    damaged.close()


# --- several threads, several processes, kills -----------------------------------------------------------

CHILD = """
import sys
from pathlib import Path
from netdocket.records import Bulletin
from netdocket.spool import Spool

spool = Spool(Path(sys.argv[1]), commit_ms=2)
name = sys.argv[2]
pending = []
for number in range(int(sys.argv[3])):
    pending.append(spool.submit(Bulletin(
        bulletin_id=f"{name}-{number}", source=name, title=f"{number}", text="正文" * 200, language="zh",
        fetched_at="2026-03-01T00:00:00Z")))
    while pending and (pending[0].done() or len(pending) > 20):
        print(pending.pop(0).result().bulletin_id, flush=True)
for future in pending:
    print(future.result().bulletin_id, flush=True)
spool.close()
"""


def start(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("said", [1, 40, 170])
def test_what_was_acknowledged_is_there_after_a_kill(path: Path, said: int) -> None:
    child = start(path, "k", 1_000_000)
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().strip() for _ in range(said)]
    child.send_signal(signal.SIGKILL)
    acknowledged += child.stdout.read().split("\n")[:-1]  # what it had said before it died, whole lines only
    child.stdout.close()
    child.wait(WAIT)
    spool = Spool(path)
    waiting = [entry.key for entry in spool.read(limit=100_000)]
    spool.close()
    assert set(acknowledged) <= set(waiting)
    assert waiting == [f"k-{number}" for number in range(len(waiting))], "in order, none twice"


def test_commits_are_synced_to_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill cannot show this, only a power cut could: the writer's own connection must say FULL."""
    connections: list[sqlite3.Connection] = []

    def remembering(*args: Any, **given: Any) -> sqlite3.Connection:
        connections.append(open_database(*args, **given))
        return connections[-1]

    monkeypatch.setattr(netdocket.spool, "open_database", remembering)
    spool = Spool(path)
    full = 2
    for connection in connections:
        assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    spool.close()


def test_several_processes_share_the_file(path: Path) -> None:
    children = [start(path, name, 150) for name in ("x", "y", "z")]
    reader = Spool(path, commit_ms=1)
    seen: list[str] = []
    deadline = time.monotonic() + 60
    while len(seen) < 450 and time.monotonic() < deadline:
        entries = reader.read(limit=50)
        seen += [entry.key for entry in entries]
        reader.confirm([entry.position for entry in entries])
        if not entries:
            time.sleep(0.01)
    for child in children:
        child.communicate(timeout=WAIT)
        assert child.returncode == 0
    reader.close()
    assert sorted(seen) == sorted(f"{name}-{number}" for name in "xyz" for number in range(150))


def test_threads_that_submit_the_same_page_agree_on_its_revisions(opened: Callable[..., Spool]) -> None:
    spool = opened(commit_ms=2)
    other = opened(commit_ms=2)
    receipts: list[Any] = []

    def work(through: Spool) -> None:
        receipts.extend(through.submit(bulletin("a", f"text {n}")).result(WAIT) for n in range(20))

    threads = [threading.Thread(target=work, args=(through,)) for through in (spool, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [(r.revision, r.ordinal) for r in receipts if r.change != "unchanged"]
    assert len(set(given)) == len(given)
    assert sorted(given) == [(revision, ordinal) for ordinal, revision in spool.revisions("a")]
