"""Ids and versions, exactly as the contract gives them: the same input gives the same id on every machine."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from netdocket.errors import ConfigurationError
from netdocket.records import Bulletin

# Namespaces are fixed for good: to change one is to change every id ever given.
BULLETIN_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://netdocket.invalid/bulletin")
RECORD_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://netdocket.invalid/record")

RULES_BITS: Final = 20
MAX_RULES_VERSION: Final = 2**RULES_BITS - 1
MAX_REVISION: Final = 2**33 - 1
HEAD_READ: Final = 400
REMOVED_VERSION: Final = 2**53 - 1
"""The version of the manifest of a removed bulletin: no message can be newer."""


def fold_space(text: str) -> str:
    """NFC, and every run of white space one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def canonical_url(url: str, *, base: str, query_parameters: Iterable[str] = ()) -> str:
    """`url` as it stands in ids: scheme and host of the card's `base`, path, and of the query only the parameters
    that the card names (sorted by name); no fragment."""
    card, page = urlsplit(base), urlsplit(url)
    kept = set(query_parameters)
    query = sorted((k, v) for k, v in parse_qsl(page.query, keep_blank_values=True) if k in kept)
    return urlunsplit((card.scheme, card.netloc.lower(), page.path or "/", urlencode(query), ""))


def bulletin_id(source: str, canonical: str) -> str:
    return str(uuid.uuid5(BULLETIN_NAMESPACE, f"{source}\n{canonical}"))


def content_digest(*, title: str, published: str | None, publisher: str | None, text: str) -> str:
    """SHA-256 over title, published, publisher and text after NFC and white-space folding."""
    parts = (title, published or "", publisher or "", text)
    return hashlib.sha256("\x1f".join(fold_space(part) for part in parts).encode()).hexdigest()


def digest_of(bulletin: Bulletin) -> str:
    return content_digest(
        title=bulletin.title, published=bulletin.published, publisher=bulletin.publisher, text=bulletin.text
    )


def record_id(bulletin: str, masked_text: str, ordinal: int) -> str:
    """`ordinal` counts, from 0, the records of this bulletin that begin alike."""
    return _uuid5(RECORD_NAMESPACE, f"{bulletin}\n{record_head(masked_text)}\n{ordinal}")


def _uuid5(namespace: uuid.UUID, name: str) -> str:
    """What `str(uuid.uuid5(namespace, name))` gives, without the object: ids are made for every record."""
    digest = bytearray(hashlib.sha1(namespace.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # version 5
    digest[8] = digest[8] & 0x3F | 0x80  # variant of RFC 4122
    digits = digest.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def record_head(masked_text: str) -> str:
    """What of a record's text its id rests on: the first 80 characters after white-space folding."""
    start = masked_text[:HEAD_READ]
    # The start alone tells where it is composed already (NFC changes nothing in it) and folds to enough characters.
    if len(masked_text) > HEAD_READ and unicodedata.is_normalized("NFC", start):
        folded = " ".join(start.split())
        if len(folded) >= HEAD_READ // 2:
            return folded[:80]
    return fold_space(masked_text)[:80]


def external_version(revision: int, rules_version: int) -> int:
    """revision x 2^20 + rules_version, below 2^53. Raises ConfigurationError outside the bounds."""
    if not 0 <= rules_version <= MAX_RULES_VERSION:
        raise ConfigurationError(f"rules_version {rules_version} is not between 0 and {MAX_RULES_VERSION}")
    if not 0 <= revision < MAX_REVISION:
        raise ConfigurationError(f"revision {revision} is not between 0 and {MAX_REVISION - 1}")
    return (revision << RULES_BITS) + rules_version
