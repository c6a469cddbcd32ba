"""Spans put together, so that whether a place lies in one of many is one look-up and no walk through them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Protocol

FAR = 1 << 62


class Placed(Protocol):
    """Whatever stands somewhere in a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def joined(*found: Iterable[Placed]) -> list[tuple[int, int]]:
    """The spans of all things found, from left to right, those that overlap made one."""
    out: list[tuple[int, int]] = []
    for start, end in sorted((thing.start, thing.end) for things in found for thing in things):
        if out and start < out[-1][1]:
            out[-1] = out[-1][0], max(end, out[-1][1])
        else:
            out.append((start, end))
    return out


def is_inside(spans: Sequence[tuple[int, int]], position: int) -> bool:
    """Whether `position` lies in one of the spans, which are in order and apart (`joined`)."""
    at = bisect_right(spans, (position, FAR)) - 1
    return at >= 0 and position < spans[at][1]
