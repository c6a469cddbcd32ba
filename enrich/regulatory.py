"""What is new in law: the instrument, who issued it, when, from when it applies, how far it has come.

All of it is read from the issuing sentence, the one that says that something was released, adopted, opened for comments;
days of effect and ends of consultations also from the sentences after it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from enrich.authorities import issuers
from enrich.dates import DateExpression
from enrich.law_mentions import LawMention
from enrich.numerals import parse_number
from enrich.passage import Passage, evidence, within
from enrich.reading import Cue, Span
from netdocket.records import Authority, Citation, DateValue, Regulatory, Stated

WORDS = {w: n for n, w in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"]
)}  # fmt: skip
FRAME_EN = re.compile(
    r"\b(?:on|in|dated|released|issued|published|since|from|until|by|before|of)\b\s*$", re.IGNORECASE
)
IN_FORCE_PAST = re.compile(
    r"took effect|came into|entered into force|became effective|has been|have been|in force since|已",
    re.IGNORECASE,
)
PLANNED_NOUN = re.compile(r"\bplan|计划|立项|proposed|拟")
ORDERED = re.compile(r"现予公布|现予发布|现将|现印发|现公布|现发布")
SAME_DAY = re.compile(
    r"(?:effect|force|effective|implemented)\b[^.;]{0,20}\b(?:(?:on )?the same day|immediately|(?:on|from) the date of (?:issue|issuance|release|publication|promulgation))|自(?:公布|发布|印发)之日起(?:施行|实施|生效)|同日(?:起)?(?:施行|生效|实施)",
    re.IGNORECASE,
)
MAX_AFTER = 4


class Event(NamedTuple):
    """The issuing sentence and the verb in it."""

    sentence: Span
    verb: Cue


def regulatory(
    passage: Passage, laws: Sequence[LawMention], citations: tuple[Citation, ...]
) -> tuple[Regulatory, tuple[Authority, ...]]:
    """The regulatory part of a record, and the authorities that issued the instrument."""
    event = _event(passage)
    named = within(laws, passage.start, passage.end)
    if event is None:
        if not passage.sentences:
            return Regulatory(citations=citations), ()
        # The text of a rule tells of no event: what can be read is when it applies.
        event = Event(passage.sentences[0], Cue(passage.sentences[0].end, passage.sentences[0].end, "issued"))
    bodies = issuers(passage, event.sentence, event.verb.start)
    effective = _effective(passage, event)
    until = _consultation_end(passage, event)
    published = _published(passage, event, effective, until)
    instrument = _instrument(passage, event, named)
    return (
        Regulatory(
            instrument=instrument,
            issuers=bodies,
            co_issuer_count=_co_issuers(passage, event, bodies),
            bodies_named=_bodies_named(passage, event, bodies),
            status=_status(passage, event, effective, until),
            published=published,
            effective=effective,
            consultation_until=until,
            replaces=_replaces(passage, instrument),
            citations=citations,
        ),
        bodies,
    )


def _event(passage: Passage) -> Event | None:
    """The first sentence of the body that tells of a release with a body or a date; else any release."""
    reading = passage.reading
    best: tuple[int, Event] | None = None
    for number, sentence in enumerate(passage.sentences[:12]):
        cues = [c for c in reading.cues("release", *sentence)]
        if not cues:
            continue
        verb = _verb(passage, sentence, cues)
        authority = reading.has("authority", *sentence)
        dated = bool(within(passage.dates, *sentence))
        noun = (
            reading.has("instrument_noun", *sentence) or "《" in passage.text[sentence.start : sentence.end]
        )
        score = 4 * authority + 2 * dated + 2 * noun - number
        if best is None or score > best[0]:
            best = score, Event(sentence, verb)
    if best is None and passage.heading:
        cues = reading.cues("release", *passage.heading)
        if cues:
            return Event(passage.heading, cues[0])
    return best[1] if best else None


VERBS = re.compile(
    r"(?:jointly\s)?(?:issued?|issues|releas|publish|promulgat|adopt|approv|unveil|announc|launch|introduc|enact|pass|circulat|consult|submit|clarif|solicit|seek|invit|印发|发布|公布|出台|颁布|下发|通过|征求|起草|审议|推出|制定)",
    re.IGNORECASE,
)


def _verb(passage: Passage, sentence: Span, cues: Sequence[Cue]) -> Cue:
    """The first release cue that is a verb; "draft" before a noun is none."""
    for cue in cues:
        if VERBS.match(passage.text, cue.start):
            return cue
    match = VERBS.search(passage.text, sentence.start, sentence.end)
    return Cue(match.start(), match.end(), cues[0].code) if match else cues[0]


def _published(
    passage: Passage, event: Event, effective: DateValue | None, until: DateValue | None
) -> DateValue | None:
    """The day of the event: the date in the issuing sentence that is neither a day of effect nor an end."""
    text = passage.text
    taken = {(d.evidence.start, d.evidence.end) for d in (effective, until) if d and d.evidence}
    dates = [d for d in within(passage.dates, *event.sentence) if (d.start, d.end) not in taken]
    dates = [
        d
        for d in dates
        if not _in_name(text, d, event.sentence) and d.shape in ("day", "month", "recent", "relative")
    ]
    if ORDERED.search(text, *event.sentence):
        signed = _signed(passage)
        if signed is not None:
            return signed
    if not dates:
        return _opened(passage, until) or _signed(passage)
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


def _signed(passage: Passage) -> DateValue | None:
    """The date that stands alone in a line, below an order or a notice."""
    for line in passage.reading.lines:
        if line.start < passage.start or line.end > passage.end or line.end - line.start > 30:
            continue
        for date in within(passage.dates, *line):
            if date.shape == "day" and date.end - date.start >= line.end - line.start - 2:
                return passage.date(date, "regulatory.signed")
    return None


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


def _effective(passage: Passage, event: Event) -> DateValue | None:
    """The date beside words of effect: after them in English, before them in Chinese."""
    text = passage.text
    end = passage.end
    same_day = SAME_DAY.search(passage.text, *event.sentence)
    if same_day is not None:
        day = _published(passage, event, None, None)
        if day is not None:
            return msgspec.structs.replace(day, rule="regulatory.effective.same_day")
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
    del event
    return None


def _title_cues(passage: Passage, group: str) -> list[Cue]:
    """Cues of the line of the text that repeats the bulletin's title."""
    return passage.reading.cues(group, *passage.title_line) if passage.title_line else []


