"""One crawl a host at a time, whoever runs it on this machine and into whichever data directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from netdocket.errors import StorageError


class HostBusyError(StorageError):
    """Another crawl asks this host at the moment."""


@contextlib.contextmanager
def hosts_locked(hosts: Iterable[str], folder: Path | None = None) -> Iterator[None]:
    """Holds the hosts until the end. Raises HostBusyError at once where one is held, StorageError where locks cannot
    be made. A lock ends with its process, however that ends."""
    folder = folder or _folder()
    with contextlib.ExitStack() as stack:
        for host in sorted(set(hosts)):
            stack.enter_context(_locked(folder / f"{re.sub(r'[^a-z0-9.-]', '_', host.lower())}.lock", host))
        yield


@contextlib.contextmanager
def _locked(path: Path, host: str) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StorageError(f"cannot be locked: {error.strerror}", where=str(path)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise HostBusyError("another crawl asks this host at the moment", where=host) from error
    try:
        yield
    finally:
        os.close(descriptor)


def _folder() -> Path:
    return Path(tempfile.gettempdir()) / f"netdocket-{os.getuid()}" / "hosts"
