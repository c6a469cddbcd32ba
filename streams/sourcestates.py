"""What a crawl found a source to be, kept as one document a source: the newest report, with what earlier ones knew."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from index.store import Store
from netdocket.errors import StoreError, VersionConflict
from netdocket.records import SourceState, encode

INDEX: Final = "sources"
GOOD: Final = frozenset({"ok", "nothing_new"})
ATTEMPTS: Final = 100


def report(store: Store, state: SourceState) -> bool:
    """Stores the state; False where a newer one is there already."""
    for _ in range(ATTEMPTS):
        stored = store.get(INDEX, state.source)
        before = msgspec.convert(stored.source, SourceState) if stored else None
        if before and before.at > state.at:
            return False
        document: dict[str, Any] = msgspec.json.decode(encode(merged(before, state)))
        if stored and stored.source == document:
            return True
        try:
            store.swap(INDEX, state.source, document, seq_no=stored.seq_no if stored else None)
        except VersionConflict:
            continue
        return True
    raise StoreError("another process changes this source all the time", where=f"{INDEX}/{state.source}")


def merged(before: SourceState | None, state: SourceState) -> SourceState:
    """`since` reaches back over equal states, `last_good` over bad ones."""
    since = min(before.since, state.since) if before and before.state == state.state else state.since
    good = state.at if state.state in GOOD else state.last_good
    return msgspec.structs.replace(
        state, since=since, last_good=good or (before.last_good if before else None)
    )
