"""A worker process, put together and run until it is told to stop."""

from __future__ import annotations

import logging
import os
from contextlib import closing
from pathlib import Path

from enrich import Knowledge, classify
from index.elastic import ElasticStore
from netdocket.datadir import Family
from netdocket.settings import Settings
from streams.app import counts_of, create_app
from streams.attended import SILENCE, attended, work
from streams.inhand import InHand
from streams.measures import SILENT_SECONDS, Measures
from streams.processors import Classify
from streams.sender import Sender
from streams.topics import Topics, require
from streams.worker import Worker

log = logging.getLogger(__name__)


def run_worker(
    settings: Settings, family: Family, knowledge: Knowledge, folder: Path, *, classify: Classify = classify
) -> None:
    """Ends with SystemExit: 0 when told to stop, 1 after a crash. `folder`: where it notes what it has in hand.

    Raises TopicMissingError, BrokerError, StoreSetupError, StoreError, ConfigurationError before it begins."""
    topics = Topics.of(settings, family)
    require(settings, topics, topics.all)
    store = ElasticStore.from_settings(settings, family)
    in_hand = InHand(folder, counts_of(store), patience=settings.worker_patience)
    measures = Measures()
    # a bulletin that holds the interpreter has its own limit, which ends the process with the better reason
    silence = max(SILENCE, settings.worker_patience + SILENT_SECONDS)
    with (
        closing(Sender(settings)) as sender,
        attended(
            settings, measures, group=topics.group, names=topics.processed, silence=silence
        ) as endpoints,
    ):
        worker = Worker(store, knowledge, topics, sender, in_hand, measures, classify=classify)
        app = create_app(settings, topics, worker, store, in_hand, measures, in_hand.slot / "faust")
        log.info(
            "worker started",
            extra={
                "pid": os.getpid(),
                "group": topics.group,
                "slot": str(in_hand.slot),
                "endpoints": endpoints.address,
                "rules_version": knowledge.rules_version,
            },
        )
        if in_hand.died_with:
            log.error("the last worker here died with this in hand", extra={"in_hand": in_hand.died_with})
        work(app)
