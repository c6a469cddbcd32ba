"""How numbers and dates are written. The same in both languages: digits, thousands separated."""

from __future__ import annotations

import math
from collections.abc import Callable

from dashboards.panels.model import Measure

DASH = "–"


def number(value: float | None) -> str:
    if value is None:
        return DASH
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def yuan(value: float | None) -> str:
    """A sum in yuan, fen only where there are any."""
    return DASH if value is None else f"¥{number(round(value, 2))}"


def about(value: float | None, written: Callable[[float], str]) -> str:
    """A figure that the store estimates (a percentile): three digits, and marked as what it is."""
    if value is None:
        return DASH
    exponent = math.floor(math.log10(abs(value))) - 2 if value else 0
    return f"≈\u202f{written(round(value, -exponent))}"


def written(measure: Measure, value: float | None) -> str:
    """A value of a measure in its unit; what the store only estimates is marked as that."""
    form = yuan if measure.unit == "yuan" else number
    return about(value, form) if measure.kind in ("median", "percentile") else form(value)


def day(value: str | None, precision: str | None = None) -> str:
    """A date as far as it is known: a year's or a month's stays one."""
    if not value:
        return DASH
    length = {"year": 4, "month": 7}.get(precision or "", 10)
    return value[:length]
