"""The dates of a record: when it was decided, found, announced; and the one date by which it is charted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from enrich.date_meanings import resolve
from enrich.dates import DateExpression, find_dates
from enrich.event_dates_en import NO_SITTING, clause_start, headed_day, role_before
from enrich.needed import sought
from enrich.passage import Passage, evidence, within
from enrich.reading import Reading, Span
from enrich.regulatory_dates import signed_day
from enrich.segment import Segments
from netdocket.records import Bulletin, CaseDates, DateValue, EventDate, Precision

FOUND = sought(
    r"发现|检查|巡查|接报|举报|查实|排查|监测|found|discovered|inspect|investigat|detected", re.IGNORECASE
)
ANNOUNCED = sought(
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


def published_date(
    bulletin: Bulletin, reading: Reading, title: Reading, content_start: int
) -> tuple[DateValue | None, dt.date | None]:
    """The bulletin's own date, as a value and as the anchor for dates in its text: as harvested, else as printed."""
    printed = bulletin.published
    if not printed:
        return _as_printed(reading, title, content_start)
    parts = [int(part) for part in printed.split("-")]
    precisions: tuple[Precision, ...] = ("year", "month", "day")
    precision = precisions[len(parts) - 1]
    year, month, day = ([*parts, 12, 28] if len(parts) == 1 else [*parts, 28])[:3]
    try:
        anchor = dt.date(year, month, day)
    except ValueError:
        return None, None
    return DateValue(value=printed, precision=precision, derived="bulletin"), anchor


def _as_printed(
    reading: Reading, title: Reading, content_start: int
) -> tuple[DateValue | None, dt.date | None]:
    date, in_text = printed_date(reading, title, content_start)
    meant = resolve(date, None) if date else None
    if date is None or meant is None:
        return None, None
    value = DateValue(value=meant.value, precision=meant.precision, derived="title")
    if in_text:
        value = DateValue(
            value=meant.value, precision=meant.precision, evidence=evidence(date), rule="dates.byline"
        )
    return value, meant.last_day


def case_dates(passage: Passage, segments: Segments) -> RecordDates:
    """Decision, finding and announcement, each where the text states it."""
    decision = found = published = None
    before: DateExpression | None = None
    for sentence in passage.sentences:
        for date in within(passage.dates, *sentence):
            if date.shape not in ("day", "month", "relative"):  # 近日 is no date of its own
                before = date
                continue
            tail = Span(date.end, min(sentence.end, _next_date(passage, date, sentence)))
            role = (
                role_before(passage, date, clause_start(sentence, before))
                if passage.language == "en"
                else None
            ) or _role(passage, date, tail)
            if role == "decision" and decision is None:
                decision = passage.date(date, "dates.decision", before=before)
            elif role == "published" and published is None:
                published = passage.date(date, "dates.published", before=before)
            elif role == "found" and found is None:
                found = passage.date(date, "dates.found", before=before)
            before = date
    if decision is None and passage.item.heading is not None and passage.item.heading.style == "row":
        days = [
            date for date in passage.dates if date.shape == "day"
        ]  # the last column of a table of penalties
        decision = passage.date(days[-1], "dates.decision") if days else None
    if decision is None and published is None and passage.language == "en" and passage.imposed:
        headed = headed_day(passage)
        if headed is not None and all(cue.code == "PUBLIC_NAMING" for cue in passage.imposed):
            published = passage.date(headed, "dates.headed")
        elif headed is not None:
            decision = passage.date(headed, "dates.headed")
    if published is None and segments.lead.end > segments.lead.start:
        published = _lead_date(passage, segments.lead)
    if published is None and segments.single:
        published = signed_day(passage)
    return RecordDates(CaseDates(found=found, decision=decision), published)


def _next_date(passage: Passage, date: DateExpression, sentence: Span) -> int:
    later = [d.start for d in within(passage.dates, date.end, sentence.end)]
    return later[0] if later else sentence.end


