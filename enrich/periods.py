"""Periods as printed: 去年12月至今年3月, 今年以来, 截至5月底, 一季度, the second half of 2020."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from enrich.date_meanings import Resolved, resolve, year_of
from enrich.dates import DateExpression, Shape, find_dates
from enrich.normalise import normalise
from netdocket.records import Period


class PeriodExpression(NamedTuple):
    """A period as printed: half-open span and its ends as ISO days, months or years; None where open."""

    start: int
    end: int
    period: Period


THROUGH = re.compile(r"\s{0,2}(?:至|到|-|~|—|to|until|through|and)\s{0,2}", re.IGNORECASE)
SINCE_AFTER = re.compile(r"\s{0,2}(?:以来|起)")
SINCE_BEFORE = re.compile(r"(?:自|\bsince|\bfrom)\s{0,2}$", re.IGNORECASE)
UNTIL_BEFORE = re.compile(
    r"(?:截至目前|截至|截止|\bas of|\bby the end of|\bup to|\bby)\s{0,2}$", re.IGNORECASE
)


def find_periods(
    text: str, anchor: dt.date | None, dates: Sequence[DateExpression] | None = None
) -> list[PeriodExpression]:
    """All periods of a text, left to right, resolved against the anchor."""
    text = normalise(text)
    dates = find_dates(text) if dates is None else dates
    out: list[PeriodExpression] = []
    skip = -1
    for index, one in enumerate(dates):
        if index == skip:
            continue
        other = dates[index + 1] if index + 1 < len(dates) else None
        before = text[max(0, one.start - 14) : one.start]
        first = resolve(one, anchor, before=dates[index - 1] if index else None)
        if other is not None and other.start - one.end <= 9 and THROUGH.fullmatch(text, one.end, other.start):
            if other.year is not None and one.year is None and one.relative is None:  # from March to May 2020
                first = resolve(replace(one, year=other.year), anchor)
            last = resolve(other, anchor, before=one)
            if first and last and "recent" not in (first.precision, last.precision):
                out.append(PeriodExpression(one.start, other.end, _ends(first, last)))
                skip = index + 1
        elif one.shape in ("quarter", "half"):
            year = year_of(one, anchor, None)
            if year is not None and one.part is not None:
                out.append(
                    PeriodExpression(one.start, one.end, _part_of_year(year, one.shape, int(one.part)))
                )
        elif (
            first
            and first.precision != "recent"
            and (SINCE_AFTER.match(text, one.end) or SINCE_BEFORE.search(before))
        ):
            end = anchor.isoformat() if anchor else None
            out.append(PeriodExpression(one.start, one.end, Period(start=first.value, end=end)))
        elif first and first.precision != "recent" and UNTIL_BEFORE.search(before):
            out.append(PeriodExpression(one.start, one.end, Period(start=None, end=first.value)))
    return out


def _ends(first: Resolved, last: Resolved) -> Period:
    if last.first_day < first.first_day:  # 12月至3月: the first one lies in the year before
        year = first.first_day.year - 1
        return Period(start=f"{year:04d}{first.value[4:]}", end=last.value)
    return Period(start=first.value, end=last.value)


def _part_of_year(year: int, shape: Shape, part: int) -> Period:
    months = 3 if shape == "quarter" else 6
    return Period(start=f"{year:04d}-{(part - 1) * months + 1:02d}", end=f"{year:04d}-{part * months:02d}")
