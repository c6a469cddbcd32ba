"""From a fetched page to a bulletin: the one place where both a crawl and a repetition from the archive make it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.archive import Attached, Fetch, read_fetch
from crawlers.cards import Card
from crawlers.engines import Engine, engine_for
from crawlers.extract.documents.reader import DocumentReader, SlowDocumentError
from crawlers.pages import Draft, Entry, Page
from netdocket.errors import ConfigurationError, NetdocketError, StorageError, UnreadableError
from netdocket.identity import bulletin_id, canonical_url
from netdocket.records import Archive, Attachment, Bulletin, Language, Origin, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """A document that belongs to a bulletin, read. `former`: it is the one that was read before, and stands in."""

    name: str
    text: str
    former: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """A bulletin made again from the archive. `documents`: those that stand in it; `lacking`: name of a document of it that
    could not be read, and why; `quiet`: whether it was harvested to teach alerts without firing, None where the archive
    does not say."""

    bulletin: Bulletin
    documents: tuple[DocumentText, ...] = ()
    lacking: tuple[tuple[str, NetdocketError], ...] = ()
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
    quiet: bool = False,
) -> Remade:  # fmt: skip
    """As remake_bulletin, with what is lacking.

    Raises as make_bulletin does, StorageError (the archive), ConfigurationError (no card any more), SlowDocumentError (of
    a document that has nothing to stand in for it nobody knows whether it can be read)."""
    fetch, body = read_fetch(folder, archive)
    card = cards.get(fetch.source)
    if card is None:
        raise ConfigurationError(f"no card for the source {fetch.source!r}", where=archive.file)
    entry = Entry(
        url=fetch.bulletin_url or fetch.url, title=fetch.listed_title, published=fetch.listed_published
    )
    documents: list[DocumentText] = []
    lacking: list[tuple[str, NetdocketError]] = []
    for item in fetch.attached:
        text, error = read_attached(folder, item, reader)
        if text is not None:
            documents.append(DocumentText(name=item.name, text=text, former=error is not None))
        elif isinstance(error, SlowDocumentError):
            raise error
        if error is not None:
            lacking.append((item.name, error))
    bulletin = make_bulletin(
        card, engine_for(card), page_of(fetch, body), entry, fetched_at=fetch.fetched_at, origin=origin, quiet=quiet,
        archive=archive, documents=documents,
    )  # fmt: skip
    return Remade(bulletin=bulletin, documents=tuple(documents), lacking=tuple(lacking), quiet=fetch.quiet)


def read_attached(
    folder: Path, item: Attached, reader: DocumentReader
) -> tuple[str | None, NetdocketError | None]:
    """The text of an archived document, or of the one that stands in for it; and why its own cannot be had."""
    failure: NetdocketError = UnreadableError("the document was never fetched", where=item.url)
    for number, place in enumerate((item.archive, item.former)):
        if place is None:
            continue
        try:
            text = reader.read(read_fetch(folder, place)[1])
        except (UnreadableError, StorageError) as error:
            failure = failure if number else error
        else:
            return text, failure if number else None
    return None, failure


def loses(before: Bulletin | None, documents: Iterable[DocumentText]) -> list[str]:
    """Names of the documents of a bulletin whose text is not among these any more, and for no other reason than that it
    cannot be had: not those that were read again and have become another. One that stands in only confirms."""
    if before is None:
        return []
    left, gone = list(documents), []
    for attachment in before.attachments:
        text = before.text[attachment.span.start : attachment.span.end]
        same = next((document for document in left if document.text == text), None)
        if same is None:
            gone.append(attachment.name)
        else:
            left.remove(same)
    read = Counter(document.name for document in left if not document.former)
    return list((Counter(gone) - read).elements())


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
