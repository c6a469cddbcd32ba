"""Where alerts arrive in tests: a small SMTP server and a webhook receiver, on loopback, that keep what they get."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any


class _Smtp(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        self._say("220 test")
        data = False
        lines: list[bytes] = []
        for line in self.rfile:
            if data:
                if line == b".\r\n":
                    data = False
                    self.server.mails.append(
                        email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                    )
                    self._say("250 kept")
                else:
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                continue
            word = line[:4].upper().strip()
            if word in (b"DATA", b"RCPT") and (answer := self._refusal(line)):
                self._say(answer)
            elif word == b"DATA":
                data, lines = True, []
                self._say("354 go on")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _refusal(self, line: bytes) -> str | None:
        return next((answer for name, answer in self.server.refused.items() if name.encode() in line), None)

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextlib.contextmanager
def smtp(refused: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[int, list[EmailMessage]]]:
    """(port, mails received). `refused`: recipient (or `data`) -> the answer it gets."""
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp)
    server.mails, server.refused = [], refused
    with _serving(server):
        yield server.server_address[1], server.mails


class Posted:
    """Requests that a receiver has got: (headers in lower case, body). `answers`: status codes to give first.
    `refused`: ids of alerts that it never takes. `other`: requests that are no POST."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.refused: set[str] = set()
        self.other: list[str] = []
        self.url = ""

    def answer(self, alert: str) -> int:
        if alert in self.refused:
            return 422
        return self.answers.pop(0) if self.answers else 204

    @property
    def alerts(self) -> list[str]:
        return [headers["netdocket-alert"] for headers, _ in self.requests]


@contextlib.contextmanager
def webhook() -> Iterator[Posted]:
    posted = Posted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status = posted.answer(self.headers.get("Netdocket-Alert", ""))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "/login")
            self.end_headers()

        def do_GET(self) -> None:
            posted.other.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    posted.url = f"http://127.0.0.1:{server.server_address[1]}/alerts"
    with _serving(server):
        yield posted


@contextlib.contextmanager
def garbage() -> Iterator[tuple[str, list[bytes]]]:
    """(address of what answers in no language, the first bytes that it was sent)."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            heard.append(self.request.recv(16))
            self.request.sendall(b"garbage\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                while self.request.recv(65536):  # until the other side has said all, and has had enough
                    pass

    heard: list[bytes] = []
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    with _serving(server):
        yield f"127.0.0.1:{server.server_address[1]}", heard


@contextlib.contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
