"""Phrase tables: many fixed phrases, each with its values, found in one linear pass over a text.

    table = Phrases([("罚款", "FINE"), ("fined", "FINE")])
    table.find("was FINED and 处以罚款")    # [Hit(4, 9, "fined", ("FINE",)), Hit(16, 18, "罚款", ("FINE",))]

Latin letters match without regard to case (unless asked otherwise) and at word boundaries only; every run of white
space counts as one space. Of hits that overlap the leftmost, then the longest, is taken. Give texts through
`enrich.normalise.normalise`; phrases are normalised here.

A bulletin is asked for the phrases of many tables, several times over. `Together` therefore looks for the phrases of all
its tables with one automaton in one pass over title and text, and each table remembers its hits in both; `find` and
`find_all` of the tables are then answered from memory. Nothing changes for who asks:

    Together([cues, names]).read(whole, title, text)        # whole: the title, a line end, the text
    names.find(text)                                        # no second pass
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick

from enrich.normalise import normalise

V = TypeVar("V", bound=Hashable)
EAST, LAST_EAST = "\u2e80", "\U0003ffff"
"""The scripts that put no spaces between words lie between these."""
Place = tuple[int, int, int]
"""Start and end of a hit, and the number of its phrase in its table."""
Lists = list[list[tuple[int, int, Any]]]
"""Lists of hits: start, end, and what a table wants to know of the phrase."""

WHITE_RUN = re.compile(r"\s{2,}")
IZE = re.compile(r"(?<=[a-z])i([sz])(?=(?:e|ed|es|ing|ation|ations)\b)")


_new = tuple.__new__
"""A named tuple made of a tuple: less than half the time of a call of its class."""


class Hit(NamedTuple, Generic[V]):
    """A phrase found: half-open span in the text, the phrase as compiled, its values in the order given."""

    start: int
    end: int
    phrase: str
    values: tuple[V, ...]


NOTHING: tuple[str | None, str | None, str | None, list[Place], list[Place]] = (None, None, None, [], [])


class _Memory(threading.local):
    """The hits of a table in the text that a thread is at: whole, head and body of the text, the hits before the body
    and those in it; and the last list of hits that was put in order."""

    def __init__(self) -> None:
        self.found = NOTHING
        self.in_order: tuple[str, list[tuple[int, int, tuple[Any, ...]]]] = "", []


class Phrases(Generic[V]):
    """An immutable phrase table. `pairs`: spellings that stand for each other, expanded both ways. `anywhere`: also
    within words."""

    def __init__(
        self,
        entries: Iterable[tuple[str, V]],
        *,
        pairs: Sequence[tuple[str, str]] = (),
        case_sensitive: bool = False,
        anywhere: bool = False,
    ) -> None:
        self._fold = _same_length if case_sensitive else _lower
        table: dict[str, dict[V, None]] = {}
        for phrase, value in entries:
            key = self._fold(" ".join(normalise(phrase).split()))
            for variant in spelling_variants(key, pairs):
                table.setdefault(variant, {})[value] = None
        table.pop("", None)
        self.phrases = list(table)
        self._values = [tuple(values) for values in table.values()]
        self.case_sensitive = case_sensitive
        self.edges = [0 if anywhere else _edges(phrase) for phrase in self.phrases]
        self._automaton: AhoCorasick | None = None
        self._memory = _Memory()

    def __len__(self) -> int:
        return len(self.phrases)

    def find(self, text: str) -> list[Hit[V]]:
        """Hits from left to right that do not overlap: leftmost first, of those the longest."""
        phrases, values = self.phrases, self._values
        return [
            _new(Hit, (start, end, phrases[index], values[index]))
            for start, end, index in _apart(self.places(text))
        ]

    def find_all(self, text: str) -> list[Hit[V]]:
        """All hits, overlapping ones included, by their ends."""
        phrases, values = self.phrases, self._values
        return [
            _new(Hit, (start, end, phrases[index], values[index])) for start, end, index in self.places(text)
        ]

    def found(self, text: str) -> Iterator[tuple[int, int, tuple[V, ...]]]:
        """What `find_all` gives, without the phrases."""
        values = self._values
        return ((start, end, values[index]) for start, end, index in self.places(text))

    def in_order(self, text: str) -> list[tuple[int, int, tuple[V, ...]]]:
        """What `found` gives, from left to right."""
        known, found = self._memory.in_order
        if known is not text:
            found = sorted(self.found(text), key=itemgetter(0))
            self._memory.in_order = text, found
        return found

    def places(self, text: str) -> list[Place]:
        """Start, end and number of the phrase of all hits, by their ends."""
        whole, head, body, before, within = self._memory.found
        if text is body:
            return within
        if text is head:
            return [place for place in before if place[1] <= len(text)]
        if text is whole:
            offset = len(text) - len(body or "")
            return before + [(start + offset, end + offset, index) for start, end, index in within]
        if not self.phrases or not text:
            return []
        if self._automaton is None:
            self._automaton = AhoCorasick(self.phrases)
        folded = _folded(self._fold, text)
        return [
            (*_as_given(folded, start, end), index)
            for index, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True)
            if not self.edges[index] or _stands_alone(folded.text, start, end, self.edges[index])
        ]

    def sinks(self) -> list[list[tuple[int, Any]]]:
        """For each phrase in which of the table's lists `Together` puts its hits, and as what: here there is one list,
        and hits go by the number of their phrase."""
        return [[(0, index)] for index in range(len(self.phrases))]

    def remember(self, whole: str, head: str, body: str, before: Lists, within: Lists) -> None:
        """Keep the hits in these texts, known by their identity, and in no others: `within` the body, counted from its
        start, and `before` it."""
        self._memory.found = whole, head, body, before[0], within[0]
        self._memory.in_order = "", []

    def forget(self) -> None:
        """Keep no hits of any text."""
        self._memory.found = NOTHING
        self._memory.in_order = "", []

    def values(self, text: str) -> list[V]:
        """The values of `find`, each once, in the order of the text."""
        return list(dict.fromkeys(value for hit in self.find(text) for value in hit.values))

    def covers(self, text: str) -> tuple[V, ...]:
        """The values of the phrase that is the whole text; empty when there is none."""
        key = self._fold(" ".join(normalise(text).split()))
        hits = [hit for hit in self.find_all(key) if hit.start == 0 and hit.end == len(key)]
        return hits[0].values if hits else ()


class Together:
    """Several tables whose phrases are looked for with one automaton."""

    def __init__(self, tables: Sequence[Phrases[Any]]) -> None:
        self._tables = tables
        self._first: list[int] = [0]
        owners: dict[str, list[tuple[int, int, Any, str | None]]] = {}
        for table in tables:
            first, last = self._first[-1], self._first[-1]
            for phrase, edges, sinks in zip(table.phrases, table.edges, table.sinks(), strict=True):
                exact = phrase if table.case_sensitive and phrase.lower() != phrase.upper() else None
                owned = owners.setdefault(_lower(phrase), [])
                for sink, value in sinks:
                    owned.append((edges, first + sink, value, exact))
                    last = max(last, first + sink + 1)
            self._first.append(max(last, first + 1))
        self._owners = list(owners.values())
        self._edges = [min(owner[0] for owner in owned) for owned in self._owners]
        # Most phrases have one owner, and no case to look at: for these the list and the value.
        self._single = [
            owned[0][1:3] if len(owned) == 1 and owned[0][3] is None else None for owned in self._owners
        ]
        self._automaton = AhoCorasick(list(owners))

    def read(self, whole: str, head: str, body: str) -> None:
        """Find the phrases of all tables in `whole`, which is `head`, a line end and `body`, and let the tables remember
        them for all three. A hit across the line end is one of the whole only."""
        folded = _folded(_lower, whole)
        offset = len(whole) - len(body)
        before: Lists = [[] for _ in range(self._first[-1])]
        within: Lists = [[] for _ in range(self._first[-1])]
        lower, starts, shifts = folded
        size, shifted = len(lower), bool(starts)
        owners, all_edges, single = self._owners, self._edges, self._single
        for number, start, end in self._automaton.find_matches_as_indexes(lower, overlapping=True):
            edges = all_edges[number]
            if edges:  # `_stands_alone`, without its call
                if edges & 1 and start and (c := lower[start - 1]).isalnum() and (c < EAST or c > LAST_EAST):
                    continue
                if edges & 2 and end < size and (c := lower[end]).isalnum() and (c < EAST or c > LAST_EAST):
                    continue
            first, last = start - offset, end - offset
            if shifted:
                at = bisect_right(starts, end - 1)
                last += shifts[at]
                first += shifts[at if not at or starts[at - 1] <= start else bisect_right(starts, start)]
            one = single[number]
            if one is not None and first >= 0:
                within[one[0]].append((first, last, one[1]))
                continue
            for own, sink, value, exact in owners[number]:
                if own != edges and not _stands_alone(lower, start, end, own):
                    continue
                if exact is not None and _printed(whole, first + offset, last + offset) != exact:
                    continue
                if first >= 0:
                    within[sink].append((first, last, value))
                else:
                    before[sink].append((first + offset, last + offset, value))
        for table, (begin, stop) in zip(self._tables, pairwise(self._first), strict=True):
            table.remember(whole, head, body, before[begin:stop], within[begin:stop])

    def forget(self) -> None:
        """Let the tables forget the text that was read last."""
        for table in self._tables:
            table.forget()
        _folded.cache_clear()


def _printed(text: str, start: int, end: int) -> str:
    """What stands at [start, end), as a table that keeps case compiles it."""
    return " ".join(_same_length(text[start:end]).split())


def _apart(places: list[Place]) -> list[Place]:
    """From left to right, none overlapping another: leftmost first, of those the longest."""
    out: list[Place] = []
    last = 0
    for place in sorted(places, key=lambda place: (place[0], -place[1])):
        if place[0] >= last:
            out.append(place)
            last = place[1]
    return out


def spelling_variants(phrase: str, pairs: Sequence[tuple[str, str]] = ()) -> set[str]:
    """`phrase` (lower case) with each spelling pair put either way; with any pairs given also -isation / -ization."""
    variants = {phrase}
    if not pairs or not any("a" <= c <= "z" for c in phrase):
        return variants
    size = 0
    while size != len(variants):  # a word may stand in more than one pair
        size = len(variants)
        for one, other in pairs:
            for a, b in ((one, other), (other, one)):
                variants |= {_word(a).sub(b, variant) for variant in variants if a in variant}
    for letter in "sz":
        variants |= {IZE.sub(f"i{letter}", variant) for variant in variants}
    return variants


@cache
def _word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z]){re.escape(word)}(?=s?(?![a-z]))")


class Folded(NamedTuple):
    """A text as it is scanned; from each of `starts` on, its shift leads back to the text as given."""

    text: str
    starts: list[int]
    shifts: list[int]


@lru_cache(maxsize=4)
def _folded(fold: Callable[[str], str], text: str) -> Folded:
    """The text as it is scanned. Several tables scan one text one after the other: it is folded once."""
    return _collapse(fold(text))


def _as_given(folded: Folded, start: int, end: int) -> tuple[int, int]:
    """A span of the folded text in the text as given."""
    _, starts, shifts = folded
    if not starts:
        return start, end
    return start + shifts[bisect_right(starts, start)], end + shifts[bisect_right(starts, end - 1)]


def _edges(phrase: str) -> int:
    """Whether the phrase must begin (1) and end (2) at the boundary of a word."""
    return _is_word(phrase[0]) + 2 * _is_word(phrase[-1])


def _stands_alone(text: str, start: int, end: int, edges: int) -> bool:
    """Whether a phrase at [start, end) is no part of a longer word."""
    if edges & 1 and start and _is_word(text[start - 1]):
        return False
    return not (edges & 2 and end < len(text) and _is_word(text[end]))


def _is_word(character: str) -> bool:
    """A letter or digit of a script that puts spaces between words."""
    return character.isalnum() and not EAST <= character <= LAST_EAST


def _lower(text: str) -> str:
    """Lower case and single white-space characters as spaces, at the same length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := c.lower()) == 1 else c for c in text)
    return _same_length(lowered)


def _same_length(text: str) -> str:
    if not text.isascii() or any(c in text for c in _RARE_WHITE):
        text = text.replace("\x85", " ").replace("\u2028", " ").replace("\u2029", " ")
        for c in _RARE_WHITE:
            text = text.replace(c, " ")
    return text.replace("\n", " ").replace("\t", " ").replace("\r", " ")


def _collapse(text: str) -> Folded:
    """`text` with runs of spaces made one; positions from which on a shift leads back to the text as given."""
    if "  " not in text:
        return Folded(text, [], [])
    parts: list[str] = []
    starts: list[int] = []
    shifts = [0]
    last = length = 0
    for run in WHITE_RUN.finditer(text):
        parts.append(text[last : run.start() + 1])
        length += run.start() + 1 - last
        last = run.end()
        starts.append(length)
        shifts.append(last - length)
    parts.append(text[last:])
    return Folded("".join(parts), starts, shifts)


_RARE_WHITE = "\x0b\x0c\x1c\x1d\x1e\x1f"
