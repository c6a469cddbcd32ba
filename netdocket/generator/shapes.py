"""The families of sites: what is published where, under which address."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from netdocket.generator.drawing import Draw, Weighted
from netdocket.generator.lexicon import Language, read

REPRINTS: Final[Mapping[Language, str]] = {"zh": "mirror", "en": "reprint_en"}
"""The shape in which a bulletin is printed again elsewhere."""


@dataclass(frozen=True, slots=True)
class Site:
    source: str
    host: str
    publisher: str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """One family: its sites, the form of addresses, and which authorities' cases stand there."""

    code: str
    engine: str
    language: Language
    sites: tuple[Site, ...]
    path: str
    mark: str
    by: tuple[str, ...]

    def name(self, day: dt.date, index: int) -> str:
        """The last part of the address without its ending: different for every bulletin."""
        return self.mark.format(
            serial=f"{day.toordinal() * 86400}{index:07d}",
            hex=hashlib.blake2b(f"{self.code}{index}".encode(), digest_size=16).hexdigest(),
            number=f"{1_000_000 + index}",
            year=f"{day.year}",
            month=f"{day.month:02d}",
            day=f"{day.day:02d}",
        )

    def address(self, name: str, day: dt.date) -> str:
        """The path of the page."""
        return self.path.format(year=day.year, month=f"{day.month:02d}", day=f"{day.day:02d}", name=name)


@cache
def shapes() -> Mapping[str, Shape]:
    return {
        code: Shape(
            code,
            entry["engine"],
            entry["language"],
            tuple(Site(**site) for site in entry["sites"]),
            entry["path"],
            entry["mark"],
            tuple(entry["by"]),
        )
        for code, entry in read("shapes").items()
    }


@cache
def _kinds() -> Weighted[tuple[Shape, str]]:
    return Weighted(
        [
            ((shapes()[code], genre), weight)
            for code, entry in read("shapes").items()
            for genre, weight in entry["genres"].items()
        ]
    )


@cache
def _takers() -> Mapping[tuple[str, str], tuple[tuple[int, int, Shape], ...]]:
    found: dict[tuple[str, str], tuple[tuple[int, int, Shape], ...]] = {}
    for code, entry in read("shapes").items():
        for takes in entry.get("takes", ()):
            key = (takes["shape"], takes["genre"])
            found[key] = (*found.get(key, ()), (takes["of"], takes["rest"], shapes()[code]))
    return found


def taken_by(shape: Shape, genre: str, index: int) -> Shape | None:
    """The shape that publishes this bulletin instead of the one that it was drawn for, if any does."""
    for of, rest, taker in _takers().get((shape.code, genre), ()):
        if index % of == rest:
            return taker
    return None


def draw_kind(draw: Draw) -> tuple[Shape, str]:
    """A shape and a genre that is published in it."""
    return draw.weighted(_kinds())
