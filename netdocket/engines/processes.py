"""Processes told apart from others that later got the same number: only those that we started are ever signalled."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

import msgspec

LOOK_SECONDS: Final = 0.05


class Process(msgspec.Struct, frozen=True):
    """A process and the moment at which it was born, in the words of the system."""

    pid: int
    born: str

    @staticmethod
    def of(pid: int) -> Process | None:
        born = _born(pid)
        return Process(pid, born) if born else None

    def alive(self) -> bool:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)  # a dead child of ours is gone only when somebody has looked
        return _born(self.pid) == self.born

    def send(self, number: signal.Signals) -> None:
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_SECONDS)
        return True


def _born(pid: int) -> str | None:
    """None where no such process lives; a zombie lives no more."""
    stat = Path(f"/proc/{pid}/stat")
    if not Path("/proc/self/stat").exists():
        return _born_by_ps(pid)
    try:
        # The name in brackets may hold spaces and brackets; the numbers come after the last one.
        fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _born_by_ps(pid: int) -> str | None:
    said = subprocess.run(  # noqa: S603
        ["ps", "-o", "state=,lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split(maxsplit=1)
    return None if len(said) < 2 or said[0].startswith("Z") else said[1].strip()
