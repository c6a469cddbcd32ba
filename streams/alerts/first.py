"""Which record is the first to have a value: one entry a value, made by an atomic create that stores its winner.

A redelivery of the winner goes on as if it had just won. Where the winner's record is gone or has lost the value, the
earliest record that still has it inherits, and nothing fires; where none has, the next occurrence is a first one again.
That is found out when somebody comes with the value, not before.

A value that records had before anybody looked for it is entered with the earliest of them (`known_before`): the store
teaches, and does not fire. So does one that is inherited: the same message delivered once more must not take the heir
for the winner.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from index.store import Store, Stored
from netdocket.errors import StoreError, VersionConflict
from streams.alerts import things

INDEX: Final = "first-seen"
ATTEMPTS: Final = 100
PAGE: Final = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Won:
    """`replaces`: the record that was first before and is no more."""

    entry: Mapping[str, Any]
    replaces: str | None = None


def bring_up_to_date(
    store: Store,
    dimension: str,
    value: str,
    candidate: Mapping[str, Any],
    batch: Collection[str],
    refresh: Callable[[], object],
) -> Won | None:
    """The win of `candidate` (a document that has the value), or None where another record is first. `batch`: the
    bulletins of whose records nobody has looked yet; all others were there before. `refresh` is called before a search,
    which most values, being known, do without."""
    id = f"{dimension}:{value}"
    for _ in range(ATTEMPTS):
        entry = store.get(INDEX, id)
        if entry is None:
            refresh()
            # Somebody else may have had the value before we looked for it.
            known = _earliest(store, dimension, value, leave_out=batch)
            if known is not None:
                if store.create(INDEX, id, _entry(dimension, value, known, known_before=True)) is not None:
                    return None
            elif store.create(INDEX, id, _entry(dimension, value, candidate)) is not None:
                return Won(_entry(dimension, value, candidate))
            continue
        if entry.source["record_id"] == candidate["record_id"]:
            return None if entry.source.get("known_before") else Won(entry.source)
        if _has(store, dimension, value, entry.source["record_id"]):
            return None
        refresh()
        heir = _earliest(store, dimension, value, leave_out=batch)
        heir_entry = _entry(dimension, value, heir or candidate, known_before=heir is not None)
        if _replaced(store, entry, heir_entry):
            return None if heir is not None else Won(heir_entry, replaces=entry.source["record_id"])
    raise StoreError("another process changes this entry all the time", where=f"{INDEX}/{id}")


def _entry(
    dimension: str, value: str, document: Mapping[str, Any], *, known_before: bool = False
) -> dict[str, Any]:
    copied = ("record_id", "bulletin_id", "event_date", "origin", "quiet")
    return {
        "schema": f"netdocket.{INDEX}/1",
        "thing": f"{dimension}:{value}",
        "dimension": dimension,
        "value": value,
        **{name: document[name] for name in copied if name in document},
        "first_seen_at": document["fetched_at"],
        **({"known_before": True} if known_before else {}),
    }


def _replaced(store: Store, entry: Stored, document: Mapping[str, Any]) -> bool:
    try:
        store.swap(INDEX, entry.id, document, seq_no=entry.seq_no)
    except VersionConflict:
        return False
    return True


def _has(store: Store, dimension: str, value: str, record_id: str) -> bool:
    stored = store.get(things.DIMENSIONS[dimension].index, record_id)
    return stored is not None and any(v == value for v, _ in things.values(stored.source, dimension))


def _earliest(
    store: Store, dimension: str, value: str, *, leave_out: Collection[str]
) -> Mapping[str, Any] | None:
    """The earliest record that has the value and is not of these bulletins; as it is now, not as it was searched."""
    where = things.DIMENSIONS[dimension]
    body: dict[str, Any] = {
        "query": {"bool": {"filter": things.clauses(dimension, value)}},
        "sort": [{"event_date": {"order": "asc", "missing": "_last"}}, {"record_id": "asc"}],
        "size": PAGE,
        "_source": ["bulletin_id", "record_id"],
    }
    while hits := store.search(where.searched or where.index, body)["hits"]["hits"]:
        for hit in hits:
            if hit["_source"]["bulletin_id"] in leave_out:
                continue
            stored = store.get(where.index, hit["_source"]["record_id"])
            if stored and any(v == value for v, _ in things.values(stored.source, dimension)):
                return stored.source
        body["search_after"] = hits[-1]["sort"]
    return None
