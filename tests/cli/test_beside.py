"""Work beside the crawl interrupts the crawl, and not the end that the crawl comes to by itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest

from netdocket.cli import beside
from netdocket.cli.beside import Beside
from netdocket.cli.root import end_orderly_on_sigterm


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(beside, "SETTLE_SECONDS", 0.05)
    before = signal.getsignal(signal.SIGTERM)
    end_orderly_on_sigterm()
    yield
    signal.signal(signal.SIGTERM, before)


def broken() -> None:
    raise ValueError("the topic is gone")


@pytest.mark.parametrize("end", [RuntimeError, KeyboardInterrupt])
def test_a_crawl_that_ends_is_left_to_end_in_order(end: type[BaseException]) -> None:
    """What ends it (a full disk) often ends both."""
    work = Beside("work", broken)
    steps = []
    try:
        try:
            work.start()
            raise end
        finally:
            threading.Event().wait(0.5)
            steps.append("in order")
    except end:
        work.join()
    assert steps == ["in order"]
    with pytest.raises(ValueError, match="topic"):
        work.check()


def test_a_crawl_that_goes_on_behind_an_error_of_its_own_is_interrupted() -> None:
    work = Beside("work", broken)
    work.start()
    try:
        raise RuntimeError
    except RuntimeError:
        threading.Event().wait(0.5)  # sees to it
    with pytest.raises(KeyboardInterrupt):
        threading.Event().wait(30)
    work.join()
