"""The Faust application around the processors: Kafka brings the messages, worker.py does the work.

At least once, on purpose. An event is acknowledged only when everything that came of it is safe; a message that comes
again changes nothing. Whatever is not handled here ends the process with exit code 1; whoever runs it (systemd, a
container's restart policy) starts it again, and Kafka delivers what was not acknowledged.

Why `stream.enable_acks = False`: `noack_take` switches acknowledging on again as it ends, and then acknowledges
the event after the one over which an agent has raised, so that messages are lost although no lag is left. With this line before it
there is nothing to switch on again.

Why the work is done in a thread: classification may take its time, and Kafka wants a heartbeat. Why a time limit on
stopping: Faust was seen to hang in its last commit after a crash; what is not acknowledged is safe.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import faust
import msgspec
from mode import CrashingSupervisor

from index.elastic import ElasticStore
from index.store import Write
from netdocket.errors import NetdocketError, RecordError, StoreError
from netdocket.records import DeadLetter, decode
from netdocket.settings import Settings
from streams.inhand import KIND, Deaths, InHand
from streams.letter_topic import Place
from streams.measures import Measures
from streams.topics import Topics, brokers
from streams.worker import REFRESH_SECONDS, Delivery, StoppedError, Worker

BATCH_WITHIN: Final = 0.2
"""Seconds that an incomplete batch waits for company."""
GRACE_SECONDS: Final = 3.0
"""So long the batch in hand may take when the worker is told to stop; then it is given up and comes again."""
STOP_SECONDS: Final = 8.0
BEAT_SECONDS: Final = 1.0
FETCH_BYTES: Final = 16 << 20
LETTERS: Final = "dead-letters"

log = logging.getLogger(__name__)


class App(faust.App):
    """With a limit to how long a stop takes. `given_up`: hears when the batch in hand has had its time; `let_go`: when
    the process ends over it; `beat`: each second that the event loop lives. A timer would not do for that: Faust starts
    timers with the first partitions, for which a worker may wait for minutes."""

    given_up: Any = None
    let_go: Any = None
    beat: Any = None
    crashed: bool = False

    async def on_start(self) -> None:
        await super().on_start()
        if self.beat is not None:
            self.add_future(self._beats())

    async def _beats(self) -> None:
        while not self.should_stop:
            self.beat()
            await self.sleep(BEAT_SECONDS)

    async def on_stop(self) -> None:
        for seconds, act in ((GRACE_SECONDS, self._give_up), (STOP_SECONDS, self._exit)):
            timer = threading.Timer(seconds, act)
            timer.daemon = True
            timer.start()
        await super().on_stop()

    async def crash(self, reason: BaseException) -> None:
        self.crashed = True
        await super().crash(reason)

    def _give_up(self) -> None:
        if self.given_up is not None:
            self.given_up()

    def _exit(self) -> None:
        # Asked to stop, it has stopped: what was in hand is not acknowledged and comes again. It has killed nobody.
        if self.let_go is not None:
            self.let_go()
        os._exit(1 if self.crashed else 0)


def new_app(settings: Settings, group: str, folder: Path, *, member: str | None = None) -> App:
    """An application that loses nothing, without agents. `group`: its consumer group; `member`: its name there, where it
    keeps one over restarts."""
    return App(
        group,
        broker=[f"kafka://{broker}" for broker in brokers(settings)],
        env_prefix="NETDOCKET_FAUST_",  # else BROKER_URL and the like in the environment win over these
        processing_guarantee="at_least_once",
        stream_wait_empty=True,
        stream_buffer_maxsize=settings.batch_size,
        broker_commit_interval=1.0,
        broker_session_timeout=10.0,
        broker_request_timeout=30.0,
        consumer_group_instance_id=member,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=FETCH_BYTES,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        worker_redirect_stdouts=False,
        datadir=str(folder),
    )


def raw(app: App, *names: str) -> Any:
    """Topics whose messages we decode ourselves."""
    return app.topic(*names, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")


async def in_thread(threads: ThreadPoolExecutor, work: Callable[..., object], *arguments: object) -> None:
    await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)


def follow_assignment(app: App, measures: Measures, changed: Callable[[], None] = lambda: None) -> None:
    """Says and notes which partitions are ours; none are while they are being dealt out. `changed`: hears of new ones."""

    @app.on_partitions_assigned.connect  # type: ignore[arg-type]
    async def assigned(_app: Any, *given: Any, **_: Any) -> None:
        log.info(
            "partitions assigned",
            extra={"partitions": sorted(f"{tp.topic}/{tp.partition}" for tp in given[0])},
        )
        changed()
        measures.state.assigned = True

    @app.on_partitions_revoked.connect  # type: ignore[arg-type]
    async def revoked(_app: Any, *_given: Any, **_: Any) -> None:
        measures.state.assigned = False


def create_app(
    settings: Settings,
    topics: Topics,
    worker: Worker,
    store: ElasticStore,
    in_hand: InHand,
    measures: Measures,
    folder: Path,
) -> App:
    """The application of one worker process. `folder`: Faust's own, which it wants although it keeps no table."""
    batch = settings.batch_size
    app = new_app(settings, topics.group, folder, member=in_hand.member)
    app.given_up, app.let_go, app.beat = worker.stop, in_hand.let_go, measures.beat
    at_work = ThreadPoolExecutor(1, "worker")
    copying = ThreadPoolExecutor(1, "letters")

    @app.agent(
        raw(app, *topics.processed), name="bulletins", concurrency=1, supervisor_strategy=CrashingSupervisor
    )
    async def bulletins(stream: Any) -> None:
        stream.enable_acks = False  # see above
        async for events in stream.noack_take(batch, within=BATCH_WITHIN):
            deliveries = [delivery_of(event) for event in events]
            measures.state.busy_since = time.monotonic()
            try:
                await in_thread(at_work, worker.process, deliveries)
            except NetdocketError as error:
                if worker.stopping:
                    log.warning("stopped with a batch in hand, it comes again: %s", error)
                    os._exit(0)  # an agent that raised would count as crashed
                raise
            measures.state.busy_since = None
            for event in events:
                await stream.ack(event)
            await in_thread(at_work, worker.acknowledged)

    @app.agent(
        raw(app, topics.dead_letters),
        name="dead-letters",
        concurrency=1,
        supervisor_strategy=CrashingSupervisor,
    )
    async def dead_letters(stream: Any) -> None:
        """Copies the topic to its index, where the page finds it."""
        stream.enable_acks = False
        async for events in stream.noack_take(batch, within=BATCH_WITHIN):
            writes = [_copy(event.message) for event in events]
            await in_thread(copying, _store, store, writes)
            for event in events:
                await stream.ack(event)

    @app.timer(interval=REFRESH_SECONDS)  # type: ignore[untyped-decorator]
    async def refresh() -> None:
        if measures.state.busy_since is None:
            await in_thread(at_work, _refreshed, worker)

    follow_assignment(app, measures, worker.changed_hands)
    return app


def counts_of(store: ElasticStore) -> Any:
    return store.user_state(KIND, Deaths)


def delivery_of(event: Any) -> Delivery:
    message = event.message
    place = Place(message.topic, message.partition, message.offset)
    return Delivery(place, message.key or b"", message.value or b"")


def _copy(message: Any) -> Write:
    """A letter as a document; where it was taken back, the deletion. Ordered by the broker's clock."""
    key, version = (message.key or b"").decode("utf-8", "replace"), int(message.timestamp * 1000)
    if not message.value:
        return Write(LETTERS, key, version)
    try:
        letter = decode(message.value, DeadLetter)
    except RecordError as error:
        log.error("not a dead letter: %s", error, extra={"key": key})  # noqa: TRY400
        return Write(LETTERS, key, version)
    return Write(LETTERS, key, version, msgspec.json.decode(message.value) | {"key": letter.key})


def _store(store: ElasticStore, writes: list[Write]) -> None:
    for written in store.bulk(writes):
        if written.result == "refused":
            log.error("a dead letter does not fit its index: %s", written.reason, extra={"key": written.id})


def _refreshed(worker: Worker) -> None:
    try:
        worker.refresh()
    except (StoreError, StoppedError) as error:
        log.warning("merged documents wait: %s", error)
