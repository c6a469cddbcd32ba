"""Which record is the first to have a value: one entry a value, made by an atomic create that stores its winner.

A redelivery of the winner goes on as if it had just won. Where the winner's record is gone or has lost the value, its
alert is withdrawn; then the earliest record that still has the value inherits, and nothing fires; where none has, the
next occurrence is a first one again. That is found out when somebody comes with the value, not before.

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
class Verdict:
    """`entry`: the candidate is the first, by this entry. `done`: no other of the batch can be."""

    entry: Mapping[str, Any] | None
    done: bool


@dataclasses.dataclass(frozen=True, slots=True)
class FirstSeen:
    """The entries of one dimension, looked at with a batch in hand.

    `batch`: its bulletins. `refresh` is called before a search, which most values, being known, do without. `since`:
    see Evaluation. `withdraw` takes back the alert of a value and the record that was its first; before the entry is
    another's, so that who is killed in between comes back and does it again."""

    store: Store
    dimension: str
    batch: Collection[str]
    refresh: Callable[[], object]
    _: dataclasses.KW_ONLY
    withdraw: Callable[[str, str], object]
    since: str | None = None

    def settled(self, values: Collection[str]) -> set[str]:
        """Those of the values whose first is a record outside the batch that still has them: most, and all at once."""
        entries = [
            entry
            for entry in self.store.mget(INDEX, [f"{self.dimension}:{value}" for value in values])
            if entry.source["bulletin_id"] not in self.batch
        ]
        index = things.DIMENSIONS[self.dimension].index
        winners = {
            stored.id: {value for value, _ in things.values(stored.source, self.dimension)}
            for stored in self.store.mget(index, {entry.source["record_id"] for entry in entries})
        }
        return {
            entry.source["value"]
            for entry in entries
            if entry.source["value"] in winners.get(entry.source["record_id"], ())
        }

    def bring_up_to_date(self, value: str, candidate: Mapping[str, Any], *, teaches: bool) -> Verdict:
        """`candidate`: a document that has the value. Where it `teaches`, it is entered as known before."""
        id = f"{self.dimension}:{value}"
        for _ in range(ATTEMPTS):
            entry = self.store.get(INDEX, id)
            if entry is None:
                self.refresh()
                # Somebody else may have had the value before we looked for it.
                known = self._earliest(value, before=self.since)
                fresh = self._entry(value, known or candidate, known_before=known is not None or teaches)
                if self.store.create(INDEX, id, fresh) is not None:
                    return self._verdict(fresh, candidate)
                continue
            if entry.source["record_id"] == candidate["record_id"] or self._has(
                value, entry.source["record_id"]
            ):
                return self._verdict(entry.source, candidate)
            self.withdraw(value, entry.source["record_id"])
            self.refresh()
            heir = self._earliest(value)
            inherits = self._entry(value, heir or candidate, known_before=heir is not None or teaches)
            if self._replaced(entry, inherits):
                return self._verdict(inherits, candidate)
        raise StoreError("another process changes this entry all the time", where=f"{INDEX}/{id}")

    def _verdict(self, entry: Mapping[str, Any], candidate: Mapping[str, Any]) -> Verdict:
        won = entry["record_id"] == candidate["record_id"] and not entry.get("known_before")
        return Verdict(entry if won else None, won or entry["bulletin_id"] not in self.batch)

    def _entry(self, value: str, document: Mapping[str, Any], *, known_before: bool) -> dict[str, Any]:
        copied = ("record_id", "bulletin_id", "event_date", "origin", "quiet")
        return {
            "schema": f"netdocket.{INDEX}/1",
            "thing": f"{self.dimension}:{value}",
            "dimension": self.dimension,
            "value": value,
            **{name: document[name] for name in copied if name in document},
            "first_seen_at": document["fetched_at"],
            **({"known_before": True} if known_before else {}),
        }

    def _replaced(self, entry: Stored, document: Mapping[str, Any]) -> bool:
        try:
            self.store.swap(INDEX, entry.id, document, seq_no=entry.seq_no)
        except VersionConflict:
            return False
        return True

    def _has(self, value: str, record_id: str) -> bool:
        stored = self.store.get(things.DIMENSIONS[self.dimension].index, record_id)
        return stored is not None and any(v == value for v, _ in things.values(stored.source, self.dimension))

    def _earliest(self, value: str, *, before: str | None = None) -> Mapping[str, Any] | None:
        """The earliest record that has the value and is not of the batch; as it is now, not as it was searched.
        `before`: harvested earlier than that."""
        where = things.DIMENSIONS[self.dimension]
        clauses = things.clauses(self.dimension, value)
        if before is not None:
            clauses.append({"range": {"fetched_at": {"lt": before}}})
        body: dict[str, Any] = {
            "query": {"bool": {"filter": clauses}},
            "sort": [{"event_date": {"order": "asc", "missing": "_last"}}, {"record_id": "asc"}],
            "size": PAGE,
            "_source": ["bulletin_id", "record_id"],
        }
        while hits := self.store.search(where.searched or where.index, body)["hits"]["hits"]:
            for hit in hits:
                if hit["_source"]["bulletin_id"] in self.batch:
                    continue
                stored = self.store.get(where.index, hit["_source"]["record_id"])
                if stored and any(v == value for v, _ in things.values(stored.source, self.dimension)):
                    return stored.source
            body["search_after"] = hits[-1]["sort"]
        return None
