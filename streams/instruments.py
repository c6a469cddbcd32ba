"""Legal instruments: one document for each, merged from all developments that report on it.

The document keeps what each bulletin contributes and is computed anew from that whenever one changes, so the order
in which bulletins come does not matter. It is written by compare-and-swap; without contributions it goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from enrich import Knowledge
from index.store import Store
from netdocket.errors import StoreError, VersionConflict
from streams.fields import Body, distinct, filled, labels, law_label

INDEX: Final = "instruments"
ATTEMPTS: Final = 100
PAGE: Final = 500
STAGES: Final = ("planned", "draft", "issued", "in_force", "amended", "repealed")
"""The course of an instrument: of two developments on one day the later stage is the later one."""

COPIED: Final = (
    "record_id", "event_date", "status", "status_label", "reported_on", "effective", "consultation_until", "replaces",
    "issuer", "origin",
)  # fmt: skip


def instrument_of(development: Mapping[str, Any]) -> str | None:
    """The instrument that a document of `developments` counts towards; None where it counts towards none."""
    return development.get("instrument") if development["jurisdiction"] == "CN" else None


def contribute(
    store: Store,
    knowledge: Knowledge,
    versions: Mapping[str, int],
    developments: Iterable[Mapping[str, Any]],
    ids: Iterable[str],
) -> None:
    """Replaces the contributions of some bulletins (id: version) to the instruments `ids` (those they have, or had, a
    share in) by what their `developments` say now."""
    shares: dict[str, dict[str, list[Body]]] = {id: {} for id in ids}
    for development in developments:
        instrument = instrument_of(development)
        if instrument is not None:
            share = shares.setdefault(instrument, {}).setdefault(development["bulletin_id"], [])
            share.append({name: development[name] for name in COPIED if name in development})
    for instrument, by_bulletin in shares.items():
        _update(store, knowledge, instrument, versions, by_bulletin)


def contributed_to(store: Store, bulletins: Iterable[str]) -> dict[str, list[str]]:
    """Bulletin -> instruments that hold a contribution of it. After a refresh."""
    wanted = set(bulletins)
    body = {
        "query": {"terms": {"bulletin_id": sorted(wanted)}},
        "size": PAGE,
        "sort": [{"instrument": "asc"}],
        "_source": ["bulletin_id"],
    }
    found: dict[str, list[str]] = {}
    for hit in store.search(INDEX, body)["hits"]["hits"]:
        for bulletin_id in wanted.intersection(hit["_source"]["bulletin_id"]):
            found.setdefault(bulletin_id, []).append(hit["_id"])
    return found


def _update(
    store: Store,
    knowledge: Knowledge,
    instrument: str,
    versions: Mapping[str, int],
    shares: Mapping[str, Sequence[Body]],
) -> None:
    for _ in range(ATTEMPTS):
        stored = store.get(INDEX, instrument)
        before: dict[str, Any] = stored.source["contributions"] if stored else {}
        after = {
            bulletin: share for bulletin, share in before.items() if not _replaced(bulletin, share, versions)
        }
        for bulletin, share in shares.items():
            if share and bulletin not in after:
                after[bulletin] = {"version": versions[bulletin], "developments": list(share)}
        if after == before:
            return
        try:
            if after:
                document = merge(instrument, after, knowledge)
                store.swap(INDEX, instrument, document, seq_no=stored.seq_no if stored else None)
                return
            if stored and store.drop(INDEX, instrument, seq_no=stored.seq_no):
                return
        except VersionConflict:
            continue
    raise StoreError("another process changes this instrument all the time", where=f"{INDEX}/{instrument}")


def _replaced(bulletin: str, share: Mapping[str, Any], versions: Mapping[str, int]) -> bool:
    """A newer contribution of the same bulletin is left alone."""
    return bulletin in versions and share["version"] <= versions[bulletin]


def merge(instrument: str, contributions: Mapping[str, Any], knowledge: Knowledge) -> Body:
    """The document: of each fact what was reported last."""
    everything = [d for share in contributions.values() for d in share["developments"]]
    developments = sorted(everything, key=_when)
    issuers = distinct(code for d in developments for code in d.get("issuer", ()))
    law = knowledge.laws.get(instrument)

    def last(field: str) -> Any:
        return next((d[field] for d in reversed(developments) if field in d), None)

    return filled({
        "schema": f"netdocket.{INDEX}/1",
        "instrument": instrument,
        "instrument_label": law_label(knowledge, instrument),
        "level": law.level if law else None,
        "status": last("status"),
        "status_label": last("status_label"),
        "published": last("reported_on"),
        "effective": last("effective"),
        "consultation_until": last("consultation_until"),
        "replaces": last("replaces"),
        "issuer": issuers,
        "issuer_label": labels(knowledge, "authority_types", issuers),
        "developments": [d["record_id"] for d in developments],
        "development_count": len(developments),
        "last_reported": last("event_date"),
        "bulletin_id": sorted(contributions),
        "origin": developments[0]["origin"],
        "contributions": dict(sorted(contributions.items())),
    })  # fmt: skip


def _when(development: Mapping[str, Any]) -> tuple[str, int, str]:
    status = development.get("status")
    stage = STAGES.index(status) if status in STAGES else -1
    return (development.get("event_date", ""), stage, development["record_id"])
