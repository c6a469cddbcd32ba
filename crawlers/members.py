"""Records of the archive as they are read: gzip member by gzip member, each whole and as it was written, or damaged.

A reader of WARC files takes a member that ends early for a record that is shorter. Here every member is unpacked to its
end, where its length and its check sum stand, and its body is compared with the digest in its head; behind a damaged
one the next begins that can be found.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from netdocket.errors import StorageError

_CHUNK: Final = 1 << 16
_MAGIC: Final = b"\x1f\x8b\x08"
_BEGINNING: Final = b"WARC/"
_GZIP: Final = 31
"""zlib's word for a gzip member with its head and check sum."""
_DAMAGED: Final = (
    OSError,
    EOFError,
    StopIteration,
    zlib.error,
    ArchiveLoadFailed,
    ValueError,
    AttributeError,
)


class DamagedRecordError(StorageError):
    """A record of the archive is not what was written. `offset`: where it begins."""

    def __init__(self, what: str, *, path: Path, offset: int) -> None:
        self.offset = offset
        super().__init__(f"at offset {offset}: {what}", where=str(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """`kind`: `response`, `warcinfo` …; `warc`: its own head; `status`, `http`: head of the response; `body`: as sent,
    packed where it was sent packed; `end`: where the next record begins."""

    offset: int
    end: int
    kind: str
    warc: Mapping[str, str]
    status: int
    http: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    _read: Any = field(repr=False)

    def content(self) -> bytes:
        """The body unpacked."""
        self._read.raw_stream = io.BytesIO(self.body)
        content: bytes = self._read.content_stream().read()
        return content


def read_record(path: Path, offset: int) -> Record:
    """Raises DamagedRecordError: none is there, or not as it was written."""
    try:
        with path.open("rb") as file:
            return _record(file, offset)
    except _DAMAGED as error:
        raise _damaged(error, path, offset) from error


def records(path: Path, on_damage: Callable[[DamagedRecordError], None]) -> Iterator[Record]:
    """Every sound record of a file in order. `on_damage` hears of what lies between them. Raises StorageError where the
    file cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    with file:
        size = path.stat().st_size
        offset = 0
        while offset < size:
            try:
                record = _record(file, offset)
            except _DAMAGED as error:
                on_damage(_damaged(error, path, offset))
                offset = _next_beginning(file, offset + 1, size)
                continue
            yield record
            offset = record.end


def _record(file: BinaryIO, offset: int) -> Record:
    raw, end = _member(file, offset)
    read = next(iter(ArchiveIterator(io.BytesIO(raw))))
    warc = dict(read.rec_headers.headers)
    body = read.raw_stream.read()
    wanted = warc.get("WARC-Payload-Digest")
    if wanted is not None and wanted != _digest(body):
        raise ValueError(f"the {len(body):,} bytes are not those that were written ({wanted})")
    http = read.http_headers if read.rec_type == "response" else None
    return Record(
        offset=offset, end=end, kind=read.rec_type, warc=warc, body=body, _read=read,
        status=int(http.get_statuscode()) if http is not None else 0,
        http=tuple(http.headers) if http is not None else (),
    )  # fmt: skip


def _member(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """The member at an offset, unpacked, and where it ends."""
    file.seek(offset)
    unpacker, parts = zlib.decompressobj(_GZIP), bytearray()
    while not unpacker.eof:
        packed = file.read(_CHUNK)
        if not packed:
            raise EOFError("it is torn: the file ends within it")
        parts += unpacker.decompress(packed)
        if len(parts) >= len(_BEGINNING) and not parts.startswith(_BEGINNING):
            raise ValueError("no record begins here")
    return bytes(parts), file.tell() - len(unpacker.unused_data)


def _next_beginning(file: BinaryIO, start: int, size: int) -> int:
    """Where the next sound record begins; `size` where none does."""
    while start < size:
        file.seek(start)
        block = file.read(_CHUNK + len(_MAGIC))
        found = block.find(_MAGIC)
        if found < 0:
            start += max(1, len(block) - len(_MAGIC) + 1)
            continue
        try:
            _record(file, start + found)
        except _DAMAGED:
            start += found + 1
        else:
            return start + found
    return size


def _digest(body: bytes) -> str:
    digest = hashlib.sha1(body, usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(digest).decode()}"


def _damaged(error: BaseException, path: Path, offset: int) -> DamagedRecordError:
    what = f"no record: {error}" if isinstance(error, (StopIteration, AttributeError)) else str(error)
    return DamagedRecordError(what or type(error).__name__, path=path, offset=offset)
