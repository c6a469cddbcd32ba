"""Which articles a case rests on, by the law in force on its day, and how they are printed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final, Literal

from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import read
from netdocket.generator.numerals import numeral

Role = Literal["violated", "basis"]
_ARTICLE: Final = re.compile(
    r"(?P<article>\d+)(?:-(?P<suffix>\d+))?(?:\((?P<paragraph>\d+)\))?(?:\[(?P<item>\d+)\])?"
)
_CHANGED: Final = dt.date(2026, 1, 1)
"""The day on which the laws with two versions here changed."""


@dataclass(frozen=True, slots=True)
class Law:
    id: str
    zh: str
    short: str | None
    en: tuple[str, ...]
    since: dt.date
    until: dt.date | None
    versions: tuple[str, ...]
    items_only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cite:
    """An article that is cited; `article` in the contract's string form, None for the law as a whole."""

    law: Law
    version: str | None
    article: str | None
    role: Role


@dataclass(frozen=True, slots=True)
class Ground:
    """What a case of some violation is decided on."""

    violated: tuple[tuple[str, str, str], ...]
    basis: tuple[tuple[str, str, str], ...]
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grounds:
    violated: tuple[Cite, ...] = ()
    basis: tuple[Cite, ...] = ()


@cache
def laws() -> Mapping[str, Law]:
    return {
        code: Law(
            id=code,
            zh=entry["zh"],
            short=entry.get("short"),
            en=tuple(entry["en"]),
            since=entry["since"],
            until=entry.get("until"),
            versions=tuple(f"{code}-{year}" for year in entry.get("versions", ())),
            items_only=frozenset(entry.get("items_only", ())),
        )
        for code, entry in read("grounds")["laws"].items()
    }


@cache
def _grounds() -> Mapping[str, tuple[Ground, ...]]:
    return {
        code: tuple(
            Ground(
                tuple(_split(given) for given in option["violated"]),
                tuple(_split(given) for given in option["basis"]),
                tuple(option.get("by", ())),
            )
            for option in options
        )
        for code, options in read("grounds")["grounds"].items()
    }


def grounds(draw: Draw, code: str, authority: str, day: dt.date, only: str | None = None) -> Grounds:
    """Articles for a case of violation `code` decided on `day`, of the law `only` where one is given; empty where no law
    of then fits."""
    fitting = [
        ground
        for ground in _grounds()[code]
        if (not ground.by or authority in ground.by)
        and (only is None or all(law == only for law, _, _ in ground.violated + ground.basis))
        and all(_in_force(laws()[law], day) for law, _, _ in ground.violated + ground.basis)
    ]
    if not fitting:
        return Grounds()
    ground = draw.pick(fitting)
    whole = draw.chance(0.08)
    return Grounds(
        _cited(ground.violated, "violated", day, whole=whole), _cited(ground.basis, "basis", day, whole=False)
    )


def print_zh(cites: Sequence[Cite], draw: Draw, *, arabic: bool, told: set[str]) -> str:
    """《网络安全法》第二十一条、第二十五条; `told`: laws already named in full, which may be shortened."""
    return "、".join(
        _law_zh(law, draw, told)
        + "、".join(_article_zh(cite.article, arabic) for cite in run if cite.article)
        for law, run in groupby(cites, key=lambda cite: cite.law)
    )


def print_en(cites: Sequence[Cite], draw: Draw) -> str:
    """Articles 21 and 25 of the Cybersecurity Law."""
    return " and ".join(
        _run_en(law, [cite.article for cite in run if cite.article], draw)
        for law, run in groupby(cites, key=lambda cite: cite.law)
    )


def _split(given: str) -> tuple[str, str, str]:
    """CSL:21>23 -> (CSL, 21, 23)."""
    law, _, articles = given.partition(":")
    old, arrow, new = articles.partition(">")
    return law, old, new if arrow else old


def _in_force(law: Law, day: dt.date) -> bool:
    return law.since <= day and (law.until is None or day <= law.until)


def _cited(
    given: tuple[tuple[str, str, str], ...], role: Role, day: dt.date, *, whole: bool
) -> tuple[Cite, ...]:
    cites: list[Cite] = []
    for code, old, new in given:
        law = laws()[code]
        article = new if day >= _CHANGED else old
        if article:
            version = law.versions[day >= _CHANGED] if law.versions else None
            cites.append(Cite(law, version, None if whole else article, role))
    return tuple(cites[:1] if whole else cites)


def _law_zh(law: Law, draw: Draw, told: set[str]) -> str:
    if law.short is None:
        return f"《{law.zh}》"
    if law.id in told or draw.chance(0.55):
        return f"《{law.short}》"
    told.add(law.id)
    return f"《{law.zh}》"


def _article_zh(article: str, arabic: bool) -> str:
    found = _ARTICLE.fullmatch(article)
    assert found is not None  # noqa: S101  grounds.yaml is ours and a test reads all of it
    said = str if arabic else numeral
    printed = f"第{said(int(found['article']))}条"
    if found["suffix"]:
        printed += f"之{numeral(int(found['suffix']))}"
    if found["paragraph"]:
        printed += f"第{numeral(int(found['paragraph']))}款"
    if found["item"]:
        printed += (
            f"第（{numeral(int(found['item']))}）项" if not arabic else f"第{numeral(int(found['item']))}项"
        )
    return printed


def _run_en(law: Law, articles: Sequence[str], draw: Draw) -> str:
    name = f"the {draw.pick(law.en)}"
    if not articles:
        return name
    printed = [_article_en(law, article) for article in articles]
    word = "Article" if len(printed) == 1 else "Articles"
    return f"{word} {' and '.join(printed)} of {name}"


def _article_en(law: Law, article: str) -> str:
    found = _ARTICLE.fullmatch(article)
    assert found is not None  # noqa: S101
    printed = found["article"] + (f"-{found['suffix']}" if found["suffix"] else "")
    if found["paragraph"] and found["item"]:
        return f"{printed}, paragraph {found['paragraph']}, item {found['item']},"
    if found["paragraph"]:
        return f"{printed}({found['paragraph']})"
    if found["item"]:
        return (
            f"{printed}({found['item']})"
            if printed in law.items_only
            else f"{printed}, item {found['item']},"
        )
    return printed
