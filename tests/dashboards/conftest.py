"""A real store filled with made records, the page served over it, and a client that reads it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from dashboards.panels.model import Text
from dashboards.web.app import create_app
from dashboards.web.sources import SourceInfo
from enrich import load_knowledge
from index.embedded import EmbeddedStore
from index.store import Store, Write
from netdocket.identity import external_version
from netdocket.records import Bulletin, Classified, Record
from netdocket.settings import load_settings
from streams import firstseen, instruments, sourcestates
from streams.documents import documents
from tests.dashboards.made import made, source_states
from tests.streams.conftest import plant  # noqa: F401 - a fixture

SOURCES = [
    SourceInfo(
        code="miit", title=Text("Never harvested yet", "尚未采集的信息源"), url="https://miit.example"
    ),
    SourceInfo(
        code="cac",
        title=Text("Cyberspace Administration of China", "国家互联网信息办公室"),
        url="https://www.cac.gov.cn",
    ),
    SourceInfo(
        code="dlapiper", title=Text("DLA Piper, Privacy Matters", "欧华律师事务所博客"), role="secondary"
    ),
    SourceInfo(code="twobirds", title=Text("Bird & Bird", "鸿鹄律师事务所"), role="secondary"),
]
Pairs = list[tuple[Bulletin, Classified]]


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclasses.dataclass
class Client:
    """Reads the page as a browser would that keeps no cookies and follows nothing."""

    base: str

    def get(self, path: str, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, headers=sent)  # noqa: S310 - our own server
        try:
            with urllib.request.urlopen(request, timeout=60) as found:  # noqa: S310
                return Answer(found.status, _headers(found), found.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _headers(error), error.read().decode())


def _headers(found: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in found.headers.items()}


def fill(store: Store, pairs: Pairs) -> None:
    """Stores the documents of classified bulletins, their first-seen entries and the sources' states."""
    knowledge = load_knowledge()
    writes = [
        Write(d.index, d.id, external_version(classified.revision, classified.rules_version), d.body)
        for bulletin, classified in pairs
        for d in documents(bulletin, classified, knowledge)
    ]
    assert [w for w in store.bulk(writes) if w.result in ("refused", "stale")] == []
    store.refresh()
    firstseen.settle_all(store)
    named = {
        w.document["instrument"]
        for w in writes
        if w.index == "developments" and w.document and w.document.get("instrument")
    }
    instruments.mark(store, named)
    store.refresh()
    instruments.bring_up_to_date(store, knowledge)
    for state in source_states():
        sourcestates.report(store, state)
    store.refresh()


@contextlib.contextmanager
def served(store: Store, *, demo: bool = True) -> Iterator[Client]:
    app = create_app(store, load_knowledge(), settings=load_settings(), sources=SOURCES, demo=demo)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        assert server.started
        yield Client(f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@contextlib.contextmanager
def stored(folder: Path, pairs: Pairs) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(folder, writer=True, heap_mb=64, origin_family="demo")
    try:
        fill(store, pairs)
        yield store
    finally:
        store.close()


@pytest.fixture(scope="session")
def pairs() -> Pairs:
    return made(150)


@pytest.fixture(scope="session")
def records(pairs: Pairs) -> list[Record]:
    return [record for _, classified in pairs for record in classified.records]


@pytest.fixture(scope="session")
def store(pairs: Pairs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with stored(tmp_path_factory.mktemp("dashboards") / "store", pairs) as store:
        yield store


@pytest.fixture(scope="session")
def client(store: EmbeddedStore) -> Iterator[Client]:
    with served(store) as client:
        yield client


def of_kind(records: Iterable[Record], section: str) -> list[Record]:
    """Records that have a section (case, report, regulatory, incident) and count in figures."""
    return [r for r in records if getattr(r, section) is not None and r.jurisdiction == "CN"]
