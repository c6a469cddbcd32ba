"""The texts of `texts/`, written for this project, as bulletins."""

from __future__ import annotations

from pathlib import Path

from netdocket.intake import Intake, as_bulletin, read_text
from netdocket.records import Bulletin, Language

TEXTS = Path(__file__).parent / "texts"
FETCHED = "2026-01-02T03:04:05Z"


def bulletin_of(name: str) -> Bulletin:
    """The fixture of this name, always fetched at the same moment."""
    return as_bulletin(read_text(TEXTS / f"{name}.txt"), fetched_at=FETCHED)


def bulletin(
    text: str,
    *,
    language: Language = "zh",
    title: str = "",
    published: str | None = None,
    publisher: str | None = None,
) -> Bulletin:
    """A bulletin of a text written in a test."""
    intake = Intake(title=title, language=language, text=text, published=published, publisher=publisher)
    return as_bulletin(intake, fetched_at=FETCHED)


def names() -> list[str]:
    return sorted(path.stem for path in TEXTS.glob("*.txt"))
