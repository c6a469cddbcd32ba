"""Texts to measure the classifier on: the replica's bulletins, joined to the length of real ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import lxml.html

from crawlers.extract.html import html_to_text
from netdocket.intake import Intake, as_bulletin
from netdocket.records import Bulletin, Language
from netdocket.replica import variation
from netdocket.replica.fixtures import load_fixtures
from netdocket.replica.markup import Style, to_html

SOURCES: Final[tuple[tuple[str, Language], ...]] = (
    ("cac", "zh"),
    ("twobirds", "en"),
    ("cac", "zh"),
    ("dlapiper", "en"),
    ("cac", "zh"),
)
"""In turn: Chinese notices, English digests and English notes on one thing."""
LEAST: Final = {"zh": 2_000, "en": 2_000}
"""Bytes at which no further bulletin is joined: 2.7 KB on average."""
SEED: Final = 1


def bulletins(count: int) -> list[Bulletin]:
    """`count` different bulletins of about 2.7 KB on average."""
    series = [_series(source, language, turn, count) for turn, (source, language) in enumerate(SOURCES)]
    return [next(series[number % len(series)]) for number in range(count)]


def _series(source: str, language: Language, turn: int, count: int) -> Iterator[Bulletin]:
    """Bulletins of one source without end; `turn` keeps two series of one source apart."""
    varied = variation.vary(load_fixtures(source), 3 * count + 100, SEED + turn)
    parts: list[str] = []
    title = ""
    for bulletin in varied:
        title = title or bulletin.title
        parts.append(_text(bulletin))
        if len("\n\n".join(parts).encode()) >= LEAST[language]:
            published = bulletin.published.date().isoformat()
            intake = Intake(
                title=title, text="\n\n".join(parts), language=language, publisher=None, published=published
            )
            yield as_bulletin(intake, origin="generated")
            parts, title = [], ""


def _text(bulletin: variation.Bulletin) -> str:
    """What a crawl reads from its page."""
    page = lxml.html.fromstring(f"<div>{to_html(bulletin.text(bulletin.fixture.body), Style())}</div>")
    return f"{bulletin.title}\n{html_to_text(page)}"