def _consultation_end(passage: Passage, event: Event) -> DateValue | None:
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
                        return passage.date(date, "regulatory.consultation_until", before=first)
                    return passage.date(date, "regulatory.consultation_until", forward=True)
                if re.match(r"\s?(?:前|之前|以前|截止)", after):
                    return passage.date(date, "regulatory.consultation_until", forward=True)
            elif re.search(
                r"\b(?:until|till|by|before|ends?(?:\son)?|ended(?:\son)?|clos(?:es|ed|ing)(?:\son)?|deadline(?:\s\w+){0,5}|no later than|through|up to|expir\w+(?:\son)?|to|due(?:\s\w+){0,3})\s(?:the\s)?$",
                before,
                re.IGNORECASE,
            ):
                return passage.date(date, "regulatory.consultation_until", forward=True)
    del event
    return None


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
        for word in ("comment", "consult", "opinion", "feedback", "征求意见", "意见", "反馈", "征集")
    )


def _status(
    passage: Passage, event: Event, effective: DateValue | None, until: DateValue | None
) -> Stated | None:
    """How far the instrument has come at the bulletin's date."""
    reading = passage.reading
    start = passage.heading.start if passage.heading else passage.start
    spans = [passage.title_line or Span(start, passage.body_start), event.sentence]
    spans += [s for s in passage.sentences[:MAX_AFTER] if s != event.sentence]
    by_code: dict[str, Cue] = {}
    for number, span in enumerate(spans):
        for cue in reading.cues("release", *span):
            if number > 1 and cue.code in ("issued", "planned", "repealed", "amended"):
                continue
            by_code.setdefault(cue.code, cue)
    if until is not None:
        return Stated(value="draft", evidence=until.evidence, rule="regulatory.status.consultation")
    draft = by_code.get("draft")
    if draft is not None and not _adopted(passage, spans, draft):
        return Stated(value="draft", evidence=evidence(draft), rule="regulatory.status.draft")
    planned = by_code.get("planned")
    if (planned is not None and reading.has("release", *spans[0])) or (
        planned and "list" in passage.text[planned.start : planned.end].lower()
    ):
        if planned is not None:
            return Stated(value="planned", evidence=evidence(planned), rule="regulatory.status.planned")
    title_amended = next(
        (c for c in reading.cues("release", *spans[0]) if c.code in ("amended", "repealed")), None
    )
    anchor = passage.facts.anchor
    in_force = by_code.get("in_force")
    if effective is not None and effective.precision == "day":
        day = dt.date.fromisoformat(effective.value)
        said = effective.evidence and IN_FORCE_PAST.search(
            passage.text, max(0, effective.evidence.start - 40), effective.evidence.end + 12
        )
        # At the bulletin's date it applies where that lies behind the day of effect, or where the text says so itself.
        if (anchor is not None and day <= anchor and _same_issue(passage, event, day)) or (
            anchor is None and said
        ):
            return Stated(value="in_force", evidence=effective.evidence, rule="regulatory.status.in_force")
    elif (
        in_force is not None
        and in_force.start < passage.head_end
        and IN_FORCE_PAST.search(passage.text, in_force.start, in_force.end)
    ):
        return Stated(value="in_force", evidence=evidence(in_force), rule="regulatory.status.in_force")
    if title_amended is not None and "issued" not in {c.code for c in reading.cues("release", *spans[0])}:
        return Stated(
            value=title_amended.code, evidence=evidence(title_amended), rule="regulatory.status.title"
        )
    amended = by_code.get("amended")
    if amended is not None and "issued" not in by_code:
        return Stated(value="amended", evidence=evidence(amended), rule="regulatory.status.amended")
    issued = by_code.get("issued") or event.verb
    return Stated(value="issued", evidence=evidence(issued), rule="regulatory.status.issued")


