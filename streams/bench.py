"""How fast bulletins come from Kafka to being searchable, beside the engines' own rates in the same run.

    consume     Faust alone: takes and acknowledges
    bulk        Elasticsearch's client alone: the same documents, encoded beforehand, no manifests, no versions
    reference   Faust, our classification, one bulk: no manifests, no merged documents, nothing removed (bench_child.py)
    ours        `netdocket worker`, one and two of them

All on the engines that NETDOCKET_KAFKA and NETDOCKET_ES_URL name, in topics and indices of their own. Rates are
documents a second, of those that are found in the indices afterwards (a bulletin is written as about eighteen); of our
workers up to the moment at which a search finds them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from enrich import Knowledge, classify
from index.elastic import ElasticStore
from index.elastic.client import Caller, connect
from index.elastic.indices import physical_ones
from index.elastic.indices import setup as setup_indices
from index.elastic.names import Names
from index.mappings import load_mappings
from netdocket.datadir import DataDir
from netdocket.errors import EngineError
from netdocket.identity import digest_of
from netdocket.records import Bulletin, encode
from netdocket.settings import Settings
from netdocket.spool import Spool
from streams.documents import documents
from streams.publisher import Publisher
from streams.sender import Outgoing, Sender
from streams.topics import Topics, admin, lags, setup

FAMILY: Final = "demo"
PER_SECOND: Final = 20
OPERATIONS: Final = 1000
GOAL: Final = 0.6
GOAL_SECONDS: Final = 10.0
LIMIT_SECONDS: Final = 1800.0
LAST_WORDS: Final = 600
POLL: Final = 0.1

Say = Callable[[str], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """Documents a second, but for `consume` (messages) and `seconds` (95 of 100 bulletins are searchable within)."""

    bulletins: int
    documents: int
    consume: float
    bulk: float
    reference: float
    one: float
    two: float
    seconds: float

    def __str__(self) -> str:
        share = self.one / self.reference
        return "\n".join(
            (
                f"{self.bulletins:,} bulletins, {self.documents:,} documents",
                f"  consume only            {self.consume:10,.0f} messages/s",
                f"  bulk only               {self.bulk:10,.0f} documents/s",
                f"  reference worker        {self.reference:10,.0f} documents/s",
                f"  one worker              {self.one:10,.0f} documents/s  {share:.2f} of the reference (goal {GOAL})",
                f"  two workers             {self.two:10,.0f} documents/s  {self.two / self.one:.2f} of one",
                f"  fetch to searchable     {self.seconds:10.1f} s at p95, {PER_SECOND} bulletins/s"
                f" (goal {GOAL_SECONDS:.0f})",
            )
        )


def run(
    settings: Settings, knowledge: Knowledge, bulletins: Sequence[Bulletin], *, seconds: float, say: Say
) -> Report:
    """`seconds`: how long the steady stream lasts. Raises BrokerError, StoreError, EngineError, ConfigurationError."""
    ready = [
        msgspec.structs.replace(one, revision=1 + number, ordinal=1, content_digest=digest_of(one))
        for number, one in enumerate(bulletins)
    ]
    with tempfile.TemporaryDirectory(prefix="netdocket-bench-") as name:
        bench = _Bench(settings, knowledge, ready, Path(name), say)
        consume, reference = bench.children()
        return Report(
            bulletins=len(ready),
            documents=bench.count,
            bulk=bench.bulk(),
            consume=consume,
            reference=reference,
            one=bench.workers(1),
            two=bench.workers(2),
            seconds=bench.latency(seconds),
        )


class _Bench:
    def __init__(
        self, settings: Settings, knowledge: Knowledge, bulletins: Sequence[Bulletin], folder: Path, say: Say
    ) -> None:
        self._settings = settings
        self._bulletins = bulletins
        self._folder = folder
        self._say = say
        self._number = 0
        say("classifying once, to know the documents")
        self._documents = [
            (document.index, document.id, msgspec.json.encode(document.body))
            for one in bulletins
            for document in documents(one, classify(one, knowledge), knowledge)
        ]
        self._keys = {(index, id) for index, id, _ in self._documents}
        self.count = len(self._keys)

    def bulk(self) -> float:
        self._say("bulk only")
        with self._stage() as settings, contextlib.closing(connect(settings)) as client:
            names = Names.of(settings.index_prefix, FAMILY)
            began = time.perf_counter()
            for start in range(0, self.count, OPERATIONS):
                lines: list[Any] = []
                for index, id, body in self._documents[start : start + OPERATIONS]:
                    lines += [{"index": {"_index": names.alias(index), "_id": id}}, body]
                if client.bulk(operations=lines).body["errors"]:
                    raise EngineError("Elasticsearch refused a document", where="bulk")
            took = time.perf_counter() - began
            self._found(settings, "bulk")
            return self.count / took

    def children(self) -> tuple[float, float]:
        """Messages a second of consuming alone, documents a second of the reference."""
        with self._stage() as settings:
            self._send(settings)
            self._say("consume only")
            consume = self._child(settings, "consume")
            self._say("reference worker")
            reference = self._child(settings, "reference")
            self._found(settings, "reference")
        return len(self._bulletins) / consume, self.count / reference

    def workers(self, count: int) -> float:
        self._say(f"{count} of our workers")
        with self._stage() as settings, self._running(settings, count) as alive:
            self._send(settings)  # they wait for it: no start counts
            began = time.perf_counter()
            topics = Topics.of(settings, FAMILY)

            def worked_off() -> bool:
                alive()
                return not sum(lag.behind for lag in lags(settings, topics.group, topics.processed))

            _until("worked off", worked_off)
            self._found(settings, "workers")
            return self.count / (time.perf_counter() - began)

    def latency(self, seconds: float) -> float:
        self._say(f"a steady stream for {seconds:.0f} s")
        with self._stage() as settings, self._running(settings, 1) as alive:
            datadir = DataDir(self._folder / "spool")
            publisher = Publisher(datadir, settings, FAMILY)
            thread = threading.Thread(target=publisher.run, daemon=True)
            thread.start()
            with ElasticStore.from_settings(settings, FAMILY) as store:
                spool = Spool(datadir.spool)
                try:
                    _steady(spool, store, self._bulletins[:1], alive)  # the first one of a worker's life
                    took = _steady(spool, store, self._bulletins[1 : 1 + int(seconds * PER_SECOND)], alive)
                finally:
                    publisher.stop()
                    thread.join()
                    spool.close()
        took.sort()
        return took[int(len(took) * 0.95)]

    # --- what they need ------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _stage(self) -> Iterator[Settings]:
        """Topics and indices of its own, gone afterwards."""
        self._number += 1
        prefix = f"bench{os.getpid()}-{self._number}"
        settings = self._settings.model_copy(
            update={"index_prefix": prefix, "topic_prefix": prefix, "worker_port": 0, "family": FAMILY}
        )
        topics, names, mappings = Topics.of(settings, FAMILY), Names.of(prefix, FAMILY), load_mappings()
        client, caller = connect(settings), Caller(60.0)
        try:
            for _ in setup_indices(client, caller, names, mappings, FAMILY):
                pass
            setup(settings, topics)
            yield settings
        finally:
            for index in mappings:
                for physical in physical_ones(client, caller, names, index):
                    client.indices.delete(index=physical, ignore_unavailable=True)
            client.close()
            with admin(settings) as kafka:
                kafka.delete_topics(list(topics.all))

    def _found(self, settings: Settings, who: str) -> None:
        """Raises EngineError where a search does not find every document."""
        names = Names.of(settings.index_prefix, FAMILY)
        aliases = sorted({names.alias(index) for index, _ in self._keys})
        with contextlib.closing(connect(settings)) as client:
            client.indices.refresh(index=aliases)
            found = client.count(index=aliases).body["count"]
        if found != self.count:
            raise EngineError(f"{found:,} documents are found of {self.count:,}", where=who)

    def _send(self, settings: Settings) -> None:
        topics, sender = Topics.of(settings, FAMILY), Sender(settings)
        for start in range(0, len(self._bulletins), 500):
            page = self._bulletins[start : start + 500]
            sender.deliver([Outgoing(topics.bulletins, one.bulletin_id, encode(one)) for one in page])
        sender.close()

    def _child(self, settings: Settings, mode: str) -> float:
        """Seconds from its first message to its last."""
        command = [sys.executable, "-m", "streams.bench_child", mode, str(len(self._bulletins))]
        done = subprocess.run(  # noqa: S603
            command, env=_environment(settings, self._folder), capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
        )  # fmt: skip
        said = [line for line in done.stdout.splitlines() if line.startswith("seconds ")]
        if not said:
            raise EngineError(f"ended without a word: {done.stderr.strip()[-500:]}", where=mode)
        return float(said[0].split()[1])

    @contextlib.contextmanager
    def _running(self, settings: Settings, count: int) -> Iterator[Callable[[], None]]:
        """Workers at work. What is given raises EngineError with the last words of one that has ended: they are not
        started again here."""
        home = self._folder / f"workers-{self._number}"
        home.mkdir()
        logs = [home / f"{number}.log" for number in range(count)]
        environment = _environment(settings, home)
        processes = []
        try:
            for log in logs:
                with log.open("wb") as file:
                    processes.append(
                        subprocess.Popen(
                            [sys.executable, "-m", "netdocket", "worker"],
                            env=environment,
                            stdout=file,
                            stderr=file,
                        )
                    )

            def alive() -> None:
                for process, log in zip(processes, logs, strict=True):
                    if process.poll() is not None:
                        said = log.read_text("utf-8", "replace").strip()[-LAST_WORDS:]
                        raise EngineError(f"a worker ended with {process.returncode}: {said}", where=str(log))

            def at_work() -> bool:
                alive()
                return all('"partitions assigned"' in log.read_text("utf-8") for log in logs)

            _until("at work", at_work)
            yield alive
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(60)


def _steady(
    spool: Spool, store: ElasticStore, bulletins: Sequence[Bulletin], alive: Callable[[], None]
) -> list[float]:
    """Seconds from handing each to the spool until a search finds it."""
    began = time.monotonic()
    fetched: dict[str, float] = {}
    took: list[float] = []
    waiting = list(bulletins)
    while waiting or fetched:
        while waiting and time.monotonic() - began >= (len(bulletins) - len(waiting)) / PER_SECOND:
            one = waiting.pop(0)
            fetched[one.bulletin_id] = time.monotonic()
            spool.submit(one)
        body = {"query": {"terms": {"bulletin_id": list(fetched)[:1000]}}, "size": 1000, "_source": False}
        for hit in store.search("bulletins", body)["hits"]["hits"]:
            took.append(time.monotonic() - fetched.pop(hit["_id"]))
        alive()
        if time.monotonic() - began > LIMIT_SECONDS:
            raise EngineError(f"{len(fetched)} bulletins are not found", where="steady stream")
        time.sleep(POLL)
    return took


def _until(what: str, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise EngineError(f"not {what} after {LIMIT_SECONDS:.0f} s", where="bench")
        time.sleep(POLL)


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    ours = {
        "NETDOCKET_KAFKA": settings.kafka,
        "NETDOCKET_ES_URL": settings.es_url,
        "NETDOCKET_INDEX_PREFIX": settings.index_prefix,
        "NETDOCKET_TOPIC_PREFIX": settings.topic_prefix,
        "NETDOCKET_FAMILY": FAMILY,
        "NETDOCKET_WORKER_PORT": "0",
        "NETDOCKET_WORKER_DIR": str(folder),
        "NETDOCKET_DATA_DIR": str(folder),
        "NETDOCKET_BATCH_SIZE": str(settings.batch_size),
    }
    return {**os.environ, **{key: value for key, value in ours.items() if value is not None}}
