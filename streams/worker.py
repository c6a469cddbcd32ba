"""What a worker does with a batch of messages, whoever brings them: processors, announcement, dead letters.

    messages ─▶ processors (as in every profile) ─▶ store
                    │                └─▶ topic of records: one message a bulletin, after it is stored
                    └─▶ topic of dead letters
    and only then may the messages be acknowledged.

Nothing here knows Faust (app.py brings the messages), so that the order above is tested by itself.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Sequence
from typing import Final, Protocol

from enrich import Knowledge, classify
from index.store import Store
from netdocket.errors import NetdocketError, PoisonedBulletinError
from netdocket.records import Bulletin, DeadLetter
from netdocket.spool import RECLASSIFY, Entry
from streams.announce import Announcer
from streams.inhand import InHand, hand_key
from streams.letter_topic import LetterTopic, Place
from streams.measures import Measures
from streams.processors import (
    CLASSIFY_STEP,
    Classify,
    Correct,
    Outcome,
    Processor,
    Work,
    as_classified,
    dead_letter,
)
from streams.sender import Sender
from streams.topics import Topics

REFRESH_SECONDS: Final = 2.0

log = logging.getLogger(__name__)


class StoppedError(NetdocketError):
    """The worker was told to end while it was at work; nothing of the batch may be acknowledged."""


class Interruptible(Store, Protocol):
    def stop(self) -> None:
        """Ends all waiting for the store."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    """A message, and where it stands."""

    place: Place
    key: bytes
    payload: bytes


class Worker:
    """For one thread, but for `stop`."""

    def __init__(
        self,
        store: Interruptible,
        knowledge: Knowledge,
        topics: Topics,
        sender: Sender,
        in_hand: InHand,
        measures: Measures,
        *,
        classify: Classify = classify,
        correct: Correct = as_classified,
    ) -> None:
        self._store = store
        self._topics = topics
        self._sender = sender
        self._announcer = Announcer(sender, topics, store)
        self._measures = measures
        self._in_hand = in_hand
        self._letters = LetterTopic(sender, topics)
        self._stopping = threading.Event()
        self._watched = Watched(
            store, knowledge, self._letters, in_hand, self._stopping, classify=classify, correct=correct
        )
        self._refreshed = time.monotonic()
        self._stale = threading.Event()
        self._stale.set()

    def process(self, deliveries: Sequence[Delivery]) -> Outcome:
        """Returns when everything that came of them is safe. Raises StoppedError, StoreError, BrokerError: then none
        of them may be acknowledged."""
        began = time.perf_counter()
        self._in_hand.look()
        entries = [
            Entry(
                d.place.offset, self._topics.queue(d.place.topic), d.key.decode("utf-8", "replace"), d.payload
            )
            for d in deliveries
        ]
        self._letters.in_hand((d.place, d.payload) for d in deliveries)
        self._watched.batch = []
        kept = self._letters.kept
        again = any(entry.topic == RECLASSIFY for entry in entries)
        outcome = self._watched.process(entries, settle=again)
        self._announcer.tell(outcome.classified, news={work.bulletin.bulletin_id for work in outcome.fresh})
        self._measures.batch(
            outcome, len(entries), letters=self._letters.kept - kept, seconds=time.perf_counter() - began
        )
        self._stale.set()
        if time.monotonic() - self._refreshed > REFRESH_SECONDS:
            self.refresh()
        return outcome

    def acknowledged(self) -> None:
        """What was processed last has been acknowledged."""
        self._in_hand.acknowledged(self._watched.batch)

    def refresh(self) -> None:
        """Brings merged documents up to date, where something was stored since the last time."""
        if not self._stale.is_set():
            return
        self._stale.clear()
        try:
            self._watched.refresh()
        except BaseException:
            self._stale.set()
            raise
        self._refreshed = time.monotonic()

    def changed_hands(self) -> None:
        """Partitions came from another worker, perhaps a dead one, which has left merged documents marked that nobody
        will touch again. From any thread; waits for nothing."""
        self._in_hand.changed_hands()
        self._stale.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Ends what is under way soon: at the next bulletin, and wherever it waits."""
        self._stopping.set()
        self._sender.stop()
        self._store.stop()


class Watched(Processor):
    """The processors, with every bulletin noted while it is in hand. `batch`: keys of what was worked on."""

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        letters: LetterTopic,
        in_hand: InHand,
        stopping: threading.Event,
        *,
        classify: Classify,
        correct: Correct,
    ) -> None:
        super().__init__(store, knowledge, letters, classify=classify, correct=correct, unordered=True)
        self._in_hand = in_hand
        self._stopping = stopping
        self.batch: list[str] = []

    def prepare(self, bulletin: Bulletin, payload: bytes, *, topic: str) -> Work | DeadLetter:
        if self._stopping.is_set():
            raise StoppedError("stopped with a batch in hand; it comes again")
        key = hand_key(bulletin, self.knowledge.rules_version)
        self.batch.append(key)
        if condemned := self._in_hand.condemned(key):
            log.error("left out: %s", condemned.reason, extra={"bulletin": bulletin.bulletin_id})
            error = PoisonedBulletinError(condemned.reason)
            return dead_letter(CLASSIFY_STEP, error, payload, bulletin, topic=topic)
        with self._in_hand.holding(key):
            return super().prepare(bulletin, payload, topic=topic)
