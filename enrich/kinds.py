"""What an item is: a case, the figures of a campaign, a judgment, an instrument, a report, an incident, or none of them.

Signals are weighed in the order in which a reader would: what the section says, what the first sentences tell of, what
happens in the rest.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from enrich.figures import UNIT_ONLY, Counted, counts
from enrich.passage import Passage, evidence
from enrich.reading import Cue
from netdocket.records import Found, Kind, Span

APP_LIST_ZH = re.compile(
    r"(?:\d|[一二三四五六七八九十百])+\s?余?(?:款|个)[^。；，\n]{0,24}?(?:App|APP|app|应用|小程序|SDK|软件)"
)
APP_LIST_EN = re.compile(
    r"\b(?:\d{1,3}(?:,\d{3})*|two|three|four|five|six|seven|eight|nine|ten|dozens of)\s(?:\w+\s){0,4}?(?:apps|applications|SDKs|mini[- ]programs|smart terminal models)\b",
    re.IGNORECASE,
)
LIST_WORDS = re.compile(
    r"侵害用户权益|通报|名单|下架|存在问题|违法违规收集使用|隐私不合规|\b(?:lists?|named|naming|names|delisted|delist|removed from|be removed|taken down|removal|batch|notified|infring\w+ (?:on |upon )?users?'? rights)\b",
    re.IGNORECASE,
)
QUESTIONS = re.compile(r"答：|答记者问|问：|^\s*(?:Q\d*[:：.]|A\d*[:：.])", re.MULTILINE)
TARGETED = re.compile(
    r"对该|对其|对当事人|该公司|该单位|该企业|当事人|某公司|某单位|\bthe company\b|\bits\b|\bthe operator\b|\bthe app\b|\bthe bank\b",
    re.IGNORECASE,
)


class Verdict(NamedTuple):
    """The kind, its warrant and how sure it is; `counted` are the figures seen on the way."""

    kind: Kind | None
    found: Found
    confidence: float
    counted: tuple[Counted, ...] = ()


def decide(passage: Passage, *, lead: bool = False, statute: bool = False) -> Verdict:
    """The kind of an item; None where it is no item of the field. `lead`: the text before the first of several items,
    which is a campaign or nothing. `statute`: the text is that of a rule."""
    if statute:
        return _verdict("REGULATORY_DEV", passage.reading.first("instrument_noun"), "kinds.statute", 0.8)
    if passage.item.explainer:
        return _verdict("EXPLAINER", None, "kinds.statute_quote", 0.9)
    counted = tuple(c for c in counts(passage) if not passage.signals.is_quiet(c.start))
    measured = [c for c in counted if c.metric is not None]
    campaign = _is_campaign(passage, measured)
    if lead:
        return (
            _verdict("CAMPAIGN_STATS", measured[0], "kinds.lead_figures", 0.7, counted)
            if campaign
            else _none()
        )
    section = passage.item.section
    imposed = [cue for cue in passage.imposed if cue.code != "OTHER"]
    body_imposed = [cue for cue in imposed if cue.start >= passage.body_start] or imposed
    court = _court(passage)
    release = next(iter(passage.signals.releases_in(passage.start, passage.head_end)), None)
    report = _report(passage)
    app_list = _app_list(passage)
    notice = passage.has("notice", passage.start, passage.head_end)

    if section == "regulatory":
        if court is not None and not release:
            return _verdict("COURT_CASE", court, "kinds.court", 0.8, counted)
        if body_imposed and not release:
            return _enforcement(passage, body_imposed[0], campaign, app_list, counted)
        return _verdict("REGULATORY_DEV", release or None, "kinds.section", 0.85, counted)
    if section == "industry":
        if body_imposed and not report and not release:
            return _enforcement(passage, body_imposed[0], campaign, app_list, counted)
        if release and not report and not release.report:
            return _verdict(
                "INDUSTRY_REPORT" if _lists(passage) else "REGULATORY_DEV",
                release,
                "kinds.section",
                0.6,
                counted,
            )
        return _verdict("INDUSTRY_REPORT", report, "kinds.section", 0.8, counted)
    if section in ("enforcement", "court"):
        if court is not None and (section == "court" or not campaign):
            return _verdict("COURT_CASE", court, "kinds.court", 0.85, counted)
        if release and not body_imposed and not release.report and not app_list:
            return _verdict("REGULATORY_DEV", release, "kinds.release", 0.6, counted)
        return _enforcement(passage, body_imposed[0] if body_imposed else None, campaign, app_list, counted)
    if section == "incident" and not body_imposed:
        return _verdict(
            "INCIDENT",
            passage.reading.first("incident", passage.start, passage.end),
            "kinds.section",
            0.8,
            counted,
        )

    if _is_contents(passage):
        return _verdict("EXPLAINER", None, "kinds.contents", 0.7)
    if QUESTIONS.search(passage.text, passage.start, passage.end) and not body_imposed:
        return _verdict("EXPLAINER", None, "kinds.questions", 0.7)
    if court is not None and not campaign:
        return _verdict("COURT_CASE", court, "kinds.court", 0.8, counted)
    if app_list and not _single_subject(passage):
        return _enforcement(passage, body_imposed[0] if body_imposed else None, campaign, True, counted)
    early = [cue for cue in body_imposed if cue.start < passage.head_end]
    if release and not early and not release.report:
        if not body_imposed or not _single_subject(passage):
            return _verdict("REGULATORY_DEV", release, "kinds.release", 0.8, counted)
    incidents = passage.cues("incident")
    if body_imposed and len(incidents) >= 2 and not passage.has("authority"):
        return _verdict("INCIDENT", incidents[0], "kinds.incident", 0.6, counted)
    if body_imposed and not (notice and not early):
        return _enforcement(passage, body_imposed[0], campaign, app_list, counted)
    if campaign and passage.imposed:
        return _verdict("CAMPAIGN_STATS", measured[0], "kinds.figures", 0.7, counted)
    if report is not None and (release is None or release.report):
        return _verdict("INDUSTRY_REPORT", report, "kinds.report", 0.7, counted)
    if (
        incidents
        and (notice or len(incidents) >= 2)
        and passage.has("happened")
        and not passage.has("promotion")
    ):
        return _verdict("INCIDENT", incidents[0], "kinds.incident", 0.7, counted)
    if passage.imposed and passage.has("found"):
        return _enforcement(passage, passage.imposed[0], campaign, app_list, counted)
    if _under_investigation(passage):
        return _enforcement(passage, None, campaign, app_list, counted)
    anywhere = next(iter(passage.signals.releases_in(passage.start, passage.end)), None)
    if anywhere is not None and not passage.has("promotion", passage.start, passage.head_end):
        return _verdict("REGULATORY_DEV", anywhere, "kinds.release", 0.5, counted)
    if campaign:
        return _verdict("CAMPAIGN_STATS", measured[0], "kinds.figures", 0.6, counted)
    return _verdict("EXPLAINER", None, "kinds.nothing_happened", 0.5)


def _is_contents(passage: Passage) -> bool:
    """Whether the text is a table of contents: many lines, hardly one of them a sentence."""
    lines = [
        line for line in passage.reading.lines if line.start >= passage.start and line.end <= passage.end
    ]
    whole = sum(passage.text[line.end - 1] in "。.！!；;" for line in lines)
    return len(lines) >= 12 and whole * 8 < len(lines)


def in_field(passage: Passage, kind: Kind) -> bool:
    """Whether a case is about networks, data or personal information at all."""
    if kind not in ("ENFORCEMENT_CASE", "COURT_CASE", "CAMPAIGN_STATS"):
        return True
    domain = passage.cues("domain")
    if kind == "CAMPAIGN_STATS" and not domain:  # its subject may be said before and after it
        domain = passage.reading.cues("domain")
    return bool(domain) and len(passage.cues("foreign_field")) <= len(domain)


def _enforcement(
    passage: Passage, cue: Cue | None, campaign: bool, app_list: bool, counted: tuple[Counted, ...]
) -> Verdict:
    if app_list and not (campaign and _several_measures(counted)):
        return _verdict("APP_LIST", cue, "kinds.app_list", 0.8, counted)
    if campaign:
        return _verdict("CAMPAIGN_STATS", cue, "kinds.figures", 0.8, counted)
    return _verdict("ENFORCEMENT_CASE", cue, "kinds.measure", 0.85 if cue else 0.6, counted)


def _is_campaign(passage: Passage, measured: list[Counted]) -> bool:
    """Counts over many: two measures with their numbers, or one large one, and no single subject."""
    plural = [c for c in measured if c.unit == "CNY" or c.value >= 2]
    by_count = [c for c in plural if c.unit != "CNY"]
    metrics = {c.metric for c in by_count if c.metric not in ("ITEMS_REMOVED",)}
    measures = metrics - UNIT_ONLY
    large = any(c.value >= 10 for c in by_count)
    if len(measures) >= 2 and (large or passage.has("rollup")):
        return not _single_subject(passage) or len(measures) >= 3
    if len(metrics) >= 2 and large and (measures or passage.has("rollup")):
        return not _single_subject(passage)
    return (
        bool(metrics)
        and large
        and passage.has("rollup")
        and not _single_subject(passage)
        and bool(measures or len(by_count) >= 2)
    )


def _several_measures(counted: tuple[Counted, ...]) -> bool:
    return len({c.metric for c in counted if c.metric and c.metric not in UNIT_ONLY}) >= 2


def _single_subject(passage: Passage) -> bool:
    """Whether the text tells of one subject: found out about and dealt with under cited articles."""
    text = passage.text
    if passage.language == "zh":
        told = passage.has("found") and re.search(
            r"违反了?《|对(?:该|其|当事人|涉事)|某[\u4e00-\u9fff]{0,10}(?:公司|医院|学校|单位|银行)",
            text[passage.start : passage.end],
        )
        return bool(told)
    return len(TARGETED.findall(text, passage.start, passage.end)) >= 2


def _court(passage: Passage) -> Cue | None:
    outcome = passage.reading.first("court_outcome", passage.body_start, passage.end)
    if outcome is None or not passage.has("court"):
        return None
    if passage.signals.is_quiet(outcome.start):
        return None
    return outcome


def _report(passage: Passage) -> Cue | None:
    start = passage.heading.start if passage.heading else passage.start
    end = passage.sentences[0].end if passage.sentences else passage.end
    return passage.reading.first("report_noun", start, end)


def _lists(passage: Passage) -> bool:
    head = passage.text[passage.start : passage.head_end].lower()
    return "list of standards" in head or "association" in head or "society" in head


def _app_list(passage: Passage) -> bool:
    pattern = APP_LIST_ZH if passage.language == "zh" else APP_LIST_EN
    end = min(passage.end, passage.head_end + 200)
    return bool(pattern.search(passage.text, passage.start, end)) and bool(
        LIST_WORDS.search(passage.text, passage.start, end)
    )


def _under_investigation(passage: Passage) -> bool:
    return any(
        cue.code == "CASE_TRANSFER" and not passage.signals.is_quiet(cue.start)
        for cue in passage.cues("penalty")
    ) and passage.has("authority")


def _verdict(
    kind: Kind, warrant: object, rule: str, confidence: float, counted: tuple[Counted, ...] = ()
) -> Verdict:
    start, end = getattr(warrant, "start", None), getattr(warrant, "end", None)
    if start is None or end is None:
        return Verdict(kind, Found(derived=rule), confidence, counted)
    return Verdict(kind, Found(evidence=Span(start=start, end=end), rule=rule), confidence, counted)


def _none() -> Verdict:
    return Verdict(None, Found(derived="kinds.lead"), 0.0)


__all__ = ["Verdict", "decide", "evidence", "in_field"]
