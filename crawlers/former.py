"""A bulletin as it was before, and what the archive has of its documents."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawlers.archive import Attached, Fetch, read_fetch
from crawlers.followed import FormerDocument, FormerDocuments, former_documents
from crawlers.pages import FileLink
from crawlers.session import Session
from netdocket.errors import RecordError, StorageError, UnreadableError
from netdocket.records import Archive, Bulletin, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a document that a page links to. `former`: what it was in the bulletin, None where it had no text
    there; `record`: the newest that the archive says of it."""

    former: FormerDocument | None = None
    record: Attached | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """`bulletin`: None where there was none, or nobody can read it; `documents`: those whose text stands in it; `pages`:
    what the archive says of the page's documents, by address, the newest page first."""

    bulletin: Bulletin | None = None
    documents: FormerDocuments
    pages: Sequence[Mapping[str, Attached]] = ()

    def known(
        self, links: Sequence[FileLink], *, brought: Mapping[str, str], unread: Container[str]
    ) -> dict[str, Known]:
        """By address, once all were asked for. `brought`: the texts that they have now; `unread`: addresses of those whose
        bytes nobody can read. Links of which nothing is known are left out."""
        followed = self.documents.follow(links, brought=brought, unlikely=unread)
        found: dict[str, Known] = {}
        for link in links:
            document = followed.get(link.url)
            moved = document.record.url if document is not None and document.record is not None else None
            record = self.record(link.url) or (self.record(moved) if moved else None)
            if document is not None or record is not None:
                found[link.url] = Known(former=document, record=record)
        return found

    def place_of(self, session: Session, url: str, body: bytes) -> Archive | None:
        """Where these very bytes lie already: those of the document, or where its address is new those of any that the
        page had, since it may have moved. `body`: unpacked."""
        records = [page[url] for page in self.pages if url in page]
        if not records:
            records = [record for page in self.pages for record in page.values()]
        places = dict.fromkeys(place for record in records for place in _places(record))
        return next((place for place in places if _bytes(session, place) == body), None)

    def record(self, url: str) -> Attached | None:
        """The newest that the archive says of an address."""
        return next((page[url] for page in self.pages if url in page), None)


def stand_in(session: Session, known: Known) -> tuple[str | None, Archive | None]:
    """The text of a document that cannot be had or read now, and the place of the bytes that it was read of."""
    places = list(_places(known.record))
    if known.former is None:  # the spool was lost, or a reader was mended since
        for place in places:
            if (text := _text(session, place)) is not None:
                return text, place
        return None, None
    text = known.former.text
    if len(places) == 2 and _text(session, places[0]) == text:  # a repetition from the archive could read it
        return text, places[0]
    return text, places[-1] if places else None


def former(session: Session, bulletin_id: str, last: Archive | None) -> Former:
    """`last`: the page that came last, as memory has it: the spool keeps the one that its content came with first. Raises StorageError: the spool."""
    kept = session.spool.latest(bulletin_id)  # the spool knows it also where memory was lost
    try:
        bulletin = decode(kept.payload, Bulletin) if kept else None
    except RecordError:
        bulletin = None
    made_of = _page(session, bulletin.archive if bulletin else None)
    pages = [page for page in (_page(session, last), made_of) if page is not None]
    pages.sort(key=lambda page: page.fetched_at, reverse=True)  # memory may be behind the spool
    documents = former_documents(
        bulletin, made_of.attached if made_of else None, lambda place: _text(session, place)
    )
    if pages and pages[0] is not made_of:
        documents = documents.carried(pages[0].attached)
    return Former(
        bulletin=bulletin,
        documents=documents,
        pages=[{document.url: document for document in page.attached} for page in pages],
    )


def _page(session: Session, place: Archive | None) -> Fetch | None:
    if place is None:
        return None
    try:
        return read_fetch(session.archive.folder, place)[0]
    except StorageError:  # moved away, or damaged
        return None


def _places(record: Attached | None) -> Iterator[Archive]:
    if record is not None:
        yield from (place for place in (record.archive, record.former) if place is not None)


def _bytes(session: Session, place: Archive) -> bytes | None:
    try:
        return read_fetch(session.archive.folder, place)[1]
    except StorageError:  # moved away, or damaged
        return None


def _text(session: Session, place: Archive) -> str | None:
    body = _bytes(session, place)
    try:
        return None if body is None else session.reader.read(body)
    except UnreadableError:
        return None
