"""Work beside the crawl, which owns the main thread: what ends the work ends the crawl, and is what the person hears."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

POLL_SECONDS: Final = 0.05
SETTLE_SECONDS: Final = 1.0
"""So long the main thread may take to come to where it waits for the work, or to the crawl."""


class Beside:
    """A thread. Its error is raised in the main thread by `check`; as long as nobody has said `awaited`, it also
    interrupts what the main thread does, unless that is ending of itself."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self._work = work
        self._awaited = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def awaited(self) -> None:
        """From now on the main thread waits for the work: it need not be interrupted."""
        self._awaited.set()

    def goes_on(self) -> bool:
        """After a slice of time, so that Ctrl-C is heard."""
        self._thread.join(POLL_SECONDS)
        return self._thread.is_alive()

    def join(self) -> None:
        self.awaited()
        self._thread.join()

    def check(self) -> None:
        """Raises what went wrong in the thread, once."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # handed to the main thread, which reports and ends
            self._error = error
            patience = SETTLE_SECONDS
            while not self._awaited.wait(patience):
                if not _unwinding():
                    # SIGTERM, since SIGINT may be ignored; netdocket.cli.root ends in order then.
                    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
                    return
                patience = POLL_SECONDS


def _unwinding() -> bool:
    """Whether the main thread is handling an exception: then it is ending already, and is left to do so in order."""
    handled = sys._current_exceptions().get(threading.main_thread().ident or 0)
    return handled not in (None, (None, None, None))  # Python 3.11 gives a tuple, later ones the exception
