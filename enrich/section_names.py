"""English names of sections that no list holds: put together of the words that such names are made of.

"Law Enforcement News", "Courts and prosecutors", "Supervision Trends": every word says either what a section is on or
nothing (news, this week, recent). A heading with any other word is that of an item.
"""

from __future__ import annotations

import re

from enrich.reading import Cue, Reading

WEAK = "weak:"
"""Before the code of a word that decides only where no other does (law enforcement, regulatory actions)."""
FILLER = "filler"
_JOINED = re.compile(r"\s*(?:,|/|&|\+|\band\b)\s*", re.IGNORECASE)
_LEFT = re.compile(r"(?:the|of|in|from|on|for|to|a|an|s|\d{1,4}|[\W_]+)*", re.IGNORECASE)
LONGEST = 60


def section_named(reading: Reading, start: int, end: int) -> str | None:
    """The code of the section that the words of [start, end) name together; None where one of them is of something else.
    A name of rules and cases alike is a `topic`."""
    if reading.language != "en" or end - start > LONGEST:
        return None
    text = reading.text
    codes: set[str] = set()
    at = start
    for joint in [*_JOINED.finditer(text, start, end), None]:
        stop = joint.start() if joint else end
        found = reading.cues("section_word", at, stop)
        if not _only(text, found, at, stop):
            return None
        codes |= _codes(found)
        at = joint.end() if joint else end
    if not codes:
        return None
    if codes == {"enforcement", "court"}:
        return "enforcement"
    return codes.pop() if len(codes) == 1 else "topic"


def _only(text: str, found: list[Cue], start: int, end: int) -> bool:
    """Whether nothing stands between these words but articles, prepositions and marks."""
    at = start
    for cue in found:
        if _LEFT.fullmatch(text, at, cue.start) is None:
            return False
        at = cue.end
    return _LEFT.fullmatch(text, at, end) is not None


def _codes(found: list[Cue]) -> set[str]:
    strong = {cue.code for cue in found if cue.code != FILLER and not cue.code.startswith(WEAK)}
    return strong or {cue.code.removeprefix(WEAK) for cue in found if cue.code != FILLER}
