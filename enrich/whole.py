"""What is known of a whole bulletin before its items are classified: read once, cut, its persons and places found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from enrich import authorities
from enrich.articles_cited import printed_citations
from enrich.citations import PrintedCitation
from enrich.event_dates import last_printed_day, published_date
from enrich.law_mentions import LawMention, find_laws
from enrich.normalise import Normalised, normalise
from enrich.passage import Facts, PersonMention
from enrich.persons import find_persons, mask, occurrences
from enrich.places import PlaceMention, find_places, provinces_of
from enrich.reading import Reading
from enrich.rulebook import Rulebook
from enrich.segment import Segments, segment
from enrich.signals import Signals
from enrich.tables import beginnings, together
from netdocket.records import Bulletin, DateValue


@dataclass(frozen=True)
class Whole:
    """What is known of the whole bulletin while its items are classified."""

    bulletin: Bulletin
    rules: Rulebook
    facts: Facts
    segments: Segments
    title: Reading
    shown_title: str
    publisher: authorities.Publisher
    published: DateValue | None
    citations: Sequence[PrintedCitation]
    laws: Sequence[LawMention]
    places: Sequence[PlaceMention]
    title_places: Sequence[PlaceMention]
    provinces: tuple[str, ...]


def read_whole(bulletin: Bulletin, rules: Rulebook) -> Whole:
    """The bulletin, read. What the one pass over its text found is kept until `tables.together(...).forget()`."""
    title_text, text = normalise(bulletin.title), normalise(bulletin.text)
    both = Normalised(f"{title_text}\n{text}")
    together(rules.knowledge).read(both, title_text, text)
    reading = Reading(text, bulletin.language, rules.cues, beginnings(rules.knowledge))
    signals = Signals(reading, rules)
    title = Reading(title_text, bulletin.language, rules.cues)
    segments = segment(reading, signals, title.text.strip())
    published, anchor = published_date(bulletin, reading, title, segments.content)
    named = find_persons(both, rules.knowledge)
    mentions = [PersonMention(*found) for found in occurrences(reading.text, named)]
    facts = Facts(reading, signals, rules, anchor, mask(bulletin.text, named), mentions)
    known_by = anchor or last_printed_day(facts.dates)
    laws = find_laws(reading.text, rules.knowledge, on=known_by)
    places = find_places(reading.text, rules.knowledge)
    by = authorities.publisher(
        rules.table("publishers"), source=bulletin.source, url=bulletin.url, name=bulletin.publisher
    )
    title_places = find_places(title_text, rules.knowledge)
    around = [*title_places, *find_places(by.name or "", rules.knowledge)]
    return Whole(
        bulletin=bulletin,
        rules=rules,
        facts=facts,
        segments=segments,
        title=title,
        shown_title=mask(bulletin.title, named),
        publisher=by._replace(name=by.name and mask(by.name, named)),
        published=published,
        citations=printed_citations(reading.text, rules.knowledge, known_by, laws),
        laws=laws,
        places=places,
        title_places=title_places,
        provinces=provinces_of(around, rules.knowledge),
    )
