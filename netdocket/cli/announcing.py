"""Commands that change the store themselves, in the cluster profile: whoever follows the topic of records hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from netdocket.cli.workspace import Workspace

if TYPE_CHECKING:
    from index.store import Store
    from streams.announce import Announcer

BROKER_SECONDS = 60.0
"""So long a command waits for a broker that went away meanwhile."""


@contextmanager
def announcing(ws: Workspace, store: Store) -> Iterator[Announcer | None]:
    """None in the embedded profile, where nobody follows. Raises BrokerError where Kafka does not answer or has no such
    topic: before anything is changed."""
    if not ws.cluster:
        yield None
        return
    from streams.announce import Announcer
    from streams.sender import Sender
    from streams.topics import Topics, require

    topics = Topics.of(ws.settings, ws.family)
    require(ws.settings, topics, [topics.records, topics.dead_letters])
    sender = Sender(ws.settings, patience=BROKER_SECONDS)
    try:
        yield Announcer(sender, topics, store)
    finally:
        sender.close()
