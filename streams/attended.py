"""A process that works for Faust until it is told to stop, and who watches it meanwhile."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import faust

from netdocket.settings import Settings
from streams.app import App
from streams.measures import SILENT_SECONDS, Endpoints, Measures, end_when_silent, watch_lag

SILENCE: Final = 2 * SILENT_SECONDS
"""So long the event loop may say nothing before the process is ended."""

log = logging.getLogger(__name__)


@contextmanager
def attended(
    settings: Settings,
    measures: Measures,
    *,
    group: str,
    names: Sequence[str],
    silence: float = SILENCE,
) -> Iterator[Endpoints]:
    """The endpoints, the lag of `group` on the topics `names`, and the end of a process that is silent for too long.

    Raises ConfigurationError where it cannot listen."""
    endpoints = Endpoints(measures, settings.worker_host, settings.worker_port)
    stop = threading.Event()
    watch_lag(settings, measures, stop, group=group, names=names)
    end_when_silent(measures, stop, lambda: os._exit(1), limit=silence)
    try:
        yield endpoints
    finally:
        stop.set()
        endpoints.close()
        log.info("worker ended")


def work(app: App) -> None:
    """SystemExit: 0 when told to stop, 1 after a crash."""
    with Path(os.devnull).open("w") as nowhere:  # for Faust's spinner
        faust.Worker(
            app, loglevel="WARNING", override_logging=False, quiet=True, stdout=nowhere
        ).execute_from_commandline()
