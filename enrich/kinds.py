"""What an item is: a case, the figures of a campaign, a judgment, an instrument, a report, an incident, or none of them.

Signals are weighed in the order in which a reader would: what the section says, what the first sentences tell of, what
happens in the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from enrich.figures import UNIT_ONLY, Counted, counts
from enrich.lazily import lazily
from enrich.passage import Passage
from enrich.reading import Cue
from enrich.signals import Release
from netdocket.records import Found, Kind, Span

APP_LIST_ZH = re.compile(
    r"(?:\d|[一二三四五六七八九十百])+\s?余?(?:款|个)[^。；，\n]{0,24}?(?:App|APP|app|应用|小程序|SDK|软件)"
)
APP_LIST_EN = re.compile(
    r"\b(?:\d{1,3}(?:,\d{3})*|two|three|four|five|six|seven|eight|nine|ten|dozens of)\s(?:\w+\s){0,4}?(?:apps|applications|SDKs|mini[- ]programs|smart terminal models)\b",
    re.IGNORECASE,
)
APP_WORDS = ("app", "sdk", "应用", "小程序", "软件", "mini", "smart")
"""One of them stands in whatever the two patterns match; they are dear."""
LIST_WORDS = re.compile(
    r"侵害用户权益|通报|名单|下架|存在问题|违法违规收集使用|隐私不合规|\b(?:lists?|named|naming|names|delisted|delist|removed from|be removed|taken down|removal|batch|notified|infring\w+ (?:on |upon )?users?'? rights)\b",
    re.IGNORECASE,
)
QUESTIONS = re.compile(r"答：|答记者问|问：|^\s*(?:Q\d*[:：.]|A\d*[:：.])", re.MULTILINE)
TARGETED_ZH = re.compile(
    r"违反了?《|对(?:该|其|当事人|涉事)|某[\u4e00-\u9fff]{0,10}(?:公司|医院|学校|单位|银行)"
)
TARGETED_EN = re.compile(r"\bthe company\b|\bits\b|\bthe operator\b|\bthe app\b|\bthe bank\b", re.IGNORECASE)
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


class _Signs:
    """What speaks for one kind or another in a passage; each is looked for when it is asked for."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage

    @lazily
    def measures(self) -> Sequence[Cue]:
        """Measures imposed that have a name; those of the running text, else of the heading."""
        named = [cue for cue in self.passage.imposed if cue.code != "OTHER"]
        return [cue for cue in named if cue.start >= self.passage.body_start] or named

    @lazily
    def early_measure(self) -> bool:
        return any(cue.start < self.passage.head_end for cue in self.measures)

    @lazily
    def counted(self) -> list[Counted]:
        found = counts(self.passage)
        return [c for c in found if c.metric is not None and not self.passage.signals.is_quiet(c.start)]

    @lazily
    def campaign(self) -> bool:
        """Counts over many: two measures with their numbers, or one large one, and no single subject."""
        if any(c.metric == "CASES" and c.value == 1 for c in self.counted):
            return False  # 破获一起…案, however many were caught
        by_count = [c for c in self.counted if c.unit != "CNY" and c.value >= 2]
        metrics = {c.metric for c in by_count if c.metric != "ITEMS_REMOVED"}
        measures = metrics - UNIT_ONLY
        large = any(c.value >= 10 for c in by_count)
        rollup = self.passage.has("rollup")
        if len(measures) >= 2 and (large or rollup):
            return not self.single_subject or len(measures) >= 3
        if len(metrics) >= 2 and large and (measures or rollup):
            return not self.single_subject
        return (
            bool(metrics)
            and large
            and rollup
            and bool(measures or len(by_count) >= 2)
            and not self.single_subject
        )

    @lazily
    def several_measures(self) -> bool:
        return len({c.metric for c in self.counted if c.metric not in UNIT_ONLY}) >= 2

    @lazily
    def single_subject(self) -> bool:
        """Whether the text tells of one subject: found out about and dealt with by itself."""
        passage = self.passage
        if passage.language == "zh":
            targeted = TARGETED_ZH.search(passage.text, passage.start, passage.end)
            return passage.has("found") and targeted is not None
        return len(TARGETED_EN.findall(passage.text, passage.start, passage.end)) >= 2

    @lazily
    def court(self) -> Cue | None:
        outcome = self.passage.reading.first("court_outcome", self.passage.body_start, self.passage.end)
        if outcome is None or not self.passage.has("court") or self.passage.signals.is_quiet(outcome.start):
            return None
        return outcome

    @lazily
    def release(self) -> Release | None:
        """An instrument or report made public in the first sentences."""
        return next(iter(self.passage.signals.releases_in(self.passage.start, self.passage.head_end)), None)

    @lazily
    def report(self) -> Cue | None:
        passage = self.passage
        start = passage.heading.start if passage.heading else passage.start
        end = passage.sentences[0].end if passage.sentences else passage.end
        return passage.reading.first("report_noun", start, end)

    @lazily
    def app_list(self) -> bool:
        passage = self.passage
        pattern = APP_LIST_ZH if passage.language == "zh" else APP_LIST_EN
        end = min(passage.end, passage.head_end + 200)
        head = passage.text[passage.start : end].lower()
        if not any(word in head for word in APP_WORDS):
            return False
        return bool(
            pattern.search(passage.text, passage.start, end)
            and LIST_WORDS.search(passage.text, passage.start, end)
        )

    @lazily
    def notice(self) -> bool:
        return self.passage.has("notice", self.passage.start, self.passage.head_end)

    @lazily
    def incidents(self) -> list[Cue]:
        return self.passage.cues("incident")

    @lazily
    def by_association(self) -> bool:
        """A list or standard of an association: news of the industry, no rule."""
        head = self.passage.text[self.passage.start : self.passage.head_end].lower()
        return any(word in head for word in ("list of standards", "association", "society", "协会", "联盟"))


