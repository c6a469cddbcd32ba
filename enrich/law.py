"""One instrument of the catalogue: its names, its texts with the days they are in force, the articles they have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

BASE = re.compile(r"\d+(?:-\d+)?")


class LawVersion(NamedTuple):
    """One text of a law: in force from `first` to `last` (None: still), with `articles` articles."""

    id: str
    first: dt.date
    last: dt.date | None
    articles: int | None
    items_only: frozenset[str]


class VersionChoice(NamedTuple):
    """Which version a citation means (None: not to be told), what that was derived from, and how sure it is."""

    version: str | None
    derived: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Law:
    """One instrument. `entry` is the whole entry of laws.yaml (duties, liability, evidence)."""

    id: str
    zh: str
    short_zh: tuple[str, ...]
    en: tuple[str, ...]
    level: str
    adopted: dt.date | None
    published: dt.date | None
    effective: dt.date | None
    repealed: dt.date | None
    replaces: str | None
    replaced_by: str | None
    last_article: int | None
    items_only: frozenset[str]
    versions: tuple[LawVersion, ...]
    entry: Mapping[str, Any] = field(repr=False)

    @property
    def en_name(self) -> str:
        return self.en[0]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.zh, *self.short_zh, *self.en)

    @property
    def known_from(self) -> dt.date | None:
        """The day from which a text can speak of this instrument as adopted."""
        return min((day for day in (self.adopted, self.published, self.effective) if day), default=None)

    def version(self, id: str) -> LawVersion | None:
        return next((version for version in self.versions if version.id == id), None)

    def has_article(self, article: str, version: str | None = None) -> bool | None:
        """Whether the version (or, with one text, the law) has an article of this number; None where not known."""
        text = self.version(version) if version else None
        last = text.articles if text else (self.last_article if not self.versions else None)
        number = BASE.match(article)
        return int(number[0].split("-")[0]) <= last if last is not None and number else None

    def only_items(self, article: str, version: str | None = None) -> bool:
        """Whether the article is one paragraph with items, so that a bare English bracket means the item.
        Without a version: whether that holds in the first version that lists it."""
        if not self.versions:
            return article in self.items_only
        texts = [text for text in self.versions if version in (None, text.id)]
        return any(article in text.items_only for text in texts)
