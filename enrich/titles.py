"""What a record is called: the item's heading, else the bulletin's title, else the instrument's name or the first
sentence (contract)."""

from __future__ import annotations

from enrich.passage import Passage, evidence
from enrich.reading import Span
from netdocket.records import Found

LONGEST = 300


def title_of(passage: Passage, *, single: bool, instrument: Span | None) -> tuple[str, Found]:
    """The title and its warrant; persons in it are masked."""
    masked = passage.facts.shown
    if passage.item.explainer:
        newline = masked.find("\n", passage.start, passage.end)
        return _cut(masked, Span(passage.start, newline if newline > 0 else passage.end), "titles.first_line")
    if passage.heading is not None:
        return _cut(masked, passage.heading, "titles.heading")
    if single and reads_as_title(passage.bulletin_title):
        return passage.shown_title.strip()[:LONGEST], Found(derived="bulletin title")
    if instrument is not None:
        return _cut(masked, instrument, "titles.instrument")
    if passage.sentences:
        return _cut(masked, passage.sentences[0], "titles.first_sentence")
    return passage.shown_title.strip()[:LONGEST], Found(derived="bulletin title")


def reads_as_title(title: str) -> bool:
    """Whether a title is words: the name of a file that stands in for one is not."""
    return any("\u4e00" <= c <= "\u9fff" for c in title) or len(title.split()) > 1


def _cut(masked: str, span: Span, rule: str) -> tuple[str, Found]:
    kept = Span(span.start, min(span.end, span.start + LONGEST))
    return " ".join(masked[kept.start : kept.end].split()), Found(evidence=evidence(kept), rule=rule)
