"""Before a dear pattern a set of characters or words is asked whether it can match at all. Each set is tried against texts
made from the alternatives of its pattern: one that a set forgets would silently never be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]  # tells what a pattern is made of
from typing import Any

import pytest

from enrich import money, numerals

MOST = 400


def samples(pattern: re.Pattern[str]) -> list[str]:
    """Texts that the pattern matches or nearly does: each branch, each optional part there and missing, each character of
    a class; upper, lower and title case."""
    made = dict.fromkeys(_of(parser.parse(pattern.pattern, pattern.flags)))
    return [case for text in made for case in dict.fromkeys((text, text.upper(), text.lower(), text.title()))]


def _of(items: Any) -> list[str]:
    texts = [""]
    for name, value in ((str(op), value) for op, value in items):
        parts = list(dict.fromkeys(_part(name, value)))
        texts = [text + part for text in texts for part in parts][:MOST]
    return texts


def _part(name: str, value: Any) -> Iterator[str]:
    if name == "LITERAL":
        yield chr(value)
    elif name == "IN":
        for op, inner in value:
            if str(op) == "LITERAL":
                yield chr(inner)
            elif str(op) == "CATEGORY":
                yield " " if "SPACE" in str(inner) else "1"
            elif str(op) == "RANGE":
                yield chr(inner[0])
    elif name == "BRANCH":
        for branch in value[1]:
            yield from _of(branch)
    elif name == "SUBPATTERN":
        yield from _of(value[3])
    elif "REPEAT" in name:
        yield from _of(value[2]) if value[0] else ("", *_of(value[2]))
    else:
        yield ""


def test_every_currency_behind_a_number_passes_its_set() -> None:
    texts = [text for text in samples(money.AFTER) if money.AFTER.match(text)]
    assert len(texts) > 60
    assert [text for text in texts if text.lstrip()[:1] not in money.AFTER_STARTS] == []


def test_every_currency_before_a_number_passes_its_set() -> None:
    texts = [text for text in samples(money.BEFORE) if money.BEFORE_AT_END.search(text)]
    assert len(texts) > 20
    assert [text for text in texts if not text.rstrip().lower().endswith(money.CURRENCY_ENDS)] == []


@pytest.mark.parametrize("bound", ["LOW_AFTER", "HIGH_AFTER"])
def test_every_bound_behind_a_sum_passes_its_set(bound: str) -> None:
    pattern: re.Pattern[str] = getattr(money, bound)
    texts = [text for text in samples(pattern) if pattern.match(text)]
    assert texts
    assert [text for text in texts if text[:3].lstrip()[:1] not in money.BOUND_STARTS] == []


@pytest.mark.parametrize("bound", ["LOW_BEFORE", "HIGH_BEFORE"])
def test_every_bound_before_a_sum_passes_its_set(bound: str) -> None:
    pattern: re.Pattern[str] = getattr(money, bound)
    texts = [text for text in samples(pattern) if pattern.search(text)]
    assert texts
    assert [text for text in texts if not text.rstrip().lower().endswith(money.BOUND_ENDS)] == []


def test_every_word_of_an_approximation_passes_its_sets() -> None:
    texts = [text for text in samples(numerals.ABOUT_BEFORE) if numerals.ABOUT_BEFORE.search(text)]
    assert len(texts) > 30
    assert [text for text in texts if not numerals.about_before(text, len(text))] == []


def test_every_scale_behind_a_number_passes_its_set() -> None:
    texts = [text for text in samples(numerals.EN_SCALE) if numerals.EN_SCALE.match(text)]
    assert len(texts) > 10
    assert [text for text in texts if text[:1] not in numerals.SCALE_STARTS] == []
