"""Delivering what waits in the outbox. Each channel for itself: one that fails or hangs holds up no other."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import threading
import time
import zoneinfo
from collections.abc import Callable, Sequence
from typing import Final

from index.store import Store
from netdocket.errors import NetdocketError
from streams.alerts import channels
from streams.alerts.documents import INDEX
from streams.alerts.messages import Alert
from streams.alerts.outbox import Outbox
from streams.alerts.rules import Channel

AT_ONCE: Final = 50
"""Alerts in one message at most."""
POLL_SECONDS: Final = 1.0

log = logging.getLogger(__name__)
Send = Callable[[Channel, Sequence[Alert], Store], None]


@dataclasses.dataclass(slots=True)
class Sent:
    delivered: int = 0
    failed: int = 0
    errors: list[str] = dataclasses.field(default_factory=list)


def deliver_due(
    store: Store, outbox: Outbox, channel: Channel, *, now: float, send: Send = channels.send
) -> Sent:
    """Sends what is due on one channel; what it does not take waits for its next attempt."""
    sent = Sent()
    if quiet(channel, now):
        return sent
    while ids := outbox.due(channel.id, now, AT_ONCE):
        found = {stored.id: stored.source for stored in store.mget(INDEX, ids)}
        # Removed, withdrawn or seen to meanwhile: nothing to be told any more.
        told = [found[id] for id in ids if id in found and found[id]["state"] == "open"]
        try:
            if told:
                send(channel, told, store)
        except NetdocketError as error:
            outbox.failed(ids, channel.id, now, str(error))
            sent.failed += len(ids)
            sent.errors.append(str(error))
            return sent
        outbox.delivered(ids, channel.id, now)
        sent.delivered += len(told)
    return sent


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

    def __init__(self, store: Store, outbox: Outbox, to: Sequence[Channel]) -> None:
        self._stop = threading.Event()
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
        self._stop.set()
        for thread in self._threads:
            thread.join(channels.SECONDS)

    def _work(self, store: Store, outbox: Outbox, channel: Channel) -> None:
        while True:
            stopping = self._stop.is_set()  # once more after the end: what came last goes out too
            try:
                for error in deliver_due(store, outbox, channel, now=time.time()).errors:
                    log.warning("alerts: %s", error)
            except NetdocketError as error:
                log.warning("alerts: %s", error)
            if stopping:
                return
            self._stop.wait(POLL_SECONDS)
