"""An alert as a document of `alerts`: made once, with an id that follows from what it says; then only its state changes.

States: `open`, `acked` (somebody has seen to it), `muted` (its rule was muted when it fired), `withdrawn` (the record
that it names has gone or has lost the value).
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

from index.store import Store
from netdocket.errors import ConfigurationError, StoreError, VersionConflict
from netdocket.records import utc_now
from streams.alerts.rules import Rule
from streams.alerts.things import penalty_sentence, sentence_of
from streams.fields import filled

INDEX: Final = "alerts"
ATTEMPTS: Final = 100
PAGE: Final = 200
LATE_DAYS: Final = 31
"""A value whose record is dated so long before it was fetched was not new when it was first seen."""
# Fixed for good: to change it is to change every id ever given.
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://netdocket.invalid/alert")

Body = Mapping[str, Any]


def alert_id(rule: str, thing: str, winner: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{rule}\n{thing}\n{winner}"))


def of_record(
    rule: Rule,
    document: Body,
    *,
    index: str,
    thing: str,
    value: str,
    reason: Mapping[str, str],
    label: Mapping[str, str] | None = None,
    dimension: str | None = None,
    amount_yuan: float | None = None,
    winner: str | None = None,
    penalty_id: str | None = None,
) -> dict[str, Any]:
    """An alert about a record (its document, with `text` and `record`). `winner`: what makes it another alert of the
    same rule and thing; the record's id where it is not given. `penalty_id`: the penalty of the record
    that it is about, whose sentence is told."""
    copied = (
        "record_id",
        "bulletin_id",
        "title",
        "url",
        "source",
        "event_date",
        "published",
        "origin",
        "rules_version",
    )
    late = dated_late(document)
    return filled({
        "schema": f"netdocket.{INDEX}/1",
        "alert_id": alert_id(rule.id, thing, document["record_id"] if winner is None else winner),
        "rule": rule.id,
        "rule_title": {"en": rule.title.en, "zh": rule.title.zh},
        "kind": rule.kind,
        "thing": thing,
        "dimension": dimension,
        "value": value,
        "label": label,
        "reason": {
            "en": reason["en"] + (f" First seen late: dated {document['event_date']}." if late else ""),
            "zh": reason["zh"] + (f"此前已有：日期为 {document['event_date']}，系迟后发现。" if late else ""),
        },
        **{name: document[name] for name in copied if name in document},
        "index": index,
        "sentence": penalty_sentence(document, penalty_id)
        if penalty_id
        else sentence_of(document, dimension, value),
        "late": late,
        "amount_yuan": amount_yuan,
        "fired_at": utc_now(),
        "state": "open",
    })  # fmt: skip


def dated_late(document: Body) -> bool:
    date = document.get("event_date")
    if not date or len(date) != len("2024-01-01"):
        return False
    fetched = dt.date.fromisoformat(document["fetched_at"][:10])
    return (fetched - dt.date.fromisoformat(date)).days > LATE_DAYS


def alerts(
    store: Store, clauses: list[dict[str, Any]], *, newest_first: bool = True
) -> Iterator[dict[str, Any]]:
    """The alerts that match, as of the last refresh."""
    order = "desc" if newest_first else "asc"
    body: dict[str, Any] = {
        "query": {"bool": {"filter": clauses}} if clauses else {"match_all": {}},
        "sort": [{"fired_at": {"order": order}}, {"alert_id": "asc"}],
        "size": PAGE,
    }
    while hits := store.search(INDEX, body)["hits"]["hits"]:
        for hit in hits:
            yield hit["_source"]
        body["search_after"] = hits[-1]["sort"]


def find(store: Store, id: str) -> dict[str, Any]:
    """By its id or the beginning of it. Raises ConfigurationError."""
    if stored := store.get(INDEX, id):
        return stored.source
    store.refresh()
    found = list(itertools.islice(alerts(store, [{"prefix": {"alert_id": id}}]), 2))
    if len(found) != 1:
        raise ConfigurationError("several alerts begin like this" if found else "no such alert", where=id)
    return found[0]


def set_state(store: Store, id: str, state: str, note: str | None = None) -> dict[str, Any]:
    """The alert in its new state. Raises ConfigurationError where there is none."""
    for _ in range(ATTEMPTS):
        stored = store.get(INDEX, id)
        if stored is None:
            raise ConfigurationError("no such alert", where=id)
        document = {
            **stored.source,
            "state": state,
            "state_at": utc_now(),
            **({"note": note} if note else {}),
        }
        try:
            return store.swap(INDEX, id, document, seq_no=stored.seq_no).source
        except VersionConflict:
            continue
    raise StoreError("another process changes this alert all the time", where=id)


def forget(store: Store, bulletin_id: str) -> int:
    """Deletes the alerts of a bulletin that is removed on request; how many."""
    store.refresh()
    gone = 0
    for alert in list(alerts(store, [{"term": {"bulletin_id": bulletin_id}}])):
        stored = store.get(INDEX, alert["alert_id"])
        gone += stored is not None and store.drop(INDEX, stored.id, seq_no=stored.seq_no)
    return gone
