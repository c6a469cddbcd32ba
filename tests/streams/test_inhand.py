"""What killed or hung a worker is known to the next one, without any engine."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import msgspec
import pytest

from netdocket.errors import StorageError
from streams.inhand import DEATHS, Deaths, InHand
from streams.letter_topic import LetterTopic, Place
from streams.measures import LONG_SECONDS, SILENT_SECONDS, Endpoints, Measures, end_when_silent
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


def test_whoever_is_told_to_stop_kills_nobody(tmp_path: Path) -> None:
    """The time of an orderly stop is over while a slow bulletin is in hand; three of those would condemn it."""
    hand = next_worker(tmp_path, Kept())
    note = hand.slot / "in-hand"
    with hand.holding("slow"):
        assert b"slow" in note.read_bytes(), "what the next worker would count as a death"
        hand.let_go()
        assert not note.read_bytes().strip(b"\0")
    hand.close()


def test_a_name_that_was_half_written_is_made_anew(tmp_path: Path) -> None:
    """An empty one would be no member of the group at all."""
    counts = Kept()
    (tmp_path / "worker-0").mkdir()
    (tmp_path / "worker-0" / "member").touch()
    first = next_worker(tmp_path, counts)
    assert len(first.member) == 36
    first.close()


def test_a_folder_that_cannot_be_locked_is_not_taken_for_256_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(StorageError, match="No locks available"):
        InHand(tmp_path, Kept(), patience=1)


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
        assert readiness(endpoints) == (503, "waiting for its partitions")
        measures.state.assigned = True
        assert readiness(endpoints) == (200, "working")
        measures.state.busy_since = time.monotonic() - LONG_SECONDS - 1
        assert readiness(endpoints) == (503, "stuck")
        assert ask(endpoints, "/healthz")[0] == 200, "it lives, and waits for Elasticsearch"
        measures.state.beat -= SILENT_SECONDS + 1
        code, body = ask(endpoints, "/healthz")
        assert (code, json.loads(body)["status"]) == (503, "silent")
        assert b"netdocket_bulletins_total 0.0" in ask(endpoints, "/metrics")[1]
        assert ask(endpoints, "/")[0] == 404
    finally:
        endpoints.close()


def test_a_silent_worker_is_ended() -> None:
    """A restart policy looks at exits: a process that only says that it is unhealthy stays."""
    measures, stop, ended = Measures(), threading.Event(), threading.Event()
    thread = end_when_silent(measures, stop, ended.set, limit=30, every=0.01)
    assert not ended.wait(0.1)
    measures.state.beat -= 31
    assert ended.wait(30)
    thread.join(30)


def readiness(endpoints: Endpoints) -> tuple[int, str]:
    code, body = ask(endpoints, "/readyz")
    return code, json.loads(body)["status"]


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
