"""Dates in answers: Java's date patterns, as far as they are digits and separators."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import Final

from index.dates import UTC, from_milliseconds
from index.embedded.body import unsupported

DEFAULT: Final = "strict_date_optional_time"
NAMED: Final = {
    DEFAULT: "yyyy-MM-ddTHH:mm:ss.SSSXXX",
    "date_optional_time": "yyyy-MM-ddTHH:mm:ss.SSSXXX",
    "date_time": "yyyy-MM-ddTHH:mm:ss.SSSXXX",
    "strict_date_time": "yyyy-MM-ddTHH:mm:ss.SSSXXX",
    "date": "yyyy-MM-dd",
    "strict_date": "yyyy-MM-dd",
    "year_month": "yyyy-MM",
    "strict_year_month": "yyyy-MM",
    "year": "yyyy",
    "strict_year": "yyyy",
}
TOKEN: Final = re.compile(r"yyyy|uuuu|MM|dd|HH|mm|ss|SSS|XXX|'([^']*)'|([^A-Za-z'])|(T)")


class DateFormat:
    def __init__(self, pattern: str, zone: dt.tzinfo = UTC, *, path: str = "") -> None:
        """Raises UnsupportedQuery for letters that we do not know."""
        first = pattern.split("||", maxsplit=1)[0]
        self._zone = zone
        self._millis = first == "epoch_millis"
        self._tokens: list[str] = []
        text, position = NAMED.get(first, first), 0
        while position < len(text) and not self._millis:
            match = TOKEN.match(text, position)
            if match is None:
                unsupported(f"date format {pattern!r}", path)
            fixed = next((group for group in match.groups() if group is not None), None)
            self._tokens.append(match[0] if fixed is None else "=" + fixed)
            position = match.end()

    def text(self, milliseconds: float) -> str:
        if self._millis:
            return str(int(milliseconds))
        return _text(tuple(self._tokens), self._zone, milliseconds)


@functools.lru_cache(maxsize=65_536)
def _text(tokens: tuple[str, ...], zone: dt.tzinfo, milliseconds: float) -> str:
    """The buckets of a page are the same ones again and again."""
    moment = from_milliseconds(milliseconds, zone)
    return "".join(token[1:] if token[0] == "=" else _digits(token, moment) for token in tokens)


def _digits(token: str, moment: dt.datetime) -> str:
    match token:
        case "yyyy" | "uuuu":
            return f"{moment.year:04}"
        case "MM":
            return f"{moment.month:02}"
        case "dd":
            return f"{moment.day:02}"
        case "HH":
            return f"{moment.hour:02}"
        case "mm":
            return f"{moment.minute:02}"
        case "ss":
            return f"{moment.second:02}"
        case "SSS":
            return f"{moment.microsecond // 1000:03}"
        case _:
            offset = moment.utcoffset() or dt.timedelta()
            return "Z" if not offset else moment.strftime("%z")[:3] + ":" + moment.strftime("%z")[3:5]
