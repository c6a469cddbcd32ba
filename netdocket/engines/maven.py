"""Maven as a fetcher. It keeps what it has of a file and goes on from there, so an interrupted fetch is tried again."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from netdocket.errors import EngineError

OnProgress = Callable[[str, int, int], None]
"""What is done, bytes so far, bytes in all."""

ATTEMPTS: Final = 3
LOOK_SECONDS: Final = 0.5


def maven(goal: Sequence[str], *, repository: Path, cwd: Path, on_progress: Callable[[int], None]) -> None:
    """Runs Maven with a repository of its own; `on_progress` is told the bytes that lie there. Its checksums are
    strict: a file that is not what its publisher says fails. Raises EngineError with Maven's own last words."""
    command = ["mvn", "--batch-mode", "--strict-checksums", f"-Dmaven.repo.local={repository}", *goal]
    for attempt in range(1, ATTEMPTS + 1):
        with tempfile.TemporaryFile("w+") as said:
            try:
                process = subprocess.Popen(command, cwd=cwd, stdout=said, stderr=subprocess.STDOUT)  # noqa: S603
            except OSError as error:
                raise EngineError(f"Maven cannot be run: {error.strerror}", where="mvn") from error
            try:
                while process.poll() is None:
                    time.sleep(LOOK_SECONDS)
                    on_progress(_size(repository))
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
            if process.returncode == 0:
                on_progress(_size(repository))
                return
            said.seek(0)
            words = [line for line in said.read().splitlines() if line.startswith("[ERROR]")]
        if attempt == ATTEMPTS:
            reason = words[0].removeprefix("[ERROR]").strip() if words else f"ended with {process.returncode}"
            raise EngineError(
                f"could not be fetched: {reason}", where=goal[-1] if len(goal) == 1 else goal[1]
            )
        time.sleep(2**attempt)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue  # Maven renames its partial files as it goes
    return total
