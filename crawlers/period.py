"""A span of days that a walk goes back over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crawlers.pages import Entry


@dataclass(frozen=True, slots=True)
class Period:
    """ISO dates, both included. `until` None: to this day."""

    since: str
    until: str | None = None

    def __str__(self) -> str:
        return f"{self.since}..{self.until or ''}"

    def holds(self, entry: Entry) -> bool:
        """Also an entry whose date the list does not show, or shows only in part, may be of the period."""
        day = entry.published
        if day is None:
            return True
        return day >= self.since[: len(day)] and (self.until is None or day[:10] <= self.until)

    def goes_on_below(self, entries: Iterable[Entry]) -> bool:
        """Whether the list page behind these may show something of the period; lists show the newest first, but for
        a notice that is kept at the top."""
        days = [entry.published for entry in entries]
        return not days or any(day is None or day >= self.since[: len(day)] for day in days)
