"""All phrase tables that the steps look into, and the one pass over a text that serves them all."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from enrich.catalogue import Knowledge
from enrich.citations import crime_names, role_cues
from enrich.context import context_table
from enrich.dates import ANCHORS as DATE_ANCHORS
from enrich.law_mentions import law_names
from enrich.numerals import ANCHORS as NUMBER_ANCHORS
from enrich.person_table import person_table
from enrich.phrases import Phrases, Together
from enrich.places import place_table
from enrich.rulebook import rulebook


def tables(knowledge: Knowledge) -> tuple[Phrases[Any], ...]:
    """The tables, each compiled once for one knowledge."""
    persons = person_table(knowledge)
    return (
        rulebook(knowledge).cues,
        role_cues(knowledge),
        crime_names(knowledge),
        context_table(knowledge).phrases,
        law_names(knowledge),
        place_table(knowledge).names,
        persons.cues,
        persons.measures,
    )


@lru_cache(maxsize=8)
def together(knowledge: Knowledge) -> Together:
    """The same tables, and the words at which dates and numbers may begin, to be read in one pass."""
    return Together((*tables(knowledge), DATE_ANCHORS, NUMBER_ANCHORS))
