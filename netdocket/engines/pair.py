"""Kafka and Elasticsearch together in a folder, and what is left of folders whose owner died."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from netdocket.engines.artifacts import (
    ELASTICSEARCH_HOME,
    ELASTICSEARCH_VERSION,
    KAFKA_HOME,
    KAFKA_VERSION,
    fetch_elasticsearch,
    fetch_kafka,
)
from netdocket.engines.elasticsearch import ElasticsearchServer
from netdocket.engines.kafka import KafkaServer
from netdocket.engines.maven import OnProgress
from netdocket.engines.processes import Process
from netdocket.engines.tools import missing_tools
from netdocket.errors import EngineError

OWNER: Final = "owner.json"


class Engines:
    """What they are made of lies in `cache`; data, logs and ports in `folder`."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.cache = cache
        self.kafka = KafkaServer(folder / "kafka", cache / KAFKA_HOME)
        self.elasticsearch = ElasticsearchServer(folder / "elasticsearch", cache / ELASTICSEARCH_HOME)

    def fetch(self, on_progress: OnProgress = lambda _what, _done, _all: None) -> None:
        """What is not there yet. Raises EngineError, also where Java or Maven is missing."""
        if lacking := missing_tools():
            raise EngineError(lacking, where="engines")
        fetch_kafka(self.cache, on_progress)
        fetch_elasticsearch(self.cache, on_progress)

    def start(self, say: Callable[[str], None] = lambda _line: None) -> None:
        for server, version in ((self.kafka, KAFKA_VERSION), (self.elasticsearch, ELASTICSEARCH_VERSION)):
            say(f"starting {server.name} {version}")
            server.start()

    def stop(self) -> None:
        for server in (self.kafka, self.elasticsearch):
            server.stop()

    def delete(self) -> None:
        """Stops both and removes their data. Raises EngineError where some of it stays."""
        for server in (self.kafka, self.elasticsearch):
            server.kill()
        if self.folder.exists():
            try:
                shutil.rmtree(self.folder)
            except OSError as error:
                what = f"cannot be removed: {error.strerror}"
                raise EngineError(what, where=str(error.filename or self.folder)) from error

    def own(self) -> None:
        """Says that this process is responsible for them: when it is dead, `reap` may clear the folder."""
        process = Process.of(os.getpid())
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / OWNER).write_bytes(msgspec.json.encode(process))


def reap(folders: Path) -> int:
    """Stops and removes the engines below `folders` whose owner has died without doing so; how many there were."""
    found = 0
    for owner in folders.glob(f"*/{OWNER}"):
        try:
            process = msgspec.json.decode(owner.read_bytes(), type=Process)
        except (OSError, msgspec.MsgspecError):
            continue
        if process.alive():
            continue
        found += 1
        nowhere = Path()
        KafkaServer(owner.parent / "kafka", nowhere).kill()
        ElasticsearchServer(owner.parent / "elasticsearch", nowhere).kill()
        shutil.rmtree(owner.parent, ignore_errors=True)
    return found
