"""A data directory with everything in it, on the real store and the small rules of toy_rules.py."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from enrich import Knowledge
from index.embedded import EmbeddedStore
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.records import Bulletin
from netdocket.settings import Settings
from netdocket.spool import Spool
from streams import processors
from streams.audit import contents
from streams.local import LocalRunner, Progress
from tests.streams.toy_rules import classify, rules


@dataclasses.dataclass
class Plant:
    datadir: DataDir
    store: EmbeddedStore
    spool: Spool
    letters: DeadLetters

    def submit(self, *bulletins: Bulletin) -> None:
        for future in [self.spool.submit(b) for b in bulletins]:
            future.result(30)

    def runner(self, version: int = 1, **given: Any) -> LocalRunner:
        return LocalRunner(self.datadir, self.store, rules(version), Settings(batch_size=3), **given)

    def drain(self, version: int = 1) -> Progress:
        return self.runner(version).drain()

    def contents(self) -> dict[tuple[str, str], dict[str, Any]]:
        return contents(self.store)

    def ids(self, index: str) -> set[str]:
        return {id for i, id in self.contents() if i == index}


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    # The runner and the re-classification use the project's classifier; these tests look at what is around it.
    def toy(bulletin: Bulletin, knowledge: Knowledge) -> Any:
        return classify(bulletin, knowledge)

    monkeypatch.setitem(processors.Processor.__init__.__kwdefaults__, "classify", toy)
    datadir = DataDir(tmp_path / "data")
    store = EmbeddedStore(datadir.store, writer=True, heap_mb=32)
    spool, letters = Spool(datadir.spool, commit_ms=0), DeadLetters(datadir.dead_letters)
    yield Plant(datadir, store, spool, letters)
    letters.close()
    spool.close()
    store.close()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr("streams.local.POLL_SECONDS", 0.01)
