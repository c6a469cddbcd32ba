from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netdocket.dead_letters import DeadLetters
from streams.alerts.outbox import Outbox
from tests.alerts.watching import RULES, Watch, alerting
from tests.streams.conftest import plant  # noqa: F401 - a fixture
from tests.streams.memory_store import MemoryStore

NewWatch = Callable[..., Watch]


@pytest.fixture
def new_watch(tmp_path: Path) -> Iterator[NewWatch]:
    """Makes a process on a store (a new one, or one that is there), its outbox in the test's folder."""
    letters = DeadLetters(tmp_path / "dead-letters.sqlite")
    opened: list[Outbox] = []

    def make(store: Any = None, text: str = RULES, **given: Any) -> Watch:
        rules = alerting(tmp_path, text)
        outbox = Outbox(tmp_path / "alerts.sqlite", rules.channels, clock=lambda: 1000.0)
        opened.append(outbox)
        return Watch(store or MemoryStore(), letters, outbox, rules, **given)

    yield make
    for outbox in opened:
        outbox.close()
    letters.close()


@pytest.fixture
def watch(new_watch: NewWatch) -> Watch:
    return new_watch()