def _same_issue(passage: Passage, event: Event, day: dt.date) -> bool:
    del passage, event, day
    return True


def _adopted(passage: Passage, spans: Sequence[Span], draft: Cue) -> bool:
    """Whether the draft is history: the title or the issuing sentence says that the final text is out."""
    text = passage.text
    title = text[spans[0].start : spans[0].end]
    sentence = text[spans[1].start : spans[1].end]
    final = re.compile(
        r"\b(?:final(?:ised|ized)?|officially|formally|promulgated|adopted|enacted|passed|come into force|take effect|took effect|came into)\b|正式|审议通过|表决通过|施行",
        re.IGNORECASE,
    )
    if re.search(r"\bdraft|征求意见|草案|consult", title, re.IGNORECASE):
        return False
    if spans[1].start <= draft.start < spans[1].end:
        return bool(final.search(sentence)) and not re.search(
            r"(?:征求意见稿|consultation|public comment)", sentence, re.IGNORECASE
        )
    # Named only in later sentences: told of as what came before.
    return not spans[0].start <= draft.start < spans[0].end and draft.start > spans[1].end


def _co_issuers(passage: Passage, event: Event, bodies: Sequence[Authority]) -> int | None:
    """How many bodies the issuing sentence counts without naming them."""
    table = passage.rules.table("regulatory")["co_issuers"]
    text = passage.text
    match = re.compile(table[passage.language], re.IGNORECASE).search(text, *event.sentence)
    if match is None:
        return None
    printed = match.group("n").lower()
    value = (
        parse_number(printed)
        if passage.language == "zh"
        else (int(printed) if printed.isdigit() else WORDS.get(printed))
    )
    if value is None:
        return None
    count = int(value)
    if passage.language == "zh":  # 等六部门 counts those named as well
        count -= len(bodies)
    return count if count > 0 else None


def _bodies_named(passage: Passage, event: Event, bodies: Sequence[Authority]) -> tuple[Stated, ...]:
    """Other bodies of China's administration that the news names, beside the issuers."""
    known = {body.type for body in bodies}
    out: dict[str, Stated] = {}
    for cue in passage.cues("authority", event.sentence.end, passage.end):
        if cue.code not in known and cue.code not in (
            "POLICE_LOCAL",
            "COURT",
            "PROCURATORATE",
            "LOCAL_GOV",
            "CAC_LOCAL",
        ):
            out.setdefault(
                cue.code, Stated(value=cue.code, evidence=evidence(cue), rule="regulatory.bodies_named")
            )
    return tuple(out.values())


LEGAL_GROUND = re.compile(
    r"(?:根据|依据|按照|依照|贯彻|落实|under|pursuant to|in accordance with|implement(?:ing)?|supplement(?:ing)?|based on)\s?(?:the\s)?[《\"“']?$",
    re.IGNORECASE,
)


def _instrument(passage: Passage, event: Event, named: Sequence[LawMention]) -> Stated | None:
    """The catalogue's id of what was issued: the law named in the heading, else behind the issuing verb."""
    reading = passage.reading
    start = passage.heading.start if passage.heading else passage.start
    candidates = [
        m
        for m in named
        if m.id is not None
        and (start <= m.start < passage.body_start or event.sentence.start <= m.start < event.sentence.end)
    ]
    for mention in candidates:
        if _is_ground(passage, mention):
            continue
        if event.sentence.start <= mention.start and _attribute(passage.text, mention):
            continue
        law = _issued_law(passage, mention)
        if law is not None:
            return Stated(value=law, evidence=evidence(mention), rule="regulatory.instrument")
    del reading
    return None


def _is_ground(passage: Passage, mention: LawMention) -> bool:
    """Whether the law is what the instrument rests on, alone or in a row of laws: 落实《甲法》《乙条例》."""
    text = passage.text
    start = mention.start
    while True:
        before = text[max(passage.start, start - 12) : start].rstrip("、,和及与 ")
        if not before.endswith("》"):
            break
        opening = text.rfind("《", passage.start, start)
        if opening < 0 or opening >= start:
            break
        start = opening
    return LEGAL_GROUND.search(text, max(passage.start, start - 30), start) is not None


def _attribute(text: str, mention: LawMention) -> bool:
    """A law that only says what the instrument is about: measures implementing the Data Security Law."""
    before = text[max(0, mention.start - 40) : mention.start].lower()
    return re.search(
        r"\b(?:implementation of|of the|supporting|accompanying|related to|relating to)\s(?:the\s)?[\"'“]?$",
        before,
    ) is not None and not re.search(r"\bdrafts? of (?:the\s)?$", before)


def _issued_law(passage: Passage, mention: LawMention) -> str | None:
    return mention.id


def _replaces(passage: Passage, instrument: Stated | None) -> Stated | None:
    """The instrument that this one takes the place of, by the catalogue."""
    if instrument is None:
        return None
    law = passage.rules.knowledge.laws.get(instrument.value)
    if law is None or law.replaces is None:
        return None
    return Stated(value=law.replaces, derived=f"catalogue:{law.id}")
