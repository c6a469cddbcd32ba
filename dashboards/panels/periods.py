"""The two stretches of time that key figures are compared over."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import NamedTuple

from dashboards.panels.scope import bounds

MONTHS = 12


class Stretch(NamedTuple):
    """First and last day, both included, as an address writes them."""

    since: str
    until: str

    @property
    def words(self) -> str:
        """Whole months without their days."""
        if self.since.endswith("-01") and self.until == _last(dt.date.fromisoformat(self.until)).isoformat():
            return f"{self.since[:7]} – {self.until[:7]}"
        return f"{self.since} – {self.until}"


def compared(since: str | None, until: str | None, today: dt.date) -> tuple[Stretch, Stretch] | None:
    """The period that is chosen and the one of the same length before it. Where none is begun: the last twelve whole
    months up to its end, else up to today. None where the period lies wholly in the future."""
    end = dt.date.fromisoformat(bounds(until)[1]) if until else today.replace(day=1)
    if since:
        if not until:
            end = today + dt.timedelta(days=1)
        start = dt.date.fromisoformat(bounds(since)[0])
    else:
        start = months_before(end, MONTHS)
    if start >= end:
        return None
    if start.day == 1 and end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        before = months_before(start, months)
    else:
        before = start - (end - start)
    day = dt.timedelta(days=1)
    return Stretch(start.isoformat(), (end - day).isoformat()), Stretch(
        before.isoformat(), (start - day).isoformat()
    )


def months_before(day: dt.date, months: int) -> dt.date:
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _last(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
