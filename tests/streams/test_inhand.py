"""What killed or hung a worker is known to the next one, without any engine."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
import pytest

from streams.inhand import DEATHS, Deaths, InHand
from streams.letter_topic import LetterTopic, Place
from streams.measures import SILENT_SECONDS, Endpoints, Measures
from streams.processors import dead_letter
from streams.sender import Outgoing, Refused
from streams.topics import Topics

CHILD = """
import os, re, signal, sys
from pathlib import Path
from streams.inhand import InHand
from tests.streams.test_inhand import Kept
hand = InHand(Path(sys.argv[1]), Kept(), patience=0.5)
with hand.holding("harmless"):
    pass
with hand.holding("the one"):
    if sys.argv[2] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    re.match("(a+)+$", "a" * 64 + "b")  # holds the interpreter: no thread of Python's could end it
"""


class Kept:
    """Counts in memory, where a worker has the store."""

    def __init__(self) -> None:
        self.held: dict[str, Deaths] = {}

    def put(self, key: str, value: Deaths) -> None:
        self.held[key] = value

    def get(self, key: str) -> Deaths | None:
        return self.held.get(key)

    def all(self) -> dict[str, Deaths]:
        return dict(self.held)

    def remove(self, key: str) -> bool:
        return self.held.pop(key, None) is not None


def die(folder: Path, how: str) -> int:
    return subprocess.run([sys.executable, "-c", CHILD, str(folder), how], check=False).returncode


def next_worker(folder: Path, counts: Kept) -> InHand:
    hand = InHand(folder, counts, patience=30)
    hand.look()
    return hand


def test_the_third_death_condemns(tmp_path: Path) -> None:
    counts = Kept()
    for death in range(1, DEATHS + 1):
        assert die(tmp_path, "kill") == -9
        hand = next_worker(tmp_path, counts)
        assert hand.died_with == "the one"
        assert counts.held == {"the one": Deaths(death)}
        assert (hand.condemned("the one") is not None) == (death == DEATHS)
        hand.close()
    hand = next_worker(tmp_path, counts)
    assert hand.died_with is None, "a worker that ended with nothing in hand is no death"
    hand.acknowledged(["the one"])
    assert counts.held == {}
    hand.close()


def test_a_hang_that_holds_the_interpreter_condemns_at_once(tmp_path: Path) -> None:
    counts = Kept()
    assert die(tmp_path, "hang") == 1
    hand = next_worker(tmp_path, counts)
    condemned = hand.condemned("the one")
    assert condemned is not None
    assert "hung" in condemned.reason
    hand.close()


def test_workers_have_slots_of_their_own(tmp_path: Path) -> None:
    counts = Kept()
    first, second = next_worker(tmp_path, counts), next_worker(tmp_path, counts)
    assert first.slot != second.slot
    assert first.member != second.member
    member = first.member
    first.close()
    again = next_worker(tmp_path, counts)
    assert again.member == member, "a restarted worker is the same member of the group"
    again.close()
    second.close()


class Sent:
    """A broker that takes everything."""

    def __init__(self) -> None:
        self.messages: list[Outgoing] = []

    def deliver(self, messages: list[Outgoing]) -> list[Refused]:
        self.messages += messages
        return []


def test_a_redelivery_makes_no_second_letter() -> None:
    sent = Sent()
    letters = LetterTopic(sent, Topics("t"))  # type: ignore[arg-type]
    here = [(Place("t.bulletins", 0, 5), b"bad"), (Place("t.bulletins", 1, 9), b"bad")]
    letter = dead_letter("read", ValueError("no"), b"bad", topic="netdocket.bulletins")
    for _ in range(2):
        letters.in_hand(here)
        letters.keep([letter, letter])
    keys = {message.key for message in sent.messages}
    assert len(keys) == 2, "one for each place at which the bytes stand"
    assert len(sent.messages) == 4, "written again under the same keys"


def test_health_and_metrics() -> None:
    measures = Measures()
    endpoints = Endpoints(measures, "127.0.0.1", 0)
    try:
        assert ask(endpoints, "/healthz")[0] == 200
        measures.state.beat -= SILENT_SECONDS + 1
        code, body = ask(endpoints, "/healthz")
        assert (code, json.loads(body)["status"]) == (503, "silent")
        assert b"netdocket_bulletins_total 0.0" in ask(endpoints, "/metrics")[1]
        assert ask(endpoints, "/")[0] == 404
    finally:
        endpoints.close()


def ask(endpoints: Endpoints, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(endpoints.address + path, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize("one", [Deaths(2), Deaths(1, "line 3")])
def test_counts_survive_the_store(one: Deaths) -> None:
    assert msgspec.convert(msgspec.to_builtins(one), Deaths) == one
