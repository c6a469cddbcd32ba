"""Dead letters: kept whole, once each, and given back whole."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netdocket.dead_letters import DeadLetters, letter_key
from netdocket.errors import FormatVersionError, StorageError
from netdocket.records import Archive, DeadLetter
from netdocket.spool import Spool


def letter(bulletin_id: str = "b1", step: str = "classify", **given: Any) -> DeadLetter:
    payload = given.pop("payload", b"\x00\xff bytes that are no text")
    values = {
        "key": letter_key(step, bulletin_id=bulletin_id, payload=payload),
        "reason": "article 0",
        "error": "ValueError",
        "at": "2026-03-01T00:00:00Z",
        "archive": Archive(file="a.warc.gz", offset=3),
    }
    return DeadLetter(step=step, bulletin_id=bulletin_id, payload=payload, **(values | given))


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[DeadLetters]:
    kept = DeadLetters(tmp_path / "dead-letters.sqlite")
    yield kept
    kept.close()


def test_a_letter_comes_back_as_it_was_and_a_redelivery_makes_no_second_one(letters: DeadLetters) -> None:
    first = letter()
    letters.keep([first])
    assert letters.show(first.key) == first
    letters.keep([letter(at="2026-03-02T00:00:00Z")])
    (again,) = letters.list()
    assert (again.attempts, again.at, again.payload) == (2, "2026-03-02T00:00:00Z", first.payload)


def test_bytes_that_name_no_bulletin_are_told_apart_by_their_digest() -> None:
    assert letter_key("read", payload=b"{") == letter_key("read", payload=b"{")
    assert letter_key("read", payload=b"{") != letter_key("read", payload=b"}")
    assert letter_key("read", payload=b"{") != letter_key("classify", payload=b"{")


def test_letters_are_listed_by_step_and_source_oldest_first(letters: DeadLetters) -> None:
    letters.keep([
        letter("b1", at="2026-03-02T00:00:00Z", source="cac"),
        letter("b2", at="2026-03-01T00:00:00Z", source="miit"),
        letter("b3", "extract", source="cac"),
    ])  # fmt: skip
    assert [x.bulletin_id for x in letters.list(step="classify")] == ["b2", "b1"]
    assert [x.bulletin_id for x in letters.list(source="cac")] == ["b3", "b1"]
    assert letters.counts() == {"classify": 2, "extract": 1}


def test_a_replayed_letter_goes_once_it_is_safe_elsewhere(letters: DeadLetters) -> None:
    held = letter()
    letters.keep([held])

    def fails(_: DeadLetter) -> None:
        raise StorageError("the spool is full")

    with pytest.raises(StorageError):
        letters.replay(held.key, fails)
    assert letters.show(held.key) == held
    given_back: list[DeadLetter] = []
    letters.replay(held.key, given_back.append)
    assert (given_back, letters.count()) == ([held], 0)
    with pytest.raises(StorageError, match="no dead letter with the key"):
        letters.replay(held.key, given_back.append)


def test_a_letter_that_fails_again_while_it_is_replayed_stays(letters: DeadLetters) -> None:
    held = letter()
    letters.keep([held])
    letters.replay(held.key, lambda x: letters.keep([x]))
    assert [x.attempts for x in letters.list()] == [2]


def test_settling_and_dropping_take_away_what_they_name(letters: DeadLetters) -> None:
    letters.keep([letter("b1"), letter("b1", "store"), letter("b2"), letter("b3")])
    assert letters.settle(["b1", "b2"], steps=["classify"]) == 2
    assert [x.key for x in letters.list()] == ["b1/store", "b3/classify"]
    assert letters.drop(["b3/classify", "nobody"]) == 1
    assert letters.forget("b1") == 1
    assert letters.count() == 0


def test_what_is_dropped_or_replaced_leaves_no_bytes_in_the_file(tmp_path: Path) -> None:
    kept = DeadLetters(tmp_path / "dead-letters.sqlite")
    kept.forget("nobody")
    secrets = [f"secret {n} ".encode() * 2000 for n in range(3)]
    kept.keep(
        [letter(payload=secrets[0]), letter("b2", payload=secrets[1]), letter("b3", payload=secrets[2])]
    )
    kept.keep([letter(payload=b"short")])
    kept.drop(["b2/classify"])
    kept.settle(["b3"], steps=["classify"])
    kept.close()
    file = (tmp_path / "dead-letters.sqlite").read_bytes()
    for secret in secrets:
        for shift in range(3):  # base64 knows three beginnings
            assert base64.b64encode(secret[shift : shift + 300])[:-4] not in file


def test_the_letters_of_a_bulletin_can_be_looked_at_before_they_are_forgotten(letters: DeadLetters) -> None:
    letters.keep([letter("b1"), letter("b1", "store"), letter("b2")])
    assert [x.key for x in letters.of("b1")] == ["b1/classify", "b1/store"]
    assert letters.of("nobody") == []


def test_the_same_bytes_keep_the_topic_they_first_came_from(letters: DeadLetters) -> None:
    """A bulletin that was never stored is news still after a re-classification has failed with it too."""
    letters.keep([letter(topic="news")])
    letters.keep([letter(topic="again")])
    assert [x.topic for x in letters.list()] == ["news"]
    letters.keep([letter(topic="again", payload=b"other bytes")])
    assert [x.topic for x in letters.list()] == ["again"]


def test_the_spool_is_no_file_of_dead_letters(tmp_path: Path) -> None:
    Spool(tmp_path / "spool.sqlite").close()
    with pytest.raises(FormatVersionError, match="not one of this kind"):
        DeadLetters(tmp_path / "spool.sqlite")
