"""What is acknowledged is not sent again, and waiting ends where it cannot help. No broker: the client is stood in for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import kafka
import pytest
from kafka.errors import KafkaTimeoutError

from netdocket.datadir import DataDir
from netdocket.errors import BrokerError, TopicMissingError
from netdocket.settings import Settings, load_settings
from netdocket.spool import Spool
from streams import letter_topic, publisher
from streams.publisher import Publisher
from streams.sender import Outgoing, Sender
from streams.topics import Topics
from tests.streams.toy_rules import bulletin

SETTINGS = load_settings(kafka="127.0.0.1:9")


class Acknowledged:
    def get(self, timeout: float) -> None:
        """It is there."""


class Unheard:
    def get(self, timeout: float) -> None:
        raise KafkaTimeoutError


class SlowLine:
    """Takes `at_once` messages in the time that a flush has."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.sent: list[str] = []
        self.arrived: list[str] = []
        self._page: list[str] = []

    def send(self, _topic: str, *, value: bytes | None, key: bytes) -> Any:
        self._page.append(key.decode())
        self.sent.append(key.decode())
        if len(self._page) > self.at_once:
            return Unheard()
        self.arrived.append(key.decode())
        return Acknowledged()

    def flush(self, timeout: float) -> None:
        late = len(self._page) > self.at_once
        self._page = []
        if late:
            raise KafkaTimeoutError

    def close(self, timeout: float) -> None:
        """Nothing is open."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.sender.FIRST_DELAY", 0.001)


@pytest.mark.usefixtures("impatient")
def test_over_a_slow_line_each_attempt_gets_further(monkeypatch: pytest.MonkeyPatch) -> None:
    line = SlowLine(3)
    sender = Sender(SETTINGS)
    monkeypatch.setattr(sender, "_connected", lambda: line)
    messages = [Outgoing("t", f"m{n}", b"x") for n in range(10)]
    assert sender.deliver(messages) == []
    assert line.arrived == [f"m{n}" for n in range(10)], "each once, in the order given"


@pytest.mark.usefixtures("impatient")
def test_a_command_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    sender = Sender(SETTINGS, patience=0.05)
    monkeypatch.setattr(sender, "_connected", lambda: SlowLine(0))
    with pytest.raises(BrokerError, match="1 messages waited"):
        sender.deliver([Outgoing("t", "m", b"x")])


@pytest.fixture
def spooled(tmp_path: Path) -> Iterator[DataDir]:
    datadir = DataDir(tmp_path)
    spool = Spool(datadir.spool, commit_ms=0)
    spool.submit(bulletin("a", 1, "FINE")).result(30)
    yield datadir
    spool.close()


def missing(_settings: Settings, topics: Topics, _names: object) -> None:
    raise TopicMissingError(f"no topic {topics.bulletins}")


def test_a_typing_error_in_the_prefix_makes_no_topics(
    spooled: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher, "require", missing)
    with pytest.raises(TopicMissingError, match=r"netdokcet\.bulletins"):
        Publisher(spooled, load_settings(kafka="127.0.0.1:9", topic_prefix="netdokcet"), "live").run()


@pytest.mark.usefixtures("impatient")
def test_a_topic_that_is_removed_meanwhile_is_said(spooled: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client only says that it has heard nothing of it in time, which would be waited for until the spool is full."""
    looks = iter([lambda *_: None, missing])

    def look(settings: Settings, topics: Topics, names: object) -> None:
        next(looks)(settings, topics, names)

    monkeypatch.setattr(publisher, "require", look)
    monkeypatch.setattr(Sender, "_connected", lambda _self: SlowLine(0))
    with pytest.raises(TopicMissingError):
        Publisher(spooled, SETTINGS, "live").run()


class Silent:
    """A broker that is lost after it has said where the topic ends."""

    def __init__(self, **_: object) -> None:
        self.closed = False

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0}

    def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, 5)

    def position(self, _partition: object, _timeout: int) -> int:
        return 0

    def poll(self, _timeout: int) -> dict[Any, Any]:
        return {}

    def assign(self, _partitions: object) -> None: ...

    def seek_to_beginning(self, *_partitions: object) -> None: ...

    def close(self) -> None: ...


def test_reading_a_topic_ends_where_the_broker_says_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka, "KafkaConsumer", Silent)
    monkeypatch.setattr(letter_topic, "SILENT_SECONDS", 0.05)
    with pytest.raises(BrokerError, match="says nothing"):
        list(letter_topic.walk_topic(SETTINGS, "t.dead-letters"))


class Leisurely(Silent):
    """Five letters, one at a time, with nothing to say in between, to a reader who takes longer than all silence."""

    def __init__(self, **_: object) -> None:
        self.polls = 0

    def position(self, _partition: object, _timeout: int) -> int:
        return self.polls // 2

    def poll(self, _timeout: int) -> dict[Any, Any]:
        self.polls += 1
        if self.polls % 2 == 0:
            return {}
        return {0: [SimpleNamespace(key=f"k{self.polls // 2}".encode(), value=b"letter")]}


def test_a_slow_reader_is_no_silent_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(kafka, "KafkaConsumer", Leisurely)
    monkeypatch.setattr(letter_topic, "time", SimpleNamespace(monotonic=lambda: now[0]))
    read = []
    for key, _ in letter_topic.walk_topic(SETTINGS, "t.dead-letters"):
        now[0] += letter_topic.SILENT_SECONDS + 1
        read.append(key)
    assert read == [f"k{number}" for number in range(5)]


class NeverEnding(SlowLine):
    """What is on its way holds `close`, and its thread does not end when it is told to."""

    def __init__(self, at_once: int) -> None:
        super().__init__(at_once)
        self._sender = SimpleNamespace(force_close=lambda: None, join=lambda _seconds: None)

    def close(self, timeout: float) -> None:
        raise KafkaTimeoutError


@pytest.mark.usefixtures("impatient")
def test_a_producer_that_does_not_end_does_not_end_the_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [NeverEnding(2), SlowLine(9)]
    sender = Sender(SETTINGS)

    def connected() -> SlowLine:
        sender._producer = sender._producer or lines.pop(0)
        return sender._producer

    monkeypatch.setattr(sender, "_connected", connected)
    assert sender.deliver([Outgoing("t", f"m{n}", b"x") for n in range(3)]) == []
    assert lines == []
