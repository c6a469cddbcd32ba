"""One Kafka broker that is its own controller (KRaft)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import msgspec

from netdocket.engines.server import Server
from netdocket.errors import EngineError

READY: Final = b"Kafka Server started"

# Topics are made by their owners with settings of their own, never by a client's typing error.
PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class Ports(msgspec.Struct, frozen=True):
    broker: int
    controller: int


class KafkaServer(Server[Ports]):
    """`jars`: the folder of its libraries."""

    name = "kafka"

    def __init__(self, folder: Path, jars: Path, *, heap_mb: int = 512) -> None:
        super().__init__(folder, Ports)
        self.jars = jars
        self.heap_mb = heap_mb

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports.broker}"

    def prepare(self) -> None:
        """Writes the properties; formats the data folder the first time."""
        data = self.folder / "data"
        properties = self.folder / "server.properties"
        properties.write_text(
            PROPERTIES.format(broker=self.ports.broker, controller=self.ports.controller, data=data),
            encoding="utf-8",
        )
        if (data / "meta.properties").exists():
            return
        shutil.rmtree(data, ignore_errors=True)
        identity = self._storage_tool("random-uuid").strip().splitlines()[-1]
        self._storage_tool("format", "--standalone", "-t", identity, "-c", str(properties))

    def command(self) -> list[str]:
        # The serial collector leaves most to the others on two cores.
        return [
            "java", f"-Xmx{self.heap_mb}m", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
            "-Dorg.slf4j.simpleLogger.showDateTime=true", "-cp", f"{self.jars}/*", "kafka.Kafka", "server.properties",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def answers(self, said: bytes) -> bool:
        return READY in said

    def _storage_tool(self, *arguments: str) -> str:
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", f"{self.jars}/*", "kafka.tools.StorageTool"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise EngineError(f"cannot be formatted: {done.stderr.strip()[-300:]}", where=str(self.folder))
        return done.stdout
