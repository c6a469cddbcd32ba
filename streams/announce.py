"""The topic of records: what became of each bulletin, for whoever follows it.

One message a bulletin with all its records, sent after they are stored; the topic keeps the last one of each. A
bulletin that was removed is told by an empty message, which also takes the former one off the topic in time. Followers
ignore a lower version, and hold a record against the store before they act.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence

from index.store import Store
from netdocket.identity import external_version
from netdocket.records import BulletinRecords, Classified, encode
from streams.manifests import read_manifests
from streams.sender import Outgoing, Sender
from streams.topics import Topics

log = logging.getLogger(__name__)


class Announcer:
    """Raises BrokerError, StoreError: then it must be told again. As thread-safe as its sender and store are."""

    def __init__(self, sender: Sender, topics: Topics, store: Store) -> None:
        self._sender = sender
        self._topic = topics.records
        self._store = store

    def tell(self, classified: Sequence[Classified], *, news: Collection[str] = ()) -> None:
        """Of what is stored. `news`: the bulletins among them that come from no re-classification. Whoever removed one
        of them meanwhile has told so already, perhaps before us: then it is told again."""
        if not classified:
            return
        messages = [
            Outgoing(self._topic, one.bulletin_id, encode(announced(one, again=one.bulletin_id not in news)))
            for one in classified
        ]
        for refused in self._sender.deliver(messages):
            # Its records are stored; only whoever follows the topic does not hear of them.
            key = messages[refused.number].key
            log.error("not announced: %s", refused.reason, extra={"bulletin": key})
        held = read_manifests(self._store, [one.bulletin_id for one in classified])
        self.take_back(key for key, one in held.items() if one.manifest.removed)

    def take_back(self, bulletin_ids: Iterable[str]) -> None:
        """Of what is removed."""
        gone = [Outgoing(self._topic, bulletin_id, None) for bulletin_id in bulletin_ids]
        if gone:
            self._sender.deliver(gone)


def announced(classified: Classified, *, again: bool) -> BulletinRecords:
    return BulletinRecords(
        bulletin_id=classified.bulletin_id,
        version=external_version(classified.revision, classified.rules_version),
        revision=classified.revision,
        rules_version=classified.rules_version,
        again=again,
        records=classified.records,
    )
