"""Lines of a block of fields ("Regulator: …", "Penalty: …"), which head nothing, unlike headlines of that form.

    Bank fined over a leak            Jinan: man jailed for selling data
    Regulator: the bureau in Jinan    The court in Jinan sentenced a man to …
    Penalty: 300,000 yuan             Source: the court
    The bank had left a file open …   Zibo: bank fined over a leak

Left a block below its headline; right headlines, and a field behind the item it belongs to. Lines with a label that follow
each other are read together: what stands above them and below, which labels are known (kinds.yaml field_label), and
whether other blocks of the text begin alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from enrich.reading import Reading
from enrich.section_names import section_named

_LABELLED = re.compile(r"(?P<label>[A-Z][\w'&/-]{1,20}(?:\s[\w'&/-]{1,20}){0,3})\s?:\s\S")
_COLON = re.compile(r"\s?[:：]")
_STOPS = tuple(".!?。！？")
_MARKS = "\"')]*_ "
_TELLING = ("penalty", "court_outcome", "incident", "release")
"""Groups of cues that say that something happened, as the value of a field seldom does."""
LONGEST_FIELD = 180
LONGEST_UNNAMED = 70
UNKNOWN = "unknown"


@dataclass(frozen=True)
class _Block:
    """Lines with a label, one behind the other: their numbers, and the classes of their labels."""

    lines: Sequence[int]
    classes: Sequence[str]
    split: bool
    """Whether it was cut from other lines with a label."""


def is_field(reading: Reading, number: int) -> bool:
    """Whether a line, by its number in `reading.lines`, is one of a block of fields."""
    known = reading.kept.get("fields")
    if known is None:
        known = reading.kept["fields"] = _fields(reading) if ": " in reading.text else frozenset()
    return number in known


def _fields(reading: Reading) -> frozenset[int]:
    blocks = _blocks(reading)
    printed = Counter(_printed(reading, number) for block in blocks for number in block.lines)
    alike = Counter(_label(reading, block.lines[0]) for block in blocks if _apart(reading, block))
    unknown = sum(block.classes[0] == UNKNOWN and len(block.lines) > 1 for block in blocks)
    out: set[int] = set()
    for block in blocks:
        listed = [n for n in block.lines if printed[_printed(reading, n)] > 1 and n + 1 in block.lines]
        head = _head(reading, block, alike, unknown > 1)
        if head in listed:
            head = None  # of a list of contents
        known = any(c != UNKNOWN for n, c in zip(block.lines, block.classes, strict=True) if n != head)
        for number, label in zip(block.lines, block.classes, strict=True):
            start, end = reading.lines[number]
            short = label != UNKNOWN or end - start <= LONGEST_UNNAMED
            if number in listed or (number != head and known and short):
                out.add(number)
    return frozenset(out)


def _head(reading: Reading, block: _Block, alike: Counter[str], peers: bool) -> int | None:
    """Which line of a block is the headline of an item; None where what stands above the block is."""
    first, classes = block.lines[0], block.classes
    below_prose = first > 0 and _stopped(reading, first - 1)
    apart = _apart(reading, block)
    if not (apart or _opens(reading, first - 1)):
        return first if peers and classes[0] == UNKNOWN and _tells(reading, first) else None
    prose = _prose(reading, block.lines[-1] + 1)
    if classes[0] == UNKNOWN:
        return first if below_prose or peers or _tells(reading, first) else None
    for at, (number, label) in enumerate(zip(block.lines, classes, strict=True)):
        sure = below_prose or (prose and number == block.lines[-1]) or _tells(reading, number)
        if label == UNKNOWN and sure and all(c == "behind" for c in classes[:at]):
            return number
        if label != "part" and prose and _tells(reading, number):
            return number
    if classes[0] != "named":
        return None
    if len(classes) == 1:
        return first if prose and below_prose else None
    others = alike[_label(reading, first)] - apart
    return first if others > 0 and (prose or block.split) else None


def _apart(reading: Reading, block: _Block) -> bool:
    """Whether no headline can stand above a block: it follows prose or other fields, or begins the text."""
    first = block.lines[0]
    return first == 0 or block.split or _stopped(reading, first - 1)


def _blocks(reading: Reading) -> list[_Block]:
    runs: list[list[int]] = []
    classes: dict[int, str] = {}
    for number in range(len(reading.lines)):
        label = _class(reading, number)
        if label is None:
            continue
        classes[number] = label
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    blocks = []
    for run in runs:
        parts = _parts(reading, run, classes)
        blocks += [_Block(part, [classes[n] for n in part], len(parts) > 1) for part in parts]
    return blocks


def _parts(reading: Reading, run: list[int], classes: dict[int, str]) -> list[list[int]]:
    """A run of lines with a label, cut at blank lines where only some of them are set apart, and where the label of the
    first comes back."""
    apart = [reading.text.count("\n", reading.lines[n - 1].end, reading.lines[n].start) > 1 for n in run[1:]]
    by_gap = any(apart) and not all(apart)
    again = _label(reading, run[0]) if classes[run[0]] in (UNKNOWN, "named") else None
    parts = [[run[0]]]
    for number, gap in zip(run[1:], apart, strict=True):
        comes_back = len(parts[-1]) > 1 and _label(reading, number) == again
        if (by_gap and gap) or comes_back:
            parts.append([number])
        else:
            parts[-1].append(number)
    return parts


def _class(reading: Reading, number: int) -> str | None:
    """The class of a line's label (kinds.yaml field_label, or unknown); None where it has none. Prose behind a label of
    unknown name is none."""
    start, end = reading.lines[number]
    if end - start > LONGEST_FIELD or _LABELLED.match(reading.text, start, end) is None:
        return None
    cue = reading.first("field_label", start, end)
    if cue is not None and cue.start == start and _COLON.match(reading.text, cue.end, end):
        return cue.code if cue.code != "part" or not _stopped(reading, number) else None
    return None if _stopped(reading, number) else UNKNOWN


def _label(reading: Reading, number: int) -> str:
    found = _LABELLED.match(reading.text, *reading.lines[number])
    return found["label"] if found else ""


def _printed(reading: Reading, number: int) -> str:
    start, end = reading.lines[number]
    return reading.text[start:end]


def _opens(reading: Reading, number: int) -> bool:
    """Whether a line is the title of the text or the name of a section."""
    start, end = reading.lines[number]
    named = sum(cue.end - cue.start for cue in reading.cues("section", start, end))
    return number == 0 or named >= 0.6 * (end - start) or section_named(reading, start, end) is not None


def _prose(reading: Reading, number: int) -> bool:
    """Whether a line is running text: it ends as a sentence does, and is longer than the one above."""
    if number >= len(reading.lines):
        return False
    (above, above_end), (start, end) = reading.lines[number - 1 : number + 1]
    return end - start > above_end - above and _stopped(reading, number)


def _stopped(reading: Reading, number: int) -> bool:
    start, end = reading.lines[number]
    return reading.text[start:end].rstrip(_MARKS).endswith(_STOPS)


def _tells(reading: Reading, number: int) -> bool:
    return any(reading.has(group, *reading.lines[number]) for group in _TELLING)
