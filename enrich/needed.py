"""Words that stand in whatever a pattern matches: where they do not stand, the pattern need not be tried.

    needed_by(r"责令.{0,9}改正|元以下(?:的)?罚款")       # (("责令", "元以下"),): one of them
    needed_by(r"\bcut\b[^.]{0,30}\boff\b")               # (("off",), ("cut",)): both

The words are read off the parsed pattern, so they hold whatever the pattern is. They are lower case and are looked for in
text in lower case; the patterns match without regard to case, or match a part of what they would match then. Of a pattern
that takes up so many characters at most, looks ahead included, no match lies further than these from such a word: it is
tried there and nowhere else (`Sought.windows`). A pattern that begins with one of a few words is tried where one begins
(`Sought.begins`), whatever it may take up.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from re import _parser as parser  # type: ignore[attr-defined]  # the only place that tells what a pattern is made of
from typing import Any, Final, NamedTuple

MOST_WORDS: Final = 16
"""More words than these cost more to look for than the pattern."""
MOST_SETS: Final = 2
MOST_BEGINNINGS: Final = 64
LONGEST: Final = 256
"""A pattern that may take up more characters is tried everywhere."""
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_ALIKE: Final = (("ı", "i"), ("ſ", "s"))
"""Characters that match a letter without regard to case and are not made it by `str.lower`."""

Words = frozenset[str]
Window = tuple[int, int]


class Sought(NamedTuple):
    """A pattern and what it needs: of each tuple one of the words."""

    pattern: re.Pattern[str]
    needed: tuple[tuple[str, ...], ...]
    reach: int | None
    """How many characters a match and what it looks at behind itself take up at most; None where nothing bounds it."""

    begins: tuple[str, ...]
    """What a match begins with, one of these; empty where that cannot be told or says too little."""

    def may_match(self, lower: str, start: int, end: int) -> bool:
        """Whether [start, end) of a text, given as `lowered`, holds what a match in it needs."""
        for words in self.needed:
            for word in words:
                if lower.find(word, start, end) >= 0:
                    break
            else:
                return False
        return True

    def places(self, lower: str) -> list[int]:
        """Where in a text, given as `lowered`, one of the words stands that a match begins with, from left to right."""
        find = lower.find
        found: list[int] = []
        for word in self.begins:
            at = find(word)
            while at >= 0:
                found.append(at)
                at = find(word, at + 1)
        if len(found) > 1:
            found.sort()
        return found

    def windows(self, lower: str) -> list[Window]:
        """Where in a text, given as `lowered`, all matches lie, from left to right and apart. Whatever part of the text
        is searched, each match in it lies in the part that one of them has in it."""
        size, reach = len(lower), self.reach
        if not self.needed or reach is None:
            return [(0, size)] if self.may_match(lower, 0, size) else []
        find = lower.find
        found: list[int] = []
        first, *others = self.needed
        for word in first:
            at = find(word)
            if at >= 0:
                back = reach - len(word)
                while at >= 0:
                    found.append(at - back)
                    at = find(word, at + 1)
        if not found:
            return []
        found.sort()
        out: list[Window] = []
        start, end = max(0, found[0]), found[0] + 2 * reach
        for begin in found:
            if begin > end:
                out.append((start, end))
                start = begin
            end = begin + 2 * reach
        out.append((start, min(size, end)))
        for words in others:
            out = [window for window in out if any(find(word, *window) >= 0 for word in words)]
        return out


@lru_cache(maxsize=1024)
def sought(pattern: str, flags: int = 0) -> Sought:
    """The pattern, compiled, with what it needs. Raises re.error."""
    begins = tuple(sorted(beginnings(pattern, flags)))
    return Sought(re.compile(pattern, flags), needed_by(pattern), reach_of(pattern, flags), begins)


def beginnings(pattern: str, flags: int = 0) -> frozenset[str]:
    """The words of which one stands where a match begins, in lower case, none the beginning of another one; empty where
    that cannot be told, or where one of them is a single Latin letter, which stands everywhere."""
    words = _beginnings(list(parser.parse(pattern, flags)))[0]
    if words is None or any(not word or (len(word) == 1 and word.isascii()) for word in words):
        return frozenset()
    return frozenset(word for word in words if not any(word[:n] in words for n in range(1, len(word))))


def _beginnings(items: Any) -> tuple[frozenset[str] | None, bool]:
    """What a sequence of parts begins with (None: that cannot be told), and whether it is nothing but these words."""
    words: frozenset[str] = frozenset({""})
    for name, value in ((str(op), value) for op, value in items):
        more, whole = _beginnings_of(name, value)
        if more is None or len(words) * len(more) > MOST_BEGINNINGS:
            return (words if words != {""} else None), False
        words = frozenset(word + end for word in words for end in more)
        if not whole:
            return words, False
    return words, True


def _beginnings_of(name: str, value: Any) -> tuple[frozenset[str] | None, bool]:
    if name == "LITERAL":
        return frozenset({chr(value).lower()}), True
    if name in ("AT", "ASSERT", "ASSERT_NOT"):  # takes up no place
        return frozenset({""}), True
    if name == "SUBPATTERN":
        return _beginnings(value[3])
    if name == "ATOMIC_GROUP":
        return _beginnings(value)
    if name == "IN" and len(value) <= MOST_WORDS and all(str(op) == "LITERAL" for op, _ in value):
        return frozenset(chr(code).lower() for _, code in value), True
    if name in _REPEATS and value[0] >= 1:
        return _beginnings(value[2])[0], False
    if name in _REPEATS and value[1] == 1:  # it may be missing
        words, whole = _beginnings(value[2])
        return (words | {""}, True) if words is not None and whole else (None, False)
    if name == "BRANCH":
        branches = [_beginnings(branch) for branch in value[1]]
        if any(words is None for words, _ in branches):
            return None, False
        united = frozenset(word for words, _ in branches if words is not None for word in words)
        return united, all(whole for _, whole in branches)
    return None, False


def reach_of(pattern: str, flags: int = 0) -> int | None:
    """How many characters a match and what it looks at behind itself take up; None where nothing bounds it (or where it
    asks for the end of a line or text, which the end of a window is not)."""
    parsed = parser.parse(pattern, flags)
    ahead = _ahead(parsed)
    if ahead is None:
        return None
    most = int(parsed.getwidth()[1]) + ahead
    return most if most <= LONGEST else None


def _ahead(items: Any) -> int | None:
    """How far the parts of a pattern look ahead of where they stand, at most; None where that cannot be told."""
    most = 0
    for name, value in ((str(op), value) for op, value in items):
        parts: list[Any] = []
        if name == "AT":
            if "END" in str(value):
                return None
            most = max(most, 1)
        elif name in ("ASSERT", "ASSERT_NOT"):
            parts = [value[1]]
            if value[0] > 0:
                most = max(most, int(value[1].getwidth()[1]) + 1)
        elif name == "SUBPATTERN":
            parts = [value[3]]
        elif name == "ATOMIC_GROUP":
            parts = [value]
        elif name in _REPEATS:
            parts = [value[2]]
        elif name == "BRANCH":
            parts = value[1]
        elif name == "GROUPREF_EXISTS":
            parts = [part for part in value[1:] if part is not None]
        for part in parts:
            inner = _ahead(part)
            if inner is None:
                return None
            most = max(most, inner)
    return most


def lowered(text: str) -> str:
    """`text` in lower case, at the same length."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := c.lower()) == 1 else low[0] for c in text)
    for character, letter in () if lower.isascii() else _ALIKE:
        lower = lower.replace(character, letter)
    return lower


