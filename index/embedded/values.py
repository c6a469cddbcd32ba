"""Values in a search body, checked against the field's type: dates to milliseconds, numbers to numbers.

Dates in queries follow Elasticsearch: date math (`2024-01||+1M/M`, `now-30d/d`), `format`, `time_zone`; where a time
is missing, `gt` and `lte` mean the end of the day (or of the unit rounded to), the others its start.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import time
import zoneinfo
from typing import Final

from index.dates import UTC, from_milliseconds, parse_date, parse_offset, to_milliseconds
from index.embedded.body import malformed, unsupported
from index.embedded.conditions import Value
from index.mappings import FieldType

MATH_STEP: Final = re.compile(r"(?P<sign>[+-])(?P<count>\d*)(?P<unit>[yMwdhHms])|/(?P<round>[yMwdhHms])")
PLAIN_FORMATS: Final = frozenset(
    {
        "strict_date_optional_time", "date_optional_time", "yyyy-MM-dd", "strict_date", "date", "yyyy-MM",
        "strict_year_month", "year_month", "yyyy", "strict_year", "year",
    }
)  # fmt: skip
FIXED_UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "H": 3_600_000, "m": 60_000, "s": 1000}


def zone_of(name: str | None, path: str) -> dt.tzinfo:
    """`Asia/Shanghai`, `+08:00`, `UTC` or None. Raises MalformedQuery."""
    if name is None or name in ("Z", "UTC"):
        return UTC
    try:
        return parse_offset(name) if name[:1] in "+-" else zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        malformed(f"no such time zone: {name!r}", path)


def date_value(
    value: object, path: str, *, zone: dt.tzinfo = UTC, form: str | None = None, up: bool = False
) -> int:
    """A date of a body in milliseconds. Raises MalformedQuery, UnsupportedQuery."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        malformed(f"a date is wanted, not {value!r}", path)
    names = form.split("||") if form else []
    text = str(value)
    if "epoch_millis" in names and re.fullmatch(r"-?\d{5,}", text):
        return int(text)
    anchor, math = ("now", text[3:]) if text.startswith("now") else _split_math(text)
    try:
        if anchor == "now":
            moment = int(time.time() * 1000)
        else:
            # Before math, a missing time is the start of the day; rounding then decides.
            moment = parse_date(anchor, zone=zone, up=up and not math)
        return _with_math(moment, math, zone, up=up, path=path)
    except (ValueError, OverflowError) as error:
        malformed(str(error), path)


def date_format(form: str | None, path: str) -> str | None:
    """A `format` for reading dates. Raises UnsupportedQuery for what we cannot read."""
    for name in form.split("||") if form else ():
        if name not in PLAIN_FORMATS and name != "epoch_millis":
            unsupported(f"reading dates of the format {name!r}", path)
    return form


def _split_math(text: str) -> tuple[str, str]:
    anchor, _, math = text.partition("||")
    return anchor, math


def _with_math(moment: int, math: str, zone: dt.tzinfo, *, up: bool, path: str) -> int:
    position = 0
    while position < len(math):
        step = MATH_STEP.match(math, position)
        if step is None:
            malformed(f"no date math: {math!r}", path)
        position = step.end()
        if unit := step["round"]:
            start = start_of(unit, moment, zone)
            moment = add(unit, 1, start, zone) - 1 if up else start
        else:
            count = int(step["count"] or 1)
            moment = add(step["unit"], -count if step["sign"] == "-" else count, moment, zone)
    return moment


@functools.lru_cache(maxsize=65_536)
def start_of(unit: str, milliseconds: int, zone: dt.tzinfo) -> int:
    """Start of the year, month, week (Monday), day, ... that the moment is in."""
    local = from_milliseconds(milliseconds, zone).replace(microsecond=0)
    match unit:
        case "y":
            local = local.replace(month=1, day=1, hour=0, minute=0, second=0)
        case "q":
            local = local.replace(month=(local.month - 1) // 3 * 3 + 1, day=1, hour=0, minute=0, second=0)
        case "M":
            local = local.replace(day=1, hour=0, minute=0, second=0)
        case "w":
            local = local.replace(hour=0, minute=0, second=0) - dt.timedelta(days=local.weekday())
        case "d":
            local = local.replace(hour=0, minute=0, second=0)
        case "h" | "H":
            local = local.replace(minute=0, second=0)
        case "m":
            local = local.replace(second=0)
    return to_milliseconds(local)


@functools.lru_cache(maxsize=65_536)
def add(unit: str, count: int, milliseconds: int, zone: dt.tzinfo) -> int:
    """`count` units later; a month later than the 31st is the month's last day. Days keep the local time."""
    if unit in ("h", "H", "m", "s"):
        return milliseconds + count * FIXED_UNITS[unit]
    local = from_milliseconds(milliseconds, zone)
    if unit in ("d", "w"):
        return to_milliseconds(
            (local + dt.timedelta(days=count * (7 if unit == "w" else 1))).replace(tzinfo=zone)
        )
    months = local.year * 12 + local.month - 1 + count * {"M": 1, "q": 3, "y": 12}[unit]
    year, month = divmod(months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last_day = (following - dt.timedelta(days=1)).day
    return to_milliseconds(local.replace(year=year, month=month + 1, day=min(local.day, last_day)))


def column_value(kind: FieldType, value: object, path: str) -> Value | None:
    """A term's value as the column holds it; None where no document can have it (5.5 in a field of whole numbers).
    Raises MalformedQuery."""
    match kind:
        case "keyword" | "text":
            if isinstance(value, bool):
                return "true" if value else "false"
            if isinstance(value, str | int | float):
                return str(value)
        case "boolean":
            if value in ("true", "false"):
                return value == "true"
            if isinstance(value, bool):
                return value
        case "double":
            if (number := _number(value)) is not None:
                return float(number)
        case "long" | "integer":
            if (number := _number(value)) is not None:
                return int(number) if number == int(number) and abs(number) < 2**63 else None
        case "date":
            return date_value(value, path)
    malformed(f"{value!r} is no value of a field of type {kind}", path)


def _number(value: object) -> int | float | None:
    if isinstance(value, str):
        try:
            value = int(value)
        except ValueError:
            try:
                value = float(value)
            except ValueError:
                return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def bound_value(kind: FieldType, value: object, path: str, *, lower: bool) -> Value:
    """An end of a range. A fraction at a field of whole numbers is rounded into the range's inside; the caller
    passes the bound as inclusive then (`is_fraction`)."""
    if kind in ("long", "integer"):
        number = _number(value)
        if number is None:
            malformed(f"{value!r} is no number", path)
        whole = int(number // 1)
        rounded = whole if number == whole or not lower else whole + 1
        return max(-(2**63), min(2**63 - 1, rounded))
    if kind == "boolean":
        unsupported("a range over a boolean field", path)
    found = column_value(kind, value, path)
    if found is None:
        malformed(f"{value!r} is no value of a field of type {kind}", path)
    return found


def is_fraction(value: object) -> bool:
    number = _number(value)
    return number is not None and number != number // 1
