"""What has changed in a view since it was last looked at.

Of each record in view a digest is kept of what a reader sees of it: its text and all that was read from it. That the
rules have read it again with the same result is no change.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from dashboards.kept.views import keeper
from dashboards.panels.errors import FilterError
from index.keys import OWN_KEY
from index.store import Body, Kept, Scanner, Store
from netdocket.errors import StoreError

KIND = "view_looks"
MOST = 10_000
"""Records of a view that can be compared: their digests are kept in one entry."""
PAGE = 500
HOW_MADE = frozenset({
    "rules_version", "revision", "fetched_at", "record", "archive", "span", "schema", "origin", "quiet",
})  # fmt: skip
"""Parts of a document that say how and when it was made, not what it says."""


class Look(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`records`: id -> digest, of all that was in view `at` (UTC); None where there were more than MOST."""

    at: str
    records: dict[str, str] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    """Ids of records; `gone`: removed, or no longer in view."""

    added: list[str]
    changed: list[str]
    gone: list[str]


def looks(store: Store) -> Kept[Look]:
    return keeper(store).user_state(KIND, Look)


def look(store: Store, index: str, query: Body, at: str) -> Look:
    """What is in view now. Raises StoreError."""
    if store.count(index, query) > MOST:
        return Look(at=at, records=None)
    if not isinstance(store, Scanner):
        raise StoreError("this store cannot hold still to be looked at", where=index)
    hits = store.scan(index, query, sort=[{OWN_KEY[index]: "asc"}], page=PAGE)
    return Look(at=at, records={hit["_id"]: digest(hit["_source"]) for hit in hits})


def digest(document: Mapping[str, Any]) -> str:
    said = {name: value for name, value in document.items() if name not in HOW_MADE}
    return hashlib.blake2b(msgspec.json.encode(said, order="deterministic"), digest_size=8).hexdigest()


def compare(before: Look, now: Look) -> Changes:
    """Raises FilterError where either had too many records."""
    if before.records is None or now.records is None:
        raise FilterError(
            f"a view of more than {MOST:,} records cannot be compared; narrow it",
            f"超过 {MOST:,} 条记录的视图无法比较，请缩小范围",
        )
    return Changes(
        added=[id for id in now.records if id not in before.records],
        changed=[id for id, d in now.records.items() if before.records.get(id, d) != d],
        gone=[id for id in before.records if id not in now.records],
    )
