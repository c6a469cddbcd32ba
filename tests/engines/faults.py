"""A proxy before Elasticsearch that spoils answers by a plan: busy, broken, or carried out and never answered."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["busy", "broken", "silent", "some busy"] | None
"""busy: 429, not carried out. broken: 503, carried out. silent: carried out, the connection is closed without an
answer. some busy: every second operation of the bulk is answered 429 and not carried out."""
Plan = Callable[[str], Fault]
KEPT = ("content-type", "accept", "authorization")


@contextmanager
def faulty(address: str, plan: Plan) -> Iterator[str]:
    """The proxy's address. `plan` is asked with the path of each request."""
    target = urlsplit(address)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            fault = plan(self.path)
            if fault == "busy":
                self._answer(429, _error("circuit_breaking_exception", 429))
                return
            left_out: list[bool] = []
            if fault == "some busy":
                body, left_out = _every_second(body)
            status, answer = self._forward(body)
            if fault == "silent":
                self.close_connection = True
                return
            if fault == "broken":
                status, answer = 503, _error("unavailable_shards_exception", 503)
            if left_out:
                answer = _with_busy(answer, left_out)
            self._answer(status, answer)

        do_GET = do_PUT = do_DELETE = do_HEAD = do_POST

        def _forward(self, body: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=60)
            try:
                headers = {key: value for key, value in self.headers.items() if key.lower() in KEPT}
                connection.request(self.command, self.path, body or None, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
            self.send_header("x-elastic-product", "Elasticsearch")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                with contextlib.suppress(OSError):  # whoever asked may have been killed
                    self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    class Proxy(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Says nothing: whoever asked, or Elasticsearch, may have been killed."""

    server = Proxy(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _error(kind: str, status: int) -> bytes:
    return json.dumps(
        {"error": {"type": kind, "reason": "by plan", "root_cause": []}, "status": status}
    ).encode()


def _operations(body: bytes) -> list[list[bytes]]:
    found: list[list[bytes]] = []
    lines = iter(body.split(b"\n")[:-1])
    for head in lines:
        found.append([head] if b'"delete"' in head[:12] else [head, next(lines)])
    return found


def _every_second(body: bytes) -> tuple[bytes, list[bool]]:
    operations = _operations(body)
    left_out = [number % 2 == 1 for number in range(len(operations))]
    kept = [line for out, lines in zip(left_out, operations, strict=True) if not out for line in lines]
    return b"".join(line + b"\n" for line in kept), left_out


def _with_busy(answer: bytes, left_out: list[bool]) -> bytes:
    plain = json.loads(answer)
    carried_out = iter(plain["items"])
    busy = {
        "_index": "",
        "_id": "",
        "status": 429,
        "error": {"type": "es_rejected_execution_exception", "reason": "by plan"},
    }
    plain["items"] = [{"index": busy} if out else next(carried_out) for out in left_out]
    return json.dumps(plain).encode()
