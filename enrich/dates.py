"""Date expressions in Chinese and English, as printed, with their parts.

What they mean beside the date of their text is read in `enrich.date_meanings`, periods (去年12月至今年3月) in
`enrich.periods`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from enrich.normalise import normalise
from enrich.numerals import HAN_DIGITS, parse_number
from enrich.phrases import Phrases

Shape = Literal["day", "month", "year", "quarter", "half", "season", "recent", "relative"]

EN_MONTHS = {
    name: index for index, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1) for name in names.split()
}  # fmt: skip
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)"
_ZH_NUM = rf"(?:\d{{1,2}}|[{HAN_DIGITS}十廿卅]{{1,3}})"
_ZH_YEAR = r"(?:(?:19|20)\d{2}|[一二][九〇零][〇零一二三四五六七八九]{2})"

ZH = re.compile(
    rf"""
    (?<!\d)(?=[0-9{HAN_DIGITS}十廿卅近日最连不今昨前当去本上同次明第首下年])(?:
      (?P<recent>近日|日前|近期|最近|连日来|前不久|不久前|近来)
    | (?P<today>今日|今天|昨日|昨天|前天|当日|当天)(?!头条)
    | (?:(?P<year>{_ZH_YEAR})\s?年|(?P<rel>今年|去年|前年|本年|上年|同年|当年|次年|明年))?\s?
      (?:
        (?P<quarter>第?[一二三四1-4]\s?季度|首季) | (?P<half>上半年|下半年)
      | (?P<start>年初|年底|年末|年中)
      | (?:(?P<month>{_ZH_NUM})\s?月份?|(?P<relmonth>本月|上月|上个月|当月|同月))
        (?:\s?(?P<day>{_ZH_NUM})\s?(?:日|号(?!线|楼|院|令|文|店|馆|公告|[-—]\d))|(?P<part>上旬|中旬|下旬|初|底|末|中))?
      )
    | (?<=[\n。；，,\s至到~于-])(?P<bare_day>\d{{1,2}})日(?=[,，\s。至]|上午|下午|晚)
    | (?P<only_rel>今年|去年|前年)
    | (?P<only_year>{_ZH_YEAR})\s?年(?![第级度版])
    | (?P<iso>(?P<iso_year>(?:19|20)\d{{2}})[-/.](?P<iso_month>\d{{1,2}})[-/.](?P<iso_day>\d{{1,2}}))(?![\d.])
    )
    """,
    re.VERBOSE,
)
EN = re.compile(
    rf"""
    (?<![A-Za-z0-9])(?=[A-Za-z0-9])(?:
      (?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m1>{_MONTH})\.?(?:,?\s(?P<y1>(?:19|20)\d{{2}}))?
    | (?P<m2>{_MONTH})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|\scases|:\d)(?:\s?,\s?(?P<y2>(?:19|20)\d{{2}})|\s(?P<y2b>(?:19|20)\d{{2}}))?
    | (?P<m3>{_MONTH})\.?(?:,?\s|\sof\s)(?P<y3>(?:19|20)\d{{2}})
    | (?:in|since|until|by|of|from|during|last|this|early|late|mid|end\sof|for)[\s-](?P<m4>January|February|March|April|May|June|July|August|September|October|November|December)(?!\s\d)
    | (?:the\s)?(?P<q>first|second|third|fourth|Q[1-4])(?:\squarter)?(?:\sof)?\s(?P<qy>(?:19|20)\d{{2}})
    | (?:the\s)?(?P<h>first|second)\shalf\sof\s(?:(?P<hy>(?:19|20)\d{{2}})|(?P<hrel>this\syear|last\syear|the\syear))
    | (?P<iso>(?P<iso_year>(?:19|20)\d{{2}})-(?P<iso_month>\d{{1,2}})-(?P<iso_day>\d{{1,2}}))(?!\d)
    | (?P<s1>\d{{1,2}})/(?P<s2>\d{{1,2}})/(?P<sy>20\d{{2}})(?![\d/])
    | (?P<recent>recently|in\srecent\s(?:days|weeks)|lately|the\sother\sday)
    | (?P<rel>earlier\sthis\syear|this\syear|last\syear|this\smonth|last\smonth|earlier\sthis\smonth|yesterday|today)
    | (?:in|since|for|during|until|by|of|from|and|through|year|late|early|mid|mid-)\s(?P<only_year>(?:19|20)\d{{2}})(?![\d,.%]\d|\s(?:cases|entities|apps|people|individuals))
    )(?![A-Za-z0-9])
    """,
    re.VERBOSE | re.IGNORECASE,
)
HAN = re.compile(r"[\u3400-\u9fff]")
# Where EN can begin with a digit, and, below, with a word.
DIGITS_EN = re.compile(r"\d(?<![A-Za-z0-9]\d)(?:\d?(?:[A-Za-z]{2})?\s|\d{3}-\d|\d?/\d)")


BEFORE_MONTH = (
    *("in", "since", "until", "by", "of", "from", "during", "last", "this", "early", "late"),
    *("mid", "end of", "for"),
)
BEFORE_YEAR = (
    *("in", "since", "for", "during", "until", "by", "of", "from", "and", "through", "year", "late", "early"),
    *("mid", "mid-"),
)
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4"}


def _beginnings() -> Iterator[str]:
    yield from EN_MONTHS
    for word in BEFORE_MONTH:
        yield from (f"{word}{join}{month[:3]}" for join in " -" for month in EN_MONTHS)
    for word in BEFORE_YEAR:
        yield from (f"{word} {century}" for century in (19, 20))
    for word in (*ORDINALS, "q1", "q2", "q3", "q4"):
        for behind in (" quarter", " of 19", " of 20", " 19", " 20", " half of"):
            yield from (f"{article}{word}{behind}" for article in ("", "the "))
    yield from (
        "recently",
        "in recent days",
        "in recent weeks",
        "lately",
        "the other day",
        "yesterday",
        "today",
    )
    yield from (
        "earlier this year",
        "this year",
        "last year",
        "this month",
        "last month",
        "earlier this month",
    )


ANCHORS: Phrases[str] = Phrases(((words, "date") for words in _beginnings()), anywhere=True)


@dataclass(frozen=True, kw_only=True)
class DateExpression:
    """A date as printed: half-open span and its parts. `relative` names what the year, month or day is relative to;
    `part` a part of the unit (early, mid, late; quarter or half by number)."""

    start: int
    end: int
    shape: Shape
    year: int | None = None
    month: int | None = None
    day: int | None = None
    relative: str | None = None
    part: str | None = None

    @property
    def printed_year(self) -> bool:
        return self.year is not None


def find_dates(text: str) -> list[DateExpression]:
    """All date expressions, left to right, of both languages. Impossible days (2月30日) are left out."""
    text = normalise(text)
    month_first = "/20" in text and MONTH_FIRST.search(text) is not None
    found = [e for match in _at_anchors(text) if (e := _english(match, month_first)) is not None]
    if HAN.search(text):
        found += [e for match in ZH.finditer(text) if (e := _chinese(text, match)) is not None]
        found.sort(key=lambda e: (e.start, -e.end))
        found = [e for i, e in enumerate(found) if i == 0 or e.start >= found[i - 1].end]
    return [e for e in found if _possible(e)]


def _at_anchors(text: str) -> Iterator[re.Match[str]]:
    """The matches of EN, left to right: it is tried where one can begin, and nowhere else."""
    starts = {start for start, _, _ in ANCHORS.places(text)}
    starts.update(match.start() for match in DIGITS_EN.finditer(text))
    end = 0
    for start in sorted(starts):
        match = EN.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            yield match


DAYS_BACK = {"today": 0, "yesterday": 1, "day before yesterday": 2}


def _possible(expression: DateExpression) -> bool:
    if expression.month is not None and not 1 <= expression.month <= 12:
        return False
    if expression.day is None:
        return True
    last = calendar.monthrange(expression.year or 2000, expression.month or 1)[1]
    return 1 <= expression.day <= last


ZH_RELATIVE = {
    "今年": "this year", "本年": "this year", "去年": "last year", "上年": "last year", "前年": "year before last",
    "同年": "same year", "当年": "same year", "次年": "following year", "明年": "next year",
    "本月": "this month", "上月": "last month", "上个月": "last month", "当月": "same month", "同月": "same month",
    "今日": "today", "今天": "today", "昨日": "yesterday", "昨天": "yesterday", "前天": "day before yesterday",
    "当日": "same day", "当天": "same day",
}  # fmt: skip
ZH_PARTS = {
    "上旬": "early", "初": "early", "年初": "early", "中旬": "mid", "中": "mid", "年中": "mid",
    "下旬": "late", "底": "end", "末": "end", "年底": "end", "年末": "end",
    "上半年": "1", "下半年": "2", "首季": "1",
}  # fmt: skip


def _number(text: str | None) -> int | None:
    value = parse_number(text) if text else None
    return int(value) if value is not None else None


def _chinese(text: str, match: re.Match[str]) -> DateExpression | None:
    g = match.groupdict()
    start, end = match.span()
    while text[start : start + 1].isspace():
        start += 1
    if g["recent"]:
        return DateExpression(start=start, end=end, shape="recent")
    if g["today"]:
        return DateExpression(start=start, end=end, shape="relative", relative=ZH_RELATIVE[g["today"]])
    if g["iso"]:
        return _iso(g, start, end)
    if g["bare_day"]:
        return DateExpression(start=start, end=end, shape="day", day=int(g["bare_day"]))
    if g["only_year"]:
        return DateExpression(start=start, end=end, shape="year", year=_number(g["only_year"]))
    if g["only_rel"]:
        return DateExpression(start=start, end=end, shape="year", relative=ZH_RELATIVE[g["only_rel"]])
    relative = ZH_RELATIVE.get(g["rel"] or g["relmonth"] or "")
    year = _number(g["year"])
    if g["quarter"]:
        number = str(_number(re.sub(r"[第季度\s]", "", g["quarter"])) or 1)
        return DateExpression(
            start=start, end=end, shape="quarter", year=year, relative=relative, part=number
        )
    if g["half"]:
        return DateExpression(
            start=start, end=end, shape="half", year=year, relative=relative, part=ZH_PARTS[g["half"]]
        )
    if g["start"]:
        if year is None and relative is None:
            return None
        return DateExpression(
            start=start, end=end, shape="year", year=year, relative=relative, part=ZH_PARTS[g["start"]]
        )
    return DateExpression(
        start=start, end=end, shape="day" if g["day"] else "month", year=year, month=_number(g["month"]),
        day=_number(g["day"]), relative=relative, part=ZH_PARTS.get(g["part"] or ""),
    )  # fmt: skip


def _iso(g: dict[str, str | None], start: int, end: int) -> DateExpression:
    year, month, day = _number(g["iso_year"]), _number(g["iso_month"]), _number(g["iso_day"])
    return DateExpression(start=start, end=end, shape="day", year=year, month=month, day=day)


MONTH_FIRST = re.compile(r"(?<!\d)\d{1,2}/(?:1[3-9]|2\d|3[01])/20\d\d(?!\d)")
"""A date with the day in the middle: a text that prints one sets the month first throughout (04/17/2024)."""


def _english(match: re.Match[str], month_first: bool) -> DateExpression | None:
    g = match.groupdict()
    start, end = match.span()
    month_name = g["m1"] or g["m2"] or g["m3"] or g["m4"]
    if month_name and month_name.islower():
        return None  # "may" and "march" are words
    if g["d1"] or g["d2"]:
        month = EN_MONTHS[(g["m1"] or g["m2"] or "").lower()]
        year, day = _number(g["y1"] or g["y2"] or g["y2b"]), _number(g["d1"] or g["d2"])
        return DateExpression(start=start, end=end, shape="day", year=year, month=month, day=day)
    if g["m3"]:
        return DateExpression(
            start=start, end=end, shape="month", year=_number(g["y3"]), month=EN_MONTHS[g["m3"].lower()]
        )
    if g["m4"]:
        return DateExpression(
            start=match.start("m4"), end=end, shape="month", month=EN_MONTHS[g["m4"].lower()]
        )
    if g["q"]:
        if not g["q"].lower().startswith("q") and "quarter" not in match[0].lower():
            return None
        part = ORDINALS.get(g["q"].lower(), g["q"][-1])
        return DateExpression(start=start, end=end, shape="quarter", year=_number(g["qy"]), part=part)
    if g["h"]:
        relative = (
            "last year" if (g["hrel"] or "").lower() == "last year" else ("this year" if g["hrel"] else None)
        )
        return DateExpression(
            start=start,
            end=end,
            shape="half",
            year=_number(g["hy"]),
            relative=relative,
            part=ORDINALS[g["h"].lower()],
        )
    if g["iso"]:
        return _iso(g, start, end)
    if g["s1"] and g["s2"]:
        first, second = int(g["s1"]), int(g["s2"])
        day, month_number = (second, first) if month_first else (first, second)
        return DateExpression(
            start=start, end=end, shape="day", year=_number(g["sy"]), month=month_number, day=day
        )
    if g["recent"]:
        return DateExpression(start=start, end=end, shape="recent")
    if g["rel"]:
        relative = g["rel"].lower().removeprefix("earlier ")
        shape: Shape = "relative" if relative in DAYS_BACK else ("year" if "year" in relative else "month")
        return DateExpression(start=start, end=end, shape=shape, relative=relative)
    return DateExpression(start=match.start("only_year"), end=end, shape="year", year=_number(g["only_year"]))
