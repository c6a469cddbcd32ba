"""A text as the steps see it: normalised once, cut into lines and sentences once, scanned for cues once.

A cue is a phrase of the knowledge files with the group it stands in (`penalty`, `release`, `section`, ...) and its code
within the group. Steps ask for the cues of a group within a span; none scans the text for phrases again.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import NamedTuple

from enrich.beginnings import Beginnings
from enrich.grouped import Grouped, Hits
from enrich.needed import Sought, Window, lowered
from enrich.normalise import normalise

STOP = ""
"""The code of a phrase that only keeps a shorter one inside it from counting (警告弹窗 beside 警告)."""

_ENDS = re.compile(
    # A class first lets the search skip. Chinese, and any line; English: a capital or a number follows.
    r"[。！？；\n.!?;](?:(?<=[。！？；\n])|(?=[\"')\]]*\s+[\"'(\[]?[A-Z0-9]))"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:no|nos|art|arts|co|ltd|inc|corp|mr|ms|mrs|dr|prof|st|vs|etc|para|paras|approx|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|e\.g|i\.e|u\.s|[a-z]))\Z",
    re.IGNORECASE,
)
_LINE = re.compile(r"[^\n]*\S[^\n]*")


_START = itemgetter(0)


class Cue(NamedTuple):
    start: int
    end: int
    code: str


_new = tuple.__new__
"""A named tuple made of a tuple: less than half the time of a call of its class."""


class Span(NamedTuple):
    """Half-open range of characters."""

    start: int
    end: int


class Reading:
    """One text, ready for the steps. `text` is normalised and of the same length as the text given."""

    __slots__ = (
        "_begun",
        "_groups",
        "_hits",
        "_line_starts",
        "_numbers",
        "_possible",
        "_sentence_starts",
        "_starts",
        "kept",
        "language",
        "lines",
        "lower",
        "sentences",
        "text",
    )

    def __init__(self, text: str, language: str, cues: Grouped, beginnings: Beginnings | None = None) -> None:
        self.text = normalise(text)
        self.lower = lowered(self.text)
        self.language = language
        self.lines = list(_lines(self.text))
        self.sentences = list(_sentences(self.text))
        self._line_starts = [line.start for line in self.lines]
        self._sentence_starts = [sentence.start for sentence in self.sentences]
        self._hits = cues.by_group(self.text)
        self._begun = beginnings.hits(self.text) if beginnings is not None else None
        self._numbers = beginnings.numbers if beginnings is not None else {}
        self._groups: dict[str, list[Cue]] = {}
        self._starts: dict[str, list[int]] = {}
        self._possible: dict[int, tuple[Sought, tuple[list[int], list[Window] | None]]] = {}
        self.kept: dict[str, frozenset[int]] = {}
        """Numbers of lines that a step found and would look for again."""

    def cues(self, group: str, start: int = 0, end: int | None = None) -> list[Cue]:
        """Cues of `group` that lie within [start, end), from left to right; none overlaps another of its group."""
        found = self._groups.get(group)
        if found is None:
            found = self._group(group)
        if not found or (start <= 0 and end is None):
            return found
        starts = self._starts[group]
        first = bisect_left(starts, start)
        last = len(found) if end is None else bisect_left(starts, end, first)
        while last > first and end is not None and found[last - 1].end > end:
            last -= 1
        return found[first:last]

    @property
    def groups(self) -> AbstractSet[str]:
        """The groups that have cues in the text, or words that keep others from being cues."""
        return self._hits.keys()

    def _group(self, group: str) -> list[Cue]:
        """The cues of a group, made when first asked for."""
        hits = self._hits.get(group)
        found = _resolved(hits) if hits else []
        if group == "authority" and found:
            found = _own(found, self.cues("country"))
        self._groups[group] = found
        self._starts[group] = [cue.start for cue in found]
        return found

    def first(self, group: str, start: int = 0, end: int | None = None) -> Cue | None:
        if group not in self._hits:
            return None
        found = self._groups.get(group)
        if found is None:
            found = self._group(group)
        at = bisect_left(self._starts[group], start) if start > 0 else 0
        if at >= len(found):
            return None
        cue = found[at]
        return cue if end is None or cue[1] <= end else None

    def has(self, group: str, start: int = 0, end: int | None = None) -> bool:
        return group in self._hits and self.first(group, start, end) is not None

    def search(self, sought: Sought, start: int, end: int) -> re.Match[str] | None:
        """The first match within [start, end); nothing is tried where what every match needs is missing."""
        places, windows = self._where(sought)
        if windows is None:
            match = sought.pattern.match
            for index in range(bisect_left(places, start), len(places)):
                at = places[index]
                if at >= end:
                    return None
                found = match(self.text, at, end)
                if found is not None:
                    return found
            return None
        for index in range(_reaching(windows, start), len(windows)):
            first, last = windows[index]
            if first >= end:
                return None
            if last > start:
                found = sought.pattern.search(self.text, max(first, start), min(last, end))
                if found is not None:
                    return found
        return None

    def matches(self, sought: Sought, start: int, end: int) -> list[re.Match[str]]:
        """The matches within [start, end), from left to right."""
        places, windows = self._where(sought)
        out: list[re.Match[str]] = []
        if windows is None:
            for index in range(bisect_left(places, start), len(places)):
                at = places[index]
                if at >= end:
                    break
                if at >= start:
                    found = sought.pattern.match(self.text, at, end)
                    if found is not None:
                        out.append(found)
                        start = found.end()
            return out
        for index in range(_reaching(windows, start), len(windows)):
            first, last = windows[index]
            if first >= end:
                break
            if last > start:
                out += sought.pattern.finditer(self.text, max(first, start), min(last, end))
        return out

    def matching(self, sought: Iterable[tuple[str, Sought]]) -> list[tuple[str, Sought]]:
        """Of patterns with their codes those that may match somewhere in the text."""
        return [(code, pattern) for code, pattern in sought if any(self._where(pattern))]

    def _where(self, sought: Sought) -> tuple[list[int], list[Window] | None]:
        """Where matches may begin in the whole text, or (the second is not None) in which windows they may lie."""
        known = self._possible.get(id(sought))
        if known is None:  # kept with the pattern, so that its id stays its own
            windows = None if sought.begins else sought.windows(self.lower)
            known = self._possible[id(sought)] = sought, (self._places(sought), windows)
        return known[1]

    def _places(self, sought: Sought) -> list[int]:
        """Where one of the words stands that a match begins with."""
        lower = self.lower
        number = self._numbers.get(id(sought)) if self._begun is not None else None
        if number is None or self._begun is None:
            return sought.places(lower) if sought.may_match(lower, 0, len(lower)) else []
        found = self._begun[number]
        if not found or not sought.may_match(lower, 0, len(lower)):
            return []
        return sorted({start for start, _, _ in found})

    def sentence_at(self, position: int) -> Span:
        """The sentence that `position` lies in (the next one, between two)."""
        sentences = self.sentences
        at = bisect_right(self._sentence_starts, position) - 1
        if at < 0:
            return sentences[0] if sentences else Span(0, len(self.text))
        if sentences[at][1] <= position and at + 1 < len(sentences):
            at += 1
        return sentences[at]

    def lines_in(self, start: int, end: int) -> Iterator[Span]:
        """The lines that lie within [start, end), from left to right."""
        at = bisect_left(self._line_starts, start)
        while at < len(self.lines) and self.lines[at].end <= end:
            yield self.lines[at]
            at += 1

    def sentences_in(self, start: int, end: int) -> list[Span]:
        """Sentences, cut to [start, end)."""
        first = max(0, bisect_right(self._sentence_starts, start) - 1)
        out = []
        for at in range(first, len(self.sentences)):
            sentence = self.sentences[at]
            if sentence.start >= end:
                break
            if sentence.end > start:
                out.append(
                    sentence
                    if sentence.start >= start and sentence.end <= end
                    else Span(max(start, sentence.start), min(end, sentence.end))
                )
        return out

    def clause(self, position: int, start: int, end: int) -> Span:
        """The clause around `position` within [start, end): up to the next comma or semicolon either way."""
        text = self.text
        left = position
        while left > start and text[left - 1] not in "，,;；:：\n。":
            left -= 1
        right = position
        while right < end and text[right] not in "，,;；\n。":
            right += 1
        return Span(left, right)


def _reaching(windows: list[Window], start: int) -> int:
    """The index of the last window that begins at or before `start`: those before it end before that."""
    return max(0, bisect_left(windows, (start + 1, 0)) - 1)


def trimmed(text: str, start: int, end: int) -> Span:
    """[start, end) without white space at either end."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return _new(Span, (start, end))


