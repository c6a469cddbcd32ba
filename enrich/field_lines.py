"""Lines of a block of fields ("Regulator: …", "Penalty: …"), which head nothing, unlike headlines of that form.

    Bank fined over a leak            Court: man jailed for selling data
    Regulator: the bureau in Jinan    The court in Jinan sentenced a man to …
    Penalty: 300,000 yuan             Regulator: bank fined over a leak
    The bank had left a file open …   The bank had left a file open …

Left a block, right headlines: a field stands beside other fields, below a heading, or has no prose behind it.
"""

from __future__ import annotations

import re

from enrich.reading import Reading

_FIELD = re.compile(
    r"(?:Issu(?:er|ers|ing authority|ed by|ed)|Authority|Authorities|Regulator|Body|Court|Dates?|Released|Published|Promulgated"
    r"|Status|Source|Effective(?: date)?|Subject|Legal basis|Document)\s?:\s"
)
_LABELLED = re.compile(r"[A-Z][\w'&/-]{1,20}(?:\s[\w'&/-]{1,20}){0,3}\s?:\s\S")
"""A line that begins with a label of any name; beside a field it is one as well."""
_LABELLED_ZH = re.compile(r"[\u4e00-\u9fff]{2,7}[：:]\s?\S")
_STOPS = tuple(".!?。！？")
_MARKS = "\"')]*_ "
_TELLING = ("penalty", "court_outcome", "incident")
"""Groups of cues that say that something happened, as no value of a field does."""
LONGEST_FIELD = 180
LONGEST_UNNAMED = 70


def is_field(reading: Reading, number: int) -> bool:
    """Whether a line, by its number in `reading.lines`, is one of a block of fields."""
    lines = reading.lines
    if not 0 <= number < len(lines) or not _labelled(reading, number):
        return False
    named = _named(reading, number)
    if any(_labelled(reading, at) and (named or _named(reading, at)) for at in (number - 1, number + 1)):
        return named or _in_block(reading, number)
    if not named:
        return False
    return not _prose(reading, number + 1) or (_heads(reading, number - 1) and not _tells(reading, number))


def heads_story(reading: Reading, number: int) -> bool:
    """Whether a Chinese line with a label is the headline of the prose behind it (法院：快递员获刑): it stands alone, below
    the title or the story before."""
    above, below = number - 1, number + 1
    if any(_labelled_zh(reading, at) for at in (above, below)) or not _labelled_zh(reading, number):
        return False
    return _prose(reading, below) and (above <= 0 or _stopped(reading, above))


def _labelled_zh(reading: Reading, number: int) -> bool:
    if not 0 <= number < len(reading.lines) or _stopped(reading, number):
        return False
    return _LABELLED_ZH.match(reading.text, *reading.lines[number]) is not None


def _in_block(reading: Reading, number: int) -> bool:
    """Whether a line with a label of any name, beside a field, is short and no headline above the fields of an item: what
    stands above it is another field or the heading."""
    start, end = reading.lines[number]
    if end - start > LONGEST_UNNAMED:
        return False
    return number == 0 or _labelled(reading, number - 1) or not _stopped(reading, number - 1)


def _named(reading: Reading, number: int) -> bool:
    """Whether a line has a label that fields are known by."""
    return _FIELD.match(reading.text, *reading.lines[number]) is not None


def _labelled(reading: Reading, number: int) -> bool:
    """Whether a line is short and has a label before its first words; prose behind a label is none."""
    if not 0 <= number < len(reading.lines):
        return False
    start, end = reading.lines[number]
    if end - start > LONGEST_FIELD or _LABELLED.match(reading.text, start, end) is None:
        return False
    return _FIELD.match(reading.text, start, end) is not None or not _stopped(reading, number)


def _prose(reading: Reading, number: int) -> bool:
    """Whether a line is running text: it ends as a sentence does, and is longer than the one above."""
    if number >= len(reading.lines):
        return False
    (above, above_end), (start, end) = reading.lines[number - 1 : number + 1]
    return end - start > above_end - above and _stopped(reading, number)


def _heads(reading: Reading, number: int) -> bool:
    """Whether a line is short and no sentence."""
    if number < 0:
        return False
    start, end = reading.lines[number]
    return end - start <= LONGEST_FIELD and not _stopped(reading, number)


def _stopped(reading: Reading, number: int) -> bool:
    start, end = reading.lines[number]
    return reading.text[start:end].rstrip(_MARKS).endswith(_STOPS)


def _tells(reading: Reading, number: int) -> bool:
    return any(reading.has(group, *reading.lines[number]) for group in _TELLING)
