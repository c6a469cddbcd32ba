"""What is published beside a crawl: a wrong prefix is said before the crawl begins, a broker that is away costs nothing."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from netdocket.cli.progress import steps
from netdocket.cli.publish import publishing
from netdocket.cli.root import end_orderly_on_sigterm
from netdocket.cli.workspace import Workspace, workspace
from netdocket.errors import BrokerError, NetdocketError, TopicMissingError


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return workspace(data_dir=tmp_path, profile="cluster", kafka="127.0.0.1:9")


def looking_raises(monkeypatch: pytest.MonkeyPatch, error: NetdocketError) -> None:
    def look(*_: object) -> None:
        raise error

    for module in ("topics", "publisher"):
        monkeypatch.setattr(f"streams.{module}.require", look)


def test_a_wrong_prefix_is_said_before_anything_is_harvested(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking_raises(monkeypatch, TopicMissingError("no topic netdokcet.bulletins"))
    harvested = False
    with pytest.raises(TopicMissingError), steps(ws.console) as progress, publishing(ws, progress):
        harvested = True
    assert not harvested


def test_a_broker_that_is_away_keeps_no_crawl_from_its_work(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looking_raises(monkeypatch, BrokerError("away"))
    with steps(ws.console) as progress, publishing(ws, progress) as running:
        running.check()
    assert "Kafka does not answer yet" in capsys.readouterr().err


def test_a_topic_that_vanishes_ends_the_crawl_and_is_what_is_said(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[NetdocketError | None] = [None, TopicMissingError("no topic netdocket.bulletins any more")]

    def look(*_: object) -> None:
        if error := answers.pop(0):
            raise error

    for module in ("topics", "publisher"):
        monkeypatch.setattr(f"streams.{module}.require", look)
    before = signal.getsignal(signal.SIGTERM)
    end_orderly_on_sigterm()
    went_on = False
    try:
        with (
            pytest.raises(TopicMissingError, match="any more"),
            steps(ws.console) as progress,
            publishing(ws, progress),
        ):
            threading.Event().wait(30)  # stands for the crawl, of which this is no more than its beginning
            went_on = True
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not went_on
