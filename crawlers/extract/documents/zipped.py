"""Office documents are ZIP files: looked at before anything in them is unpacked."""

from __future__ import annotations

import io
import zipfile
from typing import Final, Literal

from netdocket.errors import UnreadableError

MOST_BYTES: Final = 300_000_000
"""All parts together, unpacked."""
MOST_PARTS: Final = 5_000
MOST_TIMES: Final = 500
"""How much larger than its packed form a part may be; written text packs to a tenth, empty cells to a hundredth."""
_SMALL: Final = 5_000_000
"""Parts below this size may pack as well as they like."""


def office_kind(body: bytes) -> Literal["docx", "xlsx"]:
    """Raises UnreadableError: a damaged archive, a bomb, or none of the two."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise UnreadableError(f"a ZIP file that cannot be opened: {error}") from error
    total = sum(part.file_size for part in parts)
    packed = any(
        part.file_size > _SMALL and part.file_size > MOST_TIMES * max(1, part.compress_size) for part in parts
    )
    if total > MOST_BYTES or len(parts) > MOST_PARTS or packed:
        raise UnreadableError(f"a ZIP bomb: {len(parts):,} parts of {total:,} bytes in {len(body):,}")
    names = {part.filename for part in parts}
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    raise UnreadableError("a ZIP file that is neither DOCX nor XLSX")
