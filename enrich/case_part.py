"""The case part of a record: whom it hit, its penalties, the articles cited, the number of the decision, its course."""

from __future__ import annotations

from collections.abc import Sequence

from enrich import penalties, subjects
from enrich.apps import app_rows
from enrich.articles_cited import citations_of
from enrich.citations import PrintedCitation
from enrich.kinds import Verdict
from enrich.needed import sought
from enrich.passage import Passage, evidence, within
from enrich.places import provinces_of
from enrich.reading import Span
from enrich.whole import Whole
from netdocket.records import Case, CaseDates, Stated, Violation


def case_of(
    whole: Whole,
    passage: Passage,
    verdict: Verdict,
    found_violations: Sequence[Violation],
    cited: Sequence[PrintedCitation],
    dates: CaseDates,
) -> tuple[Case, Stated | None]:
    """The case that an item tells, and the sector of whom it hit."""
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
