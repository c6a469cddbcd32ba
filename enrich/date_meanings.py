"""What a date expression means beside the date of its text.

`resolve` gives the day, month or year that an expression means, given an anchor (the date of publication, Asia/Shanghai):
今年 and a missing year come from the anchor, a month or day without a year is the latest such one not after it, 近日 is the
anchor's own date with precision `recent`. Nothing is guessed without an anchor.
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import NamedTuple

from enrich.dates import DAYS_BACK, DateExpression
from netdocket.records import Precision

MONTHS_BACK = {"this month": 0, "last month": 1, "same month": 0}
YEARS_BACK = {"this year": 0, "last year": 1, "year before last": 2, "next year": -1}


class Resolved(NamedTuple):
    """An ISO date, YYYY-MM or YYYY, and its precision."""

    value: str
    precision: Precision

    @property
    def first_day(self) -> dt.date:
        year, month, day = ([int(part) for part in self.value.split("-")] + [1, 1])[:3]
        return dt.date(year, month, day)

    @property
    def last_day(self) -> dt.date:
        parts = [int(part) for part in self.value.split("-")]
        month = parts[1] if len(parts) > 1 else 12
        day = parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], month)[1]
        return dt.date(parts[0], month, day)


def resolve(
    expression: DateExpression,
    anchor: dt.date | None,
    *,
    before: DateExpression | Resolved | None = None,
    forward: bool = False,
) -> Resolved | None:
    """What an expression means for a text published on `anchor`; None where that cannot be told.

    `before` is the date that stands before it in the same sentence or paragraph: 同年, 当月, 当日 and a bare day (3日)
    are read from it, and a month without a year follows it. `forward`: something to come (a day of effect, the end of
    a consultation), so that a date without a year is the first such one not before the anchor.
    """
    earlier = before if isinstance(before, Resolved) else (resolve(before, anchor) if before else None)
    if expression.shape == "recent":
        return Resolved(anchor.isoformat(), "recent") if anchor else None
    if expression.shape == "relative" and expression.relative in DAYS_BACK:
        return _day(anchor - dt.timedelta(days=DAYS_BACK[expression.relative])) if anchor else None
    if expression.relative == "same day":
        return earlier if earlier and earlier.precision == "day" else None
    year, month = year_of(expression, anchor, earlier, forward=forward), expression.month
    if expression.relative in MONTHS_BACK and month is None:
        basis = _month_basis(expression.relative, anchor, earlier)
        if basis is None:
            return None
        year, month = basis
    if expression.shape == "day" and month is None:  # a bare day of the month
        if earlier is None or earlier.precision not in ("day", "month"):
            return None
        year, month = earlier.first_day.year, earlier.first_day.month
    if year is None:
        return None
    if month is None:
        return Resolved(f"{year:04d}", "year")
    if expression.day is None:
        return Resolved(f"{year:04d}-{month:02d}", "month")
    try:
        return _day(dt.date(year, month, expression.day))
    except ValueError:
        return None


def _day(day: dt.date) -> Resolved:
    return Resolved(day.isoformat(), "day")


def year_of(
    expression: DateExpression, anchor: dt.date | None, earlier: Resolved | None, *, forward: bool = False
) -> int | None:
    """The year of an expression, printed or from the anchor or the date before it; None where not to be told."""
    if expression.year is not None:
        return expression.year
    if expression.relative == "same year":
        return earlier.first_day.year if earlier else None
    if expression.relative == "following year":
        return earlier.first_day.year + 1 if earlier else None
    if expression.relative in YEARS_BACK:
        return anchor.year - YEARS_BACK[expression.relative] if anchor else None
    if expression.month is None:
        return anchor.year if anchor and expression.shape in ("quarter", "half") else None
    if anchor is not None and forward:
        return anchor.year + ((expression.month, expression.day or 31) < (anchor.month, anchor.day))
    if earlier is not None and earlier.precision in ("day", "month"):
        year = earlier.first_day.year + (expression.month < earlier.first_day.month)
        if anchor is None or (year, expression.month, expression.day or 1) <= (
            anchor.year,
            anchor.month,
            anchor.day,
        ):
            return year
    if anchor is None:
        return None
    return anchor.year - ((expression.month, expression.day or 1) > (anchor.month, anchor.day))


def _month_basis(
    relative: str | None, anchor: dt.date | None, earlier: Resolved | None
) -> tuple[int, int] | None:
    if relative == "same month":
        return (
            (earlier.first_day.year, earlier.first_day.month)
            if earlier and earlier.precision != "year"
            else None
        )
    if anchor is None or relative is None:
        return None
    index = anchor.year * 12 + anchor.month - 1 - MONTHS_BACK[relative]
    return index // 12, index % 12 + 1
