"""Whoever follows the topic of records hears of whatever is stored, and of what is removed; whoever changed the store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from index.embedded import EmbeddedStore
from netdocket.errors import BrokerError
from netdocket.records import Bulletin, BulletinRecords, decode, encode
from netdocket.spool import BULLETINS, RECLASSIFY
from streams.announce import Announcer
from streams.letter_topic import Place
from streams.measures import Measures
from streams.processors import Outcome
from streams.reclassify import reclassify
from streams.removal import remove, restore
from streams.sender import Outgoing, Refused
from streams.topics import Topics
from streams.worker import Delivery, Worker
from tests.streams.conftest import Plant
from tests.streams.test_inhand import Kept, next_worker
from tests.streams.toy_rules import bulletin, classify, rules

TOPICS = Topics("t")


class Broker:
    """Takes everything, and keeps of each key the last message, as a compacted topic does."""

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    def deliver(self, messages: list[Outgoing]) -> list[Refused]:
        self.sent += messages
        return []

    def stop(self) -> None:
        """Nothing waits."""

    @property
    def held(self) -> dict[str, bytes | None]:
        return {one.key: one.value for one in self.sent if one.topic == TOPICS.records}

    def version(self, key: str) -> int:
        return decode(self.held[key] or b"", BulletinRecords).version


class Interruptible(EmbeddedStore):
    def stop(self) -> None:
        """Waits for nobody."""


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Interruptible]:
    with Interruptible(tmp_path / "cluster", writer=True, heap_mb=32) as store:
        yield store


@pytest.fixture
def two(store: Interruptible, broker: Broker, tmp_path: Path) -> Iterator[list[Worker]]:
    """Two workers of one group."""
    hands = [next_worker(tmp_path / "slots", Kept()) for _ in range(2)]
    yield [
        Worker(store, rules(1), TOPICS, broker, hand, Measures(), classify=classify)  # type: ignore[arg-type]
        for hand in hands
    ]
    for hand in hands:
        hand.close()


def delivery(offset: int, one: Bulletin) -> Delivery:
    return Delivery(Place(TOPICS.bulletins, 0, offset), one.bulletin_id.encode(), encode(one))


def announcer(plant: Plant, broker: Broker) -> Announcer:
    return Announcer(broker, TOPICS, plant.store)  # type: ignore[arg-type]


def test_a_removal_takes_the_records_off_the_topic(plant: Plant, broker: Broker) -> None:
    """Its last message would stay on the compacted topic for good."""
    plant.submit(bulletin("a", 1, "FINE"), bulletin("b", 1, "FINE"))
    plant.drain()
    work = {"store": plant.store, "spool": plant.spool, "letters": plant.letters, "knowledge": rules(1)}
    tell = announcer(plant, broker)
    remove("a", "asked", **work)  # type: ignore[arg-type]
    tell.take_back(["a"])
    assert broker.held == {"a": None}
    tell.tell(restore("a", **work).classified)  # type: ignore[arg-type]
    assert len(decode(broker.held["a"] or b"", BulletinRecords).records) == 1


def test_a_restoration_that_could_not_be_told_waits_in_the_queue(
    plant: Plant, broker: Broker, two: list[Worker]
) -> None:
    """Kafka goes away behind the store: asked again, there is nothing left to restore."""
    plant.submit(bulletin("a", 1, "FINE"))
    plant.drain()
    work = {"store": plant.store, "spool": plant.spool, "letters": plant.letters, "knowledge": rules(1)}
    remove("a", "asked", **work)  # type: ignore[arg-type]
    announcer(plant, broker).take_back(["a"])

    def away(_outcome: Outcome) -> None:
        raise BrokerError("away")

    with pytest.raises(BrokerError):
        restore("a", **work, on_stored=away)  # type: ignore[arg-type]
    assert plant.ids("cases") != set()
    (waiting,) = plant.spool.read()
    two[0].process([Delivery(Place(TOPICS.reclassify, 0, 1), b"a", waiting.payload)])
    assert len(decode(broker.held["a"] or b"", BulletinRecords).records) == 1


def test_what_is_told_after_a_removal_is_taken_back(plant: Plant, broker: Broker) -> None:
    """A worker has stored it, somebody removes it, and only then the worker tells of it."""
    plant.submit(bulletin("a", 1, "FINE"))
    plant.drain()
    tell = announcer(plant, broker)
    stored = [classify(bulletin("a", 1, "FINE"), rules(1))]
    remove("a", "asked", store=plant.store, spool=plant.spool, letters=plant.letters, knowledge=rules(1))
    tell.take_back(["a"])
    tell.tell(stored)
    assert broker.held == {"a": None}


def test_a_reclassification_is_told_and_told_again_after_a_kill(plant: Plant, broker: Broker) -> None:
    plant.submit(bulletin("a", 1, "FINE since:2"), bulletin("b", 1, "WARNING"))
    plant.drain(1)
    tell = announcer(plant, broker)

    def killed(_outcome: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reclassify(plant.datadir, plant.store, rules(2), on_stored=killed)
    assert broker.held == {}
    reclassify(plant.datadir, plant.store, rules(2), on_stored=lambda outcome: tell.tell(outcome.classified))
    assert broker.held.keys() == {"a", "b"}
    (manifest,) = plant.store.mget("manifests", ["a"])
    assert broker.version("a") == manifest.source["version"]


def test_what_a_dead_worker_has_left_marked_the_next_brings_up_to_date(
    store: Interruptible, two: list[Worker]
) -> None:
    """Acknowledged and then killed: no message comes again, and the other worker has nothing of its own to do."""
    dying, other = two
    other.refresh()
    dying.process([delivery(0, bulletin("a", 1, "law:CSL"))])
    dying.acknowledged()
    assert _outdated(store) == 1
    other.changed_hands()
    other.refresh()
    assert _outdated(store) == 0


def test_a_re_reading_that_overtakes_its_news_is_the_news(two: list[Worker], broker: Broker) -> None:
    """Two topics: the bulletin waits behind many others, what a mended reader finds in it does not."""

    def read(worker: Worker, ordinal: int, text: str, topic: str) -> bool:
        one = msgspec.structs.replace(bulletin("a", ordinal * 100, text), ordinal=ordinal)
        there = len(broker.sent)
        worker.process([Delivery(Place(topic, 0, ordinal), b"a", encode(one))])
        (told,) = broker.sent[there:] or [broker.sent[-1]]
        return not decode(told.value or b"", BulletinRecords).again

    one, other = two
    assert read(one, 2, "FINE", TOPICS.reclassify)
    sent = len(broker.sent)
    assert read(other, 1, "WARNING", TOPICS.bulletins), "late: nothing is told anew"
    assert len(broker.sent) == sent
    assert not read(other, 3, "FINE WARNING", TOPICS.reclassify), "of what has been told"
    assert read(one, 5, "FINE", TOPICS.reclassify), "the fourth is still on its way"
    assert not read(one, 5, "FINE", TOPICS.reclassify)


def test_re_readings_of_one_batch_overtake_nothing(two: list[Worker], broker: Broker) -> None:
    worker = two[0]
    first, *again = (
        msgspec.structs.replace(bulletin("a", n * 100, "FINE"), ordinal=n, title=f"Read for the {n}. time")
        for n in (1, 2, 3)
    )
    worker.process([delivery(1, first)])
    worker.process(
        [Delivery(Place(TOPICS.reclassify, 0, n), b"a", encode(one)) for n, one in enumerate(again)]
    )
    assert decode(broker.held["a"] or b"", BulletinRecords).again


def test_a_re_reading_of_what_is_just_being_written_is_the_news(
    two: list[Worker], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One worker has claimed the manifest for the news, and the other one takes it away with the re-reading."""
    one, other = two
    news, again = (
        msgspec.structs.replace(bulletin("a", n * 100, "FINE"), ordinal=n, title=f"Read for the {n}. time")
        for n in (1, 2)
    )
    write = one._watched._write_documents

    def slowly(*given: Any) -> Any:
        monkeypatch.setattr(one._watched, "_write_documents", write)
        other.process([Delivery(Place(TOPICS.reclassify, 0, 2), b"a", encode(again))])
        return write(*given)

    monkeypatch.setattr(one._watched, "_write_documents", slowly)
    one.process([delivery(1, news)])
    assert told(broker) == [False]


