"""Which alert still has to go where, kept in the store: for several processes on several machines. As outbox.py does it
in a file, which serves one machine better.

One document an alert and channel. Whoever is to send one holds it for a while, by compare-and-swap, so that nobody else
sends it too; who is killed with it in hand lets go when the while is over, and it goes again, with the same id. What a
search finds may be older than what is: each is looked at again as it is now before it is held.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from index.store import Store, Stored, Swap
from netdocket.errors import StoreError, VersionConflict
from streams.alerts.outbox import Delivery, next_attempt
from streams.alerts.rules import Channel
from streams.fields import filled

INDEX: Final = "deliveries"
HELD_SECONDS: Final = 180.0
"""Longer than one message takes, whatever its server's time limits."""
ATTEMPTS: Final = 100
PAGE: Final = 100
"""How many are looked at for those that can be held; beyond, the next look finds them."""
MOST: Final = 10_000

Document = Mapping[str, Any]


class Deliveries:
    """Thread-safe, as its store is. Times are Unix seconds. Raises StoreError."""

    def __init__(
        self, store: Store, channels: Sequence[Channel], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._channels = list(channels)
        self._clock = clock

    def close(self) -> None:
        """The store is whose it is."""

    # --- putting in ----------------------------------------------------------------------------------

    def put(self, alert: str, rule: str) -> None:
        """Repeating it changes nothing."""
        now = self._clock()
        swaps = [
            Swap(_id(alert, channel.id), _waiting(alert, rule, channel, now), None)
            for channel in self._channels
            if not channel.rules or rule in channel.rules
        ]
        if swaps:
            self._store.swap_many(INDEX, swaps)

    def muted(self, rule: str) -> bool:
        stored = self._store.get(INDEX, _mute(rule))
        return stored is not None and self._holds(stored.source)

    def mute(self, rule: str, until: float | None) -> None:
        document = filled({
            "schema": f"netdocket.{INDEX}/1", "kind": "mute", "rule": rule, "until": _moment(until),
        })  # fmt: skip
        self._change(_mute(rule), lambda _held: document)

    def unmute(self, rule: str) -> None:
        self._remove(_mute(rule))

    def _remove(self, id: str) -> None:
        for _ in range(ATTEMPTS):
            stored = self._store.get(INDEX, id)
            if stored is None or self._store.drop(INDEX, stored.id, seq_no=stored.seq_no):
                return
        raise StoreError("another process changes it all the time", where=f"{INDEX}/{id}")

    def mutes(self) -> dict[str, float | None]:
        """Rule -> until when, None for good; those that hold now."""
        self._store.refresh()
        held = self._search([{"term": {"kind": "mute"}}], sort=[{"rule": "asc"}], size=MOST)
        return {one["rule"]: _seconds(one.get("until")) for one in held if self._holds(one)}

    def _holds(self, mute: Document) -> bool:
        until = _seconds(mute.get("until"))
        return until is None or until > self._clock()

    # --- taking out ----------------------------------------------------------------------------------

    def due(self, channel: str, now: float, limit: int) -> list[str]:
        """Alerts that wait for this channel, once the oldest of them is due: all of them, oldest first. They are held
        for whoever asked."""
        waiting = [
            {"term": {"kind": "delivery"}}, {"term": {"channel": channel}}, {"term": {"state": "waiting"}},
        ]  # fmt: skip
        if not self._search([*waiting, _until("due_at", now)], sort=[{"due_at": "asc"}], size=1):
            return []
        either = {"bool": {"should": [{"term": {"attempts": 0}}, _until("due_at", now)]}}
        free = {"bool": {"must_not": [{"range": {"held_until": {"gt": _moment(now)}}}]}}
        found = self._search(
            [*waiting, either, free], sort=[{"put_at": "asc"}, {"alert": "asc"}], size=limit + PAGE
        )
        ids = [_id(one["alert"], channel) for one in found]
        current = {stored.id: stored for stored in self._store.mget(INDEX, ids)}
        open_ = [current[id] for id in ids if id in current and _free(current[id].source, now)][:limit]
        held = self._store.swap_many(
            INDEX,
            [
                Swap(one.id, {**one.source, "held_until": _moment(now + HELD_SECONDS)}, one.seq_no)
                for one in open_
            ],
        )
        return [one.source["alert"] for one in held if one is not None]

    def left(self, alerts: Iterable[str], channel: str) -> Mapping[str, tuple[str, ...]]:
        """Alert -> who has still to get it, of those that others have got."""
        stored = self._store.mget(INDEX, [_id(alert, channel) for alert in alerts])
        return {one.source["alert"]: tuple(one.source["left"]) for one in stored if one.source.get("left")}

    def delivered(self, alerts: Iterable[str], channel: str, now: float, note: str | None = None) -> None:
        """`note`: who did not get it."""
        for alert in alerts:
            self._change(
                _id(alert, channel),
                lambda held: {
                    **_released(held),
                    "state": "delivered",
                    "delivered_at": _moment(now),
                    "attempts": held["attempts"] + 1,
                    **({"error": note} if note else {}),
                },
            )

    def drop(self, alerts: Iterable[str], channel: str) -> None:
        """Waits no more and was sent to nobody: put in again, it waits again."""
        for alert in alerts:
            self._remove(_id(alert, channel))

    def failed(
        self,
        alerts: Iterable[str],
        channel: str,
        now: float,
        error: str,
        *,
        refused: bool = False,
        left: Sequence[str] = (),
    ) -> None:
        """To be tried again later; what is `refused` often enough is not. `left`: see `left`."""

        def after(held: Document) -> Document:
            attempts = held["attempts"] + 1
            due = next_attempt(now, attempts, refused=refused)
            again = {"state": "given_up"} if due is None else {"due_at": _moment(due)}
            still = {"left": sorted(left)} if left else {}
            return {**_released(held), "attempts": attempts, "error": error, **still, **again}

        for alert in alerts:
            self._change(_id(alert, channel), after)

    def offer_again(self, now: float) -> int:
        """Makes what was given up due; how many."""
        self._store.refresh()
        given_up = self._search([{"term": {"state": "given_up"}}], sort=[{"alert": "asc"}], size=MOST)
        for one in given_up:
            again = {"state": "waiting", "due_at": _moment(now), "attempts": 1}
            self._change(_id(one["alert"], one["channel"]), lambda held, again=again: {**held, **again})  # type: ignore[misc]
        self._store.refresh()
        return len(given_up)

    def of(self, alert: str) -> list[Delivery]:
        self._store.refresh()
        found = self._search([{"term": {"alert": alert}}], sort=[{"channel": "asc"}], size=MOST)
        return [
            Delivery(
                alert,
                one["channel"],
                one["attempts"],
                None if one["state"] == "given_up" else _seconds(one["due_at"]),
                _seconds(one.get("delivered_at")),
                one.get("error"),
            )
            for one in found
        ]

    def waiting(self) -> Mapping[str, int]:
        """Channel -> alerts that it has not taken, and may yet."""
        return self._counted("waiting")

    def given_up(self) -> Mapping[str, int]:
        """Channel -> alerts that it has refused for good."""
        return self._counted("given_up")

    # --- the store -----------------------------------------------------------------------------------

    def _counted(self, state: str) -> Mapping[str, int]:
        self._store.refresh()
        body = {
            "size": 0,
            "query": {"bool": {"filter": [{"term": {"state": state}}]}},
            "aggs": {"channels": {"terms": {"field": "channel", "size": MOST}}},
        }
        buckets = self._store.search(INDEX, body)["aggregations"]["channels"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}

    def _search(
        self, clauses: Sequence[Document], *, sort: Sequence[Document], size: int
    ) -> list[dict[str, Any]]:
        body = {"query": {"bool": {"filter": list(clauses)}}, "sort": list(sort), "size": size}
        return [hit["_source"] for hit in self._store.search(INDEX, body)["hits"]["hits"]]

    def _change(self, id: str, change: Callable[[Document], Document]) -> Stored:
        for _ in range(ATTEMPTS):
            held = self._store.get(INDEX, id)
            try:
                return self._store.swap(
                    INDEX, id, change(held.source if held else {}), seq_no=held.seq_no if held else None
                )
            except VersionConflict:
                continue
        raise StoreError("another process changes it all the time", where=f"{INDEX}/{id}")


def _id(alert: str, channel: str) -> str:
    return f"{alert}/{channel}"


def _mute(rule: str) -> str:
    return f"mute/{rule}"


def _waiting(alert: str, rule: str, channel: Channel, now: float) -> dict[str, Any]:
    return {
        "schema": f"netdocket.{INDEX}/1",
        "kind": "delivery",
        "alert": alert,
        "rule": rule,
        "channel": channel.id,
        "state": "waiting",
        "put_at": _moment(now),
        "due_at": _moment(now + channel.digest_minutes * 60),
        "attempts": 0,
    }


def _free(delivery: Document, now: float) -> bool:
    held = _seconds(delivery.get("held_until"))
    ready = delivery["attempts"] == 0 or (_seconds(delivery["due_at"]) or 0.0) <= now
    return delivery["state"] == "waiting" and ready and (held is None or held <= now)


def _released(delivery: Document) -> dict[str, Any]:
    return {name: value for name, value in delivery.items() if name not in ("held_until", "error", "left")}


def _until(field: str, now: float) -> Document:
    return {"range": {field: {"lte": _moment(now)}}}


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else dt.datetime.fromisoformat(moment).timestamp()
