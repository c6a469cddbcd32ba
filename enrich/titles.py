"""What a record is called: the item's heading, else the bulletin's title, else the instrument's name or the first
sentence (contract)."""

from __future__ import annotations

from enrich.passage import Passage, evidence
from enrich.reading import Span
from netdocket.records import Found

LONGEST = 300


def title_of(passage: Passage, *, single: bool, instrument: Span | None, masked: str) -> tuple[str, Found]:
    """The title and its warrant. `masked`: the text with persons masked, from which it is taken."""
    if passage.heading is not None:
        return _cut(masked, passage.heading, "titles.heading")
    if single and passage.bulletin_title.strip():
        return passage.bulletin_title.strip()[:LONGEST], Found(derived="bulletin title")
    if instrument is not None:
        return _cut(masked, instrument, "titles.instrument")
    if passage.sentences:
        return _cut(masked, passage.sentences[0], "titles.first_sentence")
    return passage.bulletin_title.strip()[:LONGEST], Found(derived="bulletin title")


def _cut(masked: str, span: Span, rule: str) -> tuple[str, Found]:
    kept = Span(span.start, min(span.end, span.start + LONGEST))
    return " ".join(masked[kept.start : kept.end].split()), Found(evidence=evidence(kept), rule=rule)
