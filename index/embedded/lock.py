"""One runner a store: a lock on a file that the system releases when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from netdocket.errors import RunnerLockedError


class RunnerLock:
    """Held from construction to `release`."""

    def __init__(self, path: Path) -> None:
        """Raises RunnerLockedError, naming the process that holds it."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._file)
            raise RunnerLockedError(
                f"another process (pid {holder}) already writes to this store", where=str(path.parent)
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
