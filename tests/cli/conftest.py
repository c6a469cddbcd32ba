"""The command line as a user has it: a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Netdocket = Callable[..., "subprocess.CompletedProcess[str]"]


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("NETDOCKET_")}


@pytest.fixture
def netdocket(tmp_path: Path) -> Netdocket:
    """Runs `netdocket ARGUMENTS` in an empty folder and gives its output."""

    def run(
        *arguments: str | Path, input: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "netdocket", *map(str, arguments)],
            cwd=tmp_path,
            env=environment() | variables,
            capture_output=True,
            text=True,
            timeout=240,
            input=input,
            check=False,
        )

    return run
