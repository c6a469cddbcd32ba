"""What the steps considered and did not take: for `netdocket explain` and for measuring, never on the way of a record.

    classified = classify(bulletin, knowledge)
    for item in considered(bulletin, classified, knowledge):
        item.kind, item.lost        # Lost("penalty", "FINE", 120, 124, "context.past"), ...

The text is read once more and each item asked for all cues of a field; those whose value the record does not have
are lost, and the predicates of the steps themselves say why. Nothing here runs while bulletins are classified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from enrich.authorities import _acts
from enrich.catalogue import Knowledge
from enrich.citations import PrintedCitation
from enrich.incident_types import dropped_beside, possible
from enrich.kind_signs import Signs
from enrich.measures import ASKED
from enrich.passage import Passage, within
from enrich.penalties import BEFORE_JUDGMENT, GENERIC
from enrich.pipeline import items_of, verdict_on
from enrich.reading import Cue
from enrich.rulebook import rulebook
from enrich.segment import Item
from enrich.signals import OPEN
from enrich.violations import NOT_TOLD, NOT_TOLD_EN, _breach_before
from enrich.whole import Whole, read_whole
from netdocket.records import CASE_KINDS, Bulletin, Classified, Record

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "quiet": "stands in an appeal, a reminder or a statute quoted below the case",
        "context.none": "told of something else than a measure",
        "context.statutory": "tells what a rule provides",
        "context.hypothetical": "tells of what may happen or is asked for",
        "context.past": "tells of an earlier measure",
        "context.not_fine": "is a sum of another kind",
        "no_penalty": "says that no penalty was imposed",
        "status": "says how far the case has come",
        "promised": "is what the subject promises",
        "asked": "is asked for or advised, not imposed",
        "heading": "stands in the heading, and the text tells its own measures",
        "before_judgment": "came before the judgment that is told",
        "generic": "says less than what else was found",
        "kind": "a record of this kind has none",
        "not_told": "tells of an aim, a duty to come or the authority's work",
        "no_breach": "a duty without a word of its breach before it",
        "does_not_act": "is told, asked or cited, and does not act",
        "farther": "another one stands nearer to the measure",
        "outranked": "another reading comes first",
        "possible": "may happen, and is not said to have happened",
        "excluded": "is contained in another type that was found",
        "outweighed": "other types are told more often or earlier",
        "articles_beside": "articles of the same law are cited",
        "no_event": "nothing that is dated stands beside it, or an earlier date was taken",
        "passed_over": "no step took it",
    }
)
"""Why a reading was lost, in words."""


class Lost(NamedTuple):
    """A reading that was considered: the field it is of, the value it would have given, its words, a code of REASONS."""

    field: str
    value: str
    start: int
    end: int
    why: str


class Considered(NamedTuple):
    """An item of the text. `kind`: what it was taken for, None where it gave no record, and then `why` says by which
    rule; `record`: its place in `Classified.records`."""

    start: int
    end: int
    kind: str | None
    why: str
    record: int | None
    lost: tuple[Lost, ...]


def considered(bulletin: Bulletin, classified: Classified, knowledge: Knowledge) -> tuple[Considered, ...]:
    """The items of a bulletin in the order of its text. `classified`: what `classify` made of it with this knowledge."""
    whole = read_whole(bulletin, rulebook(knowledge))
    records = {(r.span.start, r.span.end): n for n, r in enumerate(classified.records)}
    out = []
    for item, is_lead, apart in items_of(whole):
        number = records.get((item.span.start, item.span.end))
        record = None if number is None else classified.records[number]
        out.append(_considered(whole, item, record, number, lead=is_lead, apart=apart))
    return tuple(sorted(out, key=lambda c: (c.start, c.end)))


def _considered(
    whole: Whole, item: Item, record: Record | None, number: int | None, *, lead: bool, apart: str | None
) -> Considered:
    passage = Passage(whole.facts, item, whole.title.text, whole.shown_title)
    verdict = verdict_on(whole, passage, is_lead=lead, apart=apart)
    rule = verdict.found.rule or verdict.found.derived or "kinds"
    why = rule if record is not None or verdict.kind is None else "kinds.in_field"
    lost: list[Lost] = []
    if record is not None or verdict.kind is not None:
        lost += _kinds(passage, verdict.kind)
    if record is not None:
        lost += _penalties(passage, record)
        if record.kind in CASE_KINDS or record.kind == "CAMPAIGN_STATS":
            lost += _violations(passage, record)
        if record.kind not in ("REGULATORY_DEV", "EXPLAINER"):
            lost += _authorities(passage, record)
        if record.case is not None or record.report is not None:
            lost += _citations(passage, within(whole.citations, passage.start, passage.end), record)
        if record.regulatory is not None:
            lost += _statuses(passage, record)
        if record.incident is not None:
            lost += _incident_types(passage, record)
        lost += _dates(passage, record)
    kind = record.kind if record is not None else None
    return Considered(passage.start, passage.end, kind, why, number, tuple(lost))


def _kinds(passage: Passage, chosen: str | None) -> Iterator[Lost]:
    """What spoke for another kind."""
    signs = Signs(passage)
    measure = next(iter(signs.measures), None)
    signals = (
        ("ENFORCEMENT_CASE", measure),
        ("APP_LIST", measure if signs.app_list else None),
        ("CAMPAIGN_STATS", signs.counted[0] if signs.campaign else None),
        ("COURT_CASE", signs.court),
        ("REGULATORY_DEV", signs.release if signs.release and not signs.release.report else None),
        ("INDUSTRY_REPORT", signs.report),
        ("INCIDENT", signs.incidents[0] if len(signs.incidents) >= 2 else None),
    )
    for kind, sign in signals:
        if sign is not None and kind != chosen:
            yield Lost("kind", kind, sign.start, sign.end, "outranked")


def _penalties(passage: Passage, record: Record) -> Iterator[Lost]:
    """Measures whose code the record has nowhere, each code and reason once."""
    given = {p.type for p in record.case.penalties} if record.case else set()
    given |= {f.metric for f in record.report.figures} if record.report else set()
    if "CRIM_FINE" in given or "FINE_TOTAL" in given:
        given.add("FINE")
    seen: set[tuple[str, str]] = set()
    for cue in passage.cues("penalty"):
        if cue.code in given:
            continue
        why = _why_no_penalty(passage, record, cue, named=bool(given))
        if (cue.code, why) not in seen:
            seen.add((cue.code, why))
            yield Lost("penalty", cue.code, cue.start, cue.end, why)


def _why_no_penalty(passage: Passage, record: Record, cue: Cue, *, named: bool) -> str:
    signals = passage.signals
    if signals.is_quiet(cue.start):
        return "quiet"
    if cue.code == "NO_PENALTY":
        return "no_penalty"
    if cue.code in OPEN:
        return "status"
    context = signals.context_at(cue.start)
    if context not in ("penalty", None):
        return f"context.{context}"
    if cue not in passage.imposed:
        return "promised"
    if record.case is None and record.kind != "CAMPAIGN_STATS":
        return "kind"
    if passage.reading.search(ASKED, max(passage.start, cue.start - 8), cue.start):
        return "asked"
    if cue.code in BEFORE_JUDGMENT and passage.has("court_outcome", passage.body_start):
        return "before_judgment"
    if cue.code in GENERIC and named:
        return "generic"
    if cue.start < passage.body_start:
        return "heading"
    return "passed_over"


def _violations(passage: Passage, record: Record) -> Iterator[Lost]:
    given = {violation.code for violation in record.violations}
    not_told = NOT_TOLD if passage.language == "zh" else NOT_TOLD_EN
    seen: set[tuple[str, str]] = set()
    for group in ("breach_cue", "breach_topic", "breach_generic"):
        for cue in passage.cues(group):
            if cue.code in given:
                continue
            context = passage.signals.context_at(cue.start)
            if passage.signals.is_quiet(cue.start):
                why = "quiet"
            elif passage.reading.search(not_told, max(passage.start, cue.start - 50), cue.start):
                why = "not_told"
            elif group == "breach_topic" and _breach_before(passage, cue) is None:
                why = "no_breach"
            elif context in ("statutory", "hypothetical"):
                why = f"context.{context}"
            else:
                why = "generic"
            if (cue.code, why) not in seen:
                seen.add((cue.code, why))
                yield Lost("violation", cue.code, cue.start, cue.end, why)


def _authorities(passage: Passage, record: Record) -> Iterator[Lost]:
    given = {authority.type for authority in record.authorities}
    seen: set[str] = set()
    for cue in passage.cues("authority"):
        if cue.code in given or cue.code in seen:
            continue
        seen.add(cue.code)
        why = "farther" if _acts(passage.reading, cue, passage.start) else "does_not_act"
        yield Lost("authority", cue.code, cue.start, cue.end, why)


def _citations(passage: Passage, printed: Sequence[PrintedCitation], record: Record) -> Iterator[Lost]:
    part = record.case or record.report
    given = {(c.law, c.article_string) for c in part.citations} if part else set()
    laws = {law for law, _ in given}
    for citation in printed:
        key = (citation.law, citation.article_string)
        if key in given:
            continue
        given.add(key)
        value = " ".join(
            text for text in (citation.law, citation.article_string, f"({citation.role})") if text
        )
        if passage.signals.is_quiet(citation.start):
            why = "quiet"
        elif citation.article is None and citation.law in laws:
            why = "articles_beside"
        else:
            why = "passed_over"
        yield Lost("citation", value, citation.start, citation.end, why)


def _statuses(passage: Passage, record: Record) -> Iterator[Lost]:
    status = record.regulatory.status.value if record.regulatory and record.regulatory.status else None
    seen = {status}
    for cue in passage.cues("release"):
        if cue.code not in seen:
            seen.add(cue.code)
            yield Lost("status", cue.code, cue.start, cue.end, "outranked")


def _incident_types(passage: Passage, record: Record) -> Iterator[Lost]:
    given = {kind.value for kind in record.incident.types} if record.incident else set()
    excluded = dropped_beside(passage.rules, given)
    seen: set[tuple[str, str]] = set()
    for cue in passage.cues("incident_type"):
        if cue.code in given:
            continue
        why = "excluded" if cue.code in excluded else "outweighed"
        if possible(passage, cue):
            why = "possible"
        if (cue.code, why) not in seen:
            seen.add((cue.code, why))
            yield Lost("incident_type", cue.code, cue.start, cue.end, why)


def _dates(passage: Passage, record: Record) -> Iterator[Lost]:
    part = record.case or record.report
    dates = part.dates if part else None
    known = [record.published, *((dates.decision, dates.found, dates.conduct) if dates else ())]
    if record.regulatory is not None:
        known += [record.regulatory.effective, record.regulatory.consultation_until]
    taken = {(d.evidence.start, d.evidence.end) for d in known if d is not None and d.evidence is not None}
    seen = {date.value for date in known if date is not None}
    for expression in passage.dates:
        meant = passage.date(expression, "dates")
        if meant is None or meant.value in seen or (expression.start, expression.end) in taken:
            continue
        seen.add(meant.value)
        yield Lost("date", meant.value, expression.start, expression.end, "no_event")
