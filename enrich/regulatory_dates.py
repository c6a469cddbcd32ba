"""The dates of a regulatory development: the day of the event, the day of effect, the end of a consultation."""

from __future__ import annotations

import re

from msgspec.structs import replace

from enrich.dates import DateExpression
from enrich.issuing import Event
from enrich.passage import Passage, within
from enrich.reading import Cue, Span
from netdocket.records import DateValue

FRAME_EN = re.compile(
    r"\b(?:on|in|dated|released|issued|published|since|from|until|by|before|of)\b\s*$", re.IGNORECASE
)

ORDERED = re.compile(r"现予公布|现予发布|现将|现印发|现公布|现发布")

SAME = "regulatory.effective.same_day"
SAME_DAY = re.compile(
    r"(?:effect|force|effective|implemented)\b[^.;]{0,20}\b(?:(?:on )?the same day|immediately|(?:on|from) the date of (?:issue|issuance|release|publication|promulgation))|自(?:公布|发布|印发)之日起(?:施行|实施|生效)|同日(?:起)?(?:施行|生效|实施)",
    re.IGNORECASE,
)


def published_day(
    passage: Passage, event: Event, effective: DateValue | None, until: DateValue | None
) -> DateValue | None:
    """The day of the event: the date in the issuing sentence that is neither a day of effect nor an end."""
    text = passage.text
    taken = {
        (d.evidence.start, d.evidence.end) for d in (effective, until) if d and d.evidence and d.rule != SAME
    }
    dates = [d for d in within(passage.dates, *event.sentence) if (d.start, d.end) not in taken]
    dates = [
        d
        for d in dates
        if not _in_name(text, d, event.sentence) and d.shape in ("day", "month", "recent", "relative")
    ]
    if ORDERED.search(text, *event.sentence):
        signed = signed_day(passage)
        if signed is not None:
            return signed
    if not dates:
        return _opened(passage, until) or signed_day(passage) or _headed_day(passage)
    before = [d for d in dates if d.start < event.verb.start]
    after = [d for d in dates if d.start >= event.verb.start]
    chosen = before[-1] if before and passage.language == "en" else (before or after)[0]
    if (
        passage.language == "en"
        and before
        and not FRAME_EN.search(text, max(event.sentence.start, chosen.start - 12), chosen.start)
    ):
        chosen = before[0]
    if passage.language == "en" and not before:
        days = [d for d in after if d.shape == "day"]
        chosen = (days or after)[0]
    return passage.date(chosen, "regulatory.published")


def _opened(passage: Passage, until: DateValue | None) -> DateValue | None:
    """The first day of a consultation whose period is printed."""
    if until is None or until.evidence is None:
        return None
    sentence = passage.reading.sentence_at(until.evidence.start)
    last = next((d for d in within(passage.dates, *sentence) if d.start == until.evidence.start), None)
    first = _range_start(passage, last, sentence) if last else None
    return passage.date(first, "regulatory.published") if first else None


def signed_day(passage: Passage) -> DateValue | None:
    """The date that stands alone in a line, below an order or a notice."""
    for line in passage.reading.lines_in(passage.start, passage.end):
        if line.end - line.start > 30:
            continue
        for date in within(passage.dates, *line):
            if date.shape == "day" and date.end - date.start >= line.end - line.start - 2:
                return passage.date(date, "regulatory.signed")
    return None


def _headed_day(passage: Passage) -> DateValue | None:
    """The day with which an item of a list by date begins: 8 August - Facial recognition. …"""
    start = passage.heading.start if passage.heading else passage.start
    for date in passage.facts.dates:
        if start <= date.start <= start + HEADED and date.shape == "day":
            return passage.date(date, "regulatory.headed")
    return None


HEADED = 3


def _in_name(text: str, date: DateExpression, sentence: Span) -> bool:
    """A date in a name (《…（2024年版）》) or after "effective"."""
    if text.rfind("《", sentence.start, date.start) > text.rfind("》", sentence.start, date.start):
        return True
    after = text[date.end : date.end + 8]
    return (
        after.startswith(("公布的", "发布的", "印发的", "施行的", "版", "至"))
        or "起施行" in after
        or "起实施" in after
    )


