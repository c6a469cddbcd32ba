"""Kafka's topics: what they are called, how they are made, and how far behind their readers are.

They are made by `netdocket topics setup` with the settings below, never by a client's typing error: the broker is to
run with auto.create.topics.enable=false, and a worker whose topics are missing says so and ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import kafka
from kafka.admin import OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
    TopicAlreadyExistsError,
)

from netdocket.datadir import Family
from netdocket.errors import BrokerError, ConfigurationError, TopicMissingError
from netdocket.settings import Settings
from netdocket.spool import BULLETINS, RECLASSIFY, SOURCES

MAX_MESSAGE_BYTES: Final = 12 << 20
"""Of a bulletin as JSON. What is larger is a dead letter that names its archive entry."""
MAX_LETTER_BYTES: Final = 18 << 20
"""A letter holds the bytes of its message in base64, a third longer."""
BOOTSTRAP_MS: Final = 10_000
COORDINATOR_SECONDS: Final = 20.0
COORDINATOR_POLL: Final = 0.2
DAY_MS: Final = 86_400_000
OURS: Final = "netdocket."


@dataclasses.dataclass(frozen=True, slots=True)
class Topics:
    """`bulletins`, `sources` and `reclassify` carry what the spool carries; `records` what became of it."""

    prefix: str

    @classmethod
    def of(cls, settings: Settings, family: Family) -> Topics:
        return cls(settings.topic_prefix if family == "live" else f"{settings.topic_prefix}-demo")

    @property
    def bulletins(self) -> str:
        return self.named(BULLETINS)

    @property
    def sources(self) -> str:
        return self.named(SOURCES)

    @property
    def reclassify(self) -> str:
        return self.named(RECLASSIFY)

    @property
    def records(self) -> str:
        return f"{self.prefix}.records"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}.dead-letters"

    @property
    def processed(self) -> tuple[str, ...]:
        """Those whose messages the workers process."""
        return (self.bulletins, self.sources, self.reclassify)

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.processed, self.records, self.dead_letters)

    @property
    def group(self) -> str:
        """The consumer group of the workers, which is Faust's app id."""
        return f"{self.prefix}-worker"

    @property
    def alerts_group(self) -> str:
        """The consumer group of those who look for alerts on the topic of records."""
        return f"{self.prefix}-alerts"

    def named(self, queue: str) -> str:
        """The topic of a queue of the spool."""
        return f"{self.prefix}.{queue.removeprefix(OURS)}"

    def queue(self, topic: str) -> str:
        """The queue of the spool that a topic carries."""
        return OURS + topic.removeprefix(f"{self.prefix}.")


def configurations(topics: Topics, settings: Settings) -> dict[str, dict[str, Any]]:
    """Partitions, copies and settings of each topic, in the words of the admin client."""
    copies = settings.kafka_replicas
    # With three copies, one may be away and a write is still on two.
    common = {"min.insync.replicas": str(max(1, copies - 1))}
    kept = {
        "cleanup.policy": "delete",
        "retention.ms": str(settings.kafka_retention_days * DAY_MS),
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
    }
    compacted = {
        "cleanup.policy": "compact",
        "max.message.bytes": str(MAX_LETTER_BYTES),
        # The order of letters with one key, whoever wrote them, and the version of their copies in the index.
        "message.timestamp.type": "LogAppendTime",
    }
    many = settings.kafka_partitions

    def topic(partitions: int, config: Mapping[str, str]) -> dict[str, Any]:
        return {
            "num_partitions": partitions,
            "replication_factor": copies,
            "configs": {**common, **config},
        }

    return {
        topics.bulletins: topic(many, kept),
        topics.sources: topic(1, kept),
        topics.reclassify: topic(many, kept),
        # Until it is so old, no message gives way to a later one of its bulletin that is no news (BulletinRecords.again).
        topics.records: topic(many, {**compacted, "min.compaction.lag.ms": kept["retention.ms"]}),
        topics.dead_letters: topic(1, compacted),
    }


def brokers(settings: Settings) -> list[str]:
    """Raises ConfigurationError where the settings name none."""
    if settings.kafka is None:
        raise ConfigurationError(
            "says where Kafka is, and is not set; `netdocket engines up` starts one for development",
            where="NETDOCKET_KAFKA",
        )
    return settings.kafka.split(",")


@contextlib.contextmanager
def broker_errors(settings: Settings) -> Iterator[None]:
    """What kafka-python raises, as BrokerError."""
    try:
        yield
    except KafkaError as error:
        raise BrokerError(" ".join(str(error).split()), where=settings.kafka) from error


@contextlib.contextmanager
def admin(settings: Settings) -> Iterator[Any]:
    """An admin client. Raises BrokerError, also for what goes wrong inside."""
    with broker_errors(settings):
        client = kafka.KafkaAdminClient(
            bootstrap_servers=brokers(settings), bootstrap_timeout_ms=BOOTSTRAP_MS
        )
        try:
            yield client
        finally:
            client.close()


def setup(settings: Settings, topics: Topics) -> list[str]:
    """Makes the topics that are missing; which. Two who do it at the same time make one each. Raises BrokerError."""
    with admin(settings) as client:
        there = set(client.list_topics())
        wanted = {
            name: config for name, config in configurations(topics, settings).items() if name not in there
        }
        made = []
        for name, config in wanted.items():
            with contextlib.suppress(TopicAlreadyExistsError):
                client.create_topics({name: config}, wait_for_metadata=True)
                made.append(name)
    return made


def require(settings: Settings, topics: Topics, names: Sequence[str]) -> None:
    """Raises TopicMissingError where one of `names` is not there."""
    with admin(settings) as client:
        there = set(client.list_topics())
    missing = [name for name in names if name not in there]
    if missing:
        demo = " --demo" if topics.prefix.endswith("-demo") else ""
        raise TopicMissingError(
            f"no topic {', '.join(missing)}; `netdocket topics setup{demo}` makes them", where=settings.kafka
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Lag:
    """How far a group has come in a partition: `end` is the offset of the next message to come."""

    topic: str
    partition: int
    committed: int
    end: int

    @property
    def behind(self) -> int:
        return self.end - self.committed


def lags(settings: Settings, group: str, names: Sequence[str]) -> list[Lag]:
    """Raises BrokerError."""
    with admin(settings) as client:
        return lags_of(client, group, names)


def _committed(client: Any, group: str, partitions: Sequence[Any]) -> Mapping[Any, Any]:
    """A broker that has just started finds its coordinators first; the first one ever asked for is made then."""
    deadline = time.monotonic() + COORDINATOR_SECONDS
    while True:
        try:
            held: Mapping[Any, Any] = client.list_group_offsets({group: partitions}).get(group, {})
        except (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError):
            if time.monotonic() > deadline:
                raise
            time.sleep(COORDINATOR_POLL)
        else:
            return held


def lags_of(client: Any, group: str, names: Sequence[str]) -> list[Lag]:
    """Raises kafka.errors.KafkaError."""
    found = {d["name"]: d for d in client.describe_topics(list(names)) if not d.get("error_code")}
    partitions = [
        kafka.TopicPartition(name, one["partition_index"])
        for name in names
        if name in found
        for one in found[name]["partitions"]
    ]
    ends = client.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
    starts = client.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
    held = _committed(client, group, partitions)
    lag = []
    for one in partitions:
        committed = held[one].offset if one in held else -1
        lag.append(Lag(one.topic, one.partition, max(committed, starts[one].offset), ends[one].offset))
    return lag
