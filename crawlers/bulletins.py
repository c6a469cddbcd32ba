"""From a fetched page to a bulletin: the one place where both a crawl and a repetition from the archive make it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.archive import read_fetch
from crawlers.cards import Card
from crawlers.engines import Engine, engine_for
from crawlers.pages import Entry, Page
from netdocket.errors import ConfigurationError
from netdocket.identity import bulletin_id, canonical_url
from netdocket.records import Archive, Bulletin, Language, Origin


def canonical(card: Card, url: str) -> str:
    """The address that a bulletin's id rests on. On a further host of the card it keeps that host, since another page
    may have the same path on the card's own."""
    own, given = urlsplit(card.base), urlsplit(url).netloc.lower()
    base = f"{own.scheme}://{given}" if given in card.further_hosts else card.base
    return canonical_url(url, base=base, query_parameters=card.id_parameters)


def make_bulletin(
    card: Card, engine: Engine, page: Page, entry: Entry, *, fetched_at: str, origin: Origin,
    quiet: bool = False, archive: Archive | None = None,
) -> Bulletin:  # fmt: skip
    """Raises LayoutError, UnreadableError."""
    draft = engine.parse_detail(page, entry)
    url = canonical(card, entry.url)
    return Bulletin(
        bulletin_id=bulletin_id(card.code, url),
        source=card.code,
        url=url,
        title=draft.title,
        text=draft.text,
        language=_language(draft.language, card.language),
        publisher=draft.publisher or card.publisher,
        published=draft.published,
        fetched_at=fetched_at,
        archive=archive,
        attachments=draft.attachments,
        origin=origin,
        quiet=quiet,
    )


def remake_bulletin(
    cards: Mapping[str, Card], folder: Path, archive: Archive, *, origin: Origin, quiet: bool = False
) -> Bulletin:
    """The bulletin from its bytes in the archive, as the card reads them today.

    Raises as make_bulletin does, StorageError (the archive), ConfigurationError (no card any more)."""
    fetch, body = read_fetch(folder, archive)
    card = cards.get(fetch.source)
    if card is None:
        raise ConfigurationError(f"no card for the source {fetch.source!r}", where=archive.file)
    content_type = next((value for name, value in fetch.headers if name.lower() == "content-type"), None)
    return make_bulletin(
        card,
        engine_for(card),
        Page(url=fetch.url, body=body, content_type=content_type),
        Entry(url=fetch.url, title=fetch.listed_title, published=fetch.listed_published),
        fetched_at=fetch.fetched_at,
        origin=origin,
        quiet=quiet,
        archive=archive,
    )


def _language(printed: str | None, default: Language) -> Language:
    """`zh-CN`, `en-US` and their like; what is neither Chinese nor English is the card's."""
    tag = (printed or "").lower().partition("-")[0]
    return "zh" if tag == "zh" else "en" if tag == "en" else default
