"""A publisher's site that behaves as it is told, and crawls of it."""

from __future__ import annotations

import dataclasses
import http.server
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from crawlers.cards import Card, load_card
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.records import Bulletin, DeadLetter, SourceState, decode
from netdocket.spool import SOURCES, Spool

CARD = """\
code: example
title: {zh: 示例, en: Example}
publisher: Example Office
role: official
language: en
base: https://www.example.org
engine: pages
lists:
  - {path: "/news/index_{page}.html", title: News}
pagination: {first: 1, limit: 50, missing_page: end}
list:
  container: ul.news
  item: ul.news li
  link: a::attr(href)
  title: a
  published: span
  date_formats: ["%Y-%m-%d"]
detail:
  title: [h1]
  published: [time]
  date_formats: ["%Y-%m-%d"]
  body: [div.body]
  minimum_text: 10
cadence: daily
delay: 2
"""


@dataclasses.dataclass(frozen=True)
class Asked:
    """A request as the site saw it."""

    path: str
    headers: Mapping[str, str]
    at: float
    others: int
    """How many other requests were being answered at that moment."""


@dataclasses.dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    seconds: float = 0
    """How long the site takes over it."""
    sent: Callable[[], object] | None = None
    """Called before it is sent."""


class Site:
    """Answers what it was told to, 404 to all else. A list of replies is used up one by one, the last one stays."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._replies: dict[str, list[Reply]] = {"/robots.txt": [Reply(status=404)]}
        self._busy = 0
        self._lock = threading.Lock()
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # head and body in one segment, or each answer waits for an acknowledgement

            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, *args: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *given: None  # type: ignore[method-assign]  # crawlers hang up, or are killed
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def tell(self, path: str, *replies: Reply | str | bytes) -> None:
        self._replies[path] = [_reply(reply) for reply in replies]

    def bulletins(self, numbers: Mapping[int, str], *, page: int = 1) -> None:
        """A list page and its detail pages: number to text."""
        self.tell(f"/news/index_{page}.html", news(numbers))
        for number, text in numbers.items():
            self.tell(f"/news/{number}.html", article(number, text))

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        with self._lock:
            others, self._busy = self._busy, self._busy + 1
            self.asked.append(Asked(handler.path, dict(handler.headers.items()), time.monotonic(), others))
            replies = self._replies.get(handler.path.partition("?")[0], [Reply(status=404)])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if reply.sent:
            reply.sent()
        if reply.seconds:
            time.sleep(reply.seconds)
        with self._lock:
            self._busy -= 1
        try:
            handler.send_response(reply.status)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **reply.headers}.items():
                handler.send_header(name, value)
            if "Content-Length" not in reply.headers:
                handler.send_header("Content-Length", str(len(reply.body)))
            handler.end_headers()
            handler.wfile.write(reply.body)
        except OSError:
            handler.close_connection = True  # the crawler has hung up


def _reply(given: Reply | str | bytes) -> Reply:
    if isinstance(given, Reply):
        return given
    return Reply(given.encode() if isinstance(given, str) else given)


def news(numbers: Mapping[int, str] | list[int], *, extra: str = "") -> str:
    items = "".join(
        f'<li><a href="/news/{number}.html">Notice {number}</a><span>2024-03-{number % 28 + 1:02}</span></li>'
        for number in numbers
    )
    return f"<html><body><h1>News</h1><ul class=news>{items}{extra}</ul></body></html>"


def article(number: int, text: str) -> str:
    return (
        f"<html><body><h1>Notice {number}</h1><time>2024-03-{number % 28 + 1:02}</time>"
        f"<div class=body><p>{text}</p></div></body></html>"
    )


def make_card(folder: Path, *changes: tuple[str, str]) -> Card:
    """The example card, with parts of its text replaced."""
    text = CARD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "example.yaml"
    path.write_text(text, "utf-8")
    return load_card(path)


def harvested(datadir: DataDir) -> list[Bulletin]:
    """Every bulletin revision that the spool holds, in the order in which they came."""
    spool = Spool(datadir.spool)
    try:
        entries = spool.read(limit=100_000)
        return [decode(entry.payload, Bulletin) for entry in entries if entry.topic != SOURCES]
    finally:
        spool.close()


def source_states(datadir: DataDir) -> list[SourceState]:
    spool = Spool(datadir.spool)
    try:
        entries = spool.read(limit=100_000)
        return [decode(entry.payload, SourceState) for entry in entries if entry.topic == SOURCES]
    finally:
        spool.close()


def dead_letters(datadir: DataDir) -> list[DeadLetter]:
    letters = DeadLetters(datadir.dead_letters)
    try:
        return list(letters.list())
    finally:
        letters.close()
