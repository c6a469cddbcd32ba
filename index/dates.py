"""Dates as the mappings take them (`strict_date_optional_time||yyyy-MM||yyyy`): strings to UTC milliseconds and back.

A date without a time stands for the start of its day, month or year in UTC, as in Elasticsearch.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Final

UTC: Final = dt.UTC
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=UTC)

DATE: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?)?)?)?",
    re.ASCII,
)
LAST_OF_DAY: Final = {"hour": 23, "minute": 59, "second": 59, "millisecond": 999}


def parse_offset(text: str) -> dt.timezone:
    """`Z`, `+08`, `+0800` or `+08:00`. Raises ValueError."""
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def parse_date(text: str, *, zone: dt.tzinfo = UTC, up: bool = False) -> int:
    """Milliseconds since 1970 of a date string; `zone` holds where the string names none. `up`: a missing time is
    the last millisecond of the day (what `gt` and `lte` mean in Elasticsearch). Raises ValueError."""
    match = DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a date (ISO date, YYYY-MM or YYYY): {text[:40]!r}")
    part = match.groupdict()
    missing = LAST_OF_DAY if up else {}
    fraction = part["fraction"]
    moment = dt.datetime(
        int(part["year"]),
        int(part["month"] or 1),
        int(part["day"] or 1),
        int(part["hour"] or missing.get("hour", 0)),
        int(part["minute"] or missing.get("minute", 0)),
        int(part["second"] or missing.get("second", 0)),
        tzinfo=parse_offset(part["offset"]) if part["offset"] else zone,
    )
    milliseconds = int(fraction.ljust(3, "0")[:3]) if fraction else missing.get("millisecond", 0)
    return to_milliseconds(moment) + milliseconds


@functools.lru_cache(maxsize=65_536)
def stored_date(text: str) -> int:
    """`parse_date` of a document's value; dates repeat a lot. Raises ValueError."""
    return parse_date(text)


def to_milliseconds(moment: dt.datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def from_milliseconds(milliseconds: float, zone: dt.tzinfo = UTC) -> dt.datetime:
    return (EPOCH + dt.timedelta(milliseconds=milliseconds)).astimezone(zone)


def month_number(milliseconds: int) -> int:
    """Months since January 1970, UTC."""
    moment = EPOCH + dt.timedelta(milliseconds=milliseconds)
    return (moment.year - 1970) * 12 + moment.month - 1


def month_start(number: int) -> int:
    """Milliseconds of the start of a month, by its `month_number`."""
    year, month = divmod(number, 12)
    return to_milliseconds(EPOCH.replace(year=1970 + year, month=month + 1))


@functools.lru_cache(maxsize=65_536)
def stored_month(text: str) -> int:
    """`month_number` of a document's date. Raises ValueError."""
    return month_number(stored_date(text))
