"""Reads the fixtures: one bulletin a file, front matter in YAML and a body in the markup of markup.py.

    ---
    title: 关于对{unit}作出行政处罚的通报
    published: 2025-03-12 16:20          # Beijing time
    column: wxfb                         # on which list page it stands
    publisher: 网信无锡                   # as the page prints it
    between: [2019-01-01, 2025-12-31]    # a variation may carry any date in here: article numbers depend on it
    values:
      city: {pool: cities, is: 无锡市}
      unit: {of: [某医院, 某职业学院], is: 某医院}
      fine: {range: [1, 9, 1], is: 5}
    amend: fine                          # the value that an amended page prints anew
    ---
    {日-12}，{city.short}市网信办对{unit}罚款{fine}万元。

`is` is what the fixture itself says; a variation draws anew (variation.py). Dates are written as days before or
after publication, so that a moved bulletin stays true to itself. A fixture without `between` is never varied.
`beside: true` marks what stands on the publisher's list but is none of the bulletins that its card asks for.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from netdocket.errors import ConfigurationError

FOLDER: Final = Path(__file__).parent / "fixtures"
BEIJING: Final = dt.timezone(dt.timedelta(hours=8))
_KNOWN: Final = {
    "title", "published", "column", "publisher", "between", "values", "amend", "varied_title", "author", "summary",
    "beside",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Value:
    """One placeholder: what the fixture says, and what a variation may say instead."""

    default: str
    pool: str | None = None
    choices: tuple[str, ...] = ()
    span: tuple[int, int, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """A bulletin as written. `published` in Beijing time; `between` None: not varied."""

    source: str
    stem: str
    title: str
    varied_title: str
    published: dt.datetime
    column: str
    publisher: str
    author: str
    summary: str
    body: str
    values: Mapping[str, Value]
    between: tuple[dt.date, dt.date] | None
    amend: str | None
    beside: bool


@cache
def load_fixtures(source: str) -> tuple[Fixture, ...]:
    """The fixtures of a source by file name. Raises ConfigurationError naming the file that is wrong."""
    folder = FOLDER / source
    return tuple(read_fixture(path) for path in sorted(folder.glob("*.md")))


@cache
def load_pools() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    """Lists that values are drawn from (pools.yaml): each entry has a `zh` name that `is` can name it by."""
    pools = yaml.safe_load((FOLDER / "pools.yaml").read_text("utf-8"))
    return {name: tuple(entries) for name, entries in pools.items()}


def in_turn(fixtures: Sequence[Fixture]) -> list[Fixture]:
    """One of each column, then a second one of each, and so on: a few bulletins leave no list empty."""
    ranks = Counter[str]()
    ranked = []
    for fixture in fixtures:
        ranked.append((ranks[fixture.column], fixture))
        ranks[fixture.column] += 1
    return [fixture for _, fixture in sorted(ranked, key=lambda pair: pair[0])]


def read_fixture(path: Path) -> Fixture:
    where = f"{path.parent.name}/{path.name}"
    matter, body = _split(path)
    try:
        meta = yaml.safe_load(matter)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"the front matter is no YAML: {error}", where=where) from error
    if not isinstance(meta, dict) or not {"title", "published", "column"} <= meta.keys() <= _KNOWN:
        raise ConfigurationError(
            f"the front matter needs title, published, column; known: {sorted(_KNOWN)}", where=where
        )
    between = meta.get("between")
    return Fixture(
        source=path.parent.name,
        stem=path.stem,
        title=meta["title"],
        varied_title=str(meta.get("varied_title", meta["title"])),
        published=_moment(meta["published"], where),
        column=meta["column"],
        publisher=meta.get("publisher", ""),
        author=meta.get("author", ""),
        summary=meta.get("summary", ""),
        body=body.strip(),
        values={
            name: _value(given, f"{where}: {name}") for name, given in (meta.get("values") or {}).items()
        },
        between=(between[0], between[1]) if between else None,
        amend=meta.get("amend"),
        beside=bool(meta.get("beside")),
    )


def _split(path: Path) -> tuple[str, str]:
    """Front matter and body; an empty front matter where there is none."""
    parts = path.read_text("utf-8").split("---\n", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and not parts[0] else ("", "")


def _moment(given: Any, where: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(str(given), "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise ConfigurationError("published must be YYYY-MM-DD HH:MM", where=where) from error


def _value(given: Any, where: str) -> Value:
    if not isinstance(given, dict) or "is" not in given or len(given.keys() & {"pool", "of", "range"}) != 1:
        raise ConfigurationError("a value has `is` and one of `pool`, `of`, `range`", where=where)
    span = given.get("range")
    return Value(
        default=str(given["is"]),
        pool=given.get("pool"),
        choices=tuple(str(choice) for choice in given.get("of", ())),
        span=(span[0], span[1], span[2]) if span else None,
    )
