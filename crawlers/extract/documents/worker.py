"""Reads documents in a process of its own: frames of bytes on standard input, a JSON line for each on standard output.

A parser that runs away in time or memory, or dies, takes nothing with it. Started by crawlers.extract.documents.reader.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
from typing import Any, BinaryIO, Final

from crawlers.extract.document import document_kind
from netdocket.errors import UnreadableError

MEMORY: Final = 1_500_000_000
"""Bytes of address space."""
LENGTH: Final = struct.Struct(">Q")


def document_text(body: bytes) -> str:
    """Raises UnreadableError: no document, a damaged one, one without text."""
    kind = document_kind(body)
    if kind == "markup":
        raise UnreadableError("a document was promised and a page came")
    try:
        text = _text(kind, body)
    except UnreadableError:
        raise
    except MemoryError as error:
        raise UnreadableError("the document needs too much memory") from error
    except Exception as error:  # whatever a damaged document makes a parser raise
        raise UnreadableError(f"the document cannot be read: {type(error).__name__}: {error}") from error
    if not text.strip():
        raise UnreadableError("the document has no text")
    return text


def _text(kind: str, body: bytes) -> str:
    """Each parser is loaded when a document of its kind comes."""
    if kind == "pdf":
        from crawlers.extract.documents.pdf import pdf_text  # noqa: PLC0415

        return pdf_text(body.lstrip())
    if kind == "zip":
        from crawlers.extract.documents.zipped import office_kind  # noqa: PLC0415

        if office_kind(body) == "docx":
            from crawlers.extract.documents.word import docx_text  # noqa: PLC0415

            return docx_text(body)
        from crawlers.extract.documents.sheets import xlsx_text  # noqa: PLC0415

        return xlsx_text(body)
    said = {"ole": "a DOC or XLS of before 2007", "image": "a picture", "empty": "nothing"}[kind]
    raise UnreadableError(f"{said} came, which is not read")


def main() -> None:
    import logging  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    warnings.simplefilter("ignore")  # of parsers, about the documents
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    while (body := _frame(source)) is not None:
        answers.write(json.dumps(_answer(body)).encode() + b"\n")
        answers.flush()


def _frame(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _answer(body: bytes) -> dict[str, Any]:
    try:
        return {"text": document_text(body)}
    except UnreadableError as error:
        return {"failure": error.what}


if __name__ == "__main__":
    main()
