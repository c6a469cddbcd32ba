"""Where the content of a text begins and ends: after title and byline, before a firm's own matter, footnotes and, of an
item, the statute quoted below it."""

from __future__ import annotations

import re
from itertools import pairwise

from enrich.reading import Reading, Span
from enrich.signals import Signals

SHORTEST = {"zh": 30, "en": 90}
"""Fewer characters than this below a heading are no item."""
_FOOTNOTE = re.compile(r"(?:\[?\d{1,3}\]?[.)]?|\*+|†)\s*(?=\S)")


_FIELD = re.compile(
    r"[\u4e00-\u9fff]{0,12}(?:文号|编号|当事人|相对人|单位名称|企业名称|机构名称|姓名|案由|违法事实|违法违规事实|处罚决定|处罚依据|处罚种类|处罚内容)[^：:\n]{0,8}[：:\t]"
)
"""A field of a form; below the title of a decision it is content, however short."""


def content_start(reading: Reading, body: Span, title: str) -> int:
    """Where the text proper begins: after the title and the lines that name publisher, author and time."""
    lines = reading.lines
    text = reading.text
    shortest = SHORTEST[reading.language]
    for index, (start, end) in enumerate(lines[:12]):
        last = text[end - 1]
        byline = reading.cues("byline_starts", start, min(end, start + 12))
        is_byline = bool(byline) and byline[0].start == start and end - start < 60
        if not is_byline and _FIELD.match(text, start, end):
            return start
        if is_byline or (
            index + 1 < len(lines) and last not in "。.!！?？:：;；，,、\"'”" and end - start < 2 * shortest
        ):
            continue
        if title and index < 3 and text[start:end] in (title, title.strip()):
            continue
        return start
    return body.start


def tail_start(reading: Reading, signals: Signals, body: Span) -> int:
    """Where the content ends: the first line of a firm's own matter that nothing of note follows, or of the footnotes."""
    lines = reading.lines
    for index, (start, end) in enumerate(lines):
        if index == 0 or start < body.start + 0.15 * (body.end - body.start):
            continue
        cue = reading.first("tail", start, min(end, start + 60))
        if cue and cue.start - start <= 2 and not _goes_on(signals, start, body.end):
            return start
        if _is_footnotes(reading, index):
            return start
    return body.end


def _goes_on(signals: Signals, start: int, end: int) -> bool:
    """Whether items follow: an address for orders may stand in the middle of a digest."""
    return bool(signals.releases_in(start, end) or signals.imposed_in(start, end))


def _is_footnotes(reading: Reading, index: int) -> bool:
    """A line numbered 1 in the last part of the text that begins as a note does, after a line that is no heading."""
    start, end = reading.lines[index]
    match = _FOOTNOTE.match(reading.text, start, min(end, start + 6))
    if match is None or not reading.text[start:end].lstrip("[*†").startswith("1"):
        return False
    rest = reading.text[match.end() : match.end() + 14].lower()
    return rest.startswith(
        ("see:", "see also", "see http", "available at", "ibid", "source:", "http", "see ")
    )


def body_of(reading: Reading) -> Span:
    """All lines of the text."""
    lines = reading.lines
    return Span(lines[0].start, lines[-1].end) if lines else Span(0, 0)


_LAW_ALONE = re.compile(r"[#*>【\s]{0,4}《[^《》\n]{3,40}(?:法|条例|规定|办法|决定|解释)》\s{0,2}[:：]?")
_FIRST_ARTICLE = re.compile(r"\s{0,4}第[一二三四五六七八九十百\d]{1,5}条")
_MARKS = " \t*#【】[]（）()>-—|丨:：!！"
LEAST_PROMOTION = 2


def closing_start(reading: Reading, signals: Signals, span: Span) -> int | None:
    """Where what explains an item's law or appeals to the reader begins, of an item that has been told: a statute quoted
    below it (under a word that says so, or law and article on lines of their own), an appeal under a heading of its own,
    a firm's praise of its products. None where nothing of the kind follows."""
    found = [_statute_start(reading, span), _headed_appeal(reading, span), _promotion(reading, signals, span)]
    return min((start for start in found if start is not None), default=None)


def _statute_start(reading: Reading, span: Span) -> int | None:
    for cue in reading.cues("statute_quotes", span.start, span.end):
        line_start = reading.text.rfind("\n", 0, cue.start) + 1
        between = reading.text[line_start : cue.start].strip(" \t*#【[（(>-—")
        if not between and line_start - span.start >= 40:
            return line_start
    lines = list(reading.lines_in(span.start, span.end))
    for line, below in pairwise(lines[1:]):
        if _LAW_ALONE.fullmatch(reading.text, *line) and _FIRST_ARTICLE.match(reading.text, *below):
            return line.start
    return None


def _headed_appeal(reading: Reading, span: Span) -> int | None:
    """A line that consists of the words of an appeal (警方提醒), below a case that takes up most of the text before."""
    for cue in reading.cues("aftermath", span.start, span.end):
        line_start = reading.text.rfind("\n", 0, cue.start) + 1
        line_end = reading.text.find("\n", cue.end)
        if line_end < 0 or line_start - span.start < 40:
            continue
        rest = reading.text[line_start : cue.start] + reading.text[cue.end : line_end]
        if not rest.strip(_MARKS) and span.end - line_end >= SHORTEST[reading.language]:
            return line_start
    return None


def _promotion(reading: Reading, signals: Signals, span: Span) -> int | None:
    """The lines behind the last that tells of a measure, an authority or a judgment, where they praise a product."""
    told = max(
        (
            cue.end
            for group in ("authority", "court_outcome", "naming")
            for cue in reading.cues(group, span.start, span.end)
        ),
        default=span.start,
    )
    told = max([told, *(cue.end for cue in signals.imposed_in(span.start, span.end))])
    if told == span.start:
        return None
    newline = reading.text.find("\n", told, span.end)
    if newline < 0 or len(reading.cues("vendor", newline, span.end)) < LEAST_PROMOTION:
        return None
    return next((line.start for line in reading.lines_in(newline, span.end)), None)
