"""The Faust application of who looks for alerts: at least once, as streams/app.py, in a consumer group of its own, so
that alerts hold up no classification and the other way round."""

from __future__ import annotations

import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from mode import CrashingSupervisor

from index.elastic import ElasticStore
from netdocket.datadir import Family
from netdocket.errors import NetdocketError, StorageError
from netdocket.settings import Settings
from streams.alerts.deliver import Deliverer
from streams.alerts.deliveries import Deliveries
from streams.alerts.evaluate import Evaluation
from streams.alerts.following import Follower, watch_began
from streams.alerts.rules import Alerting
from streams.app import BATCH_WITHIN, App, delivery_of, follow_assignment, in_thread, new_app, raw
from streams.attended import attended, work
from streams.letter_topic import LetterTopic
from streams.measures import Measures
from streams.sender import Sender
from streams.topics import Topics, require

SOURCES_SECONDS: Final = 30.0
"""How soon a source in trouble is noticed."""
LAST_SECONDS: Final = 2.0
"""So long sending goes on when the process is told to stop."""

log = logging.getLogger(__name__)


def create_app(
    settings: Settings, topics: Topics, follower: Follower, measures: Measures, folder: Path
) -> App:
    app = new_app(settings, topics.alerts_group, folder)
    app.given_up, app.beat = follower.stop, measures.beat
    at_work = ThreadPoolExecutor(1, "alerts")

    @app.agent(raw(app, topics.records), name="alerts", concurrency=1, supervisor_strategy=CrashingSupervisor)
    async def alerts(stream: Any) -> None:
        stream.enable_acks = False  # see streams/app.py
        async for events in stream.noack_take(settings.batch_size, within=BATCH_WITHIN):
            measures.state.busy_since = time.monotonic()
            try:
                await in_thread(at_work, follower.process, [delivery_of(event) for event in events])
            except NetdocketError as error:
                if follower.stopping:
                    log.warning("stopped with a batch in hand, it comes again: %s", error)
                    os._exit(0)  # an agent that raised would count as crashed
                raise
            measures.state.busy_since = None
            measures.state.processed += len(events)
            for event in events:
                await stream.ack(event)

    @app.timer(interval=SOURCES_SECONDS)  # type: ignore[untyped-decorator]
    async def sources() -> None:
        if measures.state.busy_since is None:
            try:
                await in_thread(at_work, follower.look_at_sources)
            except NetdocketError as error:
                log.warning("states of sources: %s", error)

    follow_assignment(app, measures)
    return app


def run_alerts(settings: Settings, family: Family, alerting: Alerting, folder: Path) -> None:
    """Looks and delivers until told to stop: SystemExit with 0 then, with 1 after a crash. `folder`: Faust's own; it is
    made.

    Raises TopicMissingError, BrokerError, StoreSetupError, StoreError, StorageError, ConfigurationError before it begins."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"cannot be a worker's folder: {error.strerror}", where=str(folder)) from error
    topics = Topics.of(settings, family)
    require(settings, topics, [topics.records, topics.dead_letters])
    store = ElasticStore.from_settings(settings, family)
    measures = Measures()
    began = watch_began(store)
    deliveries = Deliveries(store, alerting.channels)
    with (
        closing(Sender(settings)) as sender,
        attended(settings, measures, group=topics.alerts_group, names=[topics.records]) as endpoints,
    ):
        evaluation = Evaluation(store, alerting, deliveries, since=began)
        follower = Follower(store, evaluation, LetterTopic(sender, topics), began)
        app = create_app(settings, topics, follower, measures, folder)
        log.info(
            "worker started",
            extra={
                "pid": os.getpid(),
                "group": topics.alerts_group,
                "endpoints": endpoints.address,
                "began": began,
                "rules": [rule.id for rule in alerting.rules],
                "channels": [channel.id for channel in alerting.channels],
            },
        )
        with Deliverer(store, deliveries, alerting.channels, last_seconds=LAST_SECONDS):
            work(app)
