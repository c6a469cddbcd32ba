"""What is published beside a crawl: a wrong prefix is said before the crawl begins, a broker that is away costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from netdocket.cli.progress import steps
from netdocket.cli.publish import publishing
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
