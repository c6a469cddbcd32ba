"""Topics and indices of a test's own, workers under a restart policy, and what there is in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.elastic import ElasticStore
from netdocket.records import Bulletin, DeadLetter, encode
from netdocket.settings import Settings, load_settings
from streams.letter_topic import read_letters
from streams.sender import Outgoing, Sender
from streams.topics import Topics, lags, setup

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("worker_child.py")
RESTART_SECONDS = 0.2


class Supervised(threading.Thread):
    """A worker process that is started again whenever it ends, as a container's restart policy does it."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], log: Path) -> None:
        super().__init__(daemon=True)
        self._command = command
        self._environment = environment
        self.log = log
        self.exits: list[int] = []
        self._wanted = True
        self._began = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.start()
        self._began.wait(30)

    def run(self) -> None:
        while self._wanted:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    self._command, env=self._environment, cwd=ROOT, stdout=log, stderr=log
                )
            self._began.set()
            self.exits.append(self.process.wait())
            if self._wanted:
                time.sleep(RESTART_SECONDS)

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def at_work(self) -> bool:
        """Whether the process of now has got its partitions."""
        life = self.log.read_text("utf-8", "replace").rpartition('"worker started"')[2]
        process = self.process
        return process is not None and f'"pid": {process.pid},' in life and '"partitions assigned"' in life

    def leave(self, limit: float = 60.0) -> tuple[float, int | None]:
        """SIGTERM, and no restart: how long it took, and the exit code (None: it had to be killed)."""
        self._wanted = False
        began = time.monotonic()
        self.send(signal.SIGTERM)
        self.join(limit)
        if self.is_alive():
            self.send(signal.SIGKILL)
            self.join()
            return time.monotonic() - began, None
        return time.monotonic() - began, self.exits[-1]


class Stage:
    """`store` looks; the workers have stores of their own."""

    def __init__(self, settings: Settings, store: ElasticStore, folder: Path) -> None:
        self.settings = settings
        self.store = store
        self.folder = folder
        self.topics = Topics.of(settings, "live")
        self.sender = Sender(settings)
        self.workers: list[Supervised] = []

    def send(self, bulletins: Sequence[Bulletin]) -> None:
        self.send_raw([(one.bulletin_id, encode(one)) for one in bulletins])

    def send_raw(self, messages: Sequence[tuple[str, bytes]]) -> None:
        assert (
            self.sender.deliver([Outgoing(self.topics.bulletins, key, value) for key, value in messages])
            == []
        )

    def worker(self, folder: str = "workers", **variables: str) -> Supervised:
        home = self.folder / folder
        home.mkdir(exist_ok=True)
        log = self.folder / f"worker-{len(self.workers)}.log"
        worker = Supervised(
            [sys.executable, str(CHILD), str(home)], environment(self.settings) | variables, log
        )
        self.workers.append(worker)
        return worker

    def behind(self) -> int:
        return sum(lag.behind for lag in lags(self.settings, self.topics.group, self.topics.processed))

    def ends(self) -> int:
        """Messages ever sent to the topic of bulletins."""
        return sum(lag.end for lag in lags(self.settings, self.topics.group, [self.topics.bulletins]))

    def letters(self) -> dict[str, DeadLetter]:
        return read_letters(self.settings, self.topics)

    def until(self, what: str, done: Callable[[], bool], limit: float = 300.0) -> None:
        deadline = time.monotonic() + limit
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError(f"not {what} after {limit:.0f} s\n{self.last_words()}")
            time.sleep(0.2)

    def until_worked_off(self, limit: float = 300.0) -> None:
        self.until("worked off", lambda: self.behind() == 0, limit)

    def last_words(self) -> str:
        return "\n".join(
            f"{worker.log.name} {worker.exits}: {worker.log.read_text('utf-8', 'replace')[-1500:]}"
            for worker in self.workers
        )

    def stop(self) -> list[tuple[float, int | None]]:
        stops = [worker.leave() for worker in self.workers]
        self.workers.clear()
        return stops


def environment(settings: Settings) -> dict[str, str]:
    """For a process that is to work with these settings."""
    named: dict[str, Any] = settings.model_dump(exclude_defaults=True)
    ours = {f"NETDOCKET_{name.upper()}": str(value) for name, value in named.items()}
    plain = {key: value for key, value in os.environ.items() if not key.startswith("NETDOCKET_")}
    return plain | ours | {"PYTHONPATH": str(ROOT)}


@contextmanager
def staged(
    kafka: str, es_settings: Settings, store: ElasticStore, folder: Path, **given: Any
) -> Iterator[Stage]:
    prefix = store.names.prefix
    settings = load_settings(
        kafka=kafka,
        es_url=es_settings.es_url,
        index_prefix=prefix,
        topic_prefix=prefix,
        worker_port=0,
        **given,
    )
    stage = Stage(settings, store, folder)
    setup(settings, stage.topics)
    try:
        yield stage
    finally:
        stage.stop()
        stage.sender.close()
