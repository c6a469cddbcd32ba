"""What happens where in a text: measures imposed, instruments released, judgments, incidents, reports.

These are the marks by which items are told from mere parts of a text, before any value is read.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from enrich.context import ClauseContext, Context, context_table, contexts_in
from enrich.needed import Sought, sought
from enrich.reading import Cue, Reading, Span
from enrich.rulebook import Rulebook

_PROMISE = sought(
    r"(?:表示|承诺|保证)[，,：:]|\bsaid (?:it|they) would\b|\bpledged\b|\bpromised\b", re.IGNORECASE
)
_LEFT_UNDONE = sought(
    r"(?:未|没有|拒不|尚未|无法|难以|无需|不得|频繁|强制)[^，。；、\n的者被]{0,6}$|(?:故障|停电|断电|宕机|瘫痪)(?:而|导致|造成)?$"
    r"|\b(?:failed to|failing to|failure to|did not|not|never|refused to|without|unable to|impossible to|difficult to|hard to|could not|cannot|no (?:way|means|option|function|channel|entry) (?:to|for)|how to)\s(?:\w+\s){0,2}$",
    re.IGNORECASE,
)
"""What stands before a measure that was not taken, or is what the subject left undone: 未及时注销备案, failed to remove."""
_WARNED_OF = re.compile(
    r"warn(?:ed|ing|s)\s(?:(?:on|in|again|also|separately|users|consumers|the public|operators)\b[^.;:]{0,28}?)??(?:of|about|against|that)\b",
    re.IGNORECASE,
)
"""A danger that somebody is told of, and no measure: CNVD warned on 10 May of a flaw."""
_BEFORE_THAT = sought(r"(?:前期|此前|前次|上一批)[^，。；\n]{0,10}$")
"""A naming of an earlier day."""
_SAID_BY_OTHERS = sought(
    r"(?:称|消息|散布|编造|谣言|传言|标题|视频|帖文|文章|名为|题为)[^。\n\"“”]{0,6}[\"“][^\"“”。\n]{0,40}$"
)
"""What a rumour says within quotation marks."""
_REPORT_NAME = sought(r"(?:报告|白皮书|蓝皮书|绿皮书|年鉴|概览)(?:[（(][^）)\n]{1,20}[）)])?》")
OPEN = frozenset({"CASE_TRANSFER"})
"""Penalty cues that are a status and no measure."""
UNNAMED = frozenset({"OTHER"})
_CLAUSE_END = attrgetter("end")


class Release(NamedTuple):
    """A sentence that tells of an instrument or a report made public; `at` is where its verb stands."""

    at: int
    start: int
    end: int
    status: str
    by_authority: bool
    report: bool


class Signals:
    """The marks of one text, with access by span."""

    def __init__(self, reading: Reading, rules: Rulebook) -> None:
        self.reading = reading
        self._contexts_of = context_table(rules.knowledge)
        self._contexts: dict[int, list[ClauseContext]] = {}
        self.quiet = _quiet_zones(reading)
        self._quiet_starts = [zone.start for zone in self.quiet]
        self.measures = reading.matching(patterns(rules, reading.language))
        """The patterns of measures that may match in the text, with their codes."""
        told = [*reading.cues("penalty"), *_patterned(reading, self.measures)]
        self.imposed = sorted(cue for cue in told if self._counts(cue))
        self._imposed_starts = [cue.start for cue in self.imposed]
        self.releases = _releases(reading)
        self._release_starts = [release.at for release in self.releases]

    def context_at(self, position: int) -> Context | None:
        """The class of the clause at `position` (context.yaml)."""
        start, end = self.reading.sentence_at(position)
        clauses = self._contexts.get(start)
        if clauses is None:
            clauses = self._contexts[start] = contexts_in(self.reading, self._contexts_of, start, end)
        at = bisect_right(clauses, position, key=_CLAUSE_END)
        return clauses[at].context if at < len(clauses) else None

    def is_quiet(self, position: int) -> bool:
        """Whether the position lies in an appeal, a reminder or a statute quoted below a case."""
        at = bisect_right(self._quiet_starts, position) - 1
        return at >= 0 and position < self.quiet[at].end

    def imposed_in(self, start: int, end: int) -> Sequence[Cue]:
        """Cues of measures that the text says were imposed."""
        return self.imposed[bisect_left(self._imposed_starts, start) : bisect_left(self._imposed_starts, end)]

    def any_imposed(self, start: int, end: int) -> bool:
        """Whether there is such a cue."""
        at = bisect_left(self._imposed_starts, start)
        return at < len(self.imposed) and self._imposed_starts[at] < end

    def releases_in(self, start: int, end: int) -> Sequence[Release]:
        """Releases told in [start, end), their sentences cut to it."""
        first, last = bisect_left(self._release_starts, start), bisect_left(self._release_starts, end)
        return [r._replace(start=max(r.start, start), end=min(r.end, end)) for r in self.releases[first:last]]

    def is_item(self, start: int, end: int) -> bool:
        """Whether something happens here that could be an item of its own."""
        if any(cue.code not in UNNAMED for cue in self.imposed_in(start, end)) or self.releases_in(
            start, end
        ):
            return True
        reading = self.reading
        if self.imposed_in(start, end) and (
            reading.has("authority", start, end) or reading.has("found", start, end)
        ):
            return True
        if reading.has("court_outcome", start, end):
            return True
        attacked = len(reading.cues("incident", start, end))
        if reading.language == "en" and attacked and reading.has("happened", start, end):
            return True
        return attacked >= 2

    def _promised(self, cue: Cue) -> bool:
        """What a subject says it will do: 该单位表示，将按照要求立即整改."""
        if cue.code not in ("ORDER_RECTIFY", "OTHER"):
            return False
        start = self.reading.sentence_at(cue.start).start
        return self.reading.search(_PROMISE, max(start, cue.start - 80), cue.start) is not None

    def left_undone(self, cue: Cue) -> bool:
        """Whether the words tell of what was not done, was said by others or of a danger: 未提供有效的注销账号功能."""
        search = self.reading.search
        return (
            search(_LEFT_UNDONE, max(0, cue.start - 30), cue.start) is not None
            or _WARNED_OF.match(self.reading.text, cue.start) is not None
            or (
                cue.code == "PUBLIC_NAMING"
                and search(_BEFORE_THAT, max(0, cue.start - 20), cue.start) is not None
            )
            or search(_SAID_BY_OTHERS, max(0, cue.start - 60), cue.start) is not None
        )

    def _counts(self, cue: Cue) -> bool:
        return (
            cue.code not in OPEN
            and cue.code != "NO_PENALTY"
            and self.context_at(cue.start) in ("penalty", None)
            and not self._promised(cue)
            and not self.left_undone(cue)
            and not self.is_quiet(cue.start)
        )


def _patterned(reading: Reading, sought_for: Iterable[tuple[str, Sought]]) -> Iterator[Cue]:
    """Measures that patterns find (penalties.yaml)."""
    for code, pattern in sought_for:
        for match in reading.matches(pattern, 0, len(reading.text)):
            yield Cue(match.start(), max(match.end(), match.start() + 1), code)


@lru_cache(maxsize=16)
def patterns(rules: Rulebook, language: str) -> tuple[tuple[str, Sought], ...]:
    """The patterns of measures in a language, with their codes."""
    return tuple(
        (entry["code"], sought(entry["pattern"], re.IGNORECASE))
        for entry in rules.table("penalties")["patterns"]
        if entry["language"] == language
    )


def _quiet_zones(reading: Reading) -> list[Span]:
    """From an aftermath cue at the head of a sentence to the end of its line; from a statute quote to where the next
    line begins that is not one."""
    zones: list[Span] = []
    text = reading.text
    for group in ("aftermath", "statute_quotes"):
        for cue in reading.cues(group):
            before = text[max(0, cue.start - 1) : cue.start]
            if before and before not in "\n。；!！ \t>【[*#":
                continue
            newline = text.find("\n", cue.end)
            zones.append(Span(cue.start, len(text) if newline < 0 else newline))
    zones.sort()
    merged: list[Span] = []
    for zone in zones:
        if merged and zone.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, zone.end))
        else:
            merged.append(zone)
    return merged


def _releases(reading: Reading) -> list[Release]:
    found: list[Release] = []
    last = -1
    for cue in reading.cues("release"):
        if cue.start < last:
            continue
        sentence = reading.sentence_at(cue.start)
        start, end = sentence
        authority = reading.has("authority", start, end)
        noun = reading.has("instrument_noun", start, end) or reading.text.find("《", start, end) >= 0
        report = reading.has("report_noun", start, end)
        if (authority or reading.has("country", start, end)) and (noun or report):
            found.append(Release(cue.start, start, end, cue.code, authority, report and not noun))
        elif noun and reading.text.find("《", start, end) >= 0:
            named = reading.search(_REPORT_NAME, start, end) is not None
            found.append(Release(cue.start, start, end, cue.code, False, report and named))
        last = end
    return found
