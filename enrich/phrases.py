"""Phrase tables: many fixed phrases, each with its values, found in one linear pass over a text.

    table = Phrases([("罚款", "FINE"), ("fined", "FINE")])
    table.find("was FINED and 处以罚款")    # [Hit(4, 9, "fined", ("FINE",)), Hit(16, 18, "罚款", ("FINE",))]

Latin letters match without regard to case (unless asked otherwise) and at word boundaries only; every run of white
space counts as one space. Of hits that overlap the leftmost, then the longest, is taken. Give texts through
`enrich.normalise.normalise`; phrases are normalised here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cache, lru_cache
from typing import Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick

from enrich.normalise import normalise

V = TypeVar("V", bound=Hashable)

WHITE_RUN = re.compile(r"\s{2,}")
IZE = re.compile(r"(?<=[a-z])i([sz])(?=(?:e|ed|es|ing|ation|ations)\b)")


class Hit(NamedTuple, Generic[V]):
    """A phrase found: half-open span in the text, the phrase as compiled, its values in the order given."""

    start: int
    end: int
    phrase: str
    values: tuple[V, ...]


class Phrases(Generic[V]):
    """An immutable phrase table. `pairs`: spellings that stand for each other, expanded both ways."""

    def __init__(
        self,
        entries: Iterable[tuple[str, V]],
        *,
        pairs: Sequence[tuple[str, str]] = (),
        case_sensitive: bool = False,
    ) -> None:
        self._fold = _same_length if case_sensitive else _lower
        table: dict[str, dict[V, None]] = {}
        for phrase, value in entries:
            key = self._fold(" ".join(normalise(phrase).split()))
            for variant in spelling_variants(key, pairs):
                table.setdefault(variant, {})[value] = None
        table.pop("", None)
        self._phrases = list(table)
        self._values = [tuple(values) for values in table.values()]
        self._edges = [(_is_word(p[0]), _is_word(p[-1])) for p in self._phrases]
        self._automaton = AhoCorasick(self._phrases) if table else None

    def __len__(self) -> int:
        return len(self._phrases)

    def find(self, text: str) -> list[Hit[V]]:
        """Hits from left to right that do not overlap: leftmost first, of those the longest."""
        out: list[Hit[V]] = []
        end = 0
        for hit in sorted(self.find_all(text), key=lambda hit: (hit.start, -hit.end)):
            if hit.start >= end:
                out.append(hit)
                end = hit.end
        return out

    def find_all(self, text: str) -> list[Hit[V]]:
        """All hits, overlapping ones included, by their ends."""
        if self._automaton is None or not text:
            return []
        folded, starts, shifts = _folded(self._fold, text)
        out: list[Hit[V]] = []
        size = len(folded)
        for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            head, tail = self._edges[index]
            if head and start and _is_word(folded[start - 1]):
                continue
            if tail and end < size and _is_word(folded[end]):
                continue
            if starts:
                start, end = (  # noqa: PLW2901 - back to places in the text as given
                    start + shifts[bisect_right(starts, start)],
                    end - 1 + shifts[bisect_right(starts, end - 1)] + 1,
                )
            out.append(Hit(start, end, self._phrases[index], self._values[index]))
        return out

    def values(self, text: str) -> list[V]:
        """The values of `find`, each once, in the order of the text."""
        return list(dict.fromkeys(value for hit in self.find(text) for value in hit.values))

    def covers(self, text: str) -> tuple[V, ...]:
        """The values of the phrase that is the whole text; empty when there is none."""
        key = self._fold(" ".join(normalise(text).split()))
        hits = [hit for hit in self.find_all(key) if hit.start == 0 and hit.end == len(key)]
        return hits[0].values if hits else ()


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


@lru_cache(maxsize=4)
def _folded(fold: Callable[[str], str], text: str) -> tuple[str, list[int], list[int]]:
    """The text as it is scanned. Several tables scan one text one after the other: it is folded once."""
    return _collapse(fold(text))


def _is_word(character: str) -> bool:
    """A letter or digit of a script that puts spaces between words."""
    return character.isalnum() and not "\u2e80" <= character <= "\U0003ffff"


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


def _collapse(text: str) -> tuple[str, list[int], list[int]]:
    """`text` with runs of spaces made one; positions from which on a shift leads back to the text as given."""
    if "  " not in text:
        return text, [], []
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
    return "".join(parts), starts, shifts


_RARE_WHITE = "\x0b\x0c\x1c\x1d\x1e\x1f"
