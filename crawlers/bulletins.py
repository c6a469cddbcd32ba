"""From a fetched page to a bulletin: the one place where both a crawl and a repetition from the archive make it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.archive import Attached, Fetch, read_fetch
from crawlers.cards import Card
from crawlers.engines import Engine, engine_for
from crawlers.extract.documents.reader import DocumentReader, SlowDocumentError
from crawlers.followed import FormerDocuments
from crawlers.pages import Draft, Entry, Page
from netdocket.errors import ConfigurationError, NetdocketError, StorageError, UnreadableError
from netdocket.identity import bulletin_id, canonical_url
from netdocket.records import Archive, Attachment, Bulletin, Language, Origin, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """A document that belongs to a bulletin, read."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A bulletin made again from the archive. `lacking`: why the bytes that came last of a document could not be read whose
    text it has all the same; `unread`: why those were not that it has no text of; `quiet`: whether it was harvested to teach alerts without firing, None where the archive does not say."""

    bulletin: Bulletin
    lacking: tuple[NetdocketError, ...] = ()
    unread: tuple[NetdocketError, ...] = ()
    quiet: bool | None = None


def canonical(card: Card, url: str) -> str:
    """The address that a bulletin's id rests on. On a further host of the card it keeps that host, since another page
    may have the same path on the card's own."""
    own, given = urlsplit(card.base), urlsplit(url).netloc.lower()
    base = f"{own.scheme}://{given}" if given in card.further_hosts else card.base
    return canonical_url(url, base=base, query_parameters=card.id_parameters)


def make_bulletin(
    card: Card, engine: Engine, page: Page, entry: Entry, *, fetched_at: str, origin: Origin,
    quiet: bool = False, archive: Archive | None = None, documents: Iterable[DocumentText] = (),
) -> Bulletin:  # fmt: skip
    """Raises LayoutError, UnreadableError."""
    return bulletin_of(
        card, engine.parse_detail(page, entry), entry, fetched_at=fetched_at, origin=origin, quiet=quiet,
        archive=archive, documents=documents,
    )  # fmt: skip


def bulletin_of(
    card: Card, draft: Draft, entry: Entry, *, fetched_at: str, origin: Origin, quiet: bool = False,
    archive: Archive | None = None, documents: Iterable[DocumentText] = (),
) -> Bulletin:  # fmt: skip
    """The text of the page, and under a heading each that of its documents. Raises UnreadableError where neither has
    any."""
    url = canonical(card, entry.url)
    language = _language(draft.language, card.language)
    text, attachments = _with_documents(draft.text, documents, language)
    if not text.strip():
        raise UnreadableError("neither the page nor a document of it has a text", where=entry.url)
    return Bulletin(
        bulletin_id=bulletin_id(card.code, url),
        source=card.code,
        url=url,
        title=draft.title,
        text=text,
        language=language,
        publisher=draft.publisher or card.publisher,
        published=draft.published,
        fetched_at=fetched_at,
        archive=archive,
        attachments=attachments,
        origin=origin,
        quiet=quiet,
    )


def remake_bulletin(
    cards: Mapping[str, Card], folder: Path, archive: Archive, *, origin: Origin, quiet: bool = False
) -> Bulletin:
    """The bulletin from its bytes in the archive, as the card reads them today. A document that could not be read is
    left out again.

    Raises as `remake` does."""
    with DocumentReader() as reader:
        return remake(cards, folder, archive, origin=origin, quiet=quiet, reader=reader).bulletin


