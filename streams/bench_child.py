"""What the stream is measured against (bench.py): Faust that only consumes, and the plainest worker that stores.

The reference loses nothing either, but it knows no removal, no re-classification, no merged documents: one bulk of
whatever came of a batch, then the acknowledgement.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from typing import Any, Final

import faust
from elasticsearch import AsyncElasticsearch
from mode import CrashingSupervisor

from enrich import classify, load_knowledge
from index.elastic.names import Names
from netdocket.records import Bulletin, decode
from netdocket.settings import Settings, load_settings
from streams.documents import documents
from streams.topics import Topics, brokers

BATCH: Final = 500
WITHIN: Final = 0.2


def create_app(settings: Settings, mode: str, count: int) -> faust.App:
    """Ends the process after `count` messages, having said how long they took."""
    topics = Topics.of(settings, "demo")
    names = Names.of(settings.index_prefix, "demo")
    knowledge = load_knowledge()
    app = faust.App(
        f"{topics.prefix}-{mode}",
        broker=[f"kafka://{broker}" for broker in brokers(settings)],
        env_prefix="NETDOCKET_FAUST_",
        processing_guarantee="at_least_once",
        stream_wait_empty=True,
        stream_buffer_maxsize=2 * BATCH,
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        worker_redirect_stdouts=False,
        datadir=str(settings.worker_dir),
    )
    client = AsyncElasticsearch((settings.es_url or "").split(","), request_timeout=60)
    source = app.topic(
        topics.bulletins, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )
    began: list[float] = []
    seen = 0

    async def store(values: list[bytes]) -> None:
        operations: list[Any] = []
        for number, value in enumerate(values):
            bulletin = decode(value, Bulletin)
            for document in documents(bulletin, classify(bulletin, knowledge), knowledge):
                operations += [
                    {"index": {"_index": names.alias(document.index), "_id": document.id}},
                    document.body,
                ]
            if number % 20 == 19:
                await asyncio.sleep(0)
        if (await client.bulk(operations=operations)).body["errors"]:
            raise RuntimeError("refused")

    @app.agent(source, concurrency=1, supervisor_strategy=CrashingSupervisor)
    async def bulletins(stream: Any) -> None:
        nonlocal seen
        stream.enable_acks = False
        async for events in stream.noack_take(BATCH, within=WITHIN):
            began.append(time.perf_counter())
            if mode == "reference":
                await store([event.message.value for event in events])
            for event in events:
                await stream.ack(event)
            seen += len(events)
            if seen >= count:
                print(f"\nseconds {time.perf_counter() - began[0] + WITHIN}", flush=True)
                os._exit(0)  # measured; an orderly end takes a second that nobody wants to know of

    return app


if __name__ == "__main__":
    faust.Worker(
        create_app(load_settings(), sys.argv[1], int(sys.argv[2])),
        loglevel="ERROR",
        override_logging=False,
        quiet=True,
    ).execute_from_commandline()
