"""Where the pages of each site stand (sites.yaml)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

_FILE: Final = Path(__file__).parent / "sites.yaml"


@dataclass(frozen=True, kw_only=True)
class Column:
    code: str
    name: str
    list: str
    first: str | None = None
    also: Sequence[str] = ()

    def address(self, number: int) -> str:
        """Of list page `number`, from 1. `{before}` in a plan is the number less one."""
        if number == 1 and self.first is not None:
            return self.first
        return self.list.format(page=number, before=number - 1)


@dataclass(frozen=True, kw_only=True)
class SitePlan:
    """One site. `family`: whose templates and interfaces it has; `share`: 0 where the site has no fixtures and stands only
    with the generator's bulletins. `page_size`: items on a list page, which grows so that no list has more than `pages` pages."""

    source: str
    name: str
    host: str
    language: str
    family: str
    share: int = 0
    page_size: int
    pages: int
    feed: bool = False
    columns: tuple[Column, ...]
    article: str = ""

    def path(self, key: str, title: str, moment: dt.datetime) -> str:
        """Where the bulletin of that key and title stands."""
        mark = int(hashlib.blake2b(key.encode(), digest_size=5).hexdigest(), 16)
        return self.article.format(
            year=f"{moment:%Y}",
            month=f"{moment:%m}",
            day=f"{moment:%d}",
            serial=f"{int(moment.timestamp())}{mark % 10**6:06d}",
            slug=_slug(title),
        )


@cache
def load_plans() -> Mapping[str, SitePlan]:
    given = yaml.safe_load(_FILE.read_text("utf-8"))
    return {
        source: SitePlan(
            source=source,
            family=plan.pop("family", source),
            columns=tuple(Column(code=code, **column) for code, column in plan.pop("columns").items()),
            **plan,
        )
        for source, plan in given.items()
    }


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower().replace("’", "")).strip("-")
