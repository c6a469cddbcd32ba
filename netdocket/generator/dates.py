"""Dates as bulletins print them."""

from __future__ import annotations

import datetime as dt
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day_zh(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def month_day_zh(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def month_zh(day: dt.date) -> str:
    return f"{day.year}年{day.month}月"


def day_en(day: dt.date, american: bool = False) -> str:
    return (
        f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
        if american
        else f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    )


def day_month_en(day: dt.date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}"


def month_en(day: dt.date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"
