"""Delivering what waits in the outbox. Each channel for itself: one that fails or hangs holds up no other."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import math
import threading
import time
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from index.store import Store
from netdocket.errors import NetdocketError
from streams.alerts import channels
from streams.alerts.channels import DeliveryError
from streams.alerts.documents import INDEX
from streams.alerts.messages import Alert
from streams.alerts.rules import Channel

AT_ONCE: Final = 50
"""Alerts in one message at most."""
POLL_SECONDS: Final = 1.0
LAST_SECONDS: Final = 15.0
PATIENCE_SECONDS: Final = 3 * channels.SECONDS
"""So long, after that, the message in hand is waited for: a server that says a little now and then ends no time limit."""

log = logging.getLogger(__name__)
Send = Callable[[Channel, Sequence[Alert], Store], str | None]


class Waiting(Protocol):
    """What waits for its delivery (outbox.py, deliveries.py)."""

    def due(self, channel: str, now: float, limit: int) -> list[str]:
        """Alerts that nobody else is sending now."""
        ...

    def left(self, alerts: Sequence[str], channel: str) -> Mapping[str, tuple[str, ...]]:
        """Alert -> who has still to get it, of those that others have got."""
        ...

    def delivered(self, alerts: Sequence[str], channel: str, now: float, note: str | None = None) -> None: ...

    def put(self, alert: str, rule: str) -> None:
        """Repeating it changes nothing."""
        ...

    def drop(self, alerts: Sequence[str], channel: str) -> None:
        """Waits no more and was sent to nobody: put in again, it waits again."""
        ...

    def failed(
        self,
        alerts: Sequence[str],
        channel: str,
        now: float,
        error: str,
        *,
        refused: bool = False,
        left: Sequence[str] = (),
    ) -> None: ...


@dataclasses.dataclass(slots=True)
class Sent:
    """`errors` also names who did not get a message that was taken."""

    delivered: int = 0
    failed: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)


def until_done() -> bool:
    return False


def deliver_due(
    store: Store,
    outbox: Waiting,
    channel: Channel,
    *,
    now: float,
    send: Send = channels.send,
    stop: Callable[[], bool] = until_done,
) -> Sent:
    """Sends what is due on one channel; what it does not take waits for its next attempt. `stop` is asked between
    messages. Raises StoreError, StorageError."""
    sent = Sent()
    if quiet(channel, now):
        return sent
    limit = channels.at_once(channel, AT_ONCE)
    while not stop() and (ids := outbox.due(channel.id, now, limit)):
        found = {stored.id: stored.source for stored in store.mget(INDEX, ids)}
        # Removed, withdrawn or seen to meanwhile: nothing to be told any more, unless it should open again.
        told = {id: found[id] for id in ids if id in found and found[id]["state"] == "open"}
        left_to = outbox.left(ids, channel.id)
        over = [id for id in ids if id not in told]
        outbox.delivered([id for id in over if id in left_to], channel.id, now)  # some have got it
        _drop(store, outbox, [id for id in over if id not in left_to], channel)
        for some, left in _by_left([id for id in ids if id in told], left_to):
            alerts = [told[id] for id in some]
            to = channels.to_those(channel, left)
            note: str | None = None
            try:
                if to is not None:
                    note = send(to, alerts, store)
            except Exception as error:  # whatever it is, it is this channel's, and it will be asked again
                said = _said(channel, error)
                refused = isinstance(error, DeliveryError) and error.refused
                still = (isinstance(error, DeliveryError) and error.left) or left
                outbox.failed(some, channel.id, now, said, refused=refused, left=still)
                sent.failed += len(some)
                sent.errors.append(said)
                if refused:
                    continue
                return sent
            outbox.delivered(some, channel.id, now, note)
            sent.delivered += len(alerts)
            if note:
                sent.errors.append(note)
    return sent


def _drop(store: Store, outbox: Waiting, alerts: Sequence[str], channel: Channel) -> None:
    """What opens again while it is dropped was put in too early, where it stood still: it is put in once more."""
    if not alerts:
        return
    outbox.drop(alerts, channel.id)
    for stored in store.mget(INDEX, alerts):
        if stored.source["state"] == "open":
            outbox.put(stored.id, stored.source["rule"])


def _by_left(
    ids: Sequence[str], left: Mapping[str, tuple[str, ...]]
) -> list[tuple[list[str], tuple[str, ...]]]:
    """What goes together, since it goes to the same."""
    found: dict[tuple[str, ...], list[str]] = {}
    for id in ids:
        found.setdefault(left.get(id, ()), []).append(id)
    return [(some, to) for to, some in found.items()]


def _said(channel: Channel, error: Exception) -> str:
    if isinstance(error, NetdocketError):
        return str(error)
    return " ".join(f"{channel.id}: {type(error).__name__}: {error}".split())


def quiet(channel: Channel, now: float) -> bool:
    """Whether the channel's quiet hours are on; they may reach over midnight."""
    hours = channel.hours()
    if hours is None:
        return False
    start, end = hours
    clock = dt.datetime.fromtimestamp(now, zoneinfo.ZoneInfo(channel.zone)).time()
    return start <= clock < end if start <= end else clock >= start or clock < end


class Deliverer:
    """A thread a channel, from `with` to its end."""

    def __init__(
        self,
        store: Store,
        outbox: Waiting,
        to: Sequence[Channel],
        *,
        last_seconds: float = LAST_SECONDS,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """`last_seconds`: so long sending goes on after the end, for what came last."""
        self._last_seconds = last_seconds
        self._patience = patience
        self._stop = threading.Event()
        self._until = math.inf
        self._threads = [
            threading.Thread(
                target=self._work, args=(store, outbox, channel), name=f"alerts-{channel.id}", daemon=True
            )
            for channel in to
        ]

    def __enter__(self) -> Deliverer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Each channel ends with the message that it has in hand, or is left with it: that goes again."""
        self._until = time.monotonic() + self._last_seconds
        self._stop.set()
        for thread in self._threads:
            thread.join(max(0.0, self._until + self._patience - time.monotonic()))
            if thread.is_alive():
                log.warning("alerts: %s: left with a message in hand, it goes again", thread.name)

    def _work(self, store: Store, outbox: Waiting, channel: Channel) -> None:
        while True:
            stopping = self._stop.is_set()  # once more after the end
            try:
                now = time.time()
                for error in deliver_due(store, outbox, channel, now=now, stop=self._late).errors:
                    log.warning("alerts: %s", error)
            except Exception as error:  # without this thread nobody would hear of anything any more
                log.warning("alerts: %s", _said(channel, error))
            if stopping:
                return
            self._stop.wait(POLL_SECONDS)

    def _late(self) -> bool:
        return time.monotonic() > self._until
