"""What searches run on: one commit of every index, all of the same moment.

Each index has a tantivy folder of its own, and they are committed one after another. Which commits belong together
stands in SQLite (`Ledger`), written after the last of them. A reader takes an index's commit only while the stamp in
tantivy's `meta.json` is the one of the ledger, so that it never mixes two moments; until that holds for all it keeps
the generation it has.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import tantivy

from index.embedded.columns import ANALYZER, analyzer, tantivy_schema
from index.embedded.database import Database, storage_error
from index.mappings import IndexMapping
from netdocket.errors import StorageError

META: Final = "meta.json"


class Folder(msgspec.Struct, frozen=True):
    """A tantivy folder and the commit of it that counts. `several`: fields seen with several values in a document."""

    name: str
    opstamp: int
    signature: str
    several: tuple[str, ...] = ()


class Ledger(msgspec.Struct, frozen=True):
    """`applied`: the last row of SQLite that these commits hold."""

    applied: int = 0
    folders: dict[str, Folder] = {}


def read_ledger(database: Database) -> Ledger:
    with database.reading() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = 'ledger'").fetchone()
    return msgspec.json.decode(row[0], type=Ledger) if row else Ledger()


def write_ledger(database: Database, ledger: Ledger) -> None:
    with database.writing() as connection:
        connection.execute(
            "INSERT INTO meta VALUES ('ledger', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (msgspec.json.encode(ledger).decode(),),
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Searched:
    """One index at one commit."""

    mapping: IndexMapping
    index: tantivy.Index
    searcher: tantivy.Searcher
    several: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Generation:
    number: int
    parts: Mapping[str, Searched]


class NotTogether(Exception):
    """The commits on disk are not those of the ledger."""


def open_index(folder: Path, mapping: IndexMapping) -> tantivy.Index:
    """Opens or creates. Raises StorageError."""
    try:
        if (folder / META).exists():
            index = tantivy.Index.open(str(folder))
        else:
            folder.mkdir(parents=True, exist_ok=True)
            index = tantivy.Index(tantivy_schema(mapping), path=str(folder))
        return _prepared(index)
    except (ValueError, OSError) as error:
        raise storage_error(error, folder) from error


def empty_index(mapping: IndexMapping) -> tantivy.Index:
    """In memory, for an index that nothing was written to yet."""
    return _prepared(tantivy.Index(tantivy_schema(mapping)))


def _prepared(index: tantivy.Index) -> tantivy.Index:
    index.config_reader("manual")
    index.register_tokenizer(ANALYZER, analyzer())
    return index


def stamp(folder: Path) -> int:
    """The stamp of the commit on disk. Raises StorageError."""
    try:
        return int(msgspec.json.decode((folder / META).read_bytes(), type=dict[str, Any])["opstamp"])
    except (OSError, msgspec.DecodeError, KeyError, ValueError) as error:
        raise StorageError(f"the search index cannot be read: {error}", where=str(folder)) from error


def reload_at(index: tantivy.Index, folder: Path, opstamp: int) -> tantivy.Searcher:
    """A searcher on exactly the commit `opstamp`. Raises NotTogether, StorageError."""
    if stamp(folder) != opstamp:
        raise NotTogether
    try:
        index.reload()
        searcher = index.searcher()
    except (ValueError, OSError) as error:
        raise storage_error(error, folder) from error
    # Stamps only rise, so equal before and after means equal while reloading.
    if stamp(folder) != opstamp:
        raise NotTogether
    return searcher


class Reader:
    """Keeps the tantivy folders open and takes new generations as the ledger names them."""

    def __init__(self, root: Path, database: Database, mappings: Mapping[str, IndexMapping]) -> None:
        self._root = root
        self._database = database
        self._mappings = mappings
        self._taken: dict[str, tuple[Folder, Searched]] = {}
        self._empty: dict[str, Searched] = {}

    def take(self) -> Generation:
        """The generation of the ledger. Raises NotTogether, StorageError."""
        ledger = read_ledger(self._database)
        parts: dict[str, Searched] = {}
        for name, mapping in self._mappings.items():
            folder = ledger.folders.get(name)
            parts[name] = self._part(name, mapping, folder) if folder else self._nothing(name, mapping)
        if read_ledger(self._database) != ledger:
            raise NotTogether
        return Generation(ledger.applied, parts)

    def _part(self, name: str, mapping: IndexMapping, folder: Folder) -> Searched:
        taken = self._taken.get(name)
        if taken is not None and taken[0] == folder:
            return taken[1]
        path = self._root / folder.name
        same_folder = taken is not None and taken[0].name == folder.name
        if not same_folder and not (path / META).exists():
            raise NotTogether
        index = taken[1].index if taken is not None and same_folder else open_index(path, mapping)
        part = Searched(mapping, index, reload_at(index, path, folder.opstamp), frozenset(folder.several))
        self._taken[name] = (folder, part)
        return part

    def _nothing(self, name: str, mapping: IndexMapping) -> Searched:
        if name not in self._empty:
            index = empty_index(mapping)
            self._empty[name] = Searched(mapping, index, index.searcher(), frozenset())
        return self._empty[name]


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
