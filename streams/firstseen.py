"""Penalty types first seen: one entry for each kind of penalty, with the record that was the first to have it.

The thing is the type's code; for OTHER, the type and the normalised phrase. Who creates the entry wins, atomically;
a redelivery of the winner goes on as if it had just won. When the winner's record goes or loses the penalty, the
earliest remaining record inherits, else the entry is withdrawn and the next occurrence is a first one again.

Only records of mainland jurisdiction count. Everything here is repeatable, and every step that could act on what
another process has just changed looks again afterwards.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from index.store import Store, Stored
from netdocket.errors import StoreError, VersionConflict
from netdocket.records import utc_now
from streams.documents import NOT_IMPOSED
from streams.walk import walk

INDEX: Final = "penalty-types"
PENALTIES: Final = "penalties"
UNLISTED: Final = "OTHER"
MAX_ID_BYTES: Final = 512
"""As long as Elasticsearch lets an id be. What is longer is no name of a measure but a misread sentence."""
ATTEMPTS: Final = 100
PAGE: Final = 500

Body = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class FirstSeen:
    """A record won: it is the first with this thing. Alerts (of what is not quiet) start from here."""

    thing: str
    record_id: str
    bulletin_id: str
    quiet: bool


@dataclasses.dataclass(slots=True)
class Settled:
    """What putting the entries in order found."""

    gained: list[str] = dataclasses.field(default_factory=list)
    inherited: list[str] = dataclasses.field(default_factory=list)
    withdrawn: list[str] = dataclasses.field(default_factory=list)


def thing_of(penalty: Body) -> str | None:
    """What a document of `penalties` is an occurrence of, and the id of its entry; None where it does not count."""
    if penalty["jurisdiction"] != "CN" or penalty["penalty_type"] in NOT_IMPOSED:
        return None
    thing = _thing(penalty["penalty_type"], penalty.get("phrase", ""))
    return thing if len(thing.encode()) <= MAX_ID_BYTES else None


def notice(
    store: Store, bulletins: Collection[str], penalties: Sequence[Body], things: Iterable[str]
) -> list[FirstSeen]:
    """Brings the entries up to date after the documents of some bulletins were written and deleted; the wins.

    `penalties`: the documents these bulletins now have, in the order in which they came. `things`: those that they
    have, or had.
    """
    by_thing: dict[str, list[Body]] = {thing: [] for thing in things}
    for penalty in penalties:
        thing = thing_of(penalty)
        if thing is not None:
            by_thing.setdefault(thing, []).append(penalty)
    if not by_thing:
        return []
    entries = {stored.id: stored for stored in store.mget(INDEX, by_thing)}
    won = [
        _bring_up_to_date(store, thing, entries.get(thing), candidates, bulletins)
        for thing, candidates in by_thing.items()
    ]
    return [first for first in won if first is not None]


def verify(store: Store, bulletins: Collection[str]) -> None:
    """Looks after entries whose winner is of these bulletins: a worker that was killed after it had won, and while
    another was taking the record away, left one behind."""
    store.refresh()
    body = {"query": {"terms": {"bulletin_id": sorted(bulletins)}}, "size": PAGE, "sort": [{"thing": "asc"}]}
    for hit in store.search(INDEX, body)["hits"]["hits"]:
        _settle_entry(store, hit["_id"], Settled())


def settle_all(store: Store) -> Settled:
    """Puts all entries in order, after a re-classification: nothing here is a win."""
    store.refresh()
    settled = Settled()
    entries = [id for id, _ in walk(store, INDEX, fields=["thing"])]
    for thing in dict.fromkeys([*entries, *_occurring(store)]):
        _settle_entry(store, thing, settled)
    return settled


# --- one entry ---------------------------------------------------------------------------------------------


def _bring_up_to_date(
    store: Store, thing: str, entry: Stored | None, candidates: Sequence[Body], bulletins: Collection[str]
) -> FirstSeen | None:
    for _ in range(ATTEMPTS):
        if entry is None and candidates:
            if store.create(INDEX, thing, _entry(candidates[0])) is not None:
                return _first(candidates[0])
        elif entry is None:
            # Withdrawn, by ourselves before a crash perhaps. Whoever found it taken until then has not created it.
            store.refresh()
            return _settle_entry(store, thing, Settled())
        elif entry.source.get("unsettled"):
            store.refresh()
            return _settle_entry(store, thing, Settled())
        elif entry.source["bulletin_id"] not in bulletins:
            return None  # somebody else's, and none of ours to look after
        else:
            winner = next((p for p in candidates if p["record_id"] == entry.source["record_id"]), None)
            if winner is None:
                store.refresh()
                return _settle_entry(store, thing, Settled())
            if _replace(store, entry, winner):
                return _first(winner)
        entry = store.get(INDEX, thing)
    raise StoreError("another process changes this entry all the time", where=f"{INDEX}/{thing}")


def _settle_entry(store: Store, thing: str, settled: Settled) -> FirstSeen | None:
    """The winner keeps what it has, else the earliest record inherits, else the entry goes. After a refresh.

    An heir may lose the value while it is put in. The entry says so (`unsettled`) until we have looked again: killed in
    between, we come back with the same message and find it. A win only where the entry was withdrawn and somebody
    had the thing meanwhile."""
    won: FirstSeen | None = None
    for _ in range(ATTEMPTS):
        entry = store.get(INDEX, thing)
        winner = _occurrence(store, thing, entry.source["record_id"]) if entry else None
        if entry is not None and winner is not None:
            if _replace(store, entry, winner):
                return won
            continue
        heir = _earliest(store, thing)
        if heir is None:
            if entry is None:
                return None
            if store.drop(INDEX, thing, seq_no=entry.seq_no):
                settled.withdrawn.append(thing)
                # Somebody may have found the entry taken just before: once more round, it is created if so.
        elif entry is None:
            if store.create(INDEX, thing, _entry(heir, unsettled=True)) is not None:
                settled.gained.append(thing)
                won = _first(heir)
        elif _replace(store, entry, heir, unsettled=True):
            settled.inherited.append(thing)
        store.refresh()
    raise StoreError("another process changes this entry all the time", where=f"{INDEX}/{thing}")


def _replace(store: Store, entry: Stored, penalty: Body, *, unsettled: bool = False) -> bool:
    """False where the entry has changed since it was read. Whoever inherits, the kind was entered when it was."""
    document = _entry(penalty, unsettled=unsettled)
    # one of an earlier netdocket does not say: then it was when its record was harvested, at the earliest
    document["entered_at"] = entry.source.get("entered_at", entry.source["first_seen_at"])
    if document == entry.source:
        return True
    try:
        store.swap(INDEX, entry.id, document, seq_no=entry.seq_no)
    except VersionConflict:
        return False
    return True


def _entry(penalty: Body, *, unsettled: bool = False) -> dict[str, Any]:
    """`first_seen_at` is when the record was harvested, `entered_at` when it came here, which can be much later."""
    copied = (
        "penalty_type", "penalty_type_label", "phrase", "record_id", "bulletin_id", "event_date", "title", "source",
        "origin", "quiet",
    )  # fmt: skip
    return {
        "schema": f"netdocket.{INDEX}/1",
        "thing": thing_of(penalty),
        **{name: penalty[name] for name in copied if name in penalty},
        "first_seen_at": penalty["fetched_at"],
        "entered_at": utc_now(),
        **({"unsettled": True} if unsettled else {}),
    }


def _first(penalty: Body) -> FirstSeen:
    thing = thing_of(penalty)
    if thing is None:
        raise StoreError("this penalty does not count", where=str(penalty["record_id"]))
    return FirstSeen(thing, penalty["record_id"], penalty["bulletin_id"], penalty["quiet"])


# --- what the store holds ----------------------------------------------------------------------------------


def _thing(penalty_type: str, phrase: str) -> str:
    return f"{UNLISTED}:{phrase}" if penalty_type == UNLISTED else penalty_type


def _with_thing(thing: str) -> list[dict[str, Any]]:
    kind, _, phrase = thing.partition(":")
    clauses = [{"term": {"jurisdiction": "CN"}}, {"term": {"penalty_type": kind}}]
    return [*clauses, {"term": {"phrase": phrase}}] if kind == UNLISTED else clauses


def _occurrence(store: Store, thing: str, record_id: str) -> Body | None:
    """The record's first penalty of this thing that is there now, whatever the last refresh has seen."""
    filters = [*_with_thing(thing), {"term": {"record_id": record_id}}]
    return next(iter(_present(store, filters, thing)), None)


