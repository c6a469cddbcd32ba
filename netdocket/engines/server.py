"""A server as a child process in a folder of its own: started until it answers, stopped cleanly, or killed.

The folder remembers the process, so that another call (`netdocket engines down`) can stop it, and keeps ports and data,
so that a server comes back as the same one.
"""

from __future__ import annotations

import abc
import contextlib
import fcntl
import functools
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Generic, TypedDict, TypeVar

import msgspec

from netdocket.engines.processes import Process
from netdocket.errors import EngineError

STOP_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1
LAST_LINES: Final = 3
PORTS: Final = "ports.json"
LOG_START: Final = "log-start.txt"

P = TypeVar("P", bound=msgspec.Struct)


class Identity(TypedDict, total=False):
    """Arguments of Popen."""

    user: int
    group: int
    extra_groups: list[int]


class Server(abc.ABC, Generic[P]):
    """`ports` is what a kind of server listens on; chosen once, and then kept in the folder."""

    name: str
    start_seconds: float = 300.0  # killed, it reads its log again: minutes on a busy machine

    def __init__(self, folder: Path, ports: type[P]) -> None:
        """Makes nothing yet: who only looks leaves no trace."""
        self.folder = folder
        self._shape = ports
        self._child: subprocess.Popen[bytes] | None = None

    @functools.cached_property
    def ports(self) -> P:
        """Raises EngineError where the folder cannot be used."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return _ports(self.folder / PORTS, self._shape)
        except (OSError, msgspec.MsgspecError) as error:
            raise EngineError(f"cannot keep a server here: {error}", where=str(self.folder)) from error

    @property
    def known(self) -> bool:
        """Whether it was ever started here."""
        return (self.folder / PORTS).exists()

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    def start(self) -> None:
        """Returns when the server answers, whoever has started it: two who do it at the same time start one. Raises
        EngineError with its last words."""
        self.ports  # noqa: B018 - makes the folder
        with self._alone():
            if not self.running():
                self._launch()
            self._await()

    def _launch(self) -> None:
        self.prepare()
        with self.log.open("ab") as log:
            (self.folder / LOG_START).write_text(str(log.tell()), "ascii")
            try:
                process = subprocess.Popen(  # noqa: S603
                    self.command(),
                    cwd=self.working_folder(),
                    env=self.environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **self.identity(),
                )
            except OSError as error:
                raise EngineError(f"cannot be started: {error.strerror}", where=self.name) from error
        self._child = process
        born = Process.of(process.pid)
        if born is not None:
            self._remember(born)

    def _await(self) -> None:
        before = self._log_start()
        deadline = time.monotonic() + self.start_seconds
        while not self.answers(self._said(before)):
            if not self.running():
                self._look_at_child()
                raise EngineError(f"ended as it started: {self._last_words(before)}", where=str(self.log))
            if time.monotonic() > deadline:
                self.kill()
                raise EngineError(
                    f"does not answer after {self.start_seconds:.0f} s: {self._last_words(before)}",
                    where=str(self.log),
                )
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """Cleanly; after a minute by force."""
        process = self.process() or self.server_process()
        if process is not None:
            process.send(signal.SIGTERM)
            if not process.gone_within(STOP_SECONDS):
                self.kill()
        self._look_at_child()

    def kill(self) -> None:
        """As if the power went: SIGKILL to the server itself; returns when it is gone."""
        for process in (self.server_process(), self.process()):
            if process is not None:
                process.send(signal.SIGKILL)
                process.gone_within(STOP_SECONDS)
        self._look_at_child()

    def restart(self) -> None:
        self.stop()
        self.start()

    def running(self) -> bool:
        return self.process() is not None or self.server_process() is not None

    def process(self) -> Process | None:
        """The process that was started, while it lives."""
        try:
            process = msgspec.json.decode((self.folder / "process.json").read_bytes(), type=Process)
        except (OSError, msgspec.MsgspecError):
            return None
        return process if process.alive() else None

    def server_process(self) -> Process | None:
        """The one that serves; a launcher may stand before it."""
        return self.process()

    def identity(self) -> Identity:
        """As whom it runs; empty for ourselves."""
        return {}

    @abc.abstractmethod
    def prepare(self) -> None: ...

    @abc.abstractmethod
    def command(self) -> list[str]: ...

    @abc.abstractmethod
    def environment(self) -> dict[str, str]: ...

    @abc.abstractmethod
    def answers(self, said: bytes) -> bool:
        """Whether it serves; `said` is its log since this start."""

    @property
    @abc.abstractmethod
    def address(self) -> str: ...

    def working_folder(self) -> Path:
        return self.folder

    def _look_at_child(self) -> None:
        """A dead child is gone for good when its parent has looked. A JVM's first thread can be dead while its others
        still are on their way."""
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_SECONDS)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.folder / "start.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _log_start(self) -> int:
        """Where the log of the last start begins."""
        with contextlib.suppress(OSError, ValueError):
            return int((self.folder / LOG_START).read_text("ascii"))
        return 0

    def _remember(self, process: Process) -> None:
        (self.folder / "process.json").write_bytes(msgspec.json.encode(process))

    def _said(self, before: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(before)
            return log.read()

    def _last_words(self, before: int) -> str:
        lines = self._said(before).decode("utf-8", "replace").strip().splitlines()
        return " / ".join(line.strip()[:300] for line in lines[-LAST_LINES:]) or "it said nothing"


def _ports(path: Path, shape: type[P]) -> P:
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=shape)
    names = [field.name for field in msgspec.structs.fields(shape)]
    ports = shape(**dict(zip(names, free_ports(len(names)), strict=True)))
    path.write_bytes(msgspec.json.encode(ports))
    return ports


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
