"""The period that a briefing is about, and the one that it is compared with."""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import re

from netdocket.errors import ConfigurationError

QUARTER = re.compile(r"(\d{4})-Q([1-4])")


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """`since`, `until`: first and last day, both in it."""

    name: str
    since: dt.date
    until: dt.date


def parse_period(text: str) -> Period:
    """`2026`, `2026-Q3`, `2026-07` or `2026-07-01..2026-07-15`. Raises ConfigurationError."""
    try:
        if quarter := QUARTER.fullmatch(text):
            year, first = int(quarter[1]), int(quarter[2]) * 3 - 2
            return Period(text, dt.date(year, first, 1), _last(year, first + 2))
        if ".." in text:
            since, until = (dt.date.fromisoformat(part) for part in text.split("..", 1))
            if since > until:
                raise ConfigurationError("the period ends before it begins", where=text)
            return Period(text, since, until)
        if re.fullmatch(r"\d{4}-\d{2}", text):
            year, month = int(text[:4]), int(text[5:])
            return Period(text, dt.date(year, month, 1), _last(year, month))
        if re.fullmatch(r"\d{4}", text):
            return Period(text, dt.date(int(text), 1, 1), dt.date(int(text), 12, 31))
    except ValueError as error:
        raise ConfigurationError(f"no such date ({error})", where=text) from error
    raise ConfigurationError(
        "not a period; write 2026, 2026-Q3, 2026-07 or 2026-07-01..2026-07-15", where=text
    )


def previous(period: Period) -> Period:
    """The one before: quarter before quarter, month before month, year before year, else as many days."""
    end = period.since - dt.timedelta(days=1)
    if QUARTER.fullmatch(period.name):
        return parse_period(f"{end.year}-Q{(end.month + 2) // 3}")
    if len(period.name) in (4, 7):
        return parse_period(end.isoformat()[: len(period.name)])
    start = end - (period.until - period.since)
    return Period(f"{start}..{end}", start, end)


def _last(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])
