"""From a bulletin to its records.

    classified = classify(bulletin, load_knowledge())

The text is read once (reading.py), cut into items (segment.py), and each item goes through small pure steps: kind,
authority, subjects, dates, violations, penalties, citations or regulatory part, figures, incident, place, title. Persons
are masked last, at the same length, so that every span holds in the text as given and in the text as shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from enrich import (
    authorities,
    figures,
    incidents,
    persons,
    regulatory,
    titles,
    violations,
)
from enrich.articles_cited import citations_of
from enrich.case_part import case_of
from enrich.catalogue import Knowledge, load_knowledge
from enrich.citations import PrintedCitation
from enrich.cited_breaches import by_article
from enrich.event_dates import case_dates, event_date
from enrich.jurisdictions import jurisdiction
from enrich.kinds import Verdict, decide, in_field
from enrich.passage import Passage, within
from enrich.reading import Span
from enrich.record_ids import numbered
from enrich.record_places import LOCAL, any_local, place_of
from enrich.report_frame import frame_of, placed
from enrich.rulebook import Rulebook, rulebook
from enrich.segment import Item
from enrich.tables import together
from enrich.told_apart import told_apart
from enrich.whole import Whole, read_whole
from netdocket.records import (
    CASE_KINDS,
    REPORT_KINDS,
    Authority,
    Bulletin,
    CaseDates,
    Classified,
    Place,
    Record,
    Report,
    Stated,
)
from netdocket.records import Span as RecordSpan


def classify(bulletin: Bulletin, knowledge: Knowledge | None = None) -> Classified:
    """The records of a bulletin. Pure: the same bulletin and knowledge give the same result."""
    rules = rulebook(knowledge or load_knowledge())
    try:
        return _classified(bulletin, rules)
    finally:  # the text as given names persons
        together(rules.knowledge).forget()
        persons.forget()


def _classified(bulletin: Bulletin, rules: Rulebook) -> Classified:
    whole = read_whole(bulletin, rules)
    drafts = [record for item in items_of(whole) if (record := _record(whole, item)) is not None]
    text, title = whole.facts.shown, whole.shown_title
    return Classified(
        bulletin_id=bulletin.bulletin_id,
        revision=bulletin.revision,
        rules_version=rules.knowledge.rules_version,
        masked_title=title,
        masked_text=text,
        source_role=whole.publisher.role,
        publisher=_publishing(whole),
        published=whole.published,
        records=numbered(bulletin, text, drafts),
    )


class Given(NamedTuple):
    """An item; whether it is the lead before several, as a possible campaign; what it is where that is known (told_apart)."""

    item: Item
    is_lead: bool = False
    apart: str | None = None


def items_of(whole: Whole) -> list[Given]:
    lead, segments = whole.segments.lead, whole.segments
    items = [Given(item) for item in segments.items]
    if not segments.statute:
        items = [
            Given(part, apart=what) for item in segments.items for part, what in told_apart(whole.facts, item)
        ]
    if lead.end - lead.start >= 20 and not segments.single:
        return [Given(Item(lead), is_lead=True), *items]
    return items


def verdict_on(whole: Whole, passage: Passage, *, is_lead: bool, apart: str | None) -> Verdict:
    """What an item of the bulletin is."""
    told = whole.segments.single and whole.title.has("explainer")
    return decide(passage, lead=is_lead, statute=whole.segments.statute, told=told, apart=apart)


def _record(whole: Whole, given: Given) -> Record | None:
    item, is_lead, apart = given
    passage = Passage(whole.facts, item, whole.title.text, whole.shown_title)
    verdict = verdict_on(whole, passage, is_lead=is_lead, apart=apart)
    kind = verdict.kind
    if kind is None or not in_field(passage, kind, titled=whole.title.has("domain")):
        return None
    knowledge = whole.rules.knowledge
    places = within(whole.places, passage.start, passage.end)
    laws = [law for law in within(whole.laws, passage.start, passage.end) if law.id is not None]
    where = jurisdiction(passage, named_law=bool(laws), named_place=any(not p.weak for p in places))
    judged = kind in CASE_KINDS or kind == "CAMPAIGN_STATS"
    found_violations = violations.violations(passage) if judged else ()
    section: dict[str, Any] = {}
    bodies: tuple[Authority, ...] = ()
    place: Place | None = None
    dates = case_dates(passage, whole.segments)
    cited = within(whole.citations, passage.start, passage.end)
    if judged and all(violation.code == "OTHER" for violation in found_violations):
        found_violations = by_article(passage, cited, dates.case) or found_violations
    instrument: Span | None = None
    sector: Stated | None = None
    if kind == "EXPLAINER":
        pass
    elif kind == "REGULATORY_DEV":
        part, bodies = regulatory.regulatory(
            passage, whole.laws, citations_of(passage, cited, dates.case, (), mentioned=True)
        )
        section["regulatory"] = part
        place = place_of(
            whole, [b for b in bodies if b.type in LOCAL], places if any_local(bodies) else (), local=False
        )
        if part.instrument is not None and part.instrument.evidence is not None:
            instrument = Span(part.instrument.evidence.start, part.instrument.evidence.end)
        dates = dates._replace(published=part.published)
    else:
        bodies = authorities.of_case(passage, whole.segments.lead, whole.title, whole.publisher)
        place = place_of(whole, bodies, places, local=kind in CASE_KINDS or kind == "CAMPAIGN_STATS")
        if kind == "INDUSTRY_REPORT":
            bodies = _publishers_of_report(passage) or bodies
        if kind in CASE_KINDS:
            section["case"], sector = case_of(whole, passage, verdict, found_violations, cited, dates.case)
        elif kind in REPORT_KINDS:
            section["report"] = _report(whole, passage, kind, cited, dates.case)
        elif kind == "INCIDENT":
            section["incident"] = incidents.incident(passage, dates.published)
    title, title_found = titles.title_of(
        passage, single=whole.segments.single and not is_lead, instrument=instrument
    )
    published = dates.published
    bulletin = whole.bulletin
    return Record(
        record_id="",
        bulletin_id=bulletin.bulletin_id,
        revision=bulletin.revision,
        rules_version=knowledge.rules_version,
        kind=kind,
        kind_found=verdict.found,
        span=RecordSpan(start=passage.start, end=passage.end),
        title=title,
        title_found=title_found,
        source=bulletin.source,
        source_role=whole.publisher.role,
        url=bulletin.url,
        language=bulletin.language,
        jurisdiction=where.code,
        jurisdiction_found=where.found,
        authorities=bodies,
        place=place,
        sector=sector,
        violations=found_violations,
        published=published,
        event_date=event_date(dates.case, published, whole.published),
        confidence=verdict.confidence,
        origin=bulletin.origin,
        quiet=bulletin.quiet,
        fetched_at=bulletin.fetched_at,
        archive=bulletin.archive,
        **section,
    )


def _report(
    whole: Whole, passage: Passage, kind: str, cited: Sequence[PrintedCitation], dates: CaseDates
) -> Report:
    found = figures.figures(passage) if kind == "CAMPAIGN_STATS" else figures.stated(passage)
    frame = frame_of(passage, found, whole.facts.anchor)
    return Report(
        figures=placed(passage, found, whole.places),
        citations=citations_of(passage, cited, dates, (), mentioned=kind == "INDUSTRY_REPORT"),
        campaign=frame.campaign,
        campaign_found=frame.campaign_found,
        period=frame.period,
        period_found=frame.period_found,
        dates=dates,
    )


def _publishers_of_report(passage: Passage) -> tuple[Authority, ...]:
    for release in passage.signals.releases_in(passage.body_start, passage.end):
        verb = passage.reading.first("release", release.start, release.end)
        if verb is not None:
            return authorities.issuers(passage, Span(release.start, release.end), verb.start)
    return ()


def _publishing(whole: Whole) -> Authority | None:
    by = whole.publisher
    if by.authority is None:
        return None
    return Authority(name=by.name or by.authority, type=by.authority, derived="publisher")
