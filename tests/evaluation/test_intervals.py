"""Intervals: known values, repeatable, wider with fewer documents, never none where nothing is wrong."""

from __future__ import annotations

import pytest

from netdocket.evaluation.intervals import Tally, bootstrap, interval, wilson


def f1(tally: Tally) -> float:
    return tally.f1


def test_wilson_gives_the_values_of_the_textbooks() -> None:
    found = wilson(8, 10)
    assert found is not None
    assert found == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) is None
    assert wilson(0, 5) == pytest.approx((0.0, 0.4345), abs=1e-4)


def test_whole_documents_are_drawn() -> None:
    """Ten errors in one document of ten move the figure more than one error in each of the ten."""
    spread = {n: Tally(right=9, missed=1, part=9.0) for n in range(10)}
    together = {n: Tally(right=10, part=10.0) for n in range(9)} | {9: Tally(missed=10)}
    wide, narrow = bootstrap(together, 10, f1), bootstrap(spread, 10, f1)
    assert wide is not None and narrow is not None
    assert narrow.high - narrow.low == pytest.approx(0.0)
    assert wide.high - wide.low > 0.15
    assert wide == bootstrap(together, 10, f1)
    assert wide.low < Tally(right=90, missed=10).f1 < wide.high


def test_fewer_documents_give_a_wider_interval() -> None:
    def of(documents: int) -> float:
        found = bootstrap({n: Tally(right=n % 3, missed=1) for n in range(documents)}, documents, f1)
        assert found is not None
        return found.high - found.low

    assert of(60) < of(6)


def test_without_an_error_the_interval_still_has_a_width() -> None:
    found = interval({n: Tally(right=2, part=2.0) for n in range(4)}, 4, f1)
    assert found == wilson(8, 8)
    assert bootstrap({0: Tally(right=3, missed=1)}, 4, f1) is None
