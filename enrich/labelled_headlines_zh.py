"""Chinese headlines with a label (法院：外卖员获刑), and the parts of one case that look the same (处罚结果：罚款三万元)."""

from __future__ import annotations

import re

from enrich.reading import Reading

_LABELLED = re.compile(r"[\u4e00-\u9fff]{2,7}[：:]\s?\S")
_COLON = re.compile(r"\s?[:：]")
_STOPS = tuple("。！？.!?")
TELLING = ("release", "penalty", "incident", "court_outcome")


def heads_story(reading: Reading, number: int) -> bool:
    """Whether a line with a label is the headline of the prose behind it. It is where every line of the text that has a
    label and prose behind it tells that something happened, and none names a part of a case."""
    known = reading.kept.get("stories")
    if known is None:
        known = reading.kept["stories"] = _stories(reading)
    return number in known


def _stories(reading: Reading) -> frozenset[int]:
    alone: set[int] = set()
    for number in range(len(reading.lines)):
        kind = _class(reading, number)
        if kind is None or kind == "behind":
            continue
        if kind == "part":
            return frozenset()
        if not _prose(reading, number + 1) or not _free(reading, number - 1):
            continue
        if not any(reading.has(group, *reading.lines[number]) for group in TELLING):
            return frozenset()
        alone.add(number)
    return frozenset(alone)


def _class(reading: Reading, number: int) -> str | None:
    """The class of a line's label (kinds.yaml field_label), or `unknown`; None where it has none."""
    start, end = reading.lines[number]
    if _LABELLED.match(reading.text, start, end) is None:
        return None
    cue = reading.first("field_label", start, end)
    if cue is not None and cue.start == start and _COLON.match(reading.text, cue.end, end):
        return cue.code
    return None if _stopped(reading, number) else "unknown"


def _free(reading: Reading, above: int) -> bool:
    """Whether the line above is the title, the end of a story or its source."""
    return above <= 0 or _stopped(reading, above) or _class(reading, above) == "behind"


def _prose(reading: Reading, number: int) -> bool:
    if number >= len(reading.lines):
        return False
    (above, above_end), (start, end) = reading.lines[number - 1 : number + 1]
    return end - start > above_end - above and _stopped(reading, number)


def _stopped(reading: Reading, number: int) -> bool:
    start, end = reading.lines[number]
    return reading.text[start:end].rstrip("\"')]*_ ”》）").endswith(_STOPS)
