"""Persons against generated bulletins, whose truth says which names must be masked, and nothing else is to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from enrich.catalogue import load_knowledge
from enrich.persons import find_persons, mask
from netdocket.generator import generate

KNOWLEDGE = load_knowledge()
COUNT = 1500
VEILED = ("某",)


class Seen(NamedTuple):
    """Of a name the language of its text, the name, and what shows: its surroundings if it is left, else nothing."""

    language: str
    name: str
    shown: str


def _measured() -> tuple[list[Seen], list[Seen]]:
    """The names to be masked; and what was masked and is no name of the truth, nor of somebody veiled (王某强)."""
    wanted: list[Seen] = []
    others: list[Seen] = []
    for one in generate(COUNT):
        text = f"{one.title}\n{one.text}"
        names = find_persons(text, KNOWLEDGE)
        shown = mask(text, names)
        truth = {person.printed for person in one.persons if person.printed != person.masked}
        wanted += [Seen(one.language, name, _around(shown, name)) for name in sorted(truth)]
        for name in names:
            known = any(name.name in printed or printed in name.name for printed in truth)
            if not known and name.masked != name.name and name.name[1:2] not in VEILED:
                others.append(Seen(one.language, name.name, _around(text, name.name)))
    return wanted, others


def _around(text: str, name: str) -> str:
    at = text.find(name)
    return text[max(0, at - 25) : at + len(name) + 25] if at >= 0 else ""


@pytest.fixture(scope="module")
def measured() -> Iterator[tuple[list[Seen], list[Seen]]]:
    yield _measured()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nearly_every_name_of_the_truth_is_masked(
    measured: tuple[list[Seen], list[Seen]], language: str
) -> None:
    wanted = [seen for seen in measured[0] if seen.language == language]
    left = [seen for seen in wanted if seen.shown]
    assert len(wanted) > 80
    assert len(left) <= len(wanted) * 0.01, left


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hardly_anything_else_is_masked(measured: tuple[list[Seen], list[Seen]], language: str) -> None:
    others = [seen for seen in measured[1] if seen.language == language]
    assert len(others) <= COUNT * 0.005, others
