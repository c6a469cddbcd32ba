"""One crawl a host at a time, whoever runs it on this machine and into whichever data directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
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
    folder = folder or _shared_folder()
    with contextlib.ExitStack() as stack:
        for host in sorted(set(hosts)):
            stack.enter_context(_locked(folder / f"{re.sub(r'[^a-z0-9.-]', '_', host.lower())}.lock", host))
        yield


@contextlib.contextmanager
def _locked(path: Path, host: str) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StorageError(f"cannot be locked: {error.strerror}", where=str(path)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise HostBusyError("another crawl asks this host at the moment", where=host) from error
    except OSError as error:  # a file system without locks, or without room for one
        os.close(descriptor)
        raise StorageError(f"cannot be locked: {error.strerror}", where=str(path)) from error
    try:
        yield
    finally:
        os.close(descriptor)


def _shared_folder() -> Path:
    """Where all crawls of this user on this machine keep their locks. Raises StorageError where it is not this user's
    own: in a place that all share somebody may have been there first, and would hold our locks."""
    above = Path(tempfile.gettempdir()) / f"netdocket-{os.getuid()}"
    for path in (above, above / "hosts"):
        try:
            path.mkdir(exist_ok=True, mode=0o700)
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
                raise StorageError(
                    "is no folder of this user's own: no locks are kept there", where=str(path)
                )
            if found.st_mode & 0o022:
                path.chmod(0o700)
        except OSError as error:
            raise StorageError(f"locks cannot be kept here: {error.strerror}", where=str(path)) from error
    return path
