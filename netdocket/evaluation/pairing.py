"""Which record answers which label: one to one, the largest common share of the two spans first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Spanned(Protocol):
    @property
    def span(self) -> tuple[int, int]: ...


class Pair(NamedTuple):
    """Places in the two lists given; None where nothing answers."""

    label: int | None
    answer: int | None


def common(one: Spanned, other: Spanned) -> int:
    """Characters that both spans hold; negative where they lie apart."""
    return min(one.span[1], other.span[1]) - max(one.span[0], other.span[0])


def share(one: Spanned, other: Spanned) -> float:
    """The common part by what the two cover together, from the first character to the last."""
    return common(one, other) / (max(one.span[1], other.span[1]) - min(one.span[0], other.span[0]))


def overlap(one: Spanned, other: Spanned) -> bool:
    """Whether two spans share at least half of the shorter one."""
    shared = common(one, other)
    shorter = min(one.span[1] - one.span[0], other.span[1] - other.span[0])
    return shared > 0 and 2 * shared >= shorter


def pair(labels: Sequence[Spanned], answers: Sequence[Spanned]) -> list[Pair]:
    """All labels and all answers, each once. Of equal shares the later label and the later answer go first."""
    candidates = [
        (share(label, answer), at, to)
        for at, label in enumerate(labels)
        for to, answer in enumerate(answers)
        if overlap(label, answer)
    ]
    answered: dict[int, int] = {}
    taken: set[int] = set()
    for _, at, to in sorted(candidates, reverse=True):
        if at not in answered and to not in taken:
            answered[at] = to
            taken.add(to)
    pairs = [Pair(at, answered.get(at)) for at in range(len(labels))]
    return pairs + [Pair(None, to) for to in range(len(answers)) if to not in taken]
