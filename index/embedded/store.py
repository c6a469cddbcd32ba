"""The embedded store: the port over SQLite (documents) and tantivy (search)."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from index.embedded.database import Database
from index.embedded.documents import Documents, Family
from index.embedded.generation import Generation, NotTogether, Reader
from index.embedded.lock import RunnerLock
from index.embedded.native import IndexDamaged
from index.embedded.search import RowsGone, Search
from index.embedded.user_state import UserState
from index.embedded.writer import Runner
from index.mappings import IndexMapping, load_mappings
from index.store import Answer, Body, Stored, Swap, Write, Written
from netdocket.errors import RunnerLockedError, StorageError, StoreError

T = TypeVar("T")
SWEEP_SECONDS: Final = 60
SETTLE_SECONDS: Final = 10.0
ATTEMPTS: Final = 3

log = logging.getLogger(__name__)


class EmbeddedStore:
    """A store in a folder. With `writer` it is the runner: its `refresh` indexes what any process has written, and it
    must be called regularly for that. Without, it searches what the runner has made visible, and may write as well;
    where no runner lives, its own `refresh` does the indexing for once.

    `origin_family`: live or demo data; a store keeps to the first it was given. Thread-safe.
    """

    def __init__(
        self,
        path: Path,
        *,
        writer: bool,
        heap_mb: int = 128,
        origin_family: Family | None = None,
        mappings: Mapping[str, IndexMapping] | None = None,
    ) -> None:
        """Raises RunnerLockedError, FormatVersionError, MixedOriginError, StorageError."""
        self.path = path
        self._heap_mb = heap_mb
        self._mappings = load_mappings() if mappings is None else mappings
        self._generation_lock = threading.Lock()
        self._lock: RunnerLock | None = None
        self._runner: Runner | None = None
        self._swept = time.monotonic()
        # tantivy searches outside Python's lock.
        self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "search")
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(error.strerror or str(error), where=str(path)) from error
        if writer:
            self._lock = RunnerLock(path / "runner.lock")
        try:
            self._database = Database(path / "store.sqlite")
        except BaseException:
            self._release()
            raise
        try:
            self.documents = Documents(self._database, self._mappings, origin_family)
            self._reader = Reader(path / "tantivy", self._database, self._mappings)
            if writer:
                self._runner = self._new_runner()
                self._runner.commit()
            self._generation = self._settled()
        except BaseException:
            self.close()
            raise

    # --- searching -----------------------------------------------------------------------------------

    def search(self, index: str, body: Body) -> Answer:
        return self.msearch([(index, body)])[0]

    def msearch(self, searches: Sequence[tuple[str, Body]]) -> list[Answer]:
        def answers(generation: Generation) -> list[Answer]:
            if len(searches) == 1:
                return [self._search(generation, index).answer(body) for index, body in searches]
            return list(
                self._threads.map(lambda one: self._search(generation, one[0]).answer(one[1]), searches)
            )

        return self._on_one_generation(answers)

    def scan(
        self,
        index: str,
        query: Body | None = None,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[Body] | None = None,
        page: int = 1000,
    ) -> Iterator[Answer]:
        """Every hit of `query` as of one moment, in the order of `sort` or in that of writing; of the documents only
        `fields`. Raises StoreError where what it walks over has been replaced for so long that it was swept."""
        search = self._search(self._current(), index)
        try:
            yield from search.scan(query, fields, sort, page)
        except RowsGone as gone:
            raise StoreError(
                "what was walked over has been replaced in the meantime; begin again", where=gone.index
            ) from gone

    def count(self, index: str, query: Body | None = None) -> int:
        def counted(generation: Generation) -> int:
            search = self._search(generation, index)
            return search.count(search.condition(query))

        return self._on_one_generation(counted)

    def generation(self) -> int:
        return self._current().number

    def refresh(self) -> int:
        if self._runner is not None:
            self._runner.commit()
            self._sweep(self._runner)
        else:
            self._catch_up()
        with self._generation_lock:
            self._generation = self._settled()
            return self._generation.number

    def rebuild(self, indices: Iterable[str] | None = None) -> int:
        """Builds the search indices anew from the documents. Raises RunnerLockedError where another process runs."""
        names = sorted(self._mappings) if indices is None else list(indices)
        if unknown := [name for name in names if name not in self._mappings]:
            raise StoreError("no such index", where=unknown[0])
        if self._runner is not None:
            self._runner.rebuild(names)
        else:
            self._as_runner(lambda runner: runner.rebuild(names))
        return self.refresh()

    # --- documents -----------------------------------------------------------------------------------

    def get(self, index: str, id: str) -> Stored | None:
        return self.documents.get(index, id)

    def mget(self, index: str, ids: Iterable[str]) -> list[Stored]:
        return self.documents.mget(index, ids)

    def bulk(self, writes: Sequence[Write]) -> list[Written]:
        written = self.documents.bulk(writes)
        if self._runner is not None:
            try:
                self._runner.feed()
            except StorageError as error:
                # The documents are safe; the next refresh feeds them again, and says so if it cannot.
                log.warning("not indexed yet: %s", error)
        return written

    def create(self, index: str, id: str, document: Body) -> Stored | None:
        return self.documents.create(index, id, document)

    def swap(
        self, index: str, id: str, document: Body, *, seq_no: int | None, version: int | None = None
    ) -> Stored:
        return self.documents.swap(index, id, document, seq_no=seq_no, version=version)

    def swap_many(self, index: str, swaps: Sequence[Swap]) -> list[Stored | None]:
        return self.documents.swap_many(index, swaps)

    def drop(self, index: str, id: str, *, seq_no: int) -> bool:
        return self.documents.drop(index, id, seq_no=seq_no)

    def user_state(self, kind: str, shape: type[T]) -> UserState[T]:
        """What people have set down: `store.user_state("saved_views", SavedView)`."""
        return UserState(self._database, kind, shape)

    def close(self) -> None:
        self._threads.shutdown()
        if self._runner is not None:
            self._runner.close()
            self._runner = None
        if hasattr(self, "_database"):
            self._database.close()
        self._release()

    def __enter__(self) -> EmbeddedStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- generations ---------------------------------------------------------------------------------

    def _current(self) -> Generation:
        """The newest generation that is whole; the one before it while the runner is between two commits."""
        if self._runner is None:
            with self._generation_lock:
                try:
                    self._generation = self._reader.take()
                except NotTogether:
                    log.debug("the runner is committing; searching the generation before")
        return self._generation

    def _settled(self) -> Generation:
        """The newest generation. The runner may be between two commits, or have died there: then we finish them."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            try:
                return self._reader.take()
            except NotTogether:
                if time.monotonic() > deadline:
                    raise StorageError(
                        "the search index does not come to rest", where=str(self.path)
                    ) from None
            self._catch_up()
            time.sleep(0.02)

    def _catch_up(self) -> None:
        """Indexes what was written, where nobody else does."""
        if self._runner is not None:
            self._runner.commit()
            return
        try:
            self._as_runner(lambda runner: None)
        except RunnerLockedError:
            return

    def _as_runner(self, work: Callable[[Runner], None]) -> None:
        lock = RunnerLock(self.path / "runner.lock")
        try:
            runner = self._new_runner()
            try:
                work(runner)
                runner.commit()
            finally:
                runner.close()
        finally:
            lock.release()

    def _new_runner(self) -> Runner:
        return Runner(
            self.path / "tantivy", self._database, self.documents, self._mappings, heap_mb=self._heap_mb
        )

    def _on_one_generation(self, work: Callable[[Generation], T]) -> T:
        for attempt in range(ATTEMPTS):
            try:
                return work(self._current())
            except RowsGone as gone:
                before = self.generation()
                if self.refresh() == before:
                    self._repair(IndexDamaged("search and documents differ", where=gone.index), gone.index)
            except IndexDamaged as error:
                if attempt or error.where is None:
                    raise
                self._repair(error, error.where)
        raise StoreError("the documents change faster than they can be read", where=str(self.path))

    def _repair(self, error: StoreError, index: str) -> None:
        """Builds a damaged index anew; raises the error where another process runs and has to."""
        log.warning("%s; the search index is built anew from the documents", error)
        try:
            self.rebuild([index])
        except RunnerLockedError:
            raise error from None

    def _search(self, generation: Generation, index: str) -> Search:
        part = generation.parts.get(index)
        if part is None:
            raise StoreError(f"no such index; there are {', '.join(sorted(generation.parts))}", where=index)
        return Search(part, self.documents)

    def _sweep(self, runner: Runner) -> None:
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            self._swept = time.monotonic()
            self.documents.sweep(runner.applied)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None
