"""What a worker tells of itself: Prometheus metrics, and whether it is alive."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import prometheus_client as prometheus

from netdocket.errors import BrokerError, ConfigurationError
from netdocket.settings import Settings
from streams.processors import Outcome
from streams.topics import Lag, Topics, lags

SILENT_SECONDS: Final = 45.0
"""So long the event loop may say nothing before the worker counts as dead; it hangs over a bulletin for 30 s at most."""
LAG_SECONDS: Final = 15.0


@dataclasses.dataclass(slots=True)
class State:
    """What the health endpoint shows."""

    started: float = dataclasses.field(default_factory=time.time)
    beat: float = dataclasses.field(default_factory=time.monotonic)
    phase: str = "starting"
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
        """Status code and body."""
        state, now = self.state, time.monotonic()
        silent = now - state.beat
        alive = silent < SILENT_SECONDS
        return 200 if alive else 503, {
            "status": state.phase if alive else "silent",
            "silent_seconds": round(silent, 1),
            "batch_seconds": round(now - state.busy_since, 1) if state.busy_since else 0,
            "processed": state.processed,
            "dead_letters": state.dead_letters,
            "uptime_seconds": round(time.time() - state.started, 1),
        }


class Endpoints:
    """`/healthz` and `/metrics` from a thread of their own."""

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
    topics: Topics,
    measures: Measures,
    stop: threading.Event,
    *,
    every: float = LAG_SECONDS,
) -> threading.Thread:
    """Asks the broker from time to time how far the group is behind; a broker that is away is asked again."""

    def work() -> None:
        while not stop.is_set():
            with contextlib.suppress(BrokerError):
                measures.lags(lags(settings, topics.group, topics.processed))
            stop.wait(every)

    thread = threading.Thread(target=work, name="lag", daemon=True)
    thread.start()
    return thread


def _handler(measures: Measures) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                status, body = measures.health()
                self._answer(status, "application/json", json.dumps(body).encode())
            elif self.path == "/metrics":
                self._answer(
                    200, prometheus.CONTENT_TYPE_LATEST, prometheus.generate_latest(measures.registry)
                )
            else:
                self._answer(404, "text/plain", b"/healthz and /metrics\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