def remake(
    cards: Mapping[str, Card], folder: Path, archive: Archive, *, origin: Origin, reader: DocumentReader,
    quiet: bool = False, known: FormerDocuments | None = None,
) -> Remade:  # fmt: skip
    """As remake_bulletin, with what is lacking. `known`: the documents that the bulletin has, whose text stands in for what
    cannot be read of them now; None where there is no bulletin yet.

    Raises as make_bulletin does, StorageError (the archive), ConfigurationError (no card any more), SlowDocumentError (of
    a document of a new page that has nothing to stand in for it nobody knows whether it can be read: what is added later,
    by reading the same page again, would be no news)."""
    fetch, body = read_fetch(folder, archive)
    card = cards.get(fetch.source)
    if card is None:
        raise ConfigurationError(f"no card for the source {fetch.source!r}", where=archive.file)
    entry = Entry(
        url=fetch.bulletin_url or fetch.url, title=fetch.listed_title, published=fetch.listed_published
    )
    known = known or FormerDocuments()
    texts: dict[str, str] = {}
    errors: dict[str, NetdocketError] = {}
    for item in fetch.attached:
        try:
            texts[item.url] = _read_last(folder, item, reader)
        except (UnreadableError, StorageError) as error:
            errors[item.url] = error
    unlikely = {item.url for item in fetch.attached if item.text is False}
    followed = known.follow(fetch.attached, brought=texts, unlikely=unlikely)
    for item in fetch.attached:
        if item.url not in errors:
            continue
        failure = errors[item.url]
        slow = isinstance(failure, SlowDocumentError)
        document = followed.get(item.url)
        text = document.text if document is not None else None
        # Bytes that cannot be read for a moment, or are damaged, may have been read before: no older ones take their place.
        for_good = isinstance(failure, UnreadableError) and not slow
        if document is None or (for_good and document.was_read_of(item.former)):
            text = _read_former(folder, item, reader) or text
        if text is not None:
            texts[item.url] = text
        elif slow and known.page != archive:
            raise failure
    documents = [
        DocumentText(name=item.name, text=texts[item.url]) for item in fetch.attached if item.url in texts
    ]
    bulletin = make_bulletin(
        card, engine_for(card), page_of(fetch, body), entry, fetched_at=fetch.fetched_at, origin=origin, quiet=quiet,
        archive=archive, documents=documents,
    )  # fmt: skip
    return Remade(
        bulletin=bulletin, quiet=fetch.quiet,
        lacking=tuple(error for url, error in errors.items() if url in texts),
        unread=tuple(error for url, error in errors.items() if url not in texts),
    )  # fmt: skip


def _read_last(folder: Path, item: Attached, reader: DocumentReader) -> str:
    """Raises UnreadableError and its kinds, StorageError."""
    place = item.archive or item.former  # the archive of an earlier version names no other where nothing came
    if place is None:
        raise UnreadableError("the document was never fetched", where=item.url)
    try:
        return reader.read(read_fetch(folder, place)[1])
    except UnreadableError as error:
        raise type(error)(error.what, where=item.url) from error


def _read_former(folder: Path, item: Attached, reader: DocumentReader) -> str | None:
    """The text of the bytes that were read before those that came last."""
    if item.archive is None or item.former is None:
        return None
    with contextlib.suppress(UnreadableError, StorageError):
        return reader.read(read_fetch(folder, item.former)[1])
    return None


def page_of(fetch: Fetch, body: bytes) -> Page:
    """What an engine reads, from what the archive holds. `body`: unpacked."""
    content_type = next((value for name, value in fetch.headers if name.lower() == "content-type"), None)
    return Page(url=fetch.url, body=body, content_type=content_type)


def _with_documents(
    text: str, documents: Iterable[DocumentText], language: Language
) -> tuple[str, tuple[Attachment, ...]]:
    attachments = []
    for document in documents:
        heading = f"附件：{document.name}" if language == "zh" else f"Attachment: {document.name}"
        text += f"\n\n{heading}\n" if text else f"{heading}\n"
        start = len(text)
        text += document.text
        attachments.append(Attachment(name=document.name, span=Span(start=start, end=len(text))))
    return text, tuple(attachments)


def _language(printed: str | None, default: Language) -> Language:
    """`zh-CN`, `en-US` and their like; what is neither Chinese nor English is the card's."""
    tag = (printed or "").lower().partition("-")[0]
    return "zh" if tag == "zh" else "en" if tag == "en" else default
