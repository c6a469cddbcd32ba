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

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawlers.members import Record, read_record
from netdocket import __version__
from netdocket.errors import DiskFullError, StorageError
from netdocket.records import Archive as Location

FILE_BYTES: Final = 512_000_000
"""A file of this size takes no further group."""
GROUP: Final = 64
GROUP_BYTES: Final = 64_000_000
"""Bounds of what shares one disk sync, and stands in one file."""

_OF_THE_CONNECTION: Final = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})
"""Headers that would contradict the body as it is kept: no longer in chunks."""
_FETCHED_FROM: Final = "Netdocket-Fetched-From"
_SOURCE: Final = "Netdocket-Source"
_LISTED: Final = "Netdocket-Listed"
_BULLETIN: Final = "Netdocket-Bulletin-Address"
_ATTACHED: Final = "Netdocket-Attached"
_QUIET: Final = "Netdocket-Quiet"
DOCUMENT: Final = "Netdocket-Document-Of"
"""Head of a record that is a document of a bulletin, and no page: the bulletin's address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A document that a page links to: where the bytes lie that came last of it, with this page or an earlier one. None: it
    could never be fetched. `unread`: nobody could read them; `former`: where those lie that could be read before; `text`:
    whether its text stands in the bulletin made of this page, None where an archive of an earlier version does not say."""

    url: str
    name: str
    archive: Location | None = None
    former: Location | None = None
    unread: bool = False
    text: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One response before any decoding. `url`: the publisher's address; `fetched_from`: where it was asked for, if a
    replica stood in. `fetched_at`: ISO time in UTC ending in Z. `listed_…`: what the list said of it, which stands in
    where the page is silent. `bulletin_url`: address of the bulletin, where another one was asked for its content.
    `attached`: documents of the bulletin, archived before it; `document_of`: it is one itself, of the bulletin with this
    address. `quiet`: whether the bulletin teaches alerts without firing; None where the archive does not say."""

    source: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    fetched_at: str
    fetched_from: str | None = None
    listed_title: str | None = None
    listed_published: str | None = None
    bulletin_url: str | None = None
    attached: tuple[Attached, ...] = ()
    document_of: str | None = None
    quiet: bool | None = None


_Job = tuple[Fetch, Future[Location]]


class WarcArchive:
    """Thread-safe. Files are begun when something is written. Raises nothing; futures carry StorageError and
    DiskFullError, after which nothing of the failed group is in the archive. A fetch whose future was cancelled before
    its turn is not written."""

    def __init__(self, folder: Path, *, run_id: str) -> None:
        self.folder = folder
        self._run_id = run_id
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._number = 0
        self._file: BinaryIO | None = None
        self._name = ""
        self._safe = 0
        """How much of the file is on disk for good."""

    def write(self, fetch: Fetch) -> Future[Location]:
        """Resolves when the record is on disk."""
        future: Future[Location] = Future()
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="archive-writer", daemon=True)
                self._thread.start()
            self._jobs.put((fetch, future))
        return future

    def close(self) -> None:
        """Waits until everything handed over is written."""
        with self._starting:
            if self._thread is not None:
                self._jobs.put(None)
                self._thread.join()
                self._thread = None

    # --- the writer ----------------------------------------------------------------------------------------

    def _serve(self) -> None:
        open_ = True
        while open_:
            gathered, open_ = self._gather()
            group = [job for job in gathered if job[1].set_running_or_notify_cancel()]
            if not group:
                continue
            try:
                file = self._current()
                places = [self._append(file, fetch) for fetch, _ in group]
                self._sync(file)
            except Exception as error:
                # An error that nobody foresaw must not end the thread either: every later future would hang.
                self._give_up()
                failure = (
                    _storage_error(error, self.folder / self._name) if isinstance(error, OSError) else error
                )
                for _, future in group:
                    future.set_exception(failure)
            else:
                for (_, future), place in zip(group, places, strict=True):
                    future.set_result(place)
        self._put_away()

    def _gather(self) -> tuple[list[_Job], bool]:
        """The next job and what waits behind it; False with the last ones."""
        job = self._jobs.get()
        group: list[_Job] = []
        size = 0
        while job is not None:
            group.append(job)
            size += len(job[0].body)
            if len(group) == GROUP or size >= GROUP_BYTES:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False

    def _append(self, file: BinaryIO, fetch: Fetch) -> Location:
        offset = file.tell()
        WARCWriter(file, gzip=True).write_record(_response_record(fetch))
        return Location(file=self._name, offset=offset)

    def _current(self) -> BinaryIO:
        """The file that the next group goes to."""
        if self._file and self._safe < FILE_BYTES:
            return self._file
        self._put_away()
        self._number += 1
        self._name = f"{_stamp()}-{self._run_id}-{self._number:05}.warc.gz"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file = (self.folder / self._name).open("xb")
        self._safe = 0
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

    def _sync(self, file: BinaryIO) -> None:
        file.flush()
        os.fsync(file.fileno())
        self._safe = file.tell()

    def _put_away(self) -> None:
        """Closes the file, of which everything is on disk, or is about to be cut off."""
        if self._file:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _give_up(self) -> None:
        """What may have been written in part goes with its file's tail, or with its file where nothing else is in it;
        the next record begins a new file."""
        if self._file:
            path = self.folder / self._name
            self._put_away()  # first: what its buffer holds must not come behind the cut
            with contextlib.suppress(OSError):
                if self._safe:
                    os.truncate(path, self._safe)
                else:
                    path.unlink()


def read_fetch(folder: Path, location: Location) -> tuple[Fetch, bytes]:
    """The fetch at a place in the archive, and its body unpacked. Raises StorageError: none is there, or it is not as it
    was written."""
    path = folder / location.file
    record = read_record(path, location.offset)
    if record.kind != "response":
        raise StorageError(f"no response at offset {location.offset}", where=str(path))
    return _fetch(record), record.content()


def _fetch(record: Record) -> Fetch:
    warc = record.warc
    listed = json.loads(warc.get(_LISTED) or "{}")
    return Fetch(
        source=warc.get(_SOURCE, ""),
        url=warc.get("WARC-Target-URI", ""),
        status=record.status,
        headers=record.http,
        body=record.body,
        fetched_at=warc.get("WARC-Date", ""),
        fetched_from=warc.get(_FETCHED_FROM),
        listed_title=listed.get("title"),
        listed_published=listed.get("published"),
        bulletin_url=warc.get(_BULLETIN),
        attached=tuple(_attached(item) for item in json.loads(warc.get(_ATTACHED) or "[]")),
        document_of=warc.get(DOCUMENT),
        quiet=None if _QUIET not in warc else warc[_QUIET] == "yes",
    )


def _attached(item: dict[str, Any]) -> Attached:
    place = Location(file=item["file"], offset=item["offset"]) if "file" in item else None
    former = Location(**item["former"]) if "former" in item else None
    return Attached(
        url=item["url"], name=item["name"], archive=place, former=former, unread=item.get("unread", False),
        text=item.get("text"),
    )  # fmt: skip


def _as_attached(item: Attached) -> dict[str, Any]:
    given: dict[str, Any] = {"url": item.url, "name": item.name}
    if item.archive:
        given |= {"file": item.archive.file, "offset": item.archive.offset}
    if item.former:
        given["former"] = {"file": item.former.file, "offset": item.former.offset}
    if item.unread:
        given["unread"] = True
    if item.text is not None:
        given["text"] = item.text
    return given


def _response_record(fetch: Fetch) -> Any:
    headers = [(name, value) for name, value in fetch.headers if name.lower() not in _OF_THE_CONNECTION]
    headers.append(("Content-Length", str(len(fetch.body))))
    listed = {"title": fetch.listed_title, "published": fetch.listed_published}
    warc_headers = {
        "WARC-Date": fetch.fetched_at,
        _SOURCE: fetch.source,
        _LISTED: json.dumps({name: value for name, value in listed.items() if value}),
    }
    if fetch.bulletin_url:
        warc_headers[_BULLETIN] = fetch.bulletin_url
    if fetch.attached:
        warc_headers[_ATTACHED] = json.dumps([_as_attached(item) for item in fetch.attached])
    if fetch.document_of:
        warc_headers[DOCUMENT] = fetch.document_of
    if fetch.quiet is not None:
        warc_headers[_QUIET] = "yes" if fetch.quiet else "no"
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
