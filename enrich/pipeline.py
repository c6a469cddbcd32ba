"""From a bulletin to its records.

    classified = classify(bulletin, load_knowledge())

The text is read once (reading.py), cut into items (segment.py), and each item goes through small pure steps: kind,
authority, subjects, dates, violations, penalties, citations or regulatory part, figures, incident, place, title. Persons
are masked last, at the same length, so that every span holds in the text as given and in the text as shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec.structs import replace

from enrich import (
    authorities,
    figures,
    incidents,
    penalties,
    persons,
    regulatory,
    subjects,
    titles,
    violations,
)
from enrich.apps import app_rows
from enrich.articles_cited import citations_of, printed_citations
from enrich.catalogue import Knowledge, load_knowledge
from enrich.citations import PrintedCitation
from enrich.cited_breaches import by_article
from enrich.event_dates import case_dates, event_date, last_printed_day, published_date
from enrich.jurisdictions import jurisdiction
from enrich.kinds import Verdict, decide, in_field
from enrich.law_mentions import LawMention, find_laws
from enrich.needed import sought
from enrich.normalise import Normalised, normalise
from enrich.passage import Facts, Passage, PersonMention, evidence, within
from enrich.persons import find_persons, mask, occurrences
from enrich.places import PlaceMention, find_places, provinces_of, settle
from enrich.reading import Reading, Span
from enrich.report_frame import frame_of, placed
from enrich.rulebook import Rulebook, rulebook
from enrich.segment import Item, Segments, segment
from enrich.signals import Signals
from enrich.tables import beginnings, together
from enrich.told_apart import told_apart
from netdocket.identity import record_head, record_id
from netdocket.records import (
    CASE_KINDS,
    REPORT_KINDS,
    Authority,
    Bulletin,
    Case,
    Classified,
    DateValue,
    Place,
    Record,
    Report,
    Stated,
)
from netdocket.records import Span as RecordSpan

LOCAL = frozenset(
    {
        "CAC_LOCAL",
        "POLICE_LOCAL",
        "CA_PROVINCIAL",
        "LOCAL_GOV",
        "LOCAL_LEGISLATURE",
        "SAMR",
        "COURT",
        "PROCURATORATE",
        "NDA",
    }
)
"""Authorities that have a place; the news of a national body has none, whatever places it names."""


@dataclass(frozen=True)
class Whole:
    """What is known of the whole bulletin while its items are classified."""

    bulletin: Bulletin
    rules: Rulebook
    facts: Facts
    segments: Segments
    title: Reading
    shown_title: str
    publisher: authorities.Publisher
    published: DateValue | None
    citations: Sequence[PrintedCitation]
    laws: Sequence[LawMention]
    places: Sequence[PlaceMention]
    title_places: Sequence[PlaceMention]
    provinces: tuple[str, ...]


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
        records=_numbered(bulletin, text, drafts),
    )


def read_whole(bulletin: Bulletin, rules: Rulebook) -> Whole:
    title_text, text = normalise(bulletin.title), normalise(bulletin.text)
    both = Normalised(f"{title_text}\n{text}")
    together(rules.knowledge).read(both, title_text, text)
    reading = Reading(text, bulletin.language, rules.cues, beginnings(rules.knowledge))
    signals = Signals(reading, rules)
    title = Reading(title_text, bulletin.language, rules.cues)
    segments = segment(reading, signals, title.text.strip())
    published, anchor = published_date(bulletin, reading, title, segments.content)
    named = find_persons(both, rules.knowledge)
    mentions = [PersonMention(*found) for found in occurrences(reading.text, named)]
    facts = Facts(reading, signals, rules, anchor, mask(bulletin.text, named), mentions)
    known_by = anchor or last_printed_day(facts.dates)
    laws = find_laws(reading.text, rules.knowledge, on=known_by)
    places = find_places(reading.text, rules.knowledge)
    by = authorities.publisher(
        rules.table("publishers"), source=bulletin.source, url=bulletin.url, name=bulletin.publisher
    )
    title_places = find_places(title_text, rules.knowledge)
    around = [*title_places, *find_places(by.name or "", rules.knowledge)]
    return Whole(
        bulletin=bulletin,
        rules=rules,
        facts=facts,
        segments=segments,
        title=title,
        shown_title=mask(bulletin.title, named),
        publisher=by._replace(name=by.name and mask(by.name, named)),
        published=published,
        citations=printed_citations(reading.text, rules.knowledge, known_by, laws),
        laws=laws,
        places=places,
        title_places=title_places,
        provinces=provinces_of(around, rules.knowledge),
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
        place = _place(
            whole, [b for b in bodies if b.type in LOCAL], places if _any_local(bodies) else (), local=False
        )
        if part.instrument is not None and part.instrument.evidence is not None:
            instrument = Span(part.instrument.evidence.start, part.instrument.evidence.end)
        dates = dates._replace(published=part.published)
    else:
        bodies = authorities.of_case(passage, whole.segments.lead, whole.title, whole.publisher)
        place = _place(whole, bodies, places, local=kind in CASE_KINDS or kind == "CAMPAIGN_STATS")
        if kind == "INDUSTRY_REPORT":
            bodies = _publishers_of_report(passage) or bodies
        if kind in CASE_KINDS:
            section["case"], sector = _case(whole, passage, verdict, found_violations, cited, dates.case)
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


def _case(
    whole: Whole,
    passage: Passage,
    verdict: Verdict,
    found_violations: Any,
    cited: Any,
    dates: Any,
) -> tuple[Case, Stated | None]:
    named = within(whole.places, passage.start, passage.end)
    provinces = (*whole.provinces, *provinces_of(named, whole.rules.knowledge))
    who = subjects.subjects(passage, named, provinces)
    imposed = penalties.penalties(passage, subjects.default_target(who), app_list=verdict.kind == "APP_LIST")
    codes = [violation.code for violation in found_violations]
    return Case(
        subjects=who,
        document_number=_document_number(passage),
        dates=dates,
        penalties=imposed,
        citations=citations_of(passage, cited, dates, codes, mentioned=False),
        status=_status(passage, bool(imposed)),
        apps=app_rows(passage) if verdict.kind == "APP_LIST" else (),
    ), subjects.sector_of(passage)


DOCUMENT_NUMBER = sought(
    r"[\u4e00-\u9fff]{1,14}(?:字|罚|决|处)\s?[〔\[(（【]20\d{2}[〕\])）】]\s?第?\s?\d{1,6}\s?号"
)


def _document_number(passage: Passage) -> Stated | None:
    """The number of the decision: 示银罚决字〔2025〕3号."""
    match = passage.search(DOCUMENT_NUMBER)
    if match is None:
        return None
    span = Span(*match.span())
    return Stated(value=passage.shown(*span), evidence=evidence(span), rule="document_number")


def _status(passage: Passage, imposed: bool) -> Stated | None:
    """What the text says of its course; a case with a measure is decided, one only under investigation open."""
    later = [cue for cue in passage.cues("case_status") if cue.code in ("appealed", "final")]
    if later:
        return Stated(value=later[-1].code, evidence=evidence(later[-1]), rule=f"status.{later[-1].code}")
    if imposed:
        return Stated(value="decided", derived="penalties")
    for cue in passage.cues("penalty"):
        if cue.code in ("CASE_TRANSFER", "NO_PENALTY") and not passage.signals.is_quiet(cue.start):
            code = "open" if cue.code == "CASE_TRANSFER" else "decided"
            return Stated(value=code, evidence=evidence(cue), rule=f"status.{code}")
    return None


def _report(whole: Whole, passage: Passage, kind: str, cited: Any, dates: Any) -> Report:
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


def _place(
    whole: Whole, bodies: Sequence[Authority], places: Sequence[PlaceMention], *, local: bool
) -> Place | None:
    """The place of the authority, else of the item, else, for what happens somewhere (`local`), of the bulletin. The
    place that follows an authority's name is its own in English only (police in Nanjing)."""
    knowledge = whole.rules.knowledge
    provinces = (*whole.provinces, *provinces_of(places, knowledge))
    for body in bodies[:1]:
        if body.evidence is None:
            continue
        reach = 24 if whole.bulletin.language == "en" else 0
        near = within(whole.places, body.evidence.start - 2, body.evidence.end + reach)
        found = settle(near, knowledge, provinces=provinces)
        if found is not None:
            return found
    own = settle(places, knowledge, provinces=provinces)
    if own is not None or not local:
        return own
    lead = within(whole.places, *whole.segments.lead)
    return settle(lead, knowledge, provinces=provinces) or settle(whole.title_places, knowledge)


