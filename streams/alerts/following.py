"""Who looks for alerts in the cluster profile: reads the topic of records, and looks at what is stored of each bulletin.

    announcement ─▶ documents of the bulletin, as they are stored now ─▶ evaluation (as in every profile)
                        ─▶ alert (a document) ─▶ delivery (a document a channel)
    and only then may the announcement be acknowledged.

Several share the topic's partitions and see each other's bulletins in the store before they have looked at them. So
what is stored does not count as known: only what was harvested before the first of them began does (`watch_began`), and
an atomic create decides who is the first. Nothing here knows Faust (agent.py brings the messages).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from index.store import Store
from netdocket.errors import NetdocketError, RecordError, StoreError
from netdocket.records import DeadLetter, utc_now
from streams.alerts.evaluate import LOOKED_AT, Evaluation, Looked
from streams.letter_topic import LetterTopic
from streams.manifests import read_manifests
from streams.processors import dead_letter
from streams.worker import Delivery, Interruptible

STEP: Final = "alert"
RECORDS: Final = "netdocket.records"
"""What the topic is called in letters, whatever its prefix."""
STATE: Final = "user-state"
BEGAN: Final = "alerts/began"

log = logging.getLogger(__name__)


class Announced(msgspec.Struct, frozen=True):
    """What is needed of netdocket.records.BulletinRecords: also of a newer version than ours."""

    bulletin_id: str
    again: bool = False


_read = msgspec.json.Decoder(Announced).decode


def anybody_looks(store: Store) -> bool:
    """Whether somebody ever looked for alerts in this store."""
    return store.get(STATE, BEGAN) is not None


def watch_began(store: Store) -> str:
    """When somebody first looked for alerts in this store, now at the earliest: the same for all who ask."""
    now = utc_now()
    store.create(
        STATE,
        BEGAN,
        {
            "schema": f"netdocket.{STATE}/1",
            "kind": "alerts",
            "key": "began",
            "value": {"at": now},
            "changed_at": now,
        },
    )
    stored = store.get(STATE, BEGAN)
    if stored is None:
        raise StoreError("was made and is not there", where=f"{STATE}/{BEGAN}")
    return str(stored.source["value"]["at"])


class Follower:
    """For one thread, but for `stop`."""

    def __init__(
        self, store: Interruptible, evaluation: Evaluation, letters: LetterTopic, began: str
    ) -> None:
        self._store = store
        self._evaluation = evaluation
        self._letters = letters
        self._began = began
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ends all waiting for the store."""
        self._stopping.set()
        self._store.stop()

    def process(self, deliveries: Sequence[Delivery]) -> list[str]:
        """Ids of the alerts that these announcements stand for. Returns when all of them wait for their delivery, and
        what could not be looked at is a dead letter. Raises StoreError, BrokerError: then none may be acknowledged."""
        self._letters.in_hand((one.place, one.payload) for one in deliveries)
        letters: list[DeadLetter] = []
        payloads: dict[str, bytes] = {}
        again: dict[str, bool] = {}
        for one in deliveries:
            if not one.payload:
                continue  # removed, and its alerts with it
            try:
                told = _read(one.payload)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                key = one.key.decode("utf-8", "replace")
                letters.append(_letter(RecordError(str(error), where=key), one.payload, key))
                continue
            payloads[told.bulletin_id] = one.payload
            again[told.bulletin_id] = told.again and again.get(told.bulletin_id, True)
        fired = self._look(self._stored(again), payloads, letters)
        self._letters.keep(letters)
        if fired:
            log.info("alerts", extra={"alerts": fired})
        return fired

    def look_at_sources(self) -> list[str]:
        """Their states are on no topic of ours."""
        return self._evaluation.look([], states=True)

    def _look(
        self, bulletins: Sequence[Looked], payloads: Mapping[str, bytes], letters: list[DeadLetter]
    ) -> list[str]:
        """What goes wrong with one bulletin, in a way that nobody has thought of, concerns it alone."""
        try:
            return self._evaluation.look(bulletins)
        except NetdocketError:
            raise
        except Exception as error:
            if len(bulletins) > 1:
                return [id for one in bulletins for id in self._look([one], payloads, letters)]
            for one in bulletins:
                log.exception("no alerts of this", extra={"bulletin": one.bulletin_id})
                letters.append(_letter(error, payloads[one.bulletin_id], one.bulletin_id))
            return []

    def _stored(self, again: Mapping[str, bool]) -> list[Looked]:
        held = read_manifests(self._store, again)
        keys = [key for one in held.values() if not one.manifest.removed for key in one.manifest.documents]
        found: dict[str, dict[str, list[dict[str, Any]]]] = {id: {} for id in again if id in held}
        for index in LOOKED_AT:
            for stored in self._store.mget(index, [id for i, id in keys if i == index]):
                of = found.get(stored.source["bulletin_id"])
                if of is not None:
                    of.setdefault(index, []).append(stored.source)
        return [
            Looked(id, documents, teaches=again[id] or _fetched(documents) < self._began)
            for id, documents in found.items()
            if documents
        ]


def _fetched(documents: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    return max(str(body["fetched_at"]) for bodies in documents.values() for body in bodies)


def _letter(error: Exception, payload: bytes, bulletin_id: str) -> DeadLetter:
    return dead_letter(STEP, error, payload, topic=RECORDS, bulletin_id=bulletin_id)
