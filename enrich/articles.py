"""Article numbers as printed: the grammar of runs such as 第二十一条第一款第（三）项、第五十九条 or Articles 21(5) and 59.

A run is a list of articles of one law; each article, paragraph (款) or item (项) in it is an entry of its own.
Ranges are written out. What law a run belongs to is found in `enrich.citations`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from enrich.numerals import HAN_DIGITS, parse_number

MAX_RANGE = 60
MAX_STEPS = 60


class Article(NamedTuple):
    """One article, paragraph or item: half-open span and numbers as strings. `bracket`: a bare English bracket, of
    which only the law tells whether it is a paragraph or an item."""

    start: int
    end: int
    article: str
    paragraph: str | None = None
    item: str | None = None
    bracket: str | None = None


class Run(NamedTuple):
    """Articles of one law, in the order of the text."""

    start: int
    end: int
    articles: tuple[Article, ...]


# --- Chinese ------------------------------------------------------------------------------------------

_N = rf"[0-9{HAN_DIGITS}十百千]{{1,9}}"
_NS = rf"[(]?(?P<numbers>{_N}[)]?(?:\s?(?:[、,和及至到]|(?=[(]))\s?第?[(]?{_N}[)]?(?=[^条款项目\n]{{0,24}}[条款项目])){{0,12}})"
FIRST_ZH = re.compile(
    rf"第\s?{_N}\s?(?:条|[、,和及至到]\s?第?{_N}[^。\n]{{0,24}}?条)|(?<=[》法例定])\s?{_N}\s?条(?!例)"
)
STEP_ZH = re.compile(
    rf"\s{{0,2}}(?P<join>以及|或者|至|到|—|-|~|、|,|，|和|及|与|或|并)?\s{{0,2}}(?P<di>第)?\s?{_NS}\s?(?P<unit>条(?!例)|款(?!应用|APP|App)|项(?!目)|目)"
)
SUB_ZH = re.compile(r"\s?[、,和及与]?\s?之([一二三四五六七八九十]{1,2})(?!第?[条款项])")
RANGE_ZH = frozenset("至到—-~")
NUMBER_ZH = re.compile(_N)


def chinese_runs(text: str) -> Iterator[Run]:
    """All article runs of a normalised text, left to right. Linear: every step is bounded and moves on."""
    position = 0
    while (first := FIRST_ZH.search(text, position)) is not None:
        run = _read_chinese(text, first.start())
        if run is None:
            position = first.start() + 1
            continue
        yield run
        position = run.end


def _read_chinese(text: str, start: int) -> Run | None:
    entries: list[Article] = []
    position = start
    for _ in range(MAX_STEPS):
        step = STEP_ZH.match(text, position)
        if step is None or (not entries and (step["join"] or step["unit"] != "条")):
            break
        if step["join"] in ("，", ",", "并") and not step["di"]:
            break
        numbers = [(m.start(), m.end(), _text(m[0])) for m in NUMBER_ZH.finditer(text, *step.span("numbers"))]
        if any(number is None for *_, number in numbers):
            break
        position = step.end()
        for index, (at, end, number) in enumerate(numbers):
            last = index == len(numbers) - 1
            before = (step["join"] or "") if index == 0 else text[numbers[index - 1][1] : at]
            ranged = any(c in RANGE_ZH for c in before)
            at = step.start("di") if step["di"] and index == 0 else at  # noqa: PLW2901 - 第 belongs to the number
            _add(entries, step["unit"], str(number), at, step.end() if last else end, ranged=ranged)
        while step["unit"] == "条" and (sub := SUB_ZH.match(text, position)) is not None:
            _add_sub(entries, str(_text(sub[1])), sub)
            position = sub.end()
    return Run(start, position, tuple(entries)) if entries else None


def _text(printed: str) -> str | None:
    value = parse_number(printed)
    return str(int(value)) if value is not None and 0 < value < 2000 else None


def _add(entries: list[Article], unit: str, number: str, start: int, end: int, *, ranged: bool) -> None:
    last = entries[-1] if entries else None
    if unit == "条":
        if ranged and last is not None and last.article.isdigit():
            entries += _between(last.article, number, start, end)
        entries.append(Article(start, end, number))
    elif last is None or unit == "目":
        return
    elif unit == "款":
        if ranged and last.paragraph is not None:
            between = range(int(last.paragraph) + 1, min(int(number), int(last.paragraph) + MAX_RANGE))
            entries += [Article(start, end, last.article, str(n)) for n in between]
        entry = Article(
            last.start if last.paragraph is None and last.item is None else start, end, last.article, number
        )
        _put(entries, entry, replace=last.paragraph is None and last.item is None)
    else:
        if ranged and last.item is not None:
            between = range(int(last.item) + 1, min(int(number), int(last.item) + MAX_RANGE))
            entries += [Article(start, end, last.article, last.paragraph, str(n)) for n in between]
        entry = Article(last.start if last.item is None else start, end, last.article, last.paragraph, number)
        _put(entries, entry, replace=last.item is None)


def _put(entries: list[Article], entry: Article, *, replace: bool) -> None:
    if replace:
        entries[-1] = entry
    else:
        entries.append(entry)


def _add_sub(entries: list[Article], number: str, match: re.Match[str]) -> None:
    """之一: an article inserted later; a second 之二 is one more of the same base."""
    last = entries[-1]
    base, _, earlier = last.article.partition("-")
    if earlier:
        entries.append(Article(match.start(), match.end(), f"{base}-{number}"))
    else:
        entries[-1] = Article(last.start, match.end(), f"{base}-{number}")


def _between(first: str, last: str, start: int, end: int) -> list[Article]:
    low, high = int(first) + 1, int(last)
    return [Article(start, end, str(n)) for n in range(low, high)] if 0 <= high - low <= MAX_RANGE else []


# --- English ------------------------------------------------------------------------------------------

HEAD_EN = re.compile(
    r"[Aa](?<!(?i:[A-Za-z]).)(?i:rticles?|rts?\.?)\s{0,2}(?=\d)"
)  # a class first: the search skips to it
# 21 · 287-2 · 286a · 21(5) · 76(1)(3)
NUMBER_EN = re.compile(
    r"(?P<n>\d{1,4})(?:-(?P<sub>\d{1,3})|(?P<letter>[a-d])(?![a-z]))?(?P<b1>\s?\([0-9ivx]{1,4}\))?(?P<b2>\s?\([0-9ivx]{1,4}\))?"
)
JOIN_EN = re.compile(
    r"\s{0,2}(?:,\s?and|,\s?or|,|and|or|&|(?P<range>to|through|-))\s{0,2}(?:articles?\s{0,2}|arts?\.?\s{0,2})?(?=\d{1,3}(?!\d|,\d|\s?(?:%|percent|million|yuan|months|days|years|January|February|March|April|May|June|July|August|September|October|November|December)))",
    re.IGNORECASE,
)
AFTER_EN = re.compile(
    r",?\s{0,2}(?P<unit>paragraph|para\.?|item|subparagraph|sub-paragraph|point|clause)s?\s{0,2}\(?(?P<n>\d{1,2})\)?(?:\((?P<b>\d{1,2})\))?",
    re.IGNORECASE,
)
BEFORE_EN = re.compile(
    r"(?:(?:items?|points?|sub-?paragraphs?)\s\(?(?P<item>\d{1,2})\)?,?\s(?:of|in|under)\s(?:the\s)?)?"
    r"(?:(?:paragraphs?|paras?\.?)\s\(?(?P<para>\d{1,2})\)?(?:\s?\((?P<sub>\d{1,2})\))?|(?:the\s)?(?P<ordinal>first|second|third|fourth|fifth)\sparagraph)?,?\s?(?:of|in|under)\s$",
    re.IGNORECASE,
)
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5"}
ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}


def english_runs(text: str) -> Iterator[Run]:
    """All article runs of a normalised text, left to right."""
    position = 0
    while (head := HEAD_EN.search(text, position)) is not None:
        run = _read_english(text, head)
        position = max(run.end, head.end())
        if run.articles:
            yield run


def _read_english(text: str, head: re.Match[str]) -> Run:
    entries: list[Article] = []
    position, start = head.end(), head.start()
    ranged = False
    for _ in range(MAX_STEPS):
        number = NUMBER_EN.match(text, position)
        if number is None or text[number.end() : number.end() + 1].isdigit():
            break
        entries += _numbered(entries, number, ranged=ranged, start=start if not entries else number.start())
        position = number.end()
        while (after := AFTER_EN.match(text, position)) is not None:
            entries[-1] = _modified(entries[-1], after["unit"], after["n"], after["b"], after.end())
            position = after.end()
        join = JOIN_EN.match(text, position)
        if join is None:
            break
        ranged, position = join["range"] is not None, join.end()
    before = BEFORE_EN.search(text, max(0, start - 60), start)
    if before is not None and entries and before[0].strip() and any(before.group("item", "para", "ordinal")):
        paragraph = before["para"] or (ORDINALS[before["ordinal"].lower()] if before["ordinal"] else None)
        first = entries[0]
        entries[0] = first._replace(
            start=before.start(),
            paragraph=paragraph or first.paragraph,
            item=before["item"] or before["sub"] or first.item,
        )
        start = before.start()
    return Run(start, position if entries else head.end(), tuple(entries))


def _numbered(entries: list[Article], number: re.Match[str], *, ranged: bool, start: int) -> list[Article]:
    n, sub = number["n"], number["sub"]
    brackets = [_bracket(b) for b in (number["b1"], number["b2"]) if b]
    out: list[Article] = []
    if ranged and entries and entries[-1].article.isdigit():
        out += _between(entries[-1].article, n, number.start(), number.end())
    if sub is not None and int(sub) > int(n):  # 44-47 is a range, 253-1 an inserted article
        out.append(Article(start, number.end(), n))
        out += [*_between(n, sub, number.start(), number.end()), Article(number.start(), number.end(), sub)]
        return out
    article = (
        f"{n}-{sub}"
        if sub
        else (f"{n}-{ord(number['letter'].lower()) - ord('a') + 1}" if number["letter"] else n)
    )
    if len(brackets) == 2:
        out.append(Article(start, number.end(), article, brackets[0], brackets[1]))
    else:
        out.append(Article(start, number.end(), article, bracket=brackets[0] if brackets else None))
    return out


def _bracket(printed: str) -> str:
    inner = printed.strip().strip("()")
    return ROMAN.get(inner, inner)


def _modified(entry: Article, unit: str, number: str, bracket: str | None, end: int) -> Article:
    if unit.lower().startswith(("para", "clause")):
        return entry._replace(end=end, paragraph=number, item=bracket or entry.item)
    return entry._replace(end=end, item=number)
