"""Which country an item reports on. China, unless a foreign body acts or the item stands in a section on abroad.

A country named in passing decides nothing: attackers, export rules, listings abroad. What decides is the heading and the
first sentence, and that no Chinese authority, law or place stands there.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from enrich.passage import Passage, evidence
from enrich.reading import Cue
from netdocket.records import Found

HOME = "CN"
UNNAMED = "ZZ"


class Jurisdiction(NamedTuple):
    code: str
    found: Found | None


def jurisdiction(passage: Passage, *, named_law: bool, named_place: bool) -> Jurisdiction:
    """The ISO code of the country, and its warrant; CN without one. `named_law`, `named_place`: whether the item cites a
    Chinese instrument or names a Chinese place for sure."""
    start = passage.heading.start if passage.heading else passage.start
    end = passage.sentences[0].end if passage.sentences else passage.end
    countries = passage.cues("country", start, end)
    home = passage.cues("authority", start, end)
    china = passage.cues("china", start, end)
    if passage.item.foreign:
        # A section on abroad: only an item that tells of Chinese bodies is none.
        if home and not countries:
            return Jurisdiction(HOME, None)
        if countries:
            return _foreign(countries[0], "jurisdictions.section")
        later = passage.cues("country", end, passage.end)
        return (
            _foreign(later[0], "jurisdictions.section")
            if later
            else Jurisdiction(UNNAMED, Found(derived="section"))
        )
    if not countries or _home_authority(passage, home, countries) or named_law or named_place:
        return Jurisdiction(HOME, None)
    if china and china[0].start <= countries[0].start:
        return Jurisdiction(HOME, None)
    if passage.has("home_users", start, passage.end):
        return Jurisdiction(HOME, None)  # a warning to users here of what goes on all over the world
    named = next((cue for cue in countries if cue.code != UNNAMED), countries[0])
    return _foreign(named, "jurisdictions.head")


SEATED = re.compile(r"\s(?:in|of|at)\s(?:the\s)?")


def _home_authority(passage: Passage, cues: list[Cue], countries: list[Cue]) -> bool:
    """Whether a Chinese body stands in the head; generic words (police, court) may be any country's, and a body seated
    abroad is another's of the same name (the Ministry of Public Security in Hanoi)."""
    text = passage.text
    abroad = {cue.start for cue in countries}
    generic = {
        "police",
        "court",
        "courts",
        "警方",
        "法院",
        "央行",
        "prosecutors",
        "central bank",
        "securities regulator",
    }
    return any(
        text[cue.start : cue.end].lower() not in generic
        and not ((seat := SEATED.match(text, cue.end)) and seat.end() in abroad)
        for cue in cues
    )


def _foreign(cue: Cue, rule: str) -> Jurisdiction:
    return Jurisdiction(cue.code, Found(evidence=evidence(cue), rule=rule))
