"""Everything that can be killed is killed: every record once, every dead letter once.

20,000 messages (a share of them under `--proof-scale`), among them second revisions and poisoned ones, while workers
are killed and stopped, a second one joins and leaves, the broker and Elasticsearch are killed and started again, and
Elasticsearch answers 429. In the end what is stored is what an undisturbed run of the same processors stores, document
by document, and documents and dead letters together account for every message up to the topic's end.
"""

from __future__ import annotations

import gc
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from index.elastic import ElasticStore
from index.embedded import EmbeddedStore
from index.store import Store
from netdocket.engines.elasticsearch import ElasticsearchServer
from netdocket.engines.kafka import KafkaServer
from netdocket.records import Bulletin, DeadLetter, encode
from netdocket.settings import load_settings
from streams.audit import audit, contents
from streams.letter_topic import Place
from streams.manifests import MERGED
from streams.processors import Processor
from tests.engines.conftest import MakeStore
from tests.engines.faults import Fault, faulty
from tests.engines.stage import Stage, Supervised, staged
from tests.streams.toy_rules import bulletin, classify, entry, rules

# kafka-python leaves the sockets of attempts that found no broker to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

MESSAGES = 20_000
KILLS = 10
FEWER_KILLS = 4
"""At a part of the full size: each costs a start of a worker, however few messages there are."""
POISONED = 100
"""One message of so many raises in classification, and one of so many cannot be read."""
KINDS = (
    "FINE WARNING",
    "FINE OTHER=停机整顿",
    "WARNING law:CSL",
    "law:DSL status:draft",
    "FINE FINE WARNING law:PIPL",
)
DOWN_SECONDS = 4.0
BUSY_BULKS = 12


@pytest.mark.proof
@pytest.mark.timeout(5400)
def test_everything_once(
    kafka_server: KafkaServer,
    elasticsearch_server: ElasticsearchServer,
    make_store: MakeStore,
    tmp_path: Path,
    proof_scale: float,
) -> None:
    count = max(200, int(MESSAGES * proof_scale))
    messages, good = made(count)
    store: ElasticStore = make_store(family="live", shards=2, patience=300.0)
    expected = undisturbed(good, tmp_path / "undisturbed")
    busy = Busy()
    with faulty(elasticsearch_server.address, busy.plan) as address:
        settings = load_settings(es_url=elasticsearch_server.address)
        with staged(kafka_server.address, settings, store, tmp_path, batch_size=100) as stage:
            began = time.monotonic()
            sending = Sending(stage, messages)
            kills = KILLS if proof_scale >= 1 else FEWER_KILLS
            done = Chaos(stage, kafka_server, elasticsearch_server, busy, address, sending).run(kills)
            sending.to(1.0)
            sending.join()
            stage.until_worked_off(1800)
            # What is acknowledged is stored; merged documents follow with the next refresh of a worker.
            stage.until("settled", lambda: settled(store))
            seconds = time.monotonic() - began
            letters = stage.letters()
            ended = stage.ends()
            for worker in stage.workers:
                stage.until("at work", worker.at_work)
            stops = stage.stop()
            print(f"\n{count} messages in {seconds:.0f} s: {dict(done)}; stops {stops}")
            account_for(messages, letters, ended, stage)
            compare(contents(store), expected)
            assert audit(store) == []
            assert all(code == 0 and took < 10 for took, code in stops), stops
    gc.collect()


def made(count: int) -> tuple[list[tuple[str, bytes]], list[Bulletin]]:
    """Messages as they are sent, and the bulletins among them that can be processed."""
    rng = random.Random(20)
    messages: list[tuple[str, bytes]] = []
    good: list[Bulletin] = []
    for number in range(count):
        key = f"b{number}"
        match number % POISONED:
            case 7:
                messages.append((key, encode(bulletin(key, 1, "FINE boom"))))
            case 8:
                messages.append((key, b'{"schema": "netdocket.bulletin/1", "bulletin_id": "%d' % number))
            case place:
                # every tenth has come before, and has lost or gained lines
                again = place % 10 == 9 and good
                one = (
                    bulletin(rng.choice(good[-200:]).bulletin_id, number + 2, text(rng))
                    if again
                    else bulletin(key, 1, text(rng))
                )
                good.append(one)
                messages.append((one.bulletin_id, encode(one)))
    return messages, good


