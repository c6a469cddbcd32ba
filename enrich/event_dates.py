"""The dates of a record: when it was decided, found, announced; and the one date by which it is charted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from enrich.dates import DateExpression
from enrich.passage import Passage, within
from enrich.reading import Span
from enrich.segment import Segments
from netdocket.records import Bulletin, CaseDates, DateValue, EventDate, Precision

FOUND = re.compile(
    r"发现|检查|巡查|接报|举报|查实|排查|监测|found|discovered|inspect|investigat|detected", re.IGNORECASE
)
ANNOUNCED = re.compile(
    r"通报|公布|发布|消息|报道|曝光|披露|announced|reported|published|released|disclosed|revealed|said|issued|unveiled|launched|notified|named|naming|list",
    re.IGNORECASE,
)


def last_printed_day(dates: Sequence[DateExpression]) -> dt.date | None:
    """The last full day that a text prints: an undated text knows no instrument younger than that."""
    days = [dt.date(d.year, d.month, d.day) for d in dates if d.year and d.month and d.day]
    return max(days, default=None)


class RecordDates(NamedTuple):
    case: CaseDates
    published: DateValue | None


def published_date(bulletin: Bulletin) -> tuple[DateValue | None, dt.date | None]:
    """The bulletin's own date, as a value and as the anchor for dates in its text."""
    printed = bulletin.published
    if not printed:
        return None, None
    parts = [int(part) for part in printed.split("-")]
    precision: Precision = ("year", "month", "day")[len(parts) - 1]  # type: ignore[assignment]
    year, month, day = ([*parts, 12, 28] if len(parts) == 1 else [*parts, 28])[:3]
    try:
        anchor = dt.date(year, month, day)
    except ValueError:
        return None, None
    return DateValue(value=printed, precision=precision, derived="bulletin"), anchor


def case_dates(passage: Passage, segments: Segments) -> RecordDates:
    """Decision, finding and announcement, each where the text states it."""
    decision = found = published = None
    before: DateExpression | None = None
    for sentence in passage.sentences:
        for date in within(passage.dates, *sentence):
            if date.shape not in ("day", "month", "recent", "relative"):
                before = date
                continue
            tail = Span(date.end, min(sentence.end, _next_date(passage, date, sentence)))
            role = _role(passage, date, tail)
            if role == "decision" and decision is None and date.shape != "recent":
                decision = passage.date(date, "dates.decision", before=before)
            elif role == "published" and published is None and date.shape != "recent":
                published = passage.date(date, "dates.published", before=before)
            elif role == "found" and found is None and date.shape != "recent":
                found = passage.date(date, "dates.found", before=before)
            before = date
    if published is None and segments.lead.end > segments.lead.start:
        published = _lead_date(passage, segments.lead)
    return RecordDates(CaseDates(found=found, decision=decision), published)


def _next_date(passage: Passage, date: DateExpression, sentence: Span) -> int:
    later = [d.start for d in within(passage.dates, date.end, sentence.end)]
    return later[0] if later else sentence.end


TOLD_ON = re.compile(
    r"\b(?:announced|reported|published|released|disclosed|revealed|issued|said|notified|listed|named|unveiled)\s(?:\w+\s){0,2}?(?:on|in|at)\s(?:the\s)?(?:early|late|mid|beginning of|end of)?\s?$",
    re.IGNORECASE,
)


def _role(passage: Passage, date: DateExpression, tail: Span) -> str | None:
    """What happened on a date: what is said right before it in English (announced on …), else the first thing told
    after it."""
    text = passage.text
    if TOLD_ON.search(text, max(passage.start, date.start - 60), date.start):
        return "published"
    measures = [cue.start for cue in passage.signals.imposed_in(*tail)]
    announced = ANNOUNCED.search(text, *tail)
    found = FOUND.search(text, *tail)
    candidates = [
        (measures[0], "decision") if measures else None,
        (announced.start(), "published") if announced else None,
        (found.start(), "found") if found else None,
    ]
    known = [c for c in candidates if c is not None]
    if not known:
        return None
    return min(known)[1]


def _lead_date(passage: Passage, lead: Span) -> DateValue | None:
    for date in within(passage.facts.dates, *lead):
        if date.shape in ("day", "month") and ANNOUNCED.search(passage.text, date.end, lead.end):
            return passage.date(date, "dates.lead")
    return None


def event_date(case: CaseDates, published: DateValue | None, bulletin: DateValue | None) -> EventDate | None:
    """Decision, else published, else found or conduct, else the bulletin's."""
    for name, value in (
        ("decision", case.decision),
        ("published", published),
        ("found", case.found),
        ("conduct", case.conduct),
        ("bulletin", bulletin),
    ):
        if value is not None:
            return EventDate(value=value.value, precision=value.precision, from_=name)
    return None
