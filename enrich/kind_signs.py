"""What speaks in a text for one kind of item or another; kinds.py weighs it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from enrich import incident_types
from enrich.figures import UNIT_ONLY, Counted, counts, most_counts
from enrich.lazily import lazily
from enrich.needed import sought
from enrich.passage import Passage
from enrich.reading import Cue
from enrich.signals import Release

APP_LIST_ZH = sought(
    r"(?:\d|[一二三四五六七八九十百]){1,12}\s?余?(?:款|个)[^。；，\n]{0,24}?(?:App|APP|app|应用|小程序|SDK|软件)"
    r"|(?:\d|[一二三四五六七八九十百]){1,12}\s?余?款(?:存在|仍|尚未)"
)
APP_LIST_EN = sought(
    r"\b(?:\d{1,3}(?:,\d{3})*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|dozens of)\s(?:\w+\s){0,4}?(?:apps|applications|SDKs|mini[- ]programs|smart terminal models)\b",
    re.IGNORECASE,
)
LIST_WORDS = sought(
    r"侵害用户权益|通报|名单|下架|撤下|仍未改|未完成整改|未按要求整改|存在问题|违法违规收集使用|隐私不合规|\b(?:lists?|named|naming|names|delisted|delist|removed from|be removed|taken down|removal|batch|notified|found in monitoring|non-complian\w{1,3}|infring\w+ (?:on |upon )?users?'? rights)\b",
    re.IGNORECASE,
)
LISTED_APP = re.compile(r"《[^《》\n]{2,30}》\s?[（(]版本")
LEAST_LISTED = 3
TARGETED_ZH = sought(r"违反了?《|对(?:该|其|当事人|涉事)|某[\u4e00-\u9fff]{0,10}(?:公司|医院|学校|单位|银行)")
TARGETED_EN = sought(r"\bthe company\b|\bits\b|\bthe operator\b|\bthe app\b|\bthe bank\b", re.IGNORECASE)
TOLD_BY = ("report", "report on", "reports on", "survey")
"""Words of reporting that name no report."""
ALERT_NOUNS = frozenset({"notice", "announcement", "公告", "通告"})
COUNTED_NUMBER = re.compile(
    r"\s?余?(?:个|台|家|款|起|条|次|枚)|\s(?:\w+\s){0,2}?(?:hosts|sites|websites|links|URLs|vulnerabilities|samples|devices|domains)\b"
)
SHARES = sought(
    r"\b(?:two thirds|a third|half|most|some|the majority|\w+ per ?cent|\d{1,2}%) of (?:them|these|the cases|all cases)\b|\b(?:in )?the (?:remaining|rest|others)\b|其中\d{1,4}[起件]|其余",
    re.IGNORECASE,
)
MANY_CASES = 5
LEAST_COUNTED = 2
SHORT_NOTE = 400
POLITE = 2
"""So many polite phrases of a letter say that it tells of nothing else."""


class Signs:
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
        if self._too_few_counts():
            return False
        if any(c.metric == "CASES" and c.value == 1 for c in self.counted):
            return False  # 破获一起…案, however many were caught
        by_count = [c for c in self.counted if c.unit != "CNY" and c.value >= 2]
        metrics = {c.metric for c in by_count if c.metric != "ITEMS_REMOVED"}
        measures = metrics - UNIT_ONLY
        large = any(c.value >= 10 for c in by_count)
        rollup = self.passage.has("rollup")
        if any(c.metric == "CASES" and c.value >= MANY_CASES for c in by_count) and self.shares:
            return not self.single_subject
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

    def _too_few_counts(self) -> bool:
        """Whether no Chinese passage with so few counts can be a campaign, whatever they are; numbers are dear to read."""
        if self.passage.language != "zh":
            return False
        most = most_counts(self.passage)
        if most < 2 and not self.shares and not self.passage.has("rollup"):
            return True
        return most < 3 and self.single_subject

    @lazily
    def shares(self) -> bool:
        """Whether it tells what became of parts of many cases (two thirds, the rest, 其中N起)."""
        return self.passage.search(SHARES) is not None

    @lazily
    def monitoring(self) -> Cue | None:
        """The counts of a week or month by a body that watches networks (周报, 监测报告): no single incident, no case."""
        passage = self.passage
        start = passage.title_line.start if passage.title_line else passage.start
        cue = passage.reading.first("monitoring", start, passage.head_end)
        if cue is None or self.single_subject or self.court is not None or self.early_measure:
            return None
        counted = sum(COUNTED_NUMBER.match(passage.text, n.end) is not None for n in passage.numbers)
        return cue if counted >= LEAST_COUNTED else None

    @lazily
    def several_measures(self) -> bool:
        return len({c.metric for c in self.counted if c.metric not in UNIT_ONLY}) >= 2

    @lazily
    def single_subject(self) -> bool:
        """Whether the text tells of one subject: found out about and dealt with by itself."""
        passage = self.passage
        if passage.language == "zh":
            return passage.has("found") and passage.search(TARGETED_ZH) is not None
        targeted = passage.reading.matches(TARGETED_EN, passage.start, passage.end)
        return len(list(islice(targeted, 2))) == 2

    @lazily
    def court(self) -> Cue | None:
        outcome = self.passage.reading.first("court_outcome", self.passage.body_start, self.passage.end)
        if outcome is None or not self.passage.has("court") or self.passage.signals.is_quiet(outcome.start):
            return None
        return outcome

    @lazily
    def release(self) -> Release | None:
        """An instrument or report made public in the first sentences."""
        found = self.passage.signals.releases_in(self.passage.start, self.passage.head_end)
        return next((release for release in found if not self._alert(release)), None)

    def _alert(self, release: Release) -> bool:
        """Whether what is made public is a notice about a flaw or an attack, and no rule."""
        passage = self.passage
        nouns = {
            passage.text[cue.start : cue.end].lower()
            for cue in passage.cues("instrument_noun", release.start, release.end)
        }
        told = incident_types.stated(passage) if nouns and nouns <= ALERT_NOUNS else None
        return told is not None and told.start < release.end

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
        return (
            passage.reading.search(pattern, passage.start, end) is not None
            and passage.reading.search(LIST_WORDS, passage.start, end) is not None
        )

    @lazily
    def apps_listed(self) -> bool:
        """Whether apps are listed by name and version, so that the text is no sum of many lists."""
        found = LISTED_APP.finditer(self.passage.text, self.passage.start, self.passage.end)
        return sum(1 for _ in found) >= LEAST_LISTED

    @lazily
    def notice(self) -> bool:
        return self.passage.has("notice", self.passage.start, self.passage.head_end)

    @lazily
    def incidents(self) -> list[Cue]:
        return self.passage.cues("incident")

    @lazily
    def told_off(self) -> bool:
        """A short text of an exercise, an award or thanks: nothing of the field happened."""
        passage = self.passage
        short = passage.end - passage.start < SHORT_NOTE
        return short and not self.measures and passage.has("exercise_or_praise")

    @lazily
    def incident_told(self) -> Cue | None:
        """An incident in the first sentences, where no statistical or other named report is what they are about."""
        passage = self.passage
        if (
            self.report is not None
            and passage.text[self.report.start : self.report.end].lower() not in TOLD_BY
        ):
            return None
        if self.release is not None and not self.release.report and not self.notice:
            return None
        told = incident_types.stated(passage)
        return told if told is not None and told.start < passage.head_end else None

    @lazily
    def invitation(self) -> Cue | None:
        """Where a firm invites or speaks of itself. What is told in or behind the sentence that does so is what the
        invitation is about; what a sentence before it tells by itself is news, which may end with an invitation. Soft
        words (a webinar of anybody's, one polite phrase) count where nothing is told."""
        passage = self.passage
        found = passage.cues("event", passage.start, passage.head_end)
        if not found or self.court is not None:
            return None
        strong = [cue for cue in found if cue.code in ("asked", "own")]
        polite = [cue for cue in found if cue.code == "polite"]
        if len({passage.text[cue.start : cue.end].lower() for cue in polite}) >= POLITE:
            strong += polite[1:2]
        if strong:
            first = min(strong)
            return None if self._told_before(passage.reading.sentence_at(first.start).start) else first
        if self.measures or self.release is not None or self.incident_told is not None or self.campaign:
            return None
        return next((cue for cue in found if cue.code == "gathering"), None)

    def _told_before(self, end: int) -> bool:
        """Whether the sentences before `end` tell of a measure, an instrument, an incident or figures."""
        start = self.passage.body_start
        if end <= start:
            return False
        releases = self.passage.signals.releases_in(start, end)
        return (
            any(cue.start < end for cue in self.measures)
            or bool(releases)
            or (self.incident_told is not None and self.incident_told.start < end)
            or any(c.start < end for c in self.counted)
        )

    @lazily
    def by_association(self) -> bool:
        """A list or standard of an association: news of the industry, no rule."""
        head = self.passage.text[self.passage.start : self.passage.head_end].lower()
        return any(word in head for word in ("list of standards", "association", "society", "协会", "联盟"))


def campaign_in(passage: Passage) -> bool:
    """Whether a paragraph by itself tells the figures of a campaign or of a body's work over a time."""
    rollup = passage.has("rollup")
    if not rollup and not _cases_named(passage):
        return False
    signs = Signs(passage)
    return signs.campaign and (rollup or any(c.metric == "CASES" for c in signs.counted))


def _cases_named(passage: Passage) -> bool:
    """Whether words stand there by which numbers count cases."""
    return any(cue.code == "CASES" for group in ("figure_unit", "figure_verb") for cue in passage.cues(group))
