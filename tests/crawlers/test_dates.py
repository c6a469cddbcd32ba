"""Printed dates."""

from __future__ import annotations

import pytest

from crawlers.extract.dates import DateFormatError, date_pattern, printed_date


@pytest.mark.parametrize(
    ("text", "date_format", "value"),
    [
        ("2025年09月12日 10:05", "%Y年%m月%d日 %H:%M", "2025-09-12"),
        ("来源：示例 2025年9月2日  （周二）", "%Y年%m月%d日", "2025-09-02"),
        ("2025-09-18T10:30:11+08:00", "%Y-%m-%d", "2025-09-18"),
        ("Thu, 18 Sep 2025 02:30:11 +0000", "%a, %d %b %Y %H:%M", "2025-09-18"),
        ("15 July 2025", "%d %B %Y", "2025-07-15"),
        ("Posted on Sept. 3, 2025 by", "%b %d, %Y", "2025-09-03"),
        ("2020-05", "%Y-%m", "2020-05"),
        ("May 2020", "%B %Y", "2020-05"),
        ("2019", "%Y", "2019"),
        ("12/31/19", "%m/%d/%y", "2019-12-31"),
        ("2025-02-30, corrected 2025-02-28", "%Y-%m-%d", "2025-02-28"),
        ("batch 120250912", "%Y%m%d", None),
        ("2025-13", "%Y-%m", None),
        ("15 Jubly 2025", "%d %B %Y", None),
        ("", "%Y", None),
        (None, "%Y", None),
    ],
)
def test_a_date_is_read_by_its_format(text: str | None, date_format: str, value: str | None) -> None:
    assert printed_date(text, [date_format]) == value


def test_the_first_format_that_fits_decides() -> None:
    assert printed_date("2020-05", ["%Y-%m-%d", "%Y-%m", "%Y"]) == "2020-05"


@pytest.mark.parametrize("wrong", ["%Q", "%d.%m.", "today"])
def test_a_format_without_sense_is_refused(wrong: str) -> None:
    with pytest.raises(DateFormatError):
        date_pattern(wrong)