def _earliest(store: Store, thing: str) -> Body | None:
    return next(iter(_present(store, _with_thing(thing), thing)), None)


def _present(store: Store, filters: Sequence[Body], thing: str) -> list[Body]:
    """Penalties that match, earliest first, less those that a search still sees and that are gone."""
    order = [
        {"event_date": {"order": "asc", "missing": "_last"}},
        {"record_id": "asc"},
        {"penalty_id": "asc"},
    ]
    body: dict[str, Any] = {
        "query": {"bool": {"filter": list(filters)}},
        "sort": order,
        "size": 20,
        "_source": False,
    }
    while hits := store.search(PENALTIES, body)["hits"]["hits"]:
        there = {stored.id: stored.source for stored in store.mget(PENALTIES, [hit["_id"] for hit in hits])}
        found = [there[hit["_id"]] for hit in hits if hit["_id"] in there]
        current: list[Body] = [penalty for penalty in found if thing_of(penalty) == thing]
        if current:
            return current
        body["search_after"] = hits[-1]["sort"]
    return []


def _occurring(store: Store) -> list[str]:
    """Every thing that some record has."""
    composite = {
        "sources": [
            {"type": {"terms": {"field": "penalty_type"}}},
            {"phrase": {"terms": {"field": "phrase"}}},
        ],
        "size": PAGE,
    }
    unlisted = {"bool": {"filter": _with_thing(f"{UNLISTED}:")[:2]}}
    types = {"types": {"terms": {"field": "penalty_type", "size": 1000}}}
    listed = store.search(PENALTIES, {"query": {"term": {"jurisdiction": "CN"}}, "size": 0, "aggs": types})[
        "aggregations"
    ]["types"]["buckets"]
    found = [b["key"] for b in listed if b["key"] not in (UNLISTED, *NOT_IMPOSED)]
    while True:
        answer = store.search(
            PENALTIES, {"query": unlisted, "size": 0, "aggs": {"things": {"composite": composite}}}
        )
        buckets = answer["aggregations"]["things"]["buckets"]
        found += [_thing(b["key"]["type"], b["key"]["phrase"]) for b in buckets]
        if len(buckets) < PAGE:
            return found
        composite["after"] = buckets[-1]["key"]
