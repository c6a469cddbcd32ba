"""Headings of a text: which lines carry an enumerator or stand alone above what they head."""

from __future__ import annotations

import re
from typing import NamedTuple

from enrich.reading import Reading

_CN = "一二三四五六七八九十百"
# One alternative a style; the name of the group is the style. Decimal numbers get a style for each depth.
_ENUMERATOR = re.compile(
    rf"""(?:[\#>*_\s【\[]{{0,6}})(?:
    (?P<case>(?:典型)?案例\s?(?:[{_CN}]{{1,4}}|\d{{1,3}})(?:[\s:：、.]|$|】|\])|案[{_CN}]{{1,3}}[\s:：、]|第[{_CN}\d]{{1,3}}[例起案][\s:：、]|case\s(?:study\s)?(?:\d{{1,3}}|one|two|three|four|five|six|seven|eight|nine|ten)\b[\s:.)–-]?)
    |(?P<part>part\s?\.?\s?(?:\d{{1,2}}|one|two|three|four|five|six|[ivx]{{1,4}})\b|第[{_CN}]{{1,3}}部分)
    |(?P<cn>[{_CN}]{{1,4}}[、.:：]|[{_CN}]{{1,3}}\s)
    |(?P<paren_cn>[(（][{_CN}]{{1,4}}[)）])
    |(?P<decimal>\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?:[.、\s]|(?=[^\d.%\s])))
    |(?P<paren>[(（]\d{{1,2}}[)）])
    |(?P<roman>[IVX]{{1,5}}\s?[.、)])
    |(?P<zero>0\d(?:[.、\s]|(?=[\u4e00-\u9fff《"“])|$))
    |(?P<num>\d{{1,3}}(?:[.、)]|\s?[—–-](?=\s))(?!\d))
    |(?P<letter>[A-H][.)](?=\s))
    |(?P<circle>[①-⑳❶-❿])
    )[*\s】\]]*""",
    re.VERBOSE | re.IGNORECASE,
)
# A bold label at the head of a paragraph: **Fine for clinic** – The police fined …
_LABEL = re.compile(r"(?:[-*•]\s{1,3})?\*\*(?P<title>[^*\n]{3,160})\*\*\s{0,2}[:：–—-]?\s")
_MARKUP = re.compile(r"(?:\#{1,6}\s+|\*\*|__)")
_SENTENCE_END = tuple("。.;；!！,，、:：")
_CLOSERS = "*_#】] \t"
LONGEST_BARE = {"zh": 60, "en": 180}
LONGEST_TITLE = {"zh": 80, "en": 260}


class Heading(NamedTuple):
    """`start`, `end`: the line. `title_start`, `title_end`: the words of the heading without number and marks; where the
    line is running text they are empty and stand where that begins."""

    line: int
    start: int
    end: int
    title_start: int
    title_end: int
    style: str


def headings(reading: Reading) -> list[Heading]:
    """All lines that may head something, in order."""
    found = []
    for number, (start, end) in enumerate(reading.lines):
        heading = (
            _enumerated(reading, number, start, end)
            or _labelled(reading, number, start, end)
            or _bare(reading, number, start, end)
        )
        if heading:
            found.append(heading)
    return found


def _enumerated(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    text = reading.text
    match = _ENUMERATOR.match(text, start, end)
    if match is None:
        return None
    style = match.lastgroup or ""
    if style == "decimal":
        style += str(match.group("decimal").rstrip(".、 ").count(".") + 1)
    title_start, title_end = _stripped(text, match.end(), end)
    if style in ("case", "num", "cn", "paren_cn", "paren", "zero", "roman", "letter", "circle") and (
        title_end - title_start > LONGEST_TITLE[reading.language]
        or (text[title_end - 1 : title_end] in _SENTENCE_END and title_end - title_start > 30)
    ):
        title_end = title_start
    return Heading(number, start, end, title_start, title_end, style)


def _labelled(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    match = _LABEL.match(reading.text, start, end)
    if match is None or end - match.end() < 20:
        return None
    return Heading(number, start, end, match.start("title"), match.end("title"), "label")


def _bare(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    """A short line without a full stop that something longer follows."""
    text = reading.text
    markup = _MARKUP.match(text, start, end)
    title_start, title_end = _stripped(text, start, end)
    size = title_end - title_start
    if not 3 <= size <= LONGEST_BARE[reading.language] or text[title_end - 1] in _SENTENCE_END:
        return None
    if text[title_start] in "•·●-—–▲►■◆☆★(（\"'" or text.startswith(
        ("http://", "https://", "www."), title_start
    ):
        return None
    if text.find("\t", title_start, title_end) >= 0:  # a row of a table
        return None
    return Heading(number, start, end, title_start, title_end, "markup" if markup else "bare")


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _CLOSERS + "[【":
        start += 1
    while end > start and text[end - 1] in _CLOSERS:
        end -= 1
    return start, end
