"""The one runner that derives tantivy from SQLite.

It reads the rows written since (by whichever process), feeds them to one tantivy writer an index, commits those that
changed and then notes the commits in the ledger. Killed before the note, it feeds the same rows again when it starts
next, each after deleting what stands under its number: nothing is lost and nothing comes twice.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec
import tantivy

from index.embedded.checksums import damaged_file
from index.embedded.columns import SEQ, Flattener, signature
from index.embedded.database import Database, storage_error
from index.embedded.documents import Change, Documents
from index.embedded.generation import (
    Folder,
    Ledger,
    open_index,
    read_ledger,
    remove_folder,
    stamp,
    write_ledger,
)
from index.mappings import IndexMapping
from netdocket.errors import StorageError
from netdocket.memory import give_back, take_little

PAGE: Final = 5_000
LEAST_HEAP_MB: Final = 15  # tantivy refuses less

log = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclasses.dataclass(slots=True)
class _Target:
    """An index being written. `replay`: rows may be in it already, since the ledger is behind its last commit.
    `writer`: opened with the first change. `documents`: how many it held when it was opened."""

    folder: str
    index: tantivy.Index
    writer: tantivy.IndexWriter | None
    flattener: Flattener
    opstamp: int
    replay: bool
    dirty: bool = False
    documents: int = 0


class Runner:
    def __init__(
        self,
        root: Path,
        database: Database,
        documents: Documents,
        mappings: Mapping[str, IndexMapping],
        *,
        heap_mb: int,
    ) -> None:
        """Opens what the ledger names; a folder that is damaged, lost or of another mapping is built anew from
        SQLite. Nothing is committed before `commit`. Raises StorageError."""
        take_little()
        self._root = root
        self._database = database
        self._documents = documents
        self._mappings = mappings
        self._heap = max(LEAST_HEAP_MB, heap_mb) * 1_000_000
        self._lock = threading.RLock()
        self._threads = ThreadPoolExecutor(len(mappings) or 1, "commit")
        self._targets: dict[str, _Target] = {}
        self._ledger = read_ledger(database)
        self._fed = self._ledger.applied
        root.mkdir(parents=True, exist_ok=True)
        for name, folder in self._ledger.folders.items():
            if name in mappings:
                self._reopen(name, folder)
        self._check_counts()
        self._remove_strays()

    @property
    def applied(self) -> int:
        return self._ledger.applied

    def feed(self, limit: int | None = None) -> int:
        """Hands rows written since to tantivy, without a commit; how many."""
        with self._lock:
            count = 0
            while limit is None or count < limit:
                changes = self._documents.changes(self._fed, PAGE)
                if not changes:
                    break
                self._apply(changes)
                self._fed = changes[-1].seq
                count += len(changes)
            return count

    def commit(self) -> int:
        """Feeds what is left, commits, and notes it; the last row now searchable. Raises StorageError, and then
        nothing has changed for readers: the rows are fed again the next time."""
        with self._lock:
            self.feed()
            dirty = {name: target for name, target in self._targets.items() if target.dirty}
            if not dirty and self._fed == self._ledger.applied:
                return self._ledger.applied
            # Most of a commit is waiting for the disk, so the indices wait together.
            commits = {name: self._threads.submit(self._commit_one, target) for name, target in dirty.items()}
            errors = [error for commit in commits.values() if (error := commit.exception()) is not None]
            if errors:
                self._start_again()
                for another in errors[1:]:
                    log.error("a commit failed: %s", another)
                raise errors[0]
            for name, target in dirty.items():
                target.opstamp = commits[name].result()
            self._note()
            for target in dirty.values():
                target.dirty = target.replay = False
            give_back()
            return self._ledger.applied

    def rebuild(self, names: Iterable[str]) -> None:
        """Builds the indices anew beside the old ones, then puts them in their place."""
        with self._lock:
            self.feed()
            for name in names:
                if name in self._targets:
                    self._build(name)
            self.commit()

    def close(self) -> None:
        self._threads.shutdown()
        with self._lock:
            for target in self._targets.values():
                try:
                    if target.writer is not None:
                        target.writer.wait_merging_threads()
                except (ValueError, OSError, RuntimeError):
                    log.warning("%s: the last merges did not end well", target.folder)
            self._targets.clear()

    def _commit_one(self, target: _Target) -> int:
        try:
            return (target.writer or self._writer(target)).commit()
        except (ValueError, OSError, RuntimeError) as error:
            raise storage_error(error, self._root / target.folder) from error

    # --- applying ------------------------------------------------------------------------------------

    def _apply(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if change.index not in self._mappings:
                continue
            target = self._targets.get(change.index) or self._begin(change.index)
            target.dirty = True
            try:
                writer = target.writer or self._writer(target)
                if change.replaces is not None:
                    writer.delete_documents_by_term(SEQ, change.replaces)
                if target.replay:
                    writer.delete_documents_by_term(SEQ, change.seq)
                if change.source is not None:
                    writer.add_json(target.flattener.flat_json(change.seq, _decode(change.source)))
            except (ValueError, OSError, RuntimeError) as error:
                writer = None
                self._start_again()
                raise storage_error(error, self._root / target.folder) from error

    def _note(self) -> None:
        folders = {
            name: Folder(
                target.folder,
                target.opstamp,
                signature(self._mappings[name]),
                tuple(sorted(target.flattener.several)),
            )
            for name, target in self._targets.items()
        }
        ledger = Ledger(self._fed, folders)
        write_ledger(self._database, ledger)
        before = {folder.name for folder in self._ledger.folders.values()}
        self._ledger = ledger
        for name in before - {folder.name for folder in folders.values()}:
            remove_folder(self._root / name)

    def _start_again(self) -> None:
        """After a failure: forget what was fed since the ledger, and open everything as after a crash."""
        for target in self._targets.values():
            # Whoever handles the error still holds the target; the folder's lock goes with the writer.
            target.writer = None
        self._targets.clear()
        self._fed = self._ledger.applied
        for name, folder in self._ledger.folders.items():
            if name in self._mappings:
                self._reopen(name, folder)

    # --- folders -------------------------------------------------------------------------------------

    def _begin(self, name: str) -> _Target:
        """A new, empty folder."""
        path = self._fresh_path(name)
        index = open_index(path, self._mappings[name])
        target = _Target(path.name, index, None, Flattener(self._mappings[name]), 0, replay=False)
        self._targets[name] = target
        return target

    def _reopen(self, name: str, folder: Folder) -> None:
        mapping = self._mappings[name]
        path = self._root / folder.name
        if folder.signature != signature(mapping):
            log.warning("%s: the mapping has changed; the search index is built anew", name)
            self._build(name)
            return
        try:
            on_disk = stamp(path)
            if on_disk < folder.opstamp:
                raise StorageError("an older commit than the last one noted", where=str(path))
            if damaged := damaged_file(path):
                raise StorageError("the checksum is wrong", where=str(damaged))
            index = open_index(path, mapping)
            index.reload()
            flattener = Flattener(mapping)
            flattener.several.update(folder.several)
            behind = on_disk > folder.opstamp
            self._targets[name] = _Target(
                folder.name,
                index,
                None,
                flattener,
                on_disk,
                replay=behind,
                dirty=behind,
                documents=index.searcher().num_docs,
            )
        except (StorageError, ValueError, OSError, KeyError) as error:
            log.warning(
                "%s: the search index is damaged (%s); it is built anew from the documents", name, error
            )
            self._build(name)

    def _check_counts(self) -> None:
        """An index that does not hold as many documents as SQLite says is built anew. Only sure where nothing is
        waiting to be applied."""
        if self._documents.last_seq() != self._fed:
            return
        counts = self._documents.counts()
        if self._documents.last_seq() != self._fed:
            return
        for name, target in list(self._targets.items()):
            if not target.dirty and target.documents != counts.get(name, 0):
                log.warning(
                    "%s: the search index holds %d documents and not %d; it is built anew",
                    name,
                    target.documents,
                    counts.get(name, 0),
                )
                self._build(name)

    def _build(self, name: str) -> None:
        target = self._begin(name)
        target.dirty = True
        for page in self._documents.living(name, PAGE):
            self._apply(change for change in page if change.seq <= self._fed)

    def _writer(self, target: _Target) -> tantivy.IndexWriter:
        try:
            writer = target.index.writer(self._heap, 1)
            # Files of a commit that was cut short would be in the way of the next one of the same stamp.
            writer.garbage_collect_files()
        except (ValueError, OSError) as error:
            raise storage_error(error, self._root / target.folder) from error
        target.writer = writer
        return writer

    def _fresh_path(self, name: str) -> Path:
        number = 1
        while (path := self._root / f"{name}-{number}").exists():
            number += 1
        return path

    def _remove_strays(self) -> None:
        """Folders of builds that were cut short."""
        used = {target.folder for target in self._targets.values()}
        used |= {folder.name for folder in self._ledger.folders.values()}
        for path in self._root.iterdir():
            if path.is_dir() and path.name not in used:
                remove_folder(path)