def decide(passage: Passage, *, lead: bool = False, statute: bool = False, told: bool = False) -> Verdict:
    """The kind of an item; None where it is no item of the field. `lead`: the text before the first of several items,
    which is a campaign or nothing. `statute`: the text is that of a rule. `told`: the bulletin's
    title announces an explanation (解读, 以案说法, Q&A)."""
    if statute:
        return _verdict("REGULATORY_DEV", passage.reading.first("instrument_noun"), "kinds.statute", 0.8)
    if passage.item.explainer:
        return _verdict("EXPLAINER", None, "kinds.statute_quote", 0.9)
    signs = _Signs(passage)
    if lead:
        if signs.campaign:
            return _verdict("CAMPAIGN_STATS", signs.counted[0], "kinds.lead_figures", 0.7)
        return Verdict(None, Found(derived="kinds.lead"), 0.0)
    if told and not signs.measures and signs.court is None:
        return _verdict("EXPLAINER", None, "kinds.title", 0.8)
    return _by_section(signs) or _by_text(signs)


def _by_section(signs: _Signs) -> Verdict | None:
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


def _by_text(signs: _Signs) -> Verdict:
    """What the text itself says, its first sentences before the rest."""
    passage, release = signs.passage, signs.release
    if _is_contents(passage):
        return _verdict("EXPLAINER", None, "kinds.contents", 0.7)
    if not signs.measures and QUESTIONS.search(passage.text, passage.start, passage.end):
        return _verdict("EXPLAINER", None, "kinds.questions", 0.7)
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
    if signs.report is not None and (release is None or release.report):
        return _verdict("INDUSTRY_REPORT", signs.report, "kinds.report", 0.7)
    if (
        ((signs.notice and signs.incidents) or len(signs.incidents) >= 2)
        and passage.has("happened")
        and not passage.has("promotion")
    ):
        return _verdict("INCIDENT", signs.incidents[0], "kinds.incident", 0.7)
    if (passage.imposed and passage.has("found")) or _under_investigation(passage):
        return _enforcement(signs)
    anywhere = next(iter(passage.signals.releases_in(passage.start, passage.end)), None)
    if anywhere is not None and not passage.has("promotion", passage.start, passage.head_end):
        return _verdict("REGULATORY_DEV", anywhere, "kinds.release", 0.5)
    if signs.campaign:
        return _verdict("CAMPAIGN_STATS", signs.counted[0], "kinds.figures", 0.6)
    return _verdict("EXPLAINER", None, "kinds.nothing_happened", 0.5)


def _enforcement(signs: _Signs) -> Verdict:
    """A case, a list of apps, or the figures of a campaign."""
    cue = next(iter(signs.measures), None) or next(iter(signs.passage.imposed), None)
    if signs.app_list and not signs.single_subject and not (signs.campaign and signs.several_measures):
        return _verdict("APP_LIST", cue, "kinds.app_list", 0.8)
    if signs.campaign:
        return _verdict("CAMPAIGN_STATS", cue, "kinds.figures", 0.8)
    return _verdict("ENFORCEMENT_CASE", cue, "kinds.measure", 0.85 if cue else 0.6)


def in_field(passage: Passage, kind: Kind, *, titled: bool = False) -> bool:
    """Whether a case is about networks, data or personal information at all. `titled`: the bulletin's title is."""
    if kind not in ("ENFORCEMENT_CASE", "COURT_CASE", "CAMPAIGN_STATS"):
        return True
    domain, other = passage.cues("domain"), passage.cues("foreign_field")
    if not domain and not other:  # what it is about may be said by the bulletin as a whole
        return titled or passage.reading.has("domain")
    return bool(domain) and len(other) <= len(domain)


def _is_contents(passage: Passage) -> bool:
    """Whether the text is a table of contents: many lines, hardly one of them a sentence."""
    lines = list(passage.reading.lines_in(passage.start, passage.end))
    whole = sum(passage.text[line.end - 1] in "。.！!；;" for line in lines)
    return len(lines) >= CONTENTS_LINES and whole * 8 < len(lines)


def _under_investigation(passage: Passage) -> bool:
    return passage.has("authority") and any(
        cue.code == "CASE_TRANSFER" and not passage.signals.is_quiet(cue.start)
        for cue in passage.cues("penalty")
    )


def _verdict(kind: Kind, warrant: _Warrant | None, rule: str, confidence: float) -> Verdict:
    if warrant is None:
        return Verdict(kind, Found(derived=rule), confidence)
    return Verdict(kind, Found(evidence=Span(start=warrant.start, end=warrant.end), rule=rule), confidence)