def text(rng: random.Random) -> str:
    return "\n".join(f"{rng.choice(KINDS)} n:{rng.randrange(10**6)}" for _ in range(rng.randint(1, 3)))


class Sending(threading.Thread):
    """Sends as much as it is let to: a worker that is quick must not be done before the last step of the chaos."""

    def __init__(self, stage: Stage, messages: Sequence[tuple[str, bytes]]) -> None:
        super().__init__(daemon=True)
        self.count = len(messages)
        self._stage = stage
        self._messages = messages
        self._let = self._sent = 0
        self._more = threading.Condition()
        self.start()

    def to(self, share: float) -> None:
        """Up to this share of all messages."""
        with self._more:
            self._let = max(self._let, min(self.count, int(share * self.count)))
            self._more.notify()

    @property
    def share(self) -> float:
        return self._let / self.count

    def run(self) -> None:
        while self._sent < self.count:
            with self._more:
                self._more.wait_for(lambda: self._let > self._sent)
                ahead = min(self._let, self._sent + 100)
            self._stage.send_raw(self._messages[self._sent : ahead])
            self._sent = ahead
            time.sleep(0.1)


class Busy:
    """Elasticsearch behind a proxy that answers 429 to two bulks of three, for so many of them."""

    def __init__(self) -> None:
        self._left = 0
        self._bulks = 0
        self.answered = 0

    def last(self, bulks: int) -> None:
        self._left = bulks

    def plan(self, path: str) -> Fault:
        if "_bulk" not in path or self._left <= 0:
            return None
        self._left -= 1
        self._bulks += 1
        if self._bulks % 3 == 0:
            return None
        self.answered += 1
        return "busy" if self._bulks % 3 == 1 else "some busy"


class Chaos:
    def __init__(
        self,
        stage: Stage,
        kafka: KafkaServer,
        elasticsearch: ElasticsearchServer,
        busy: Busy,
        proxy: str,
        sending: Sending,
    ) -> None:
        self._stage = stage
        self._kafka = kafka
        self._elasticsearch = elasticsearch
        self._busy = busy
        self._proxy = proxy
        self._sending = sending
        self._done: Counter[str] = Counter()

    def run(self, kills: int) -> Counter[str]:
        """Each step after so much has been worked off, and with as much again to be worked off while it lasts."""
        first = self._stage.worker(NETDOCKET_ES_URL=self._proxy)
        others = [
            self._join_and_leave,
            lambda: self._away(self._kafka),
            self._answer_429,
            lambda: self._away(self._elasticsearch),
        ]
        steps: list[Callable[[], None]] = []
        for number in range(kills):
            kill = signal.SIGTERM if number % 2 else signal.SIGKILL
            steps.append(lambda n=kill: self._kill(first, n))  # type: ignore[misc]
            if others and (number % 2 or kills <= FEWER_KILLS):
                steps.append(others.pop(0))
        assert not others
        part = 1 / (len(steps) + 1)
        for number, step in enumerate(steps, 1):
            self._sending.to(number * part)
            self._wait_for(number * part)
            self._sending.to((number + 1) * part)
            began = time.monotonic()
            step()
            print(f"{time.monotonic() - began:5.1f} s, then {dict(self._done)}")
        self._done["429"] = self._busy.answered
        return self._done

    def _wait_for(self, share: float) -> None:
        """Until the share of all messages is acknowledged."""
        wanted = int(share * self._sending.count)
        self._stage.until(f"at {wanted} messages", lambda: self._acknowledged() >= wanted, 600)

    def _acknowledged(self) -> int:
        return self._stage.ends() - self._stage.behind()

    def _kill(self, worker: Supervised, number: signal.Signals) -> None:
        self._stage.until("at work", worker.at_work)
        lives = len(worker.exits)
        worker.send(number)
        self._stage.until("dead", lambda: len(worker.exits) > lives, 30)
        orderly = 0 if number == signal.SIGTERM else -number
        assert worker.exits[-1] == orderly, self._stage.last_words()
        self._done[number.name] += 1

    def _join_and_leave(self) -> None:
        second = self._stage.worker()
        self._stage.until("at work", second.at_work)
        self._wait_for((self._acknowledged() / self._sending.count + self._sending.share) / 2)
        took, code = second.leave()
        assert (code, took < 10) == (0, True), (code, took, self._stage.last_words())
        self._stage.workers.remove(second)
        self._done["joined and left"] += 1

    def _away(self, server: KafkaServer | ElasticsearchServer) -> None:
        server.kill()
        time.sleep(DOWN_SECONDS)
        server.start()
        self._done[f"{server.name} killed"] += 1

    def _answer_429(self) -> None:
        self._busy.last(BUSY_BULKS)
        self._stage.until("answered 429", lambda: self._busy.answered > 0)