def day_of_effect(passage: Passage, event: Event) -> DateValue | None:
    """The date beside words of effect: after them in English, before them in Chinese."""
    text = passage.text
    end = passage.end
    same_day = SAME_DAY.search(passage.text, *event.sentence)
    if same_day is not None:
        day = published_day(passage, event, None, None)
        if day is not None:
            return replace(day, rule=SAME)
    for cue in (
        *_title_cues(passage, "effective"),
        *passage.reading.cues("effective", passage.body_start, end),
    ):
        sentence = passage.reading.sentence_at(cue.start)
        dates = [d for d in within(passage.facts.dates, *sentence) if d.shape in ("day", "month")]
        if passage.language == "zh":
            near = [d for d in dates if d.end <= cue.start and cue.start - d.end <= 6]
            if near:
                return passage.date(near[-1], "regulatory.effective", forward=True)
            continue
        after = [d for d in dates if d.start >= cue.end and d.start - cue.end <= 30]
        between = text[cue.end : after[0].start] if after else ""
        if after and not re.search(r"[.;]|,.*,", between):
            return passage.date(after[0], "regulatory.effective", forward=True)
    return None


def _title_cues(passage: Passage, group: str) -> list[Cue]:
    """Cues of the line of the text that repeats the bulletin's title."""
    return passage.reading.cues(group, *passage.title_line) if passage.title_line else []


def consultation_end(passage: Passage) -> DateValue | None:
    """The last day of a consultation: a date after until, by, 截至, 至 in a sentence that asks for comments."""
    text = passage.text
    for sentence in passage.sentences:
        if not _asks(passage, sentence):
            continue
        for date in within(passage.dates, *sentence):
            if date.shape not in ("day", "month"):
                continue
            before = text[max(sentence.start, date.start - 30) : date.start]
            after = text[date.end : date.end + 12]
            if passage.language == "zh":
                if re.search(
                    r"(?:截至|截止(?:日期|时间)?(?:为|至|到|是)?|至|到|—|-|于)\s?$", before
                ) and not re.match(r"起", after):
                    if before.endswith("于") and not re.match(r"\s?(?:前|之前|以前)", after):
                        continue
                    first = _range_start(passage, date, sentence)
                    if first is not None:
                        return _end_of_range(passage, first, date)
                    return passage.date(date, "regulatory.consultation_until", forward=True)
                if re.match(r"\s?(?:前|之前|以前|截止)", after):
                    return passage.date(date, "regulatory.consultation_until", forward=True)
            elif re.search(
                r"\b(?:until|till|by|before|ends?(?:\son)?|ended(?:\son)?|ran out(?:\son)?|runs out(?:\son)?|clos(?:es?|ed|ing)(?:\son)?|deadline(?:\s\w+){0,5}|no later than|through|up to|expir\w+(?:\son)?|to|due(?:\s\w+){0,3}):?\s(?:the\s)?$",
                before,
                re.IGNORECASE,
            ):
                return passage.date(date, "regulatory.consultation_until", forward=True)
    return None


def _end_of_range(passage: Passage, first: DateExpression, last: DateExpression) -> DateValue | None:
    """The last day of a period whose year may be printed at its first day only."""
    start, end = passage.date(first, ""), passage.date(last, "regulatory.consultation_until", before=first)
    if start is None or end is None or last.printed_year or "day" not in (start.precision, end.precision):
        return end
    year, month_and_day = int(start.value[:4]), end.value[4:]
    value = f"{year}{month_and_day}"
    return replace(end, value=value if value >= start.value else f"{year + 1}{month_and_day}")


def _range_start(passage: Passage, date: DateExpression, sentence: Span) -> DateExpression | None:
    """The first day of a period whose last day `date` is."""
    earlier = [d for d in within(passage.dates, *sentence) if d.end <= date.start]
    if earlier and re.fullmatch(
        r"\s?(?:日)?(?:起)?(?:至|到|—|-|~)\s?", passage.text[earlier[-1].end : date.start]
    ):
        return earlier[-1]
    return None


def _asks(passage: Passage, sentence: Span) -> bool:
    text = passage.text[sentence.start : sentence.end].lower()
    return any(
        word in text
        for word in (
            "comment",
            "consult",
            "opinion",
            "feedback",
            "replies",
            "responses",
            "be heard",
            "submission",
            "views",
            "征求意见",
            "意见",
            "反馈",
            "征集",
        )
    )
