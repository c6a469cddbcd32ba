"""What a worker has in hand, noted where it survives the worker: a bulletin that kills or hangs whoever works on it is
found out, and left out.

Some failures leave no error behind: a parser that runs for ever inside C code and holds the interpreter, memory that
runs out, a crash. The process dies, Kafka delivers again, the process dies again, and the partition stands still. So:

    before each bulletin   its key (bulletin, revision, rules) goes into a file of the worker's slot; a note in the
                           page cache survives any death but the machine's
    while it is worked on  a watchdog in C, which needs no interpreter, ends the process after `patience` seconds and
                           leaves a traceback
    at the next start      what the file names was in hand when the last worker of this slot died: that is one death,
                           counted in the store, where every worker reads it
    at the third           the bulletin is a dead letter without being touched; after a hang at the first, since
                           the clock has said why

The key holds the rules' version: under new rules the count begins anew. So does it when the letter is replayed.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import os
import threading
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol

import msgspec

from netdocket.errors import StorageError
from netdocket.records import Bulletin

DEATHS: Final = 3
KIND: Final = "worker-deaths"
NOTE_BYTES: Final = 256
MOST_SLOTS: Final = 256


class Deaths(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a worker has died with a bulletin in hand. `hung`: the line at which one was stopped."""

    count: int
    hung: str | None = None

    @property
    def enough(self) -> bool:
        return self.hung is not None or self.count >= DEATHS

    @property
    def reason(self) -> str:
        if self.hung is not None:
            return f"a worker hung over it and was ended, at {self.hung}"
        return f"{self.count} workers died with it in hand"


class Counts(Protocol):
    """Kept where all workers read it (the store's user state)."""

    def put(self, key: str, value: Deaths) -> None: ...

    def get(self, key: str) -> Deaths | None: ...

    def all(self) -> dict[str, Deaths]: ...

    def remove(self, key: str) -> bool: ...


class InHand:
    """A slot in `folder`, of which each living worker has one. For one thread."""

    def __init__(self, folder: Path, counts: Counts, *, patience: float) -> None:
        """Counts the death of the slot's last worker. Raises StorageError, StoreError."""
        self._counts = counts
        self._patience = patience
        self.slot, self._lock = _free_slot(folder)
        self.member = _member(self.slot / "member")
        self._note = os.open(self.slot / "in-hand", os.O_RDWR | os.O_CREAT, 0o600)
        self._trace = (self.slot / "traceback").open("a+b")
        self.died_with = self._last_words()
        self._known: dict[str, Deaths] = {}
        self._stale = threading.Event()
        self._stale.set()

    def changed_hands(self) -> None:
        """Partitions came from another worker, perhaps a dead one. From any thread; waits for nothing."""
        self._stale.set()

    def look(self) -> None:
        """Reads what all workers have counted, where partitions have changed hands since. Raises StoreError."""
        if self._stale.is_set():
            self._stale.clear()
            try:
                self._known = self._counts.all()
            except BaseException:
                self._stale.set()
                raise

    def condemned(self, key: str) -> Deaths | None:
        known = self._known.get(key)
        return known if known and known.enough else None

    @contextlib.contextmanager
    def holding(self, key: str) -> Iterator[None]:
        self._write(key)
        faulthandler.dump_traceback_later(self._patience, exit=True, file=self._trace.fileno())
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            self._write("")

    def let_go(self) -> None:
        """The process ends although something is in hand, and not because of it. From any thread."""
        self._write("")

    def acknowledged(self, keys: Iterable[str]) -> None:
        """These are done with; what is counted against them goes."""
        for key in keys:
            if key in self._known:
                self._counts.remove(key)
                del self._known[key]

    def close(self) -> None:
        os.close(self._note)
        self._trace.close()
        os.close(self._lock)

    def _last_words(self) -> str | None:
        key = os.pread(self._note, NOTE_BYTES, 0).rstrip(b"\0 ").decode("utf-8", "replace")
        self._trace.seek(0)
        hung = _where(self._trace.read().decode("utf-8", "replace"))
        if key:
            known = self._counts.get(key) or Deaths(0)
            self._counts.put(key, Deaths(known.count + 1, hung or known.hung))
        self._trace.truncate(0)
        self._write("")
        return key or None

    def _write(self, key: str) -> None:
        os.pwrite(self._note, key.encode()[:NOTE_BYTES].ljust(NOTE_BYTES, b"\0"), 0)


def _member(path: Path) -> str:
    """The slot's name in the consumer group, the same for every worker that has it: Kafka then hands a restarted worker
    its partitions at once, and does not wait for the dead one's session to end."""
    with contextlib.suppress(OSError, ValueError):
        return str(uuid.UUID(path.read_text("ascii")))
    member = str(uuid.uuid4())
    unfinished = path.with_suffix(".new")
    unfinished.write_text(member, "ascii")
    unfinished.replace(path)  # whole or not at all
    return member


def hand_key(bulletin: Bulletin, rules_version: int) -> str:
    return f"{bulletin.bulletin_id}@{bulletin.revision}+{rules_version}"


def _free_slot(folder: Path) -> tuple[Path, int]:
    for number in range(MOST_SLOTS):
        slot = folder / f"worker-{number}"
        try:
            slot.mkdir(parents=True, exist_ok=True)
            lock = os.open(slot / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(f"cannot be a worker's folder: {error.strerror}", where=str(slot)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        except OSError as error:
            os.close(lock)
            raise StorageError(f"cannot be locked: {error.strerror}", where=str(slot)) from error
        return slot, lock
    raise StorageError(f"{MOST_SLOTS} workers have their slots here", where=str(folder))


def _where(trace: str) -> str | None:
    """The innermost line of the thread that was at work: faulthandler shows it first, marked as current."""
    lines = trace.splitlines()
    for number, line in enumerate(lines):
        if (
            line.startswith(("Thread", "Current thread"))
            and "streams/" in "\n".join(lines[number:]).split("\n\n")[0]
        ):
            return lines[number + 1].strip() if number + 1 < len(lines) else None
    return "an unknown line" if lines else None
