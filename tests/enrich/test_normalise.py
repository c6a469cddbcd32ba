"""Normalisation and phrase tables: every span found in the prepared text must hold in the text as given."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.normalise import Normalised, normalise
from enrich.phrases import Phrases, spelling_variants

ODD = "　\u00a0（）１２３ＡＢ％“”‘’—–〇○网絡體資訊①²Ⅳﬁİẞ·…，。、\u200b\ufeff𠮷"


@given(st.text(st.one_of(st.sampled_from(ODD), st.characters()), max_size=200))
def test_length_and_idempotence(text: str) -> None:
    once = normalise(text)
    assert len(once) == len(text)
    # A plain copy, so that the marker type does not answer for the function.
    assert normalise(str.__str__(once)) == once


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("１２３，４５６．７８元", "123，456.78元"),
        ("（一）", "(一)"),
        ("網絡安全法", "网络安全法"),
        ("徵求意見稿", "征求意见稿"),
        ("People’s\u00a0Bank", "People's Bank"),
        ("案例①", "案例①"),  # a mark of a list, no digit that would join the number after it
        ("Review²", "Review²"),
        ("。；：《》", "。；：《》"),
    ],
)
def test_what_is_folded_and_what_is_kept(text: str, wanted: str) -> None:
    assert normalise(text) == wanted


def test_a_normalised_text_is_not_done_twice() -> None:
    once = normalise("（一）")
    assert isinstance(once, Normalised)
    assert normalise(once) is once


def test_spans_hold_across_runs_of_white_space() -> None:
    table = Phrases(
        [("Cybersecurity Law", "CSL"), ("罚款", "FINE")], pairs=[("cybersecurity", "cyber security")]
    )
    text = "the  Cyber\n  Security   Law,  处以 罚款  and CYBERSECURITY LAW"
    found = [(text[hit.start : hit.end], hit.values) for hit in table.find(text)]
    assert found == [
        ("Cyber\n  Security   Law", ("CSL",)),
        ("罚款", ("FINE",)),
        ("CYBERSECURITY LAW", ("CSL",)),
    ]


def test_word_boundaries_hold_for_latin_letters_only() -> None:
    table = Phrases([("fine", "A"), ("fined", "B"), ("APP", "C")])
    assert [hit.values for hit in table.find("refined fines define, fined.")] == [("B",)]
    assert [hit.values for hit in table.find("违规App下架, application")] == [("C",)]


def test_the_longest_phrase_wins_and_a_failed_boundary_does_not_hide_a_shorter_one() -> None:
    table = Phrases([("fine", "short"), ("fine of", "long"), ("China National Vulnerability Database", "CNVD"),
                     ("China National Vulnerability Database of Information Security", "CNNVD")])  # fmt: skip
    assert table.values("a fine offered") == ["short"]
    assert table.values("a fine of") == ["long"]
    assert table.values("China National Vulnerability Database of Information Security") == ["CNNVD"]


def test_one_phrase_may_stand_for_several_codes() -> None:
    assert Phrases([("责令", "A"), ("责令", "B")]).find("责令")[0].values == ("A", "B")


def test_spelling_pairs_go_both_ways_and_through_each_other() -> None:
    pairs = [
        ("cybersecurity", "cyber security"),
        ("cybersecurity", "cyber-security"),
        ("programme", "program"),
    ]
    variants = spelling_variants("cyber security programmes standardisation", pairs)
    assert {"cyber-security programs standardization", "cybersecurity programs standardisation"} <= variants


@given(st.text("ab 罚款 fine\n", max_size=80))
def test_hits_are_in_order_and_apart(text: str) -> None:
    hits = Phrases([("fine", 1), ("fine a", 2), ("罚款", 3), ("罚", 4)]).find(text)
    assert all(one.end <= other.start for one, other in pairwise(hits))