def _lines(text: str) -> Iterator[Span]:
    for match in _LINE.finditer(text):
        yield trimmed(text, match.start(), match.end())


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for match in _ENDS.finditer(text):
        if match.group() == "." and _ABBREVIATED.search(text, max(start, match.start() - 8), match.start()):
            continue
        span = trimmed(text, start, match.end())
        if span.start < span.end:
            yield span
        start = match.end()
    span = trimmed(text, start, len(text))
    if span.start < span.end:
        yield span


def _own(authorities: list[Cue], countries: list[Cue]) -> list[Cue]:
    """Without the bodies of other countries: a name right behind a country's (美国|国家安全局)."""
    ends = {cue.end for cue in countries}
    return [cue for cue in authorities if cue.start not in ends and cue.start - 1 not in ends]


def _resolved(found: Hits) -> list[Cue]:
    """The leftmost, then the longest, of those that overlap. Hits come by their ends."""
    if len(found) > 1:
        found.sort(key=_START)
    out: list[Cue] = []
    last = last_start = -1
    first = 0  # of those that begin where the last one does
    for hit in found:
        start, end, code = hit
        if start >= last:
            first = len(out)
        elif start != last_start:
            continue
        elif end > last:
            del out[first:]
        # A phrase may stand for several codes of its group; all of them are kept.
        last, last_start = end, start
        if code != STOP:
            out.append(_new(Cue, hit))
    return out
