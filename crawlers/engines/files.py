"""Which documents a page links to: by the ending of the address or of the name that the page gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml import etree

from crawlers.pages import FileLink

_ENDING: Final = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et)$", re.IGNORECASE)
_ATTRIBUTES: Final = ("href", "fileurl", "src")
_VIEWED: Final = re.compile(r"[?&]file=([^&#]+)")
"""pdf.js and its like name the document in their own address."""


def linked_files(
    bodies: Iterable[etree._Element],
    further: Iterable[etree._Element],
    absolute: Callable[[str], str | None],
) -> tuple[FileLink, ...]:
    """Links in the bodies that end like a document, and whatever the `further` elements lead to, each once."""
    candidates = [(link, False) for body in bodies for link in body.iter("a", "iframe")]
    candidates += [(link, True) for link in further if isinstance(link, etree._Element)]
    found: dict[str, FileLink] = {}
    for element, chosen in candidates:
        for address in _addresses(element):
            url = absolute(address)
            name = _name(element, address)
            if url is not None and (chosen or _is_document(url, name)):
                found.setdefault(url, FileLink(url=url, name=name))
                break
    return tuple(found.values())


def _addresses(element: etree._Element) -> Sequence[str]:
    given = [element.get(name) or "" for name in _ATTRIBUTES]
    viewed = [unquote(match.group(1)) for value in given if (match := _VIEWED.search(value))]
    return [value.strip() for value in (*viewed, *given) if value.strip()]


def _is_document(url: str, name: str) -> bool:
    return bool(_ENDING.search(urlsplit(url).path) or _ENDING.search(name))


def _name(element: etree._Element, address: str) -> str:
    """What the page calls it: the link's text, a name in the query (fText=…), else the file's name."""
    text = " ".join("".join(str(part) for part in element.itertext()).split())
    if text:
        return text
    parts = urlsplit(address)
    named = [value for _, value in parse_qsl(parts.query) if _ENDING.search(value)]
    return named[-1] if named else unquote(PurePosixPath(parts.path).name) or address