def _any_local(bodies: Sequence[Authority]) -> bool:
    return not bodies or any(body.type in LOCAL for body in bodies)


def _publishing(whole: Whole) -> Authority | None:
    by = whole.publisher
    if by.authority is None:
        return None
    return Authority(name=by.name or by.authority, type=by.authority, derived="publisher")


def _numbered(bulletin: Bulletin, masked: str, drafts: Sequence[Record]) -> tuple[Record, ...]:
    """The records with their ids and the ids of their parts."""
    seen: dict[str, int] = {}
    out = []
    for draft in drafts:
        own = masked[draft.span.start : draft.span.end]
        head = record_head(own)
        ordinal = seen.get(head, 0)
        seen[head] = ordinal + 1
        out.append(_with_ids(draft, record_id(bulletin.bulletin_id, own, ordinal)))
    return tuple(out)


def _with_ids(record: Record, identity: str) -> Record:
    changes: dict[str, Any] = {"record_id": identity}
    if record.case is not None:
        changes["case"] = replace(
            record.case,
            penalties=_prefixed(record.case.penalties, identity),
            citations=_prefixed(record.case.citations, identity),
            apps=_prefixed(record.case.apps, identity),
        )
    if record.report is not None:
        changes["report"] = replace(
            record.report,
            figures=_prefixed(record.report.figures, identity),
            citations=_prefixed(record.report.citations, identity),
        )
    if record.regulatory is not None:
        changes["regulatory"] = replace(
            record.regulatory, citations=_prefixed(record.regulatory.citations, identity)
        )
    return replace(record, **changes)


def _prefixed(parts: Sequence[Any], identity: str) -> tuple[Any, ...]:
    return tuple(replace(part, id=f"{identity}:{part.id}") for part in parts)
