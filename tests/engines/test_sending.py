"""A broker that dies with messages on their way."""

from __future__ import annotations

import signal
import threading

import pytest

from netdocket.engines.kafka import KafkaServer
from netdocket.settings import load_settings
from streams.sender import Outgoing, Sender
from streams.topics import Topics, setup

# kafka-python leaves the sockets of attempts that found no broker to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_a_client_with_something_on_its_way_is_given_up_whole(kafka_server: KafkaServer) -> None:
    """Its thread would go on sending the old behind the new."""
    settings = load_settings(kafka=kafka_server.address, topic_prefix="sending")
    topics = Topics.of(settings, "live")
    setup(settings, topics)
    before = set(threading.enumerate())
    sender = Sender(settings)
    sender.deliver([Outgoing(topics.bulletins, "k", b"arrives")])
    broker = kafka_server.server_process()
    assert broker is not None
    broker.send(signal.SIGSTOP)
    try:
        sender._producer.send(topics.bulletins, value=b"is on its way", key=b"k")
        sender.close()
        left = [one.name for one in threading.enumerate() if one not in before and "network" in one.name]
        assert left == []
    finally:
        broker.send(signal.SIGCONT)
    assert sender.deliver([Outgoing(topics.bulletins, "k", b"arrives again")]) == []
    sender.close()
