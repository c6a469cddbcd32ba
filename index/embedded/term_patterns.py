"""Ranges of keywords as regular expressions over tantivy's dictionary of terms.

Only for bounds that tantivy's own range syntax cannot carry (spaces, brackets, quotes). Order is that of code points.
"""

from __future__ import annotations

from typing import Final

from index.embedded.conditions import InRange

ANY: Final = "(?s:.)*"
LAST: Final = 0x10FFFF
SURROGATES: Final = range(0xD800, 0xE000)


def literal(text: str) -> str:
    return "".join(f"\\x{{{ord(char):x}}}" for char in text)


def between(condition: InRange) -> str | None:
    """A pattern for exactly the terms in the range; None where there can be none."""
    low = None if condition.lower is None else str(condition.lower)
    high = None if condition.upper is None else str(condition.upper)
    if low is None:
        return ANY if high is None else _below(high, condition.with_upper)
    if high is None:
        return _above(low, condition.with_lower)
    if low > high or (low == high and not (condition.with_lower and condition.with_upper)):
        return None
    shared = 0
    while shared < min(len(low), len(high)) and low[shared] == high[shared]:
        shared += 1
    start, low, high = literal(low[:shared]), low[shared:], high[shared:]
    if not low:
        rest = _below(high, condition.with_upper, empty=condition.with_lower)
        return start + rest if rest is not None else None
    branches = [_branch(low[0], _above(low[1:], condition.with_lower))]
    branches.append(_chars(ord(low[0]) + 1, ord(high[0]) - 1))
    branches.append(_branch(high[0], _below(high[1:], condition.with_upper)))
    found = _either(branches)
    return start + found if found is not None else None


def _above(text: str, included: bool) -> str | None:
    """Terms after `text`."""
    pattern: str | None = ANY if included else "(?s:.)+"
    for char in reversed(text):
        pattern = _either([_branch(char, pattern), _chars(ord(char) + 1, LAST)])
    return pattern


def _below(text: str, included: bool, *, empty: bool = True) -> str | None:
    """Terms before `text`; `empty`: the empty one among them."""
    pattern: str | None = "" if included else None
    for position in range(len(text) - 1, -1, -1):
        char = text[position]
        nothing = "" if position or empty else None
        pattern = _either([nothing, _chars(0, ord(char) - 1), _branch(char, pattern)])
    return pattern


def _branch(char: str, rest: str | None) -> str | None:
    return None if rest is None else literal(char) + rest


def _chars(first: int, last: int) -> str | None:
    """Any term that begins with one of these characters."""
    first = SURROGATES.stop if first in SURROGATES else first
    last = SURROGATES.start - 1 if last in SURROGATES else last
    return f"[\\x{{{first:x}}}-\\x{{{last:x}}}]{ANY}" if first <= last else None


def _either(patterns: list[str | None]) -> str | None:
    found = [pattern for pattern in patterns if pattern is not None]
    return f"(?:{'|'.join(found)})" if found else None
