"""What an item is: a case, the figures of a campaign, a judgment, an instrument, a report, an incident, or none of them.

Signals are weighed in the order in which a reader would: what the section says, what the first sentences tell of, what
happens in the rest.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from enrich import incident_types
from enrich.kind_signs import Signs
from enrich.needed import sought
from enrich.passage import Passage
from netdocket.records import Found, Kind, Span

QUESTIONS = sought(r"答：|答记者问|问：|^\s*(?:Q\d*[:：.]|A\d*[:：.])", re.MULTILINE)
CONTENTS_LINES = 12


class _Warrant(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Verdict(NamedTuple):
    """The kind (None: no item), its warrant and how sure it is."""

    kind: Kind | None
    found: Found
    confidence: float


def decide(
    passage: Passage,
    *,
    lead: bool = False,
    statute: bool = False,
    told: bool = False,
    apart: str | None = None,
) -> Verdict:
    """The kind of an item; None where it is no item of the field. `lead`: the text before the first of several items,
    which is a campaign or nothing. `statute`: the text is that of a rule. `told`: the bulletin's
    title announces an explanation (解读, 以案说法, Q&A). `apart`: what told_apart.py found a part of a text to be."""
    if statute:
        return _verdict("REGULATORY_DEV", passage.reading.first("instrument_noun"), "kinds.statute", 0.8)
    if passage.item.explainer:
        return _verdict("EXPLAINER", None, "kinds.statute_quote", 0.9)
    signs = Signs(passage)
    if apart == "figures":
        return _verdict("CAMPAIGN_STATS", next(iter(signs.counted), None), "kinds.figures_apart", 0.7)
    if apart == "report":
        return _verdict("INDUSTRY_REPORT", signs.report, "kinds.report_apart", 0.6)
    if lead:
        if signs.campaign:
            return _verdict("CAMPAIGN_STATS", signs.counted[0], "kinds.lead_figures", 0.7)
        return Verdict(None, Found(derived="kinds.lead"), 0.0)
    if told and not signs.measures and signs.court is None:
        return _verdict("EXPLAINER", None, "kinds.title", 0.8)
    if (invited := signs.invitation) is not None:
        return _verdict("EXPLAINER", invited, "kinds.event", 0.8)
    return _by_section(signs) or _by_text(signs)


def _by_section(signs: Signs) -> Verdict | None:
    """What the section leads one to expect, unless the text says otherwise."""
    section = signs.passage.item.section
    release, report = signs.release, signs.report
    if section == "regulatory":
        if release is None and signs.court is not None:
            return _verdict("COURT_CASE", signs.court, "kinds.court", 0.8)
        if release is None and signs.measures:
            return _enforcement(signs)
        return _verdict("REGULATORY_DEV", release, "kinds.section", 0.85)
    if section == "industry":
        if signs.incident_told and not signs.measures:
            return _verdict("INCIDENT", signs.incident_told, "kinds.incident_in_section", 0.7)
        if signs.measures and report is None and release is None:
            return _enforcement(signs)
        if release is not None and report is None and not release.report and not signs.by_association:
            return _verdict("REGULATORY_DEV", release, "kinds.section", 0.6)
        return _verdict("INDUSTRY_REPORT", report or release, "kinds.section", 0.8)
    if section in ("enforcement", "court"):
        if signs.court is not None and (section == "court" or not signs.campaign):
            return _verdict("COURT_CASE", signs.court, "kinds.court", 0.85)
        if release is not None and not signs.measures and not release.report and not signs.app_list:
            return _verdict("REGULATORY_DEV", release, "kinds.release", 0.6)
        return _enforcement(signs)
    if section == "incident" and not signs.measures:
        return _verdict("INCIDENT", next(iter(signs.incidents), None), "kinds.section", 0.8)
    return None


def _by_text(signs: Signs) -> Verdict:
    """What the text itself says, its first sentences before the rest."""
    passage, release = signs.passage, signs.release
    if _is_contents(passage):
        return _verdict("EXPLAINER", None, "kinds.contents", 0.7)
    if not signs.measures and passage.search(QUESTIONS) and not _one_answer(passage):
        return _verdict("EXPLAINER", None, "kinds.questions", 0.7)
    if signs.monitoring is not None:
        return _verdict("CAMPAIGN_STATS", signs.monitoring, "kinds.monitoring", 0.7)
    if signs.court is not None and not signs.campaign:
        return _verdict("COURT_CASE", signs.court, "kinds.court", 0.8)
    if signs.app_list and not signs.single_subject:
        return _enforcement(signs)
    if (
        release is not None
        and not release.report
        and not signs.early_measure
        and not (signs.measures and signs.single_subject)
    ):
        return _verdict("REGULATORY_DEV", release, "kinds.release", 0.8)
    if signs.measures and len(signs.incidents) >= 2 and not passage.has("authority"):
        return _verdict("INCIDENT", signs.incidents[0], "kinds.incident", 0.6)
    if signs.measures and (signs.early_measure or not signs.notice):
        return _enforcement(signs)
    if passage.imposed and signs.campaign:
        return _verdict("CAMPAIGN_STATS", signs.counted[0], "kinds.figures", 0.7)
    if not signs.measures and not passage.has("found"):
        rule = passage.reading.first("rule_text", passage.start, passage.head_end)
        if rule is not None:
            return _verdict("REGULATORY_DEV", rule, "kinds.rule_text", 0.5)
    if signs.report is not None and (release is None or release.report):
        return _verdict("INDUSTRY_REPORT", signs.report, "kinds.report", 0.7)
    if (
        ((signs.notice and signs.incidents) or len(signs.incidents) >= 2)
        and passage.has("happened")
        and not passage.has("promotion")
    ):
        return _verdict("INCIDENT", signs.incidents[0], "kinds.incident", 0.7)
    if signs.told_off:
        return Verdict(None, Found(derived="kinds.exercise_or_praise"), 0.0)
    if (
        not signs.measures
        and not signs.campaign
        and (release is None or signs.notice)
        and (told := incident_types.stated(passage)) is not None
        and told.start < passage.head_end
    ):
        return _verdict("INCIDENT", told, "kinds.incident_stated", 0.6)
    if (passage.imposed and passage.has("found")) or _under_investigation(passage):
        return _enforcement(signs)
    released = passage.signals.releases_in(passage.start, passage.end)
    if _headed_case(passage) or (
        not released and signs.single_subject and passage.has("authority") and passage.has("breach_verb")
    ):
        return _verdict("ENFORCEMENT_CASE", passage.heading, "kinds.case_heading", 0.6)
    anywhere = next(iter(released), None)
    if anywhere is not None and not passage.has("promotion", passage.start, passage.head_end):
        return _verdict("REGULATORY_DEV", anywhere, "kinds.release", 0.5)
    if signs.campaign:
        return _verdict("CAMPAIGN_STATS", signs.counted[0], "kinds.figures", 0.6)
    return _verdict("EXPLAINER", None, "kinds.nothing_happened", 0.5)


def _one_answer(passage: Passage) -> bool:
    """Whether the item is one question with its answer, of a text that asks its way through the news."""
    heading = passage.item.heading
    return heading is not None and heading.style == "question"


def _enforcement(signs: Signs) -> Verdict:
    """A case, a list of apps, or the figures of a campaign."""
    cue = next(iter(signs.measures), None) or next(iter(signs.passage.imposed), None)
    counted = signs.campaign and signs.several_measures and not signs.apps_listed
    if signs.app_list and not signs.single_subject and not counted:
        return _verdict("APP_LIST", cue, "kinds.app_list", 0.8)
    if signs.campaign:
        return _verdict("CAMPAIGN_STATS", cue, "kinds.figures", 0.8)
    return _verdict("ENFORCEMENT_CASE", cue, "kinds.measure", 0.85 if cue else 0.6)


TAKES_UP = sought(
    r"上述(?:第[一二三四五六七八九十、,，\d]{1,12}项)?[^，。；\n]{0,20}?负有(?:直接|主要|领导|管理)?责任"
)
"""A person who answers for what a row above tells of his firm."""


def in_field(passage: Passage, kind: Kind, *, titled: bool = False) -> bool:
    """Whether a case is about networks, data or personal information at all. `titled`: the bulletin's title is."""
    if kind not in ("ENFORCEMENT_CASE", "COURT_CASE", "CAMPAIGN_STATS"):
        return True
    domain, other = passage.cues("domain"), passage.cues("foreign_field")
    heading = passage.item.heading
    if not domain and heading is not None and heading.style == "row" and passage.language == "zh":
        # The rows of one table are about many fields (a firm's tracker is of one), save one that takes up another.
        return passage.search(TAKES_UP) is not None
    if not domain and not other:  # what it is about may be said by the bulletin as a whole
        return titled or passage.reading.has("domain")
    return bool(domain) and len(other) <= len(domain)


