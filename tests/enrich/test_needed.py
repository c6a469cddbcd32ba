"""A pattern that is tried only near the words that it needs finds what it finds when it is tried everywhere."""

from __future__ import annotations

import re

import pytest

from enrich import case_part, load_knowledge
from enrich.context import context_table
from enrich.needed import Sought, lowered, reach_of, sought
from enrich.needed import beginnings as beginning_words
from enrich.normalise import Normalised, normalise
from enrich.reading import Reading
from enrich.rulebook import rulebook
from enrich.signals import patterns
from enrich.tables import SEARCHING, beginnings, together
from tests.enrich.bulletins import bulletin_of, names

RULES = rulebook(load_knowledge())
LEAST_WITH_WINDOWS = 40


def patterns_sought() -> list[Sought]:
    """Those of the knowledge, and those that modules hold."""
    of_modules = (value for module in (*SEARCHING, case_part) for value in vars(module).values())
    tables = [patterns(RULES, "zh"), patterns(RULES, "en")]
    return [
        *(value for value in of_modules if isinstance(value, Sought)),
        *(pattern for table in tables for _, pattern in table),
        *(pattern for pattern, _ in context_table(RULES.knowledge).patterns),
    ]


def spans(found: object) -> list[tuple[int, int]]:
    return [match.span() for match in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize("in_one_pass", [False, True])
def test_all_patterns_of_the_classifier_find_the_same_near_their_words(in_one_pass: bool) -> None:
    """`in_one_pass`: where patterns begin is known from the pass that finds the phrases of all tables."""
    bounded = [one for one in patterns_sought() if one.begins or (one.reach is not None and one.needed)]
    assert len(bounded) >= LEAST_WITH_WINDOWS
    assert len(beginnings(RULES.knowledge).patterns) >= LEAST_WITH_WINDOWS
    for name in names():
        text, language = normalise(bulletin_of(name).text), bulletin_of(name).language
        if in_one_pass:
            together(RULES.knowledge).read(Normalised(f"\n{text}"), Normalised(""), text)
        reading = Reading(text, language, RULES.cues, beginnings(RULES.knowledge))
        together(RULES.knowledge).forget()
        third = len(text) // 3
        for one in bounded:
            for start, end in ((0, len(text)), (third, 2 * third)):
                plain = spans(one.pattern.finditer(text, start, end))
                assert spans(reading.matches(one, start, end)) == plain, one.pattern.pattern
                first = reading.search(one, start, end)
                assert (first and first.span()) == (plain[0] if plain else None), one.pattern.pattern


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"fined [^.]{0,6}yuan(?! in all)", "fined 5 yuan in all, fined 6 yuan"),
        (r"fined(?=[^.]{0,9}\btwice)", "fined once. fined, and twice, fined"),
        (r"(?<=was )fined", "is fined, was fined"),
        (r"\bfine\b", "refine fines fine"),
        (r"责令.{0,4}改正|约谈", "责令限期改正，约谈，责令其于三十日内改正"),
        (r"a{2,3}b", "aaaab ab aab"),
    ],
)
def test_what_stands_around_a_window_counts(pattern: str, text: str) -> None:
    one = sought(pattern)
    windows = one.windows(lowered(text))
    found = [m.span() for start, end in windows for m in one.pattern.finditer(text, start, end)]
    assert found == spans(re.finditer(pattern, text))


@pytest.mark.parametrize("pattern", [r"fined\s+yuan", r"fined$", r"(?:fined|warned)\Z", r"fined.{0,900}"])
def test_a_pattern_without_a_bound_is_tried_everywhere(pattern: str) -> None:
    assert reach_of(pattern) is None
    text = lowered("he was fined")
    assert Sought(re.compile("x"), (("fined",),), None, ()).windows(text) == [(0, len(text))]
    assert sought(pattern).windows("warning") == []


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        (r"\b(?:fined?|warned)\b", {"fine", "warned"}),
        (r"(?<!不)暂停.{0,9}更新|停更", {"暂停", "停更"}),
        (r"[各均]|\beach\b", {"各", "均", "each"}),
        (r"(?:the )?bank", {"the bank", "bank"}),
        (r"(?:fined )+twice", {"fined "}),
        (r"(?:fined)?", set()),
        (r"\w+ fined", set()),
        (r"a?b", set()),
        (r"fined|\d+", set()),
    ],
)
def test_what_a_pattern_begins_with_is_read_off_it(pattern: str, wanted: set[str]) -> None:
    assert beginning_words(pattern) == wanted
