"""What lies in an archive, file by file: every fetch with its place, and whether its bytes are those that were written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from netdocket.errors import StorageError
from netdocket.records import Archive

_CHUNK = 1 << 20
_DAMAGED = (OSError, ArchiveLoadFailed, ValueError, AttributeError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A response of the archive. `bulletin_url`: address of the bulletin made from it; `length`: bytes as sent;
    `attached`: places of the documents that belong to it."""

    archive: Archive
    source: str
    url: str
    bulletin_url: str
    status: int
    fetched_at: str
    fetched_from: str | None
    length: int
    attached: tuple[Archive, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """`records`: those whose digest is right; `damage`: what is wrong, and at which offset, None where nothing is."""

    file: str
    records: int
    damage: str | None = None
    offset: int | None = None


def archive_files(folder: Path) -> list[Path]:
    """In the order in which they were begun. Raises StorageError where there is no archive."""
    if not folder.is_dir():
        raise StorageError("no archive here", where=str(folder))
    return sorted(folder.glob("*.warc.gz"))


def fetches(folder: Path) -> Iterator[Archived]:
    """Every response, oldest file first. Raises StorageError at a damaged place: what lies before it has been given."""
    for path in archive_files(folder):
        yield from _fetches(path)


def verify(path: Path) -> FileVerdict:
    """Reads every record of a file to its end and compares its digest."""
    records = offset = 0
    try:
        with path.open("rb") as file:
            iterator = ArchiveIterator(file)
            for record in iterator:
                offset = iterator.offset or 0
                digest, length = hashlib.sha1(usedforsecurity=False), 0
                while chunk := record.raw_stream.read(_CHUNK):
                    digest.update(chunk)
                    length += len(chunk)
                wanted = record.rec_headers.get_header("WARC-Payload-Digest")
                if record.rec_type == "response" and wanted != _written(digest.digest()):
                    return FileVerdict(
                        file=path.name, records=records, offset=offset,
                        damage=f"the {length:,} bytes are not those that were written ({wanted})",
                    )  # fmt: skip
                records += record.rec_type == "response"
        offset = path.stat().st_size
        with gzip.open(path) as packed:  # what is cut off at its end, and what stands between the records
            while packed.read(_CHUNK):
                pass
    except _DAMAGED as error:
        return FileVerdict(file=path.name, records=records, offset=offset, damage=f"cannot be read: {error}")
    return FileVerdict(file=path.name, records=records)


def _written(digest: bytes) -> str:
    return f"sha1:{base64.b32encode(digest).decode()}"


def _fetches(path: Path) -> Iterator[Archived]:
    try:
        with path.open("rb") as file:
            iterator = ArchiveIterator(file)
            for record in iterator:
                if record.rec_type != "response":
                    continue
                warc = record.rec_headers
                url = warc.get_header("WARC-Target-URI")
                attached = json.loads(warc.get_header("Netdocket-Attached") or "[]")
                yield Archived(
                    archive=Archive(file=path.name, offset=iterator.get_record_offset()),
                    source=warc.get_header("Netdocket-Source") or "",
                    url=url,
                    bulletin_url=warc.get_header("Netdocket-Bulletin-Address") or url,
                    status=int(record.http_headers.get_statuscode()),
                    fetched_at=warc.get_header("WARC-Date"),
                    fetched_from=warc.get_header("Netdocket-Fetched-From"),
                    length=int(record.http_headers.get_header("Content-Length") or 0),
                    attached=tuple(
                        Archive(file=item["file"], offset=item["offset"])
                        for item in attached
                        if "file" in item
                    ),
                )
    except _DAMAGED as error:
        raise StorageError(f"cannot be read: {error}", where=str(path)) from error
