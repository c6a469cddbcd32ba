"""Numbers as printed in Chinese and English: 3,470,000 · 1.274亿 · 叁万 · 二百余 · 3.47 million · three.

Values are exact Decimals. 余 and 多 after a number or before its scale, and words such as 近, 约, "more than", make it
approximate (the printed number is then a bound, not a count). 数千 and 几十 state no number and give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from enrich.phrases import Phrases

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")
} | {"〇": 0, "两": 2, "俩": 2, "参": 3}  # fmt: skip
TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
SCALES = {"万": 10**4, "亿": 10**8, "萬": 10**4, "億": 10**8}
HAN_DIGITS = "".join(DIGITS)
HAN_UNITS = "".join(TENS) + "".join(SCALES)
HAN_NUMERAL = f"[{HAN_DIGITS}{HAN_UNITS}]"

# One run of everything a number may be written with; what it means is read by `parse_number`.
RUN = re.compile(
    rf"[0-9{HAN_DIGITS}十百千拾佰仟](?:[0-9{HAN_DIGITS}{HAN_UNITS}.,]|[余多来](?=[{HAN_UNITS}])){{0,40}}"
)
ARABIC = re.compile(r"(?:\d{1,3}(?:,\d{3}){1,6}|\d{1,18})(?:\.\d{1,8})?")
ROUGH = frozenset("余多来")
MORE = frozenset("余多")
MORE_AFTER = re.compile(r"[余多](?![少样次种])")
ABOUT_BEFORE = re.compile(
    r"(?:约|大约|近|将近|(?<!不)超|(?<!不)超过|逾|(?<!以)上|达到近|至少|不少于|"
    r"\b(?:about|around|approximately|approx\.?|some|nearly|almost|over|(?<!no )(?<!not )more than|at least|in excess of|roughly|"
    r"as many as|an estimated|estimated|close to|upwards of|exceeding))\s{0,2}$",
    re.IGNORECASE,
)
ABOUT_ENDS = (
    *("约", "近", "超", "过", "逾", "上", "少", "于"),
    *(
        "about",
        "around",
        "approximately",
        "approx",
        "approx.",
        "some",
        "nearly",
        "almost",
        "over",
        "than",
        "least",
    ),
    *("of", "roughly", "as", "estimated", "to", "exceeding"),
)
"""What the words of ABOUT_BEFORE end with."""
WHITE = frozenset(filter(str.isspace, map(chr, range(0x3001))))
ABOUT_LAST = WHITE.union(*((word[-1], word[-1].upper()) for word in ABOUT_ENDS))
"""What may stand right before the number then."""
NO_NUMBER_BEFORE = frozenset("数几若")

EN_SCALES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "mn": 10**6, "mln": 10**6, "m": 10**6, "bn": 10**9, "k": 10**3,
}  # fmt: skip
EN_SCALE = re.compile(
    r"(?:\s{0,2}|-)(hundred|thousand|million|billion|trillion|mn|mln|bn|[mk])(?![A-Za-z0-9])", re.IGNORECASE
)
SCALE_STARTS = frozenset("- hHtTmMbBkK\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = (
    {word: i for i, word in enumerate(_ONES)}
    | {word: 10 * i for i, word in enumerate(_TENS, 2)}
    | {"dozen": 12}
)
WORD = re.compile(
    rf"(?<![A-Za-z])(?=[A-Za-z])(?:({'|'.join(_TENS)})-({'|'.join(_ONES[1:10])})(?![A-Za-z])|({'|'.join(WORDS)})(?![A-Za-z-]))",
    re.IGNORECASE,
)


ANCHORS: Phrases[str] = Phrases(((word, "number") for word in WORDS), anywhere=True)
"""Where a number word may begin; part of the tables that are looked for in one pass (tables.py)."""


_new = tuple.__new__
"""A named tuple made of a tuple: less than half the time of a call of its class."""


class Number(NamedTuple):
    """A number: half-open span of its digits and scale, exact value, whether it is a bound only."""

    start: int
    end: int
    value: Decimal
    approximate: bool


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Decimal | None:
    """The value of a number written in Arabic digits, Chinese or financial numerals or a mixture; None if it is none.

    `1,2,3` and `1.2.3` are no numbers. `一万五` is 15,000; `二〇二三` is 2023.
    """
    total = section = Decimal(0)
    current: Decimal | None = None
    unit = 1  # the last unit met: what a closing digit counts tenths of
    zero = False
    position = 0
    if all(c in DIGITS for c in text) and len(text) > 1:
        return Decimal("".join(str(DIGITS[c]) for c in text))
    while position < len(text):
        c = text[position]
        if c.isascii():
            number = ARABIC.match(text, position)
            if number is None or current is not None:
                return None
            current, unit, position = Decimal(number[0].replace(",", "")), 1, number.end()
            continue
        position += 1
        if c in DIGITS:
            if current is not None and current != 0:
                return None
            current = Decimal(DIGITS[c])
            zero = zero or current == 0
        elif c in TENS:
            section += (current if current else 1) * TENS[c]
            current, unit, zero = None, TENS[c], False
        elif c in SCALES:
            section += current if current is not None else (0 if section or total else 1)
            total = (total + section) * SCALES[c] if SCALES[c] == 10**8 else total + section * SCALES[c]
            section, current, unit, zero = Decimal(0), None, SCALES[c], False
        elif c not in "余多来":
            return None
    if current is not None:
        colloquial = unit > 10 and not zero and text[-1] in DIGITS
        section += current * unit / 10 if colloquial else current
    return total + section


def find_numbers(text: str, *, words: bool = False) -> list[Number]:
    """All numbers of a normalised text, left to right; with `words` also English number words. Dates and article
    numbers are numbers too: the caller looks at what stands around them."""
    found: list[Number] = []
    for run in RUN.finditer(text):
        number = _read_run(text, run.start(), run[0].rstrip(".,"))
        if number is not None:
            found.append(number)
    if words:
        taken = {number.start for number in found}
        for match in _at_anchors(text):
            tens, ones, single = (group.lower() if group else "" for group in match.groups())
            value = WORDS[tens] + WORDS[ones] if tens else WORDS[single]
            if match.start() not in taken:
                found.append(_with_scale(text, match.start(), match.end(), Decimal(value), approximate=False))
        found.sort()
    return found


def _at_anchors(text: str) -> Iterator[re.Match[str]]:
    """The number words, left to right: WORD is tried where one of the words stands, and nowhere else."""
    end = 0
    for start in sorted({start for start, _, _ in ANCHORS.places(text)}):
        match = WORD.match(text, start) if start >= end else None
        if match is not None:
            end = match.end()
            yield match


def _read_run(text: str, start: int, printed: str) -> Number | None:
    if start and text[start - 1] in NO_NUMBER_BEFORE:
        return None
    if (
        len(printed) == 1
        and printed in "百千佰仟"
        and not ABOUT_BEFORE.search(text[max(0, start - 2) : start])
    ):
        return None  # 百度, 千家万户
    value = parse_number(printed)
    if value is None:
        # `6,16` or `1.2.3`: the first number of the run, as far as it goes.
        first = ARABIC.match(printed)
        if first is None or first.end() == len(printed) or printed[first.end()] in ".":
            return None
        printed = first[0]
        value = Decimal(printed.replace(",", ""))
    end = start + len(printed)
    return _with_scale(text, start, end, value, approximate=not ROUGH.isdisjoint(printed))


def _with_scale(text: str, start: int, end: int, value: Decimal, *, approximate: bool) -> Number:
    """The number with an English scale word after it and the words around it that make it approximate."""
    # The patterns are dear; most numbers are followed by nothing that they could begin with.
    if text[end : end + 1] in SCALE_STARTS:
        scale = EN_SCALE.match(text, end)
        if scale is not None:
            value, end = value * EN_SCALES[scale[1].lower()], scale.end()
    if text[end : end + 1] in MORE and MORE_AFTER.match(text, end):
        approximate, end = True, end + 1
    return _new(Number, (start, end, value, approximate or about_before(text, start)))


def about_before(text: str, start: int) -> bool:
    """Whether what stands before a number or sum makes it approximate: 约, 近, "more than"."""
    if text[start - 1 : start] not in ABOUT_LAST:
        return False
    before = text[max(0, start - 24) : start]
    return before.rstrip().lower().endswith(ABOUT_ENDS) and ABOUT_BEFORE.search(before) is not None
