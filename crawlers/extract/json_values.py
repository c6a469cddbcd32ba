"""JSON answers: read whatever is sent, and find values by a path of keys (`data.rows`).

A path may end in a template, where it names an address: `/item?id={docId}` is filled with the values of the object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from crawlers.extract.charset import decode
from netdocket.errors import LayoutError, UnreadableError

_PATH: Final = re.compile(r"\w+(\.\w+)*")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_PLACE: Final = re.compile(r"\{(\w+)\}")


def is_json_path(text: str) -> bool:
    """A path of keys, or a template of an address."""
    return bool(_PATH.fullmatch(text)) or ("/" in text and bool(_PLACE.search(text)))


def load_json(body: bytes, content_type: str | None) -> Any:
    """Half characters (an address of UTF-16 without its partner, as a text that was cut in an emoji has it) become U+FFFD:
    no encoding has them. Raises UnreadableError."""
    text = decode(body, content_type=content_type)
    try:
        answer = json.loads(text)
        return _mended(answer) if _SURROGATE.search(text) else answer
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the answer is no JSON: {error}") from error


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


def value_at(document: Any, path: str) -> Any:
    """None where a key is missing or null on the way."""
    for key in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(key)
    return document


def text_at(document: Any, path: str) -> str | None:
    """The value as text on one line; None where there is none, or something that is no text."""
    if "{" in path:
        return fill(path, document)
    value = value_at(document, path)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    return " ".join(str(value).split()) or None


def fill(template: str, values: Mapping[str, Any]) -> str | None:
    """The address with its places filled; None where a value is missing."""
    missing = [name for name in _PLACE.findall(template) if values.get(name) in (None, "")]
    if missing:
        return None
    return _PLACE.sub(lambda match: quote(str(values[match.group(1)]), safe=""), template)


def objects_at(document: Any, path: str) -> list[Mapping[str, Any]]:
    """The objects of a list. Raises LayoutError where the path leads to no list of objects."""
    rows = value_at(document, path)
    if rows is None or not isinstance(rows, list) or any(not isinstance(row, Mapping) for row in rows):
        raise LayoutError(f"no list here: {path!r} finds none")
    return rows
