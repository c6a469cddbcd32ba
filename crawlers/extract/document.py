"""What kind of document bytes are, by their first bytes and not by what they are called.

Publishers send error pages under the names of documents, and documents under the addresses of pages.
"""

from __future__ import annotations

from typing import Final, Literal

from crawlers.pages import Page
from netdocket.errors import UnreadableError

DocumentKind = Literal["markup", "pdf", "zip", "ole", "image", "empty"]

_SIGNATURES: Final[tuple[tuple[bytes, DocumentKind], ...]] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),  # DOCX, XLSX, archives
    (b"\xd0\xcf\x11\xe0", "ole"),  # DOC, XLS
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
)


def document_kind(body: bytes) -> DocumentKind:
    head = body[:1024].lstrip()
    if not head and not body.strip():
        return "empty"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "markup")


def require_page(page: Page) -> None:
    """Raises UnreadableError where the bytes are no page."""
    kind = document_kind(page.body)
    if kind == "empty":
        raise UnreadableError("the page has no content", where=page.url)
    if kind != "markup":
        raise UnreadableError(f"a page was expected and a file came ({kind})", where=page.url)
