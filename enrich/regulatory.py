"""What is new in law: the instrument, who issued it, how far it has come, and its dates.

All of it is read from the issuing sentence (issuing.py); days of effect and ends of consultations also from the sentences
after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from enrich.authorities import issuers
from enrich.issuing import ISSUER_FIELD, Event, issuing_event
from enrich.law_mentions import LawMention
from enrich.numerals import WORDS, parse_number
from enrich.passage import Passage, evidence, within
from enrich.reading import Cue
from enrich.regulatory_dates import consultation_end, day_of_effect, published_day
from enrich.regulatory_status import status_of
from enrich.rulebook import Rulebook
from netdocket.records import Authority, Citation, Found, Regulatory, Span, Stated

LEGAL_GROUND = re.compile(
    r"(?:根据|依据|按照|依照|贯彻|落实|under|pursuant to|in accordance with|implement(?:ing)?|supplement(?:ing)?|based on)\s?(?:the\s)?[《\"“']?$",
    re.IGNORECASE,
)


def regulatory(
    passage: Passage, laws: Sequence[LawMention], citations: tuple[Citation, ...]
) -> tuple[Regulatory, tuple[Authority, ...]]:
    """The regulatory part of a record, and the authorities that issued the instrument."""
    event = issuing_event(passage)
    named = within(laws, passage.start, passage.end)
    if event is None:
        if not passage.sentences:
            return Regulatory(citations=citations), ()
        # The text of a rule tells of no event: what can be read is when it applies.
        event = Event(passage.sentences[0], Cue(passage.sentences[0].end, passage.sentences[0].end, "issued"))
    bodies = issuers(passage, event.sentence, event.verb.start) or _in_field(passage) or _in_heading(passage)
    effective = day_of_effect(passage, event)
    until = consultation_end(passage)
    published = published_day(passage, event, effective, until)
    status = status_of(passage, event, effective, until)
    instrument = None
    in_heading = passage.heading and within(named, *passage.heading)
    if status.value != "planned" or in_heading:  # a plan names many, and is none of them
        instrument = _instrument(passage, event, named)
    others, others_found = _co_issuers(passage, event, bodies)
    return (
        Regulatory(
            instrument=instrument,
            issuers=bodies,
            co_issuer_count=others,
            co_issuers_found=others_found,
            bodies_named=_bodies_named(passage, event, bodies),
            status=status,
            published=published,
            effective=effective,
            consultation_until=until,
            replaces=_replaces(passage, instrument),
            citations=citations,
        ),
        bodies,
    )


def _co_issuers(
    passage: Passage, event: Event, bodies: Sequence[Authority]
) -> tuple[int | None, Found | None]:
    """How many bodies the issuing sentence counts without naming them, and where it does."""
    text = passage.text
    match = _co_issuer_pattern(passage.rules, passage.language).search(text, *event.sentence)
    if match is None:
        return None, None
    printed = match.group("n").lower()
    value = (
        parse_number(printed)
        if passage.language == "zh"
        else (int(printed) if printed.isdigit() else WORDS.get(printed))
    )
    if value is None:
        return None, None
    count = int(value)
    if passage.language == "zh":  # 等六部门 counts those named as well
        count -= len(bodies)
    if count <= 0:
        return None, None
    return count, Found(evidence=Span(start=match.start(), end=match.end()), rule="regulatory.co_issuers")


def _in_heading(passage: Passage) -> tuple[Authority, ...]:
    """The issuers that only the heading names: CAC publishes guide. The guide, released on …"""
    if passage.heading is None:
        return ()
    verbs = passage.cues("release", *passage.heading)
    return issuers(passage, passage.heading, verbs[0].start) if verbs else ()


def _in_field(passage: Passage) -> tuple[Authority, ...]:
    """The issuers that a line of fields names: Issuer: CAC, MPS."""
    for line in passage.reading.lines_in(passage.start, passage.end):
        if ISSUER_FIELD.match(passage.text, *line):
            return issuers(passage, line, line.end)
    return ()


@lru_cache(maxsize=8)
def _co_issuer_pattern(rules: Rulebook, language: str) -> re.Pattern[str]:
    return re.compile(rules.table("regulatory")["co_issuers"][language], re.IGNORECASE)


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


def _instrument(passage: Passage, event: Event, named: Sequence[LawMention]) -> Stated | None:
    """The catalogue's id of what was issued: the law named in the heading, else behind the issuing verb."""
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
        law = mention.id
        if law is not None:
            return Stated(value=law, evidence=evidence(mention), rule="regulatory.instrument")
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


def _replaces(passage: Passage, instrument: Stated | None) -> Stated | None:
    """The instrument that this one takes the place of, by the catalogue."""
    if instrument is None:
        return None
    law = passage.rules.knowledge.laws.get(instrument.value)
    if law is None or law.replaces is None:
        return None
    return Stated(value=law.replaces, derived=f"catalogue:{law.id}")