def _is_contents(passage: Passage) -> bool:
    """Whether the text is a table of contents: many lines, hardly one of them a sentence."""
    lines = [
        line
        for line in passage.reading.lines_in(passage.start, passage.end)
        if passage.text.find("\t", *line) < 0  # rows of a table are none
    ]
    whole = sum(passage.text[line.end - 1] in "。.！!；;" for line in lines)
    return len(lines) >= CONTENTS_LINES and whole * 8 < len(lines)


DECISION_TABLE = sought(r"行政处罚决定书文号|被处罚当事人|处罚决定书编号")


def _headed_case(passage: Passage) -> bool:
    """Whether the heading calls the item a case, or it is the table of a decision, whatever words its measure has."""
    heading = passage.heading
    named = heading is not None and passage.text[heading.start : heading.end].rstrip("。. ").endswith("案")
    return (named and (passage.has("found") or passage.has("authority"))) or passage.search(
        DECISION_TABLE
    ) is not None


def _under_investigation(passage: Passage) -> bool:
    return passage.has("authority") and any(
        cue.code == "CASE_TRANSFER" and not passage.signals.is_quiet(cue.start)
        for cue in passage.cues("penalty")
    )


def _verdict(kind: Kind, warrant: _Warrant | None, rule: str, confidence: float) -> Verdict:
    if warrant is None:
        return Verdict(kind, Found(derived=rule), confidence)
    return Verdict(kind, Found(evidence=Span(start=warrant.start, end=warrant.end), rule=rule), confidence)
