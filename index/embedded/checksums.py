"""The checksums at the end of tantivy's files.

tantivy writes them but does not look at them when it opens an index, and its Python binding has no call for it: bytes
gone wrong on the disk would become wrong figures. A file ends with its footer (JSON with the CRC-32 of what is before
it), the footer's length and a magic number, both 32 bits, least byte first.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from pathlib import Path
from typing import Any, Final

import msgspec

TAIL: Final = struct.Struct("<II")
MAGIC: Final = 1337


class Footer(msgspec.Struct):
    crc: int


def damaged_file(folder: Path) -> Path | None:
    """The first file of the last commit whose content is not what was written. Raises OSError, ValueError."""
    meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=dict[str, Any])
    segments = {segment["segment_id"].replace("-", "") for segment in meta["segments"]}
    files = sorted(path for path in folder.iterdir() if path.name.split(".")[0] in segments)
    return next((path for path in files if not _is_whole(path)), None)


def _is_whole(path: Path) -> bool:
    size = path.stat().st_size
    if size < TAIL.size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        length, magic = TAIL.unpack(content[-TAIL.size :])
        body = size - TAIL.size - length
        if magic != MAGIC or body < 0:
            return False
        try:
            footer = msgspec.json.decode(content[body : size - TAIL.size], type=Footer)
        except msgspec.DecodeError:
            return False
        with memoryview(content) as whole, whole[:body] as part:
            return zlib.crc32(part) == footer.crc
