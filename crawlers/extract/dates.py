"""Dates as printed on a page, read by the formats of a card.

A format is strptime's (%Y %m %d %H %M %S %B %b %a %A %y), read without the machine's locale and looked for anywhere
in the text: `来源：… 2025年09月12日 10:05` needs no more than `%Y年%m月%d日`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import cache
from typing import Final

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_PARTS: Final = {
    "Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})",
    "B": r"(?P<B>[A-Za-z]{3,9})", "b": r"(?P<B>[A-Za-z]{3,4})\.?", "H": r"\d{1,2}", "M": r"\d{2}", "S": r"\d{2}",
    "A": r"[A-Za-z]+", "a": r"[A-Za-z]{3}", "%": "%",
}  # fmt: skip


class DateFormatError(ValueError):
    """A date format that is not understood."""


@cache
def date_pattern(date_format: str) -> re.Pattern[str]:
    """The format as an expression. Raises DateFormatError."""
    pattern = []
    for literal, directive in re.findall(r"([^%]+)|%(.?)", date_format):
        if literal:
            pattern.append(re.sub(r"(\\ )+", r"\\s*", re.escape(literal)))
        elif directive in _PARTS:
            pattern.append(_PARTS[directive])
        else:
            raise DateFormatError(f"%{directive} in {date_format!r} is not understood")
    if not re.search(r"\?P<[Yy]>", "".join(pattern)):
        raise DateFormatError(f"{date_format!r} has no year")
    return re.compile(rf"(?<!\d){''.join(pattern)}(?!\d)")


def printed_date(text: str | None, formats: Iterable[str]) -> str | None:
    """ISO date, YYYY-MM or YYYY, as exact as the first format that fits; None where none does."""
    for date_format in formats if text else ():
        for found in date_pattern(date_format).finditer(text or ""):
            if (value := _iso(found.groupdict())) is not None:
                return value
    return None


def _iso(parts: dict[str, str | None]) -> str | None:
    year = int(parts.get("Y") or 2000 + int(parts["y"] or 0))
    month = _month(parts)
    if month is None:
        return str(year) if "m" not in parts and "B" not in parts else None
    if "d" not in parts:
        return f"{year:04}-{month:02}" if 1 <= month <= 12 else None
    try:
        return dt.date(year, month, int(parts["d"] or 0)).isoformat()
    except ValueError:
        return None


def _month(parts: dict[str, str | None]) -> int | None:
    if parts.get("m"):
        return int(parts["m"] or 0)
    name = (parts.get("B") or "").lower()
    return next(
        (n for n, month in enumerate(_MONTHS, 1) if len(name) >= 3 and month.startswith(name[:4])), None
    )