def test_a_restoration_that_waits_in_the_queue_is_no_news(
    plant: Plant, broker: Broker, two: list[Worker]
) -> None:
    store, worker = two[0]._store, two[0]
    plant.submit(bulletin("a", 1, "FINE"))
    (entry,) = plant.spool.read()
    worker.process([delivery(1, decode(entry.payload, Bulletin))])
    work = {"store": store, "spool": plant.spool, "letters": plant.letters, "knowledge": rules(1)}
    remove("a", "asked", **work)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr("streams.removal.Processor.prepare", _killed)
        restore("a", **work)  # type: ignore[arg-type]
    worker.process([Delivery(Place(TOPICS.reclassify, 0, 2), b"a", entry.payload)])
    assert told(broker) == [False, True]


@pytest.mark.parametrize("version", [1, 2])
def test_a_reclassification_leaves_news_that_waits_for_a_worker(
    plant: Plant, broker: Broker, two: list[Worker], version: int
) -> None:
    """It has left the queue and nobody has stored it. `version`: of the rules here; the workers have the first."""
    plant.submit(bulletin("a", 1, "WARNING"))
    plant.spool.submit(bulletin("a", 2, "WARNING FINE"), RECLASSIFY).result(30)  # a reader was mended
    sent = plant.spool.read()
    plant.spool.confirm([entry.position for entry in sent])
    worker = two[0]
    store, tell = worker._store, Announcer(broker, TOPICS, worker._store)  # type: ignore[arg-type]

    def again() -> tuple[int, int]:
        done = reclassify(
            plant.datadir, store, rules(version), passed_on=True, on_stored=lambda o: tell.tell(o.classified)
        )
        return done.seen, done.passed_over

    assert again() == (0, 1)
    worker.process([Delivery(Place(TOPICS.bulletins, 0, 0), b"a", sent[0].payload)])
    assert again() == (0, 1), "what is stored is of an older revision"
    assert told(broker) == [False]
    worker.process([Delivery(Place(TOPICS.reclassify, 0, 0), b"a", sent[1].payload)])
    assert again() == (1, 0)


