"""One thread that writes to an SQLite file: jobs that come within a few milliseconds share one durable commit.

Who hands over a job gets a future at once and never waits for the disk. A job may need room (the spool's bound): it is
held back until there is some, other processes making it included, and given up after a while.
"""

from __future__ import annotations

import dataclasses
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, TypeVar

from netdocket.database import storage_errors, transaction
from netdocket.errors import NetdocketError, RecordError, StorageError

GROUP_ITEMS: Final = 1_000
GROUP_BYTES: Final = 64_000_000
"""Bounds of one commit."""
POLL_SECONDS: Final = 0.1
"""How often it is looked whether another process has made room."""

R = TypeVar("R")
Connection = sqlite3.Connection


@dataclasses.dataclass(slots=True)
class _Job:
    run: Callable[[Connection], Any]
    future: Future[Any]
    size: int
    patience: float | None
    """Seconds that it waits for room; None: it needs none."""
    came_at: float

    def fail(self, error: Exception) -> None:
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    def succeed(self, result: Any) -> None:
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(result)


class GroupCommit:
    """Owns the connection `db`. `room`: how many jobs that need room may be done now; `full`: the error for a job that
    waited so many seconds in vain (None: that is given up because of `close`)."""

    def __init__(
        self,
        db: Connection,
        path: Path,
        *,
        company: float,
        room: Callable[[Connection], int],
        full: Callable[[float | None], NetdocketError],
    ) -> None:
        """`company`: seconds that a commit waits for more jobs."""
        self._db = db
        self._path = path
        self._company = company
        self._room = room
        self._full = full
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    def submit(
        self, run: Callable[[Connection], R], *, size: int = 0, patience: float | None = None
    ) -> Future[R]:
        """`run` is called inside a transaction; the future resolves when that is on disk. RecordError, raised by `run`
        before it has written anything, concerns its job alone; any other error undoes the group. `patience`: the job
        needs room and waits so many seconds for it. Raises StorageError once closed."""
        future: Future[R] = Future()
        with self._closing:
            if self._closed:
                raise StorageError("is closed already", where=str(self._path))
            self._jobs.put(_Job(run, future, size, patience, time.monotonic()))
        return future

    def close(self) -> None:
        """Everything handed over is written first; what still waits for room is given up."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        waiting: deque[_Job] = deque()
        open_ = True
        while open_:
            arrived, open_ = self._gather(idle_for=POLL_SECONDS if waiting else None)
            waiting.extend(job for job in arrived if job.patience is not None)
            self._commit([job for job in arrived if job.patience is None])
            while waiting and self._commit(group := self._with_room(waiting)):
                for _ in group:
                    waiting.popleft()
            self._give_up(waiting, everything=not open_)
        self._db.close()

    def _gather(self, *, idle_for: float | None) -> tuple[list[_Job], bool]:
        """The next job and what keeps it company; False with the last ones."""
        jobs: list[_Job] = []
        size = 0
        deadline = 0.0
        while len(jobs) < GROUP_ITEMS and size < GROUP_BYTES:
            try:
                if not jobs:
                    job = self._jobs.get(timeout=idle_for)
                    deadline = time.monotonic() + self._company
                else:
                    job = self._jobs.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                return jobs, False
            jobs.append(job)
            size += job.size
        return jobs, True

    def _with_room(self, waiting: Iterable[_Job]) -> list[_Job]:
        try:
            with storage_errors(self._path):
                room = min(self._room(self._db), GROUP_ITEMS)
        except StorageError:
            room = GROUP_ITEMS  # the commit meets the same error, and tells those who wait
        taken: list[_Job] = []
        size = 0
        for job in waiting:
            if len(taken) >= room or size >= GROUP_BYTES:
                break
            taken.append(job)
            size += job.size
        return taken

    def _commit(self, group: list[_Job]) -> bool:
        """Whether there was anything to do; each job's future has heard how it went."""
        if not group:
            return False
        done: list[tuple[_Job, Any]] = []
        refused: list[tuple[_Job, RecordError]] = []
        try:
            with transaction(self._db, self._path):
                for job in group:
                    try:
                        done.append((job, job.run(self._db)))
                    except RecordError as error:
                        refused.append((job, error))
        except Exception as error:
            # Nothing of the group is written; whoever waits for it may submit again. An error that nobody foresaw
            # must not end the thread either: every later future would hang.
            for job in group:
                job.fail(error)
            return True
        for job, result in done:
            job.succeed(result)
        for job, reason in refused:
            job.fail(reason)
        return True

    def _give_up(self, waiting: deque[_Job], *, everything: bool) -> None:
        now = time.monotonic()
        while waiting and (everything or waiting[0].came_at + (waiting[0].patience or 0.0) <= now):
            job = waiting.popleft()
            job.fail(self._full(None if everything else job.patience))
