"""Where things happen and who decides: divisions of China and the authorities of a place, as they are printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import Language, read, words


@dataclass(frozen=True, slots=True)
class City:
    """A prefecture-level city or a municipality. `export` is the contract's export form of the place."""

    zh: str
    short: str
    en: str
    province_zh: str
    province_short: str
    province_en: str
    municipality: bool

    @property
    def export(self) -> str:
        return self.province_en if self.municipality else f"{self.province_en}/{self.en}"


@dataclass(frozen=True, slots=True)
class Office:
    """An authority as this bulletin prints it: `again` is what it is called further on."""

    type: str
    name: str
    again: str
    region: str | None
    city: City


@dataclass(frozen=True, slots=True)
class _Printed:
    level: str
    names: tuple[str, ...]
    again: tuple[str, ...]
    since: int
    until: int


@cache
def cities() -> tuple[City, ...]:
    found: list[City] = []
    for province in read("places"):
        alone = province["type"] == "municipality"
        own = [(province["zh"], province["short"], province["en"])] if alone else province["cities"]
        found += [
            City(zh, short, en, province["zh"], province["short"], province["en"], alone)
            for zh, short, en in own
        ]
    return tuple(found)


@cache
def _offices(language: Language) -> Mapping[str, tuple[_Printed, ...]]:
    return {
        code: tuple(
            _Printed(
                entry["at"],
                tuple(entry["names"]),
                tuple(entry["again"]),
                entry.get("since", 0),
                entry.get("until", 9999),
            )
            for entry in entries[language]
        )
        for code, entries in read("offices").items()
    }


def office(draw: Draw, language: Language, code: str, city: City, day: dt.date) -> Office | None:
    """An authority of type `code` that is in charge of `city` and bore its name on `day`; None where there was none."""
    fitting = _fitting(language, code, day.year, city.municipality)
    if not fitting:
        return None
    printed = fitting[0] if draw.chance(0.7) else draw.pick(fitting)
    region = {"city": city.export, "province": city.province_en, "nation": None}[printed.level]
    return Office(
        code, named(draw, draw.pick(printed.names), language, city), draw.pick(printed.again), region, city
    )


@cache
def _fitting(language: Language, code: str, year: int, municipality: bool) -> tuple[_Printed, ...]:
    return tuple(
        printed
        for printed in _offices(language)[code]
        if printed.since <= year < printed.until and not (municipality and _police_of_province(code, printed))
    )


def named(draw: Draw, pattern: str, language: Language, city: City) -> str:
    """`pattern` with the names of the place in it."""
    if "{" not in pattern:
        return pattern
    return pattern.format(
        city=city.zh,
        short=city.short,
        prov=city.province_zh,
        pshort=city.province_short,
        City=city.en,
        Prov=city.province_en,
        district=draw.pick(words(language)["district"]),
    )


def offices_known(codes: Sequence[str], language: Language, day: dt.date) -> tuple[str, ...]:
    """Those of `codes` that had a name on `day`."""
    return _known(tuple(codes), language, day.year)


@cache
def _known(codes: tuple[str, ...], language: Language, year: int) -> tuple[str, ...]:
    return tuple(
        code
        for code in codes
        if any(printed.since <= year < printed.until for printed in _offices(language)[code])
    )


def _police_of_province(code: str, printed: _Printed) -> bool:
    """A municipality's police is a bureau, not a department of a province."""
    return code == "POLICE_LOCAL" and printed.level == "province"
