"""The archive: what publishers sent, as they sent it, in WARC files (ISO 28500) that other tools read too.

A fetch is safe on disk before the bulletin made from it is confirmed. One thread writes; what arrives while it writes
shares the next disk sync. Each record is a gzip member of its own, so that (file, offset) finds it without reading the
rest. A file torn by a crash stays readable up to the tear, and a new run begins a new file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import io
import json
import os
import queue
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from netdocket import __version__
from netdocket.errors import DiskFullError, StorageError
from netdocket.records import Archive as Location

FILE_BYTES: Final = 512_000_000
GROUP: Final = 64
"""Bounds of a file, and of what shares one disk sync."""

_OF_THE_CONNECTION: Final = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})
"""Headers that would contradict the body as it is kept: no longer in chunks."""
_FETCHED_FROM: Final = "Netdocket-Fetched-From"
_SOURCE: Final = "Netdocket-Source"
_LISTED: Final = "Netdocket-Listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One response before any decoding. `url`: the publisher's address; `fetched_from`: where it was asked for, if a
    replica stood in. `fetched_at`: ISO time in UTC ending in Z. `listed_…`: what the list said of it, which stands in
    where the page is silent."""

    source: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    fetched_at: str
    fetched_from: str | None = None
    listed_title: str | None = None
    listed_published: str | None = None


class WarcArchive:
    """Thread-safe. Files are begun when something is written. Raises nothing; futures carry StorageError and
    DiskFullError, after which nothing of the failed group is in the archive."""

    def __init__(self, folder: Path, *, run_id: str) -> None:
        self.folder = folder
        self._run_id = run_id
        self._jobs: queue.SimpleQueue[tuple[Fetch, Future[Location]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._number = 0
        self._file: BinaryIO | None = None
        self._name = ""

    def write(self, fetch: Fetch) -> Future[Location]:
        """Resolves when the record is on disk."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="archive-writer", daemon=True)
            self._thread.start()
        future: Future[Location] = Future()
        self._jobs.put((fetch, future))
        return future

    def close(self) -> None:
        """Waits until everything handed over is written."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    # --- the writer ----------------------------------------------------------------------------------------

    def _serve(self) -> None:
        open_ = True
        while open_:
            group, open_ = self._gather()
            done: list[tuple[Future[Location], Location]] = []
            start = self._file.tell() if self._file else 0
            try:
                for fetch, future in group:
                    done.append((future, self._append(fetch)))
                self._sync()
            except OSError as error:
                self._give_up(start)
                failure = _storage_error(error, self.folder / self._name)
                for _, future in group:
                    future.set_exception(failure)
            else:
                for future, location in done:
                    future.set_result(location)
        if self._file:
            self._file.close()
            self._file = None

    def _gather(self) -> tuple[list[tuple[Fetch, Future[Location]]], bool]:
        job = self._jobs.get()
        group: list[tuple[Fetch, Future[Location]]] = []
        while job is not None:
            group.append(job)
            if len(group) == GROUP:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _append(self, fetch: Fetch) -> Location:
        file = self._current()
        offset = file.tell()
        WARCWriter(file, gzip=True).write_record(_response_record(fetch))
        return Location(file=self._name, offset=offset)

    def _current(self) -> BinaryIO:
        if self._file and self._file.tell() < FILE_BYTES:
            return self._file
        if self._file:
            self._sync()
            self._file.close()
        self._number += 1
        self._name = f"{_stamp()}-{self._run_id}-{self._number:05}.warc.gz"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = (self.folder / self._name).open("xb")
        writer = WARCWriter(self._file, gzip=True)
        writer.write_record(
            writer.create_warcinfo_record(
                self._name, {"software": f"netdocket {__version__}", "format": "WARC/1.0"}
            )
        )
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self._file

    def _sync(self) -> None:
        if self._file:
            self._file.flush()
            os.fsync(self._file.fileno())

    def _give_up(self, start: int) -> None:
        """What may have been written in part goes with its file's tail; the next record begins a new file."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.truncate(start)
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None


def read_fetch(folder: Path, location: Location) -> tuple[Fetch, bytes]:
    """The fetch at a place in the archive, and its body unpacked. Raises StorageError."""
    path = folder / location.file
    try:
        with path.open("rb") as file:
            file.seek(location.offset)
            record = next(iter(ArchiveIterator(file)))
            if record.rec_type != "response":
                raise StorageError(f"no response at offset {location.offset}", where=str(path))
            body = record.raw_stream.read()
            fetch = _fetch(record, body)
            record.raw_stream = io.BytesIO(body)
            return fetch, record.content_stream().read()
    except (OSError, StopIteration, ArchiveLoadFailed, ValueError, AttributeError) as error:
        raise StorageError(f"no record at offset {location.offset}: {error}", where=str(path)) from error


def _fetch(record: Any, body: bytes) -> Fetch:
    warc, http = record.rec_headers, record.http_headers
    listed = json.loads(warc.get_header(_LISTED) or "{}")
    return Fetch(
        source=warc.get_header(_SOURCE) or "",
        url=warc.get_header("WARC-Target-URI"),
        status=int(http.get_statuscode()),
        headers=tuple(http.headers),
        body=body,
        fetched_at=warc.get_header("WARC-Date"),
        fetched_from=warc.get_header(_FETCHED_FROM),
        listed_title=listed.get("title"),
        listed_published=listed.get("published"),
    )


def _response_record(fetch: Fetch) -> Any:
    headers = [(name, value) for name, value in fetch.headers if name.lower() not in _OF_THE_CONNECTION]
    headers.append(("Content-Length", str(len(fetch.body))))
    listed = {"title": fetch.listed_title, "published": fetch.listed_published}
    warc_headers = {
        "WARC-Date": fetch.fetched_at,
        _SOURCE: fetch.source,
        _LISTED: json.dumps({name: value for name, value in listed.items() if value}),
    }
    if fetch.fetched_from:
        warc_headers[_FETCHED_FROM] = fetch.fetched_from
    return WARCWriter(io.BytesIO()).create_warc_record(
        fetch.url,
        "response",
        payload=io.BytesIO(fetch.body),
        length=len(fetch.body),
        http_headers=StatusAndHeaders(
            f"{fetch.status} {_phrase(fetch.status)}", headers, protocol="HTTP/1.1"
        ),
        warc_headers_dict=warc_headers,
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _stamp() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _storage_error(error: OSError, path: Path) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError("no room is left on the disk", where=str(path))
    return StorageError(f"cannot be written: {error.strerror or error}", where=str(path))
