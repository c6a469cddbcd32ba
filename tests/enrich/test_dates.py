"""Date expressions: spans, and what they mean beside the date of their text."""

from __future__ import annotations

import datetime as dt

import pytest

from enrich.date_meanings import resolve
from enrich.dates import find_dates
from enrich.periods import find_periods

ANCHOR = dt.date(2026, 3, 20)


def resolved(text: str, *, forward: bool = False) -> list[tuple[str, str, str] | None]:
    out: list[tuple[str, str, str] | None] = []
    before = None
    for date in find_dates(text):
        value = resolve(date, ANCHOR, before=before, forward=forward)
        out.append((text[date.start : date.end], *value) if value else None)
        before = value or before
    return out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2021年4月7日，警方通报", [("2021年4月7日", "2021-04-07", "day")]),
        ("二〇二一年十二月三日", [("二〇二一年十二月三日", "2021-12-03", "day")]),
        ("２０２１年４月", [("２０２１年４月", "2021-04", "month")]),
        ("今年2月", [("今年2月", "2026-02", "month")]),
        ("去年12月", [("去年12月", "2025-12", "month")]),
        (
            "9月29日，作出处罚",
            [("9月29日", "2025-09-29", "day")],
        ),  # the latest one that is not after the anchor
        ("3月5日通报", [("3月5日", "2026-03-05", "day")]),
        ("12月", [("12月", "2025-12", "month")]),
        ("近日，", [("近日", "2026-03-20", "recent")]),
        ("上月", [("上月", "2026-02", "month")]),
        ("昨日", [("昨日", "2026-03-19", "day")]),
        ("2024-05-06", [("2024-05-06", "2024-05-06", "day")]),
        (
            "2025年5月8日，民警检查；同年7月，处罚；当日，",
            [("2025年5月8日", "2025-05-08", "day"), ("同年7月", "2025-07", "month"), None],
        ),
        ("2019年11月、12月", [("2019年11月", "2019-11", "month"), ("12月", "2019-12", "month")]),
        ("2018年", [("2018年", "2018", "year")]),
        ("On 7 April 2021", [("7 April 2021", "2021-04-07", "day")]),
        ("September 9, 2025", [("September 9, 2025", "2025-09-09", "day")]),
        ("on 1 October", [("1 October", "2025-10-01", "day")]),
        ("In March 2021", [("March 2021", "2021-03", "month")]),
        ("In May it may be", [("May", "2025-05", "month")]),
        ("recently", [("recently", "2026-03-20", "recent")]),
        ("earlier this year", [("earlier this year", "2026", "year")]),
        ("since 2017", [("2017", "2017", "year")]),
    ],
)
def test_meaning(text: str, wanted: list[tuple[str, str, str] | None]) -> None:
    assert resolved(text) == wanted


@pytest.mark.parametrize("text", ["2月30日", "13月5日", "行政拘留10日，", "5日以下拘留", "2024年度", "8号线", "you may 5 times", "第30日内",
                                  "version 2019.1.2.3", "31 April 2021"])  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert find_dates(text) == []


def test_what_is_to_come_is_read_forward() -> None:
    assert resolved("自10月1日起施行", forward=True) == [("10月1日", "2026-10-01", "day")]
    assert resolved("until 9 May", forward=True) == [("9 May", "2026-05-09", "day")]


def test_nothing_is_guessed_without_an_anchor() -> None:
    for text in ("9月29日", "今年7月", "近日", "上月", "一季度"):
        (date,) = find_dates(text)
        assert resolve(date, None) is None
    (date,) = find_dates("2021年4月")
    assert resolve(date, None) == ("2021-04", "month")


def test_29_february_falls_into_a_leap_year_or_nowhere() -> None:
    (date,) = find_dates("2月29日")
    assert resolve(date, dt.date(2024, 3, 1)) == ("2024-02-29", "day")
    assert resolve(date, dt.date(2026, 3, 1)) is None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("去年12月至今年3月", "2025-12", "2026-03"),
        ("2023年5月8日至10日，", "2023-05-08", "2023-05-10"),
        ("from March to May 2020", "2020-03", "2020-05"),
        ("12月至2月", "2025-12", "2026-02"),
        ("截至5月底，共办理", None, "2025-05"),
        ("as of 16 October 2017", None, "2017-10-16"),
        ("一季度", "2026-01", "2026-03"),
        ("2024年第三季度", "2024-07", "2024-09"),
        ("in the second half of 2020", "2020-07", "2020-12"),
        ("2025年上半年", "2025-01", "2025-06"),
        ("自2024年以来", "2024", "2026-03-20"),
        ("今年以来", "2026", "2026-03-20"),
    ],
)
def test_periods(text: str, start: str | None, end: str | None) -> None:
    (found,) = find_periods(text, ANCHOR)
    assert (found.period.start, found.period.end) == (start, end)
