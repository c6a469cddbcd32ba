"""Dead letters on a topic of their own, compacted: one message a letter, taken back by an empty one.

A letter's key is where its message stands (topic, partition, offset) with a digest of the bytes, so that a redelivery
writes the same letter again and makes no second one. Its bytes are those of the message; replayed, they go back to the
topic they came from, and stand at another place there: what fails again is a new letter.

A letter goes when it is replayed or dropped. Unlike in the embedded profile it does not go by itself when its bulletin
passes in the end: a message may be delivered again after a newer one of its bulletin has failed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import kafka
import msgspec

from netdocket.errors import BrokerError, RecordError
from netdocket.records import DeadLetter, decode, encode
from netdocket.settings import Settings
from streams.sender import Outgoing, Sender
from streams.topics import BOOTSTRAP_MS, MAX_LETTER_BYTES, Topics, broker_errors, brokers

DIGEST: Final = 16
LONGEST_REASON: Final = 4000
"""Characters: the index of dead letters holds the reason as one term."""
READ_MS: Final = 1000
SILENT_SECONDS: Final = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands."""

    topic: str
    partition: int
    offset: int

    def key(self, payload: bytes) -> str:
        digest = hashlib.sha256(payload).hexdigest()[:DIGEST]
        return f"{self.topic}/{self.partition}/{self.offset}/{digest}"


class LetterTopic:
    """The letters of a worker, which says before each batch what it has in hand. Not thread-safe."""

    def __init__(self, sender: Sender, topics: Topics) -> None:
        self._sender = sender
        self._topics = topics
        self._places: Mapping[bytes, Sequence[Place]] = {}
        self.kept: int = 0

    def in_hand(self, messages: Iterable[tuple[Place, bytes]]) -> None:
        places: dict[bytes, list[Place]] = {}
        for place, payload in messages:
            places.setdefault(payload, []).append(place)
        self._places = places

    def keep(self, letters: Sequence[DeadLetter]) -> None:
        """Returns when they are on the broker. Raises BrokerError when told to stop before."""
        found = {letter.key: letter for one in letters for letter in self._placed(one)}
        messages = [Outgoing(self._topics.dead_letters, key, encode(letter)) for key, letter in found.items()]
        refused = self._sender.deliver(messages)
        if refused:
            raise BrokerError(
                f"a dead letter cannot be kept: {refused[0].reason}", where=self._topics.dead_letters
            )
        self.kept += len(found)

    def settle(self, bulletin_ids: Iterable[str], *, steps: Iterable[str]) -> int:
        return 0

    def _placed(self, letter: DeadLetter) -> Iterator[DeadLetter]:
        """A letter for each message with these bytes."""
        reason = letter.reason[:LONGEST_REASON]
        for place in self._places.get(letter.payload, ()):
            yield msgspec.structs.replace(letter, key=place.key(letter.payload), reason=reason)


def read_letters(
    settings: Settings, topics: Topics, *, keys: Collection[str] | None = None, whole: bool = True
) -> dict[str, DeadLetter]:
    """What the topic holds now, oldest first; of that `keys`. Not `whole`: without the bytes, of which all letters
    together may have more than there is memory. Raises BrokerError."""
    held: dict[str, DeadLetter] = {}
    for key, value in walk_topic(settings, topics.dead_letters):
        held.pop(key, None)
        if value and (keys is None or key in keys):
            letter = _letter(topics, key, value)
            held[key] = letter if whole else msgspec.structs.replace(letter, payload=b"")
    return held


def each_letter(settings: Settings, topics: Topics, keys: Collection[str]) -> Iterator[DeadLetter]:
    """Those of `keys` that the topic holds now, whole, one after the other, oldest first. Raises BrokerError."""
    digests: dict[str, bytes] = {}
    for key, value in walk_topic(settings, topics.dead_letters):
        digests.pop(key, None)
        if value and key in keys:
            digests[key] = hashlib.sha256(value).digest()
    for key, value in walk_topic(settings, topics.dead_letters):
        if value and digests.get(key) == hashlib.sha256(value).digest():
            del digests[key]
            yield _letter(topics, key, value)


def _letter(topics: Topics, key: str, value: bytes) -> DeadLetter:
    try:
        return decode(value, DeadLetter)
    except RecordError as error:
        raise BrokerError(f"not a dead letter: {error}", where=f"{topics.dead_letters}/{key}") from error


def replay(
    sender: Sender,
    topics: Topics,
    letters: Iterable[DeadLetter],
    on_done: Callable[[DeadLetter], None] = lambda _: None,
) -> int:
    """Puts their bytes back on the topics they came from, and takes the letters back; how many. Killed in between, a
    letter stays and can be replayed again, to no harm. Raises BrokerError."""
    count = 0
    for letter in letters:
        topic = topics.named(letter.topic) if letter.topic else topics.bulletins
        key = letter.bulletin_id or letter.source or letter.key
        refused = sender.deliver([Outgoing(topic, key, letter.payload)])
        if refused:
            raise BrokerError(refused[0].reason, where=letter.key)
        drop(sender, topics, [letter.key])
        on_done(letter)
        count += 1
    return count


def drop(sender: Sender, topics: Topics, keys: Iterable[str]) -> None:
    """Takes letters back for good. Raises BrokerError."""
    sender.deliver([Outgoing(topics.dead_letters, key, None) for key in keys])


def walk_topic(settings: Settings, topic: str) -> Iterator[tuple[str, bytes | None]]:
    """Everything up to what is now the end of a topic, partition by partition. Raises BrokerError, also where the broker
    says nothing for SILENT_SECONDS."""
    with broker_errors(settings):
        consumer: Any = kafka.KafkaConsumer(
            bootstrap_servers=brokers(settings),
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            enable_auto_commit=False,
            group_id=None,
            max_partition_fetch_bytes=MAX_LETTER_BYTES,
            allow_auto_create_topics=False,
        )
        try:
            numbers = consumer.partitions_for_topic(topic)
            if not numbers:
                raise BrokerError("no such topic; `netdocket topics setup` makes it", where=topic)
            partitions = [kafka.TopicPartition(topic, number) for number in sorted(numbers)]
            ends = consumer.end_offsets(partitions)
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            heard = time.monotonic()
            while any((consumer.position(one, READ_MS) or 0) < ends[one] for one in partitions):
                found = consumer.poll(READ_MS)
                if not found and time.monotonic() - heard > SILENT_SECONDS:
                    raise BrokerError(f"says nothing for {SILENT_SECONDS:.0f} s", where=topic)
                for records in found.values():
                    for record in records:
                        yield (record.key or b"").decode("utf-8", "replace"), record.value
                if found:
                    heard = time.monotonic()  # our reader may have taken its time
        finally:
            consumer.close()
