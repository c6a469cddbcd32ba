"""Fixtures as many times as asked for: the same numbers give the same bulletins on every machine.

Bulletin 0 of a fixture is the fixture itself; the others draw their values and their date anew. A draw depends on
(seed, fixture, number, name, attempt) alone, never on the order of drawing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from netdocket.errors import ConfigurationError
from netdocket.replica.fixtures import Fixture, Value, load_pools
from netdocket.replica.markup import Style, to_html
from netdocket.replica.plans import SitePlan

_PLACEHOLDER: Final = re.compile(r"\{(\w+?)(?:\.(\w+))?([+-]\d+)?\}")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ATTEMPTS: Final = 12
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_NOTES: Final = {
    "zh": "编者注：本文刊发后作过{revision}次更正，以现文为准。",
    "en": "Editor’s note: this article has been corrected since publication (correction {revision}).",
}

Entry = Mapping[str, str]
"""An entry of a pool: its name and the other forms of it."""


@dataclass(frozen=True, kw_only=True)
class Bulletin:
    """One bulletin to be served: a fixture and the number of its variation. `key` names it for `amend`."""

    fixture: Fixture
    number: int
    attempt: int
    seed: int
    title: str
    published: dt.datetime

    @property
    def key(self) -> str:
        return f"{self.fixture.source}/{self.fixture.stem}/{self.number}"

    @property
    def column(self) -> str:
        return self.fixture.column

    @property
    def beside(self) -> bool:
        return self.fixture.beside

    @property
    def author(self) -> str:
        return self.fixture.author

    @property
    def publisher(self) -> str:
        return self.text(self.fixture.publisher)

    @property
    def summary(self) -> str:
        return self.text(self.fixture.summary)

    def path(self, plan: SitePlan) -> str:
        return plan.path(self.key, self.title, self.published)

    def html(self, style: Style, revision: int) -> str:
        """The body of the page; an amended one says so at its end."""
        body = self.text(self.fixture.body, revision=revision)
        if revision:
            note = _NOTES["zh" if _HAN.search(self.title) else "en"]
            body += "\n\n" + note.format(revision=revision)
        return to_html(body, style)

    def text(self, template: str, *, revision: int = 0) -> str:
        """`template` with its placeholders replaced: `{name}`, `{name.part}`, or a date so many days from
        publication (`{日-12}`). An amended bulletin prints its `amend` value anew."""

        def replaced(match: re.Match[str]) -> str:
            name, part, days = match.groups()
            if name in _DATES:
                return _DATES[name](self.published + dt.timedelta(days=int(days or 0)))
            try:
                value = value_of(self, name, revision)
                return value if isinstance(value, str) else value[part or "zh"]
            except KeyError as error:
                raise ConfigurationError(
                    f"no value for the placeholder {match.group(0)}", where=self.key
                ) from error

        return _PLACEHOLDER.sub(replaced, template)


def vary(fixtures: Sequence[Fixture], count: int | None, seed: int) -> list[Bulletin]:
    """`count` bulletins (None: each fixture once), no two with the same title. The fixtures come first; what is
    left goes round those that may be varied."""
    first = [_as_written(fixture, seed) for fixture in fixtures]
    if count is None or count <= len(first):
        return first[:count]
    titles = {bulletin.title for bulletin in first}
    more = _variations([f for f in fixtures if f.between], seed, titles)
    return first + [next(more) for _ in range(count - len(first))]


def value_of(bulletin: Bulletin, name: str, revision: int = 0) -> Entry | str:
    """What the placeholder `name` stands for in this bulletin. Raises KeyError for one that its fixture lacks."""
    fixture, value = bulletin.fixture, bulletin.fixture.values[name]
    seed = (bulletin.seed, fixture.source, fixture.stem, bulletin.number, bulletin.attempt, name)
    first = _drawn(value, seed, 0) if bulletin.number else _default(value)
    if not revision or name != fixture.amend:
        return first
    amended = _drawn(value, seed, revision)
    return amended if amended != first else _drawn(value, seed, revision + 1)


_DATES: Final[Mapping[str, Callable[[dt.datetime], str]]] = {
    "日": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "月日": lambda d: f"{d.month}月{d.day}日",
    "月": lambda d: f"{d.year}年{d.month}月",
    "月份": lambda d: f"{d.month}月",
    "季度": lambda d: f"第{'一二三四'[(d.month - 1) // 3]}季度",
    "年": lambda d: f"{d.year}",
    "day": lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}",
    "daymonth": lambda d: f"{d.day} {_MONTHS[d.month - 1]}",
    "usday": lambda d: f"{_MONTHS[d.month - 1]} {d.day}, {d.year}",
    "month": lambda d: f"{_MONTHS[d.month - 1]} {d.year}",
    "monthname": lambda d: _MONTHS[d.month - 1],
    "year": lambda d: f"{d.year}",
}


def _as_written(fixture: Fixture, seed: int) -> Bulletin:
    return _titled(fixture, 0, 0, seed, fixture.published, fixture.title)


def _variations(fixtures: Sequence[Fixture], seed: int, titles: set[str]) -> Iterator[Bulletin]:
    if not fixtures:
        raise ConfigurationError("none of the fixtures may be varied (`between` is missing in all of them)")
    number = 0
    while True:
        number += 1
        for fixture in fixtures:
            bulletin = _variation(fixture, number, seed, titles)
            titles.add(bulletin.title)
            yield bulletin


def _variation(fixture: Fixture, number: int, seed: int, titles: set[str]) -> Bulletin:
    """Drawn again while the title is taken; in the end the title is numbered, as serial notices are."""
    for attempt in range(_ATTEMPTS):
        published = _date(fixture, (seed, fixture.source, fixture.stem, number, attempt))
        bulletin = _titled(fixture, number, attempt, seed, published, fixture.varied_title)
        if bulletin.title not in titles:
            return bulletin
    return _titled(fixture, number, 0, seed, published, f"{fixture.varied_title}（{number}）")


def _titled(
    fixture: Fixture, number: int, attempt: int, seed: int, published: dt.datetime, title: str
) -> Bulletin:
    bare = Bulletin(fixture=fixture, number=number, attempt=attempt, seed=seed, title="", published=published)
    return Bulletin(
        fixture=fixture,
        number=number,
        attempt=attempt,
        seed=seed,
        title=bare.text(title),
        published=published,
    )


def _date(fixture: Fixture, seed: tuple[object, ...]) -> dt.datetime:
    """A working hour of a day in `between`, to the minute; without it the fixture's own date."""
    start, end = fixture.between or (fixture.published.date(), fixture.published.date())
    day = start + dt.timedelta(days=draw((*seed, "day"), (end - start).days + 1))
    minutes = 8 * 60 + 30 + draw((*seed, "minute"), 9 * 60)
    return fixture.published.replace(
        year=day.year, month=day.month, day=day.day, hour=minutes // 60, minute=minutes % 60
    )


def _default(value: Value) -> Entry | str:
    if value.pool is None:
        return value.default
    found = next((entry for entry in load_pools()[value.pool] if entry["zh"] == value.default), None)
    if found is None:
        raise ConfigurationError(f"{value.default} is not in the pool {value.pool}", where="pools.yaml")
    return found


def _drawn(value: Value, seed: tuple[object, ...], turn: int) -> Entry | str:
    """A value drawn anew; that of a later `turn` is another one."""
    if value.pool is not None:
        pool = load_pools()[value.pool]
        return pool[(draw(seed, len(pool)) + turn) % len(pool)]
    choices = range(value.span[0], value.span[1] + 1, value.span[2]) if value.span else value.choices
    return str(choices[(draw(seed, len(choices)) + turn) % len(choices)])


def draw(seed: tuple[object, ...], below: int) -> int:
    """A number from 0 to below - 1 that depends on `seed` alone."""
    digest = hashlib.blake2b(repr(seed).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % below
