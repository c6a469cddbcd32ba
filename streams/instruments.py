"""Legal instruments: one document for each, merged from all developments that report on it.

A batch that touches an instrument only marks it (`outdated`), before it is acknowledged. `bring_up_to_date`, called
whenever the store is refreshed, computes marked instruments anew from what the index of developments says then: so the
order in which bulletins come does not matter, what is withdrawn is gone, and the cost does not grow with the number of
developments. All writes are compare-and-swaps: a mark that is set while an instrument is computed stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from enrich import Knowledge
from index.store import Store, Stored, Swap
from netdocket.errors import StoreError, VersionConflict
from streams.fields import Body, filled, labels, law_label

INDEX: Final = "instruments"
DEVELOPMENTS: Final = "developments"
ATTEMPTS: Final = 100
PAGE: Final = 500
LISTED: Final = 200
"""So many developments, the latest ones, are listed by name; all are counted."""
SAME_DAY: Final = 100
"""So many developments of the latest day are compared by the stage they report."""
STAGES: Final = ("planned", "draft", "issued", "in_force", "amended", "repealed")
"""The course of an instrument: of two developments on one day the later stage is the later one."""

LATEST_FIRST: Final = (
    {"event_date": {"order": "desc", "missing": "_last"}},
    {"record_id": {"order": "asc"}},
)


def instrument_of(development: Mapping[str, Any]) -> str | None:
    """The instrument that a document of `developments` counts towards; None where it counts towards none."""
    return development.get("instrument") if development["jurisdiction"] == "CN" else None


def mark(store: Store, instruments: Iterable[str]) -> None:
    """Says that developments of these instruments were written or deleted."""
    open_ = sorted(set(instruments))
    for _ in range(ATTEMPTS):
        if not open_:
            return
        held = {stored.id: stored for stored in store.mget(INDEX, open_)}
        # Written even where it is marked already: a computation under way must not take the mark away.
        swapped = store.swap_many(INDEX, [_marked(id, held.get(id)) for id in open_])
        open_ = [id for id, stored in zip(open_, swapped, strict=True) if stored is None]
    raise StoreError("another process changes this instrument all the time", where=f"{INDEX}/{open_[0]}")


def bring_up_to_date(store: Store, knowledge: Knowledge) -> int:
    """Computes all marked instruments; how many. The store must have been refreshed since they were marked: what is
    marked later stays marked."""
    body = {
        "query": {"term": {"outdated": True}},
        "sort": [{"instrument": "asc"}],
        "size": PAGE,
        "_source": False,
    }
    hits = store.search(INDEX, body)["hits"]["hits"]
    marked = store.mget(INDEX, [hit["_id"] for hit in hits])
    if not marked:
        return 0
    # Marked at these sequence numbers; every development that led to a mark is visible after this.
    store.refresh()
    for stored in marked:
        if stored.source.get("outdated"):
            _compute(store, knowledge, stored)
    store.refresh()
    return len(marked)


def _marked(instrument: str, stored: Stored | None) -> Swap:
    source = stored.source if stored else {"schema": f"netdocket.{INDEX}/1", "instrument": instrument}
    return Swap(instrument, {**source, "outdated": True}, stored.seq_no if stored else None)


def _compute(store: Store, knowledge: Knowledge, stored: Stored) -> None:
    document = merged(store, knowledge, stored.id)
    if document is None:
        store.drop(INDEX, stored.id, seq_no=stored.seq_no)
        return
    try:
        store.swap(INDEX, stored.id, document, seq_no=stored.seq_no)
    except VersionConflict:
        return  # marked again meanwhile: the next round computes it


def merged(store: Store, knowledge: Knowledge, instrument: str) -> Body | None:
    """The document: of each fact what was reported last. None where nothing reports on the instrument."""
    listed = _search(store, instrument, ["record_id", "event_date", "origin"], size=LISTED)
    if not listed:
        return None
    status = _status(store, instrument)
    issuers = _issuers(store, instrument)
    law = knowledge.laws.get(instrument)

    def last(field: str) -> Any:
        found = _search(store, instrument, [field], stating=field, size=1)
        return found[0][field] if found else None

    return filled({
        "schema": f"netdocket.{INDEX}/1",
        "instrument": instrument,
        "instrument_label": law_label(knowledge, instrument),
        "level": law.level if law else None,
        "status": status.get("status"),
        "status_label": status.get("status_label"),
        "published": last("reported_on"),
        "effective": last("effective"),
        "consultation_until": last("consultation_until"),
        "replaces": last("replaces"),
        "issuer": issuers,
        "issuer_label": labels(knowledge, "authority_types", issuers),
        "developments": [development["record_id"] for development in listed],
        "development_count": store.count(DEVELOPMENTS, _query(instrument)),
        "last_reported": listed[0].get("event_date"),
        "origin": listed[0]["origin"],
        "outdated": False,
    })  # fmt: skip


def _status(store: Store, instrument: str) -> Body:
    """The latest status; of those reported for one day the one furthest along."""
    found = _search(
        store, instrument, ["status", "status_label", "event_date"], stating="status", size=SAME_DAY
    )
    latest = [d for d in found if d.get("event_date") == found[0].get("event_date")]
    return max(latest, key=lambda d: STAGES.index(d["status"]) if d["status"] in STAGES else -1, default={})


def _issuers(store: Store, instrument: str) -> list[str]:
    body = {
        "query": _query(instrument),
        "size": 0,
        "aggs": {"issuers": {"terms": {"field": "issuer", "size": 100}}},
    }
    buckets = store.search(DEVELOPMENTS, body)["aggregations"]["issuers"]["buckets"]
    return sorted(bucket["key"] for bucket in buckets)


def _search(
    store: Store, instrument: str, fields: list[str], *, size: int, stating: str | None = None
) -> list[Body]:
    body = {
        "query": _query(instrument, stating),
        "sort": list(LATEST_FIRST),
        "size": size,
        "_source": fields,
    }
    return [hit["_source"] for hit in store.search(DEVELOPMENTS, body)["hits"]["hits"]]


def _query(instrument: str, stating: str | None = None) -> Body:
    filters: list[Body] = [{"term": {"instrument": instrument}}, {"term": {"jurisdiction": "CN"}}]
    if stating is not None:
        filters.append({"exists": {"field": stating}})
    return {"bool": {"filter": filters}}
