"""Where alerts arrive in tests: a small SMTP server and a webhook receiver, on loopback, that keep what they get."""

from __future__ import annotations

import contextlib
import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
            if word == b"DATA":
                data, lines = True, []
                self._say("354 go on")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextlib.contextmanager
def smtp() -> Iterator[tuple[int, list[EmailMessage]]]:
    """(port, mails received)."""
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp)
    server.mails = []
    with _serving(server):
        yield server.server_address[1], server.mails


class Posted:
    """Requests that a receiver has got: (headers in lower case, body). `answers`: status codes to give first."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""


@contextlib.contextmanager
def webhook() -> Iterator[Posted]:
    posted = Posted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(posted.answers.pop(0) if posted.answers else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    posted.url = f"http://127.0.0.1:{server.server_address[1]}/alerts"
    with _serving(server):
        yield posted


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