def settled(store: ElasticStore) -> bool:
    store.refresh()
    return store.count("instruments", {"term": {"outdated": True}}) == 0


def undisturbed(good: Sequence[Bulletin], folder: Path) -> dict[tuple[str, str], object]:
    class NoLetters:
        def keep(self, letters: Sequence[DeadLetter]) -> None:
            assert not letters

        def settle(self, bulletin_ids: object, *, steps: object) -> int:
            return 0

    with EmbeddedStore(folder, writer=True, heap_mb=32) as store:
        processor = Processor(store, rules(1), NoLetters(), classify=classify)
        for start in range(0, len(good), 200):
            processor.process([entry(n, one) for n, one in enumerate(good[start : start + 200])])
        processor.refresh()
        return lasting(store)


def lasting(store: Store) -> dict[tuple[str, str], object]:
    return dict(contents(store))


def compare(found: dict[tuple[str, str], object], expected: dict[tuple[str, str], object]) -> None:
    """Who was first to have a penalty depends on the order in which partitions were read; `audit` looks at those."""
    both = [
        {key: value for key, value in one.items() if key[0] != "penalty-types"} for one in (found, expected)
    ]
    missing, strange = expected.keys() - found.keys(), found.keys() - expected.keys()
    assert (sorted(missing)[:5], sorted(strange)[:5]) == ([], []), (len(missing), len(strange))
    different = [key for key, value in both[1].items() if both[0][key] != value]
    assert different == [], (len(different), both[0][different[0]], both[1][different[0]])
    print(f"{len(found)} documents, of which {len([k for k in found if k[0] in MERGED])} are merged")


def account_for(
    messages: Sequence[tuple[str, bytes]], letters: dict[str, DeadLetter], ended: int, stage: Stage
) -> None:
    """Every poisoned message is one letter, nothing else is; and what was sent is what the topic holds."""
    assert ended >= len(messages), "what was sent is on the topic"
    twice = ended - len(messages)
    poisoned = {value for _, value in messages if b"boom" in value or not value.endswith(b"}")}
    payloads = Counter(letter.payload for letter in letters.values())
    assert payloads.keys() == poisoned
    assert sum(payloads.values()) <= len(poisoned) + twice, "a letter stands twice"
    places = {Place(*_place(key)) for key in letters}
    assert len(places) == len(letters)
    held = {source["bulletin_id"] for source in _manifests(stage)}
    keys = {key for key, value in messages if value not in poisoned}
    assert held == keys
    print(
        f"{ended} messages on the topic ({twice} sent twice), {len(held)} bulletins, {len(letters)} dead letters"
    )


def _place(key: str) -> tuple[str, int, int]:
    topic, partition, offset, _ = key.rsplit("/", 3)
    return topic, int(partition), int(offset)


def _manifests(stage: Stage) -> list[dict[str, str]]:
    stage.store.refresh()
    return [hit["_source"] for hit in stage.store.scan("manifests", fields=["bulletin_id"])]