def needed_by(pattern: str) -> tuple[tuple[str, ...], ...]:
    """The most telling sets of words, at most two; of each at least one word stands in every match. Empty where the
    pattern needs none."""
    sets = sorted(set(_of_sequence(parser.parse(pattern))), key=_telling, reverse=True)
    return tuple(tuple(sorted(words)) for words in sets[:MOST_SETS])


def _telling(words: Collection[str]) -> tuple[int, int, list[str]]:
    return min(map(_weight, words)), -len(words), sorted(words)


def _weight(word: str) -> int:
    return min(12, sum(1 if character.isascii() else 3 for character in word))


def _of_sequence(items: Any) -> list[Words]:
    """The sets that a sequence of parts needs."""
    found: list[Words] = []
    run = ""
    for name, value in ((str(op), value) for op, value in items):
        if name == "LITERAL":
            run += chr(value)
            continue
        if name == "AT":  # takes up no place
            continue
        if run:
            found.append(frozenset({run.lower()}))
            run = ""
        found += _of_part(name, value)
    if run:
        found.append(frozenset({run.lower()}))
    return found


def _of_part(name: str, value: Any) -> list[Words]:
    if name == "SUBPATTERN":
        return _of_sequence(value[3])
    if name == "ATOMIC_GROUP":
        return _of_sequence(value)
    if name in _REPEATS and value[0] >= 1:
        return _of_sequence(value[2])
    if name == "ASSERT" and value[0] > 0:  # what is looked back at may stand before the part searched
        return _of_sequence(value[1])
    if name == "BRANCH":
        return _of_branches(value[1])
    if name == "IN" and all(str(op) == "LITERAL" for op, _ in value):
        words = frozenset(chr(code).lower() for _, code in value)
        return [words] if len(words) <= MOST_WORDS else []
    return []


def _of_branches(branches: Any) -> list[Words]:
    """One set of words over all branches, of each branch its most telling."""
    words: Words = frozenset()
    for branch in branches:
        sets = _of_sequence(branch)
        if not sets:
            return []
        words |= max(sets, key=_telling)
    return [words] if len(words) <= MOST_WORDS else []