SINCE = sought(
    r"(?:自|自从|截至|截止|\bsince|\bfrom|\bas of|\bbetween|\bby the end of|\buntil)\s{0,2}$", re.IGNORECASE
)
JUDGED = sought(
    r"(?P<past>经[^，。；\n]{0,10}?判决[^，。；\n]{1,14}?(?:后|期间)[，,]|判决书?(?:送达|生效)[^，。；\n]{0,12}?后[，,])"
    r"|判决|宣判|判处|判令|裁定|\b(?:ruled|convicted|sentenced|dismissed|upheld|rejected)\b"
    r"|\b(?:court|tribunal|judges?)(?:\s\([^()\n]{1,40}\)|,[^.;\n]{1,60}?,)?\s(?:\w+\s){0,3}?(?:ordered|held"
    + NO_SITTING
    + r")\b|\bit\s(?:\w{1,16}ly\s|also\s|then\s)?(?:ordered\s[^.;,\n]{1,60}?\sto\b|held\s(?:that|both|the\s[^.;,\n]{1,40}?\sliable)\b)"
    r"|\b(?:was|were)\s(?:\w{1,16}ly\s|also\s|then\s)?(?:ordered\sto|held\s(?:liable|responsible|guilty|to\shave|that))\b",
    re.IGNORECASE,
)
"""A court's words of its decision. Anybody may hold or order something, so these two are a court's only beside one, as what
was done to somebody, or where the word for it is followed by what shall be done. `past`: what happened after a judgment
(经法院判决离婚后，) was not decided on that day; what is to be done after it (判决生效后十日内) was."""
DECIDED_ON = sought(r"(?:决定(?:书)?(?:的)?(?:日期|时间)|处罚(?:日期|时间))\s{0,2}[：:\t]\s{0,2}\Z")
"""The field of a form that holds the day of the decision."""
TOLD_ON = sought(
    r"\b(?:announced|reported|published|released|disclosed|revealed|issued|said|notified|listed|named|unveiled)\s(?:\w+\s){0,2}?(?:on|in|at)\s(?:the\s)?(?:early|late|mid|beginning of|end of)?\s?$",
    re.IGNORECASE,
)


def _role(passage: Passage, date: DateExpression, tail: Span) -> str | None:
    """What happened on a date: what is said right before it in English (announced on …), else the first thing told
    after it."""
    search = passage.reading.search
    if search(SINCE, max(passage.start, date.start - 14), date.start) or passage.text.startswith(
        ("以来", "起，", "起,"), date.end
    ):
        return None
    if search(DECIDED_ON, max(passage.start, date.start - 20), date.start):
        return "decision"
    if search(TOLD_ON, max(passage.start, date.start - 60), date.start):
        return "published"
    imposed = passage.signals.imposed_in(*tail)
    measures = [cue.start for cue in imposed if cue.code != "PUBLIC_NAMING"]
    announced = _announcement(passage, tail)
    if imposed and imposed[0].code == "PUBLIC_NAMING" and (announced is None or imposed[0].start < announced):
        announced = imposed[0].start
    found = search(FOUND, *tail)
    judged = _judgment(passage, tail) if passage.has("court") else None
    candidates = [
        (measures[0], "decision") if measures else None,
        (judged, "decision") if judged is not None else None,
        (announced, "published") if announced is not None else None,
        (found.start(), "found") if found else None,
    ]
    known = [c for c in candidates if c is not None]
    if not known:
        return None
    return min(known)[1]


def _judgment(passage: Passage, tail: Span) -> int | None:
    """Where a court's decision is first told; a judgment that something else came after is none."""
    found = (match.start() for match in passage.reading.matches(JUDGED, *tail) if not match["past"])
    return next(found, None)


def _announcement(passage: Passage, tail: Span) -> int | None:
    """Where it is first said that something was announced; by a body, where the word may be used of anybody (发布)."""
    for match in passage.reading.matches(ANNOUNCED, *tail):
        if match.group() != "发布" or passage.reading.has("authority", tail.start, match.start()):
            return match.start()
    return None


def printed_date(reading: Reading, title: Reading, content_start: int) -> tuple[DateExpression | None, bool]:
    """The date under which a text was published, as it prints it: in the lines above its content, in its title, or
    alone in one of its last lines; and whether it stands in the text itself."""
    above = (
        [d for d in find_dates(reading.text[:content_start]) if d.year and d.month] if content_start else []
    )
    if above:
        return above[-1], True
    in_title = [d for d in find_dates(title.text) if d.year and d.month]
    if in_title:
        return in_title[-1], False
    for line in reading.lines[-4:]:
        if line.end - line.start <= 24:
            alone = [
                d for d in find_dates(reading.text[line.start : line.end]) if d.year and d.month and d.day
            ]
            if alone and alone[0].end - alone[0].start >= line.end - line.start - 2:
                return shifted(alone[0], line.start), True
    return None, False


def shifted(date: DateExpression, by: int) -> DateExpression:
    return replace(date, start=date.start + by, end=date.end + by)


def _lead_date(passage: Passage, lead: Span) -> DateValue | None:
    for date in within(passage.facts.dates, *lead):
        if date.shape in ("day", "month") and passage.reading.search(ANNOUNCED, date.end, lead.end):
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