def test_a_reclassification_leaves_a_re_reading_whose_news_waits_for_a_worker(
    plant: Plant, two: list[Worker]
) -> None:
    """The news has left the queue, the re-reading waits in it."""
    plant.submit(bulletin("a", 1, "WARNING"))
    plant.spool.confirm([entry.position for entry in plant.spool.read()])
    plant.spool.submit(bulletin("a", 2, "WARNING FINE"), RECLASSIFY).result(30)
    done = reclassify(plant.datadir, two[0]._store, rules(1), passed_on=True)
    assert (done.written, plant.spool.pending(RECLASSIFY)) == (0, 1)


def test_a_dead_letter_waits_for_no_worker(plant: Plant, two: list[Worker]) -> None:
    plant.submit(bulletin("a", 1, "boom until:1\nFINE"))
    plant.drain()
    assert plant.letters.counts() == {"classify": 1}
    done = reclassify(plant.datadir, two[0]._store, rules(2), passed_on=True)
    assert (done.seen, done.written) == (1, 1)


def told(broker: Broker) -> list[bool]:
    """Of each message in turn, whether it came of a re-classification. Not those of a removal."""
    return [
        decode(one.value, BulletinRecords).again
        for one in broker.sent
        if one.topic == TOPICS.records and one.value
    ]


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_letter_that_cannot_be_read_belongs_to_the_bulletin_of_its_key(plant: Plant) -> None:
    """Whoever has the bulletin removed wants these bytes gone too."""
    plant.submit(bulletin("a", 1, "FINE"))
    plant.spool.put_back(BULLETINS, "a", b'{"half').result()
    plant.drain()
    (letter,) = plant.letters.of("a")
    assert letter.payload == b'{"half'
    remove(
        "a",
        "asked",
        store=plant.store,
        spool=plant.spool,
        letters=plant.letters,
        knowledge=rules(1),
        purge=True,
    )
    assert plant.letters.count() == 0


def _outdated(store: EmbeddedStore) -> int:
    store.refresh()
    return store.count("instruments", {"term": {"outdated": True}})
