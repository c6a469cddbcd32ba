"""How far a figure would move with other documents.

Figures and F1: bootstrap over documents (whole documents are drawn with replacement, since values of one document err
together), percentiles 2.5 and 97.5 of DRAWS draws from a fixed seed; where nothing is wrong, Wilson. Precision and recall of a class: Wilson score
intervals, which hold for the few cases that most classes have, but take them for independent.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

DRAWS: Final = 1000
SEED: Final = 20_170_601
_Z: Final = 1.959964
_TAIL: Final = 0.025


class Interval(NamedTuple):
    """Of 95 %."""

    low: float
    high: float


class Tally(NamedTuple):
    """Judgements of one figure or class: how many were right, missed, invented; of a share `missed` counts what is
    wrong, and `part` is the sum of what is right (of overlaps, fractions)."""

    right: int = 0
    missed: int = 0
    invented: int = 0
    part: float = 0.0

    def plus(self, other: Tally, times: int = 1) -> Tally:
        return Tally(
            self.right + times * other.right,
            self.missed + times * other.missed,
            self.invented + times * other.invented,
            self.part + times * other.part,
        )

    @property
    def judged(self) -> int:
        return self.right + self.missed + self.invented

    @property
    def labelled(self) -> int:
        return self.right + self.missed

    @property
    def precision(self) -> float:
        return _ratio(self.right, self.right + self.invented, self.judged)

    @property
    def recall(self) -> float:
        return _ratio(self.right, self.labelled, self.judged)

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def share(self) -> float:
        return self.part / self.labelled if self.labelled else 1.0


def _ratio(right: int, of: int, judged: int) -> float:
    """With nothing labelled and nothing given all is right."""
    if not judged:
        return 1.0
    return right / of if of else 0.0


def wilson(right: int, of: int) -> Interval | None:
    """The Wilson score interval of a proportion; None of nothing."""
    if not of:
        return None
    rate, z2 = right / of, _Z * _Z
    centre = (rate + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(rate * (1 - rate) / of + z2 / (4 * of * of))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def bootstrap(
    by_document: Mapping[int, Tally], documents: int, measure: Callable[[Tally], float]
) -> Interval | None:
    """The interval of `measure` over draws of `documents` documents; `by_document` holds those with any judgement, by
    their number. None where fewer than two have one, or most draws have nothing to judge."""
    if len(by_document) < 2:
        return None
    rows = [(number, *tally) for number, tally in by_document.items()]
    found = []
    for draw in _draws(documents):
        right = missed = invented = 0
        part = 0.0
        for number, is_right, is_missed, is_invented, is_part in rows:
            times = draw[number]
            if times:
                right += times * is_right
                missed += times * is_missed
                invented += times * is_invented
                part += times * is_part
        if right or missed or invented:
            found.append(measure(Tally(right, missed, invented, part)))
    if len(found) < DRAWS / 2:
        return None
    found.sort()
    return Interval(_percentile(found, _TAIL), _percentile(found, 1 - _TAIL))


def interval(
    by_document: Mapping[int, Tally], documents: int, measure: Callable[[Tally], float]
) -> Interval | None:
    """By bootstrap; where nothing is wrong, which no draw can change, the Wilson interval of what is right."""
    right = sum(tally.right for tally in by_document.values())
    judged = sum(tally.judged for tally in by_document.values())
    whole = sum(tally.part for tally in by_document.values()) == judged
    return wilson(right, judged) if whole else bootstrap(by_document, documents, measure)


@lru_cache(maxsize=8)
def _draws(documents: int) -> tuple[Sequence[int], ...]:
    """How often each draw holds each document."""
    source = random.Random(SEED)  # noqa: S311 - a fixed seed, so that the same records give the same interval
    numbers = range(documents)
    drawn = (Counter(source.choices(numbers, k=documents)) for _ in range(DRAWS))
    return tuple([draw[number] for number in numbers] for draw in drawn)


def _percentile(found: Sequence[float], at: float) -> float:
    """By linear interpolation between the sorted values."""
    place = at * (len(found) - 1)
    low = int(place)
    high = min(low + 1, len(found) - 1)
    return found[low] + (found[high] - found[low]) * (place - low)
