"""A poisoned topic: whatever lies on it, the stream goes on, and each bad message is a dead letter with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from index.elastic import ElasticStore
from netdocket.records import DeadLetter, encode
from netdocket.settings import Settings
from streams.letter_topic import drop, replay
from tests.engines.conftest import MakeStore
from tests.engines.stage import Stage, staged
from tests.streams.toy_rules import bulletin

GOOD = 60
HANG_SECONDS = 3.0
"""What a worker may take over a bulletin here; 30 s outside."""


@pytest.fixture(scope="module")
def stage(
    kafka: str, es_settings: Settings, make_store: MakeStore, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    store: ElasticStore = make_store(family="live")
    folder = tmp_path_factory.mktemp("poison")
    with staged(kafka, es_settings, store, folder, worker_patience=HANG_SECONDS) as stage:
        yield stage


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(encode(bulletin("other", 1, "FINE"))) | fields).encode()


UNREADABLE = {
    "no json": b'{"bulletin_id": "half',
    "no utf-8": b"\xff\xfe\x00",
    "empty": b"",
    "wrong schema": changed(schema="netdocket.manifest/1"),
    "wrong version": changed(schema="netdocket.bulletin/99"),
    "unknown field": changed(colour="blue"),
    "impossible revision": changed(revision=-1),
}
POISON = {"raises": "FINE boom", "hangs": "FINE hang", "kills": "FINE die"}
REASONS = {"raises": "boom in the text", "hangs": "hung over it", "kills": "3 workers died with it in hand"}


def test_the_stream_goes_on(stage: Stage) -> None:
    good = [bulletin(f"good-{n}", 1, "FINE WARNING") for n in range(GOOD)]
    bad = [bulletin(name, 1, text) for name, text in POISON.items()]
    stage.send(good[: GOOD // 2])
    stage.send_raw([(f"raw {name}", payload) for name, payload in UNREADABLE.items()])
    stage.send(bad)
    stage.send(good[GOOD // 2 :])
    worker = stage.worker()
    stage.until_worked_off()

    letters = stage.letters()
    assert len(letters) == len(UNREADABLE) + len(POISON), sorted(letters)
    payloads = [letter.payload for letter in letters.values()]
    for name, payload in UNREADABLE.items():
        assert payloads.count(payload) == 1, name
    by_bulletin = {letter.bulletin_id: letter for letter in letters.values() if letter.bulletin_id}
    for name, reason in REASONS.items():
        letter = by_bulletin[name]
        assert reason in letter.reason, letter
        assert letter.step == "classify"
        assert letter.topic == "netdocket.bulletins"
        assert msgspec.json.decode(letter.payload)["bulletin_id"] == name
    stage.store.refresh()
    assert stage.store.count("bulletins") == GOOD
    # Three deaths of the killer, one of the hang; nothing else has ended the worker.
    assert sorted(worker.exits) == [-9, -9, -9, 1], stage.last_words()
    stage.until("copied to the index", lambda: _copied(stage) == set(letters))


def test_replay_after_the_fix(stage: Stage) -> None:
    (stage.folder / "workers" / "FIXED").touch()
    letters = stage.letters()
    fixed = [letter for letter in letters.values() if letter.bulletin_id in ("hangs", "kills")]
    assert len(fixed) == 2
    assert replay(stage.sender, stage.topics, fixed) == 2
    stage.until_worked_off()
    stage.store.refresh()
    assert stage.store.count("bulletins") == GOOD + 2
    assert stage.letters().keys() == letters.keys() - {letter.key for letter in fixed}


def test_what_fails_again_is_one_new_letter(stage: Stage) -> None:
    (letter,) = (one for one in stage.letters().values() if one.bulletin_id == "raises")
    replay(stage.sender, stage.topics, [letter])
    stage.until_worked_off()
    (again,) = (one for one in stage.letters().values() if one.bulletin_id == "raises")
    assert again.key != letter.key
    assert _told(again) == _told(letter)


def test_dropped_letters_go_from_the_index_too(stage: Stage) -> None:
    letters = stage.letters()
    drop(stage.sender, stage.topics, letters)
    assert stage.letters() == {}
    stage.until("gone from the index", lambda: _copied(stage) == set())
    ((seconds, code),) = stage.stop()
    assert (code, seconds < 10) == (0, True), seconds


def _copied(stage: Stage) -> set[str]:
    stage.store.refresh()
    return {hit["_id"] for hit in stage.store.scan("dead-letters", fields=["key"])}


def _told(letter: DeadLetter) -> tuple[object, ...]:
    return letter.reason, letter.payload, letter.step, letter.topic


def test_a_worker_without_its_topics_says_so(
    kafka: str, es_settings: Settings, make_store: MakeStore, tmp_path: Path
) -> None:
    import subprocess
    import sys

    from netdocket.settings import load_settings
    from tests.engines.stage import ROOT, environment

    store = make_store(family="live")
    settings = load_settings(kafka=kafka, es_url=es_settings.es_url, index_prefix=store.names.prefix,
                             topic_prefix=f"{store.names.prefix}-none", data_dir=tmp_path, worker_port=0)  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "netdocket", "worker"], cwd=ROOT, env=environment(settings), capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "netdocket topics setup" in done.stderr
    assert f"{settings.topic_prefix}.bulletins" in done.stderr
