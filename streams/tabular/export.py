"""Rows of an index, from the store into a file, and the note beside it that says what the file is."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from index.store import Body, Scanner, Store
from netdocket.database import storage_errors
from netdocket.errors import ConfigurationError, StoreError
from netdocket.records import utc_now
from streams.tabular.changes import Changes
from streams.tabular.columns import Column, columns, row
from streams.tabular.writers import (
    CsvWriter,
    Format,
    JsonLinesWriter,
    ParquetWriter,
    RowWriter,
    XlsxWriter,
)

PAGE: Final = 500
"""Documents held at a time. Decoded they take ten times their bytes, so that pages, not rows, fill the memory."""
HOW_MADE: Final = frozenset({"rules_version", "revision", "fetched_at"})
"""Columns that say how a row was made: alone they make no change, or every raise of the rules would be one of all rows."""
CHANGE: Final = Column("change", "keyword", several=False)
STANDARD_OUTPUT: Final = Path("-")


@dataclasses.dataclass(frozen=True, slots=True)
class Exported:
    """`rows`: written. `changes`: how many added, changed, removed, of an export of changes. `rules_versions`: under
    which rules the rows were made, with how many. `cut`: cells that the format could not take whole."""

    rows: int
    rules_versions: Mapping[int, int]
    changes: Mapping[str, int] | None = None
    cut: int = 0


def export(
    store: Store,
    index: str,
    path: Path,
    *,
    format: Format,
    query: Body | None = None,
    bom: bool = False,
    since: Path | None = None,
) -> Exported:
    """Writes what matches `query` (None: all), in no order, as of one moment; `-` is standard output (csv, jsonl).

    `since`: only what was added, changed or removed since the last export with this file, which is then brought up to
    date. The file takes its name when everything is in it. Raises ConfigurationError, StorageError, StoreError."""
    shape = columns(index)
    if not isinstance(store, Scanner):
        raise StoreError("this store cannot hold still to be exported", where=index)
    scanner: Scanner = store
    changes = Changes(since, json.dumps([index, query], sort_keys=True)) if since else None
    try:
        with _opened(path, [CHANGE, *shape] if changes else shape, format, index, bom=bom) as writer:
            exported = _write(scanner.scan(index, query, page=PAGE), shape, writer, changes)
    except BaseException:
        if changes:
            changes.abandon()
        raise
    if changes:
        changes.keep()
    return exported


def _write(
    hits: Iterator[Mapping[str, Any]], shape: list[Column], writer: RowWriter, changes: Changes | None
) -> Exported:
    rows = 0
    versions: Counter[int] = Counter()
    counts: Counter[str] = Counter({"added": 0, "changed": 0, "removed": 0})
    told = [at for at, column in enumerate(shape) if column.name not in HOW_MADE]
    for hit in hits:
        document = hit["_source"]
        cells = row(document, shape)
        what = changes.of_row(hit["_id"], [cells[at] for at in told]) if changes else None
        if changes:
            if what is None:
                continue
            counts[what] += 1
            cells = [what, *cells]
        writer.write(cells)
        rows += 1
        if (version := document.get("rules_version")) is not None:
            versions[version] += 1
    if changes:
        nothing = [None] * (len(shape) - 1)
        for id in changes.removed():
            counts["removed"] += 1
            rows += 1
            writer.write(["removed", id, *nothing])
    return Exported(rows, dict(sorted(versions.items())), dict(counts) if changes else None, writer.cut)


@contextlib.contextmanager
def _opened(path: Path, shape: list[Column], format: Format, name: str, *, bom: bool) -> Iterator[RowWriter]:
    writer: RowWriter
    if path == STANDARD_OUTPUT:
        if format not in ("csv", "jsonl"):
            raise ConfigurationError(f"{format} is written to a file only", where="--output")
        text = sys.stdout
        writer = CsvWriter(text, shape, bom=bom) if format == "csv" else JsonLinesWriter(text, shape)
        yield writer
        writer.close()
        return
    unfinished = path.with_name(path.name + ".unfinished")
    with storage_errors(path), contextlib.ExitStack() as stack:
        stack.callback(unfinished.unlink, missing_ok=True)
        if format in ("csv", "jsonl"):
            # newline="": the csv module ends its lines itself
            out = stack.enter_context(unfinished.open("w", encoding="utf-8", newline=""))
            writer = CsvWriter(out, shape, bom=bom) if format == "csv" else JsonLinesWriter(out, shape)
        elif format == "xlsx":
            writer = XlsxWriter(unfinished, shape, name=name)
        else:
            writer = ParquetWriter(unfinished, shape)
        yield writer
        writer.close()
        unfinished.replace(path)


def sidecar(
    path: Path,
    exported: Exported,
    *,
    index: str,
    format: Format,
    query: Body | None,
    filters: Mapping[str, Any],
    rules_version: int,
    demonstration_data: bool,
) -> Path:
    """Writes what the file at `path` is to `<path>.meta.json`; that path."""
    with storage_errors(path), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    note = {
        "schema": "netdocket.export/1",
        "file": path.name,
        "sha256": digest,
        "export": index,
        "format": format,
        "rows": exported.rows,
        **({"changes": dict(exported.changes)} if exported.changes is not None else {}),
        **({"cells_cut": exported.cut} if exported.cut else {}),
        "filters": dict(filters),
        "query": query,
        "at": utc_now(),
        "rules_version": rules_version,
        "rows_by_rules_version": {str(version): count for version, count in exported.rules_versions.items()},
        "columns": [dataclasses.asdict(column) for column in columns(index)],
        "demonstration_data": demonstration_data,
    }
    beside = path.with_name(path.name + ".meta.json")
    with storage_errors(beside):
        beside.write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return beside
