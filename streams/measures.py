"""What a worker tells of itself: Prometheus metrics, and whether it is alive."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import prometheus_client as prometheus

from netdocket.errors import BrokerError, ConfigurationError
from netdocket.settings import Settings
from streams.processors import Outcome
from streams.topics import Lag, lags

SILENT_SECONDS: Final = 45.0
"""So long the event loop may say nothing before the worker counts as dead; it hangs over a bulletin for 30 s at most."""
LONG_SECONDS: Final = 120.0
"""A batch that takes longer is stuck, on Elasticsearch or on Kafka: the worker lives, and gets nowhere."""
LAG_SECONDS: Final = 15.0

log = logging.getLogger(__name__)


@dataclasses.dataclass(slots=True)
class State:
    """What the health endpoints show. `assigned`: it has heard which partitions are its own."""

    started: float = dataclasses.field(default_factory=time.time)
    beat: float = dataclasses.field(default_factory=time.monotonic)
    assigned: bool = False
    processed: int = 0
    dead_letters: int = 0
    busy_since: float | None = None


class Measures:
    """Counters of one process, with a registry of their own."""

    def __init__(self) -> None:
        self.registry = prometheus.CollectorRegistry()
        self.state = State()
        make: dict[str, Any] = {"registry": self.registry}
        self._messages = prometheus.Counter("netdocket_messages", "Messages processed.", **make)
        self._bulletins = prometheus.Counter("netdocket_bulletins", "Bulletins stored.", **make)
        self._records = prometheus.Counter("netdocket_records", "Records stored.", **make)
        self._late = prometheus.Counter(
            "netdocket_late", "Messages dropped: something newer is stored.", **make
        )
        self._dead = prometheus.Counter("netdocket_dead_letters", "Dead letters written.", **make)
        self._batches = prometheus.Histogram(
            "netdocket_batch_seconds",
            "From taking a batch to everything of it being safe.",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
            **make,
        )
        self._lag = prometheus.Gauge(
            "netdocket_lag",
            "Messages of a partition that are not acknowledged.",
            ["topic", "partition"],
            **make,
        )

    def batch(self, outcome: Outcome, messages: int, *, letters: int, seconds: float) -> None:
        self._messages.inc(messages)
        self._bulletins.inc(len(outcome.stored))
        self._records.inc(outcome.records)
        self._late.inc(len(outcome.late))
        self._dead.inc(letters)
        self._batches.observe(seconds)
        self.state.processed += messages
        self.state.dead_letters += letters

    def lags(self, found: Iterable[Lag]) -> None:
        for lag in found:
            self._lag.labels(lag.topic, str(lag.partition)).set(lag.behind)

    def beat(self) -> None:
        self.state.beat = time.monotonic()

    def health(self) -> tuple[int, dict[str, Any]]:
        """Whether the process lives: status code and body."""
        status, body = self._told()
        return 503 if status == "silent" else 200, body

    def readiness(self) -> tuple[int, dict[str, Any]]:
        """Whether it gets on with its work: status code and body."""
        status, body = self._told()
        return 200 if status == "working" else 503, body

    @property
    def silent(self) -> float:
        """Seconds since the event loop was last heard of."""
        return time.monotonic() - self.state.beat

    def _told(self) -> tuple[str, dict[str, Any]]:
        state, silent = self.state, self.silent
        busy = state.busy_since
        batch = time.monotonic() - busy if busy is not None else 0.0
        status = "working"
        if silent >= SILENT_SECONDS:
            status = "silent"
        elif not state.assigned:
            status = "waiting for its partitions"
        elif batch >= LONG_SECONDS:
            status = "stuck"
        return status, {
            "status": status,
            "silent_seconds": round(silent, 1),
            "batch_seconds": round(batch, 1),
            "processed": state.processed,
            "dead_letters": state.dead_letters,
            "uptime_seconds": round(time.time() - state.started, 1),
        }


class Endpoints:
    """`/healthz`, `/readyz` and `/metrics` from a thread of their own."""

    def __init__(self, measures: Measures, host: str, port: int) -> None:
        """Raises ConfigurationError where it cannot listen there."""
        try:
            self._server = ThreadingHTTPServer((host, port), _handler(measures))
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen there ({error.strerror}); --port 0 takes a free port", where=f"{host}:{port}"
            ) from error
        self._server.daemon_threads = True
        self.address = f"http://{host}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="endpoints", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def watch_lag(
    settings: Settings,
    measures: Measures,
    stop: threading.Event,
    *,
    group: str,
    names: Sequence[str],
    every: float = LAG_SECONDS,
) -> threading.Thread:
    """Asks the broker from time to time how far the group is behind; a broker that is away is asked again."""

    def work() -> None:
        while not stop.is_set():
            with contextlib.suppress(BrokerError):
                measures.lags(lags(settings, group, names))
            stop.wait(every)

    thread = threading.Thread(target=work, name="lag", daemon=True)
    thread.start()
    return thread


def end_when_silent(
    measures: Measures,
    stop: threading.Event,
    end: Callable[[], object],
    *,
    limit: float = 2 * SILENT_SECONDS,
    every: float = 5.0,
) -> threading.Thread:
    """Ends a process whose event loop is heard of no more for `limit` seconds: a restart policy looks at exits, not at
    health."""

    def work() -> None:
        while not stop.wait(every):
            if measures.silent >= limit:
                log.critical("silent for %.0f s: ended, to be started again", measures.silent)
                end()
                return

    thread = threading.Thread(target=work, name="silence", daemon=True)
    thread.start()
    return thread


def _handler(measures: Measures) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._say(*measures.health())
            elif self.path == "/readyz":
                self._say(*measures.readiness())
            elif self.path == "/metrics":
                self._answer(
                    200, prometheus.CONTENT_TYPE_LATEST, prometheus.generate_latest(measures.registry)
                )
            else:
                self._answer(404, "text/plain", b"/healthz, /readyz and /metrics\n")

        def _say(self, status: int, body: dict[str, Any]) -> None:
            self._answer(status, "application/json", json.dumps(body).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
