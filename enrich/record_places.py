"""The place of a record: of its authority, of what it tells, or of the bulletin."""

from __future__ import annotations

from collections.abc import Sequence

from enrich.passage import within
from enrich.places import PlaceMention, provinces_of, settle
from enrich.whole import Whole
from netdocket.records import Authority, Place

LOCAL = frozenset(
    {
        "CAC_LOCAL",
        "POLICE_LOCAL",
        "CA_PROVINCIAL",
        "LOCAL_GOV",
        "LOCAL_LEGISLATURE",
        "SAMR",
        "COURT",
        "PROCURATORATE",
        "NDA",
    }
)
"""Authorities that have a place; the news of a national body has none, whatever places it names."""


def place_of(
    whole: Whole, bodies: Sequence[Authority], places: Sequence[PlaceMention], *, local: bool
) -> Place | None:
    """The place of the authority, else of the item, else, for what happens somewhere (`local`), of the bulletin. The
    place that follows an authority's name is its own in English only (police in Nanjing)."""
    knowledge = whole.rules.knowledge
    provinces = (*whole.provinces, *provinces_of(places, knowledge))
    for body in bodies[:1]:
        if body.evidence is None:
            continue
        reach = 24 if whole.bulletin.language == "en" else 0
        near = within(whole.places, body.evidence.start - 2, body.evidence.end + reach)
        found = settle(near, knowledge, provinces=provinces)
        if found is not None:
            return found
    own = settle(places, knowledge, provinces=provinces)
    if own is not None or not local:
        return own
    lead = within(whole.places, *whole.segments.lead)
    return settle(lead, knowledge, provinces=provinces) or settle(whole.title_places, knowledge)


def any_local(bodies: Sequence[Authority]) -> bool:
    """Whether one of the authorities has a place, or none is known."""
    return not bodies or any(body.type in LOCAL for body in bodies)
