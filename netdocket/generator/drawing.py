"""Drawing by lot, repeatably: bulletin `index` of a `seed` depends on these two numbers and on nothing else."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")

_BITS = 64
_MASK = (1 << _BITS) - 1


class Weighted(Generic[T]):
    """Things with a weight each, drawn accordingly."""

    def __init__(self, pairs: Sequence[tuple[T, float]]) -> None:
        self.things = tuple(thing for thing, _ in pairs)
        self.reached = tuple(accumulate(weight for _, weight in pairs))


class Draw(random.Random):
    """Only `random()` is built on, whose sequence Python keeps the same from version to version."""

    def pick(self, things: Sequence[T]) -> T:
        return things[int(self.random() * len(things))]

    def chance(self, share: float) -> bool:
        return self.random() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def weighted(self, options: Weighted[T]) -> T:
        at = self.random() * options.reached[-1]
        for thing, reached in zip(options.things, options.reached, strict=True):
            if at < reached:
                return thing
        return options.things[-1]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """`count` different ones (all of them where there are no more), in the order drawn."""
        left = list(things)
        return [left.pop(int(self.random() * len(left))) for _ in range(min(count, len(left)))]


def draw_for(seed: int, index: int, purpose: int = 0) -> Draw:
    """`purpose` parts independent sequences of the same bulletin."""
    return Draw((purpose << 2 * _BITS) | ((seed & _MASK) << _BITS) | (index & _MASK))
