"""All phrase tables that the steps look into, and the one pass over a text that serves them all."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, get_args

from enrich import (
    authorities,
    event_dates,
    figures,
    incident_types,
    kind_signs,
    kinds,
    measures,
    penalties,
    signals,
    told_apart,
    violations,
)
from enrich.beginnings import Beginnings
from enrich.catalogue import Knowledge
from enrich.citations import crime_names, role_cues
from enrich.context import context_table
from enrich.dates import ANCHORS as DATE_ANCHORS
from enrich.law_mentions import law_names
from enrich.needed import Sought
from enrich.numerals import ANCHORS as NUMBER_ANCHORS
from enrich.person_table import person_table
from enrich.phrases import Phrases, Together
from enrich.places import place_table
from enrich.rulebook import rulebook
from netdocket.records import Language

SEARCHING = (
    authorities,
    event_dates,
    figures,
    kind_signs,
    kinds,
    measures,
    penalties,
    signals,
    told_apart,
    violations,
)
"""The modules that hold patterns; any other pattern is looked for by itself."""
LANGUAGES = get_args(Language)


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
def beginnings(knowledge: Knowledge) -> Beginnings:
    """The words at which the patterns of the steps and of the knowledge may begin."""
    rules = rulebook(knowledge)
    of_modules = (value for module in SEARCHING for value in vars(module).values())
    return Beginnings(
        (
            *(value for value in of_modules if isinstance(value, Sought)),
            *(pattern for pattern, _ in context_table(knowledge).patterns),
            *(pattern for language in LANGUAGES for _, pattern in signals.patterns(rules, language)),
            *(pattern for language in LANGUAGES for pattern in incident_types.patterns(rules, language)),
            *(pattern for language in LANGUAGES for pattern in violations.patterns(rules, language)),
        )
    )


@lru_cache(maxsize=8)
def together(knowledge: Knowledge) -> Together:
    """The same tables, and the words at which dates, numbers and patterns may begin, to be read in one pass."""
    return Together((*tables(knowledge), DATE_ANCHORS, NUMBER_ANCHORS, beginnings(knowledge)))
