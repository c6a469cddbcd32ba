"""Bulletins again, from the bytes in the archive: after a card or a reader of pages was mended.

What only reads otherwise than before is no news: no alert fires of it. A page that could not be read before is, and one that
was fetched later and says something else (its crawl was ended before the spool had it), unless it was harvested quietly.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from crawlers.archive import read_fetch
from crawlers.archived import Archived, fetches
from crawlers.bulletins import Remade, canonical, remake
from crawlers.cards import Card
from crawlers.extract.documents.reader import DocumentReader
from crawlers.followed import FormerDocuments, former_documents
from netdocket.errors import NetdocketError, RecordError, StorageError, UnreadableError
from netdocket.identity import bulletin_id, digest_of
from netdocket.records import Archive, Bulletin, Origin, decode
from netdocket.spool import BULLETINS, RECLASSIFY, Receipt, Spool

_WAITING = 200
"""Bulletins handed to the spool before the first of them must be safe there."""


@dataclass(slots=True)
class Reparsed:
    """`same`: bulletins that read as they did; `changed`: new revisions; `new`: pages that could not be read before;
    `failed`: what stays as it is, and why: pages and documents that cannot be read, damaged records; `left`: pages without
    a card, of bulletins that were taken out; `lacking`: documents that cannot be read, of pages that can: what the bulletin
    has of them stays; `unread`: those of which it has nothing."""

    same: int = 0
    changed: int = 0
    new: int = 0
    left: int = 0
    failed: list[NetdocketError] = field(default_factory=list)
    lacking: list[NetdocketError] = field(default_factory=list)
    unread: list[NetdocketError] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.same + self.changed + self.new + len(self.failed)


def reparse(
    cards: Mapping[str, Card], folder: Path, spool: Spool, *, origin: Origin, dry: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Reparsed:  # fmt: skip
    """Reads the newest archived page of each bulletin anew and hands over what is another. `dry`: hands over nothing.

    Raises StorageError and its kinds where there is no archive or the spool takes nothing."""
    result = Reparsed()
    newest = _newest(cards, folder, result)
    waiting: list[Future[Receipt]] = []
    with DocumentReader() as reader:
        for number, (identity, pages) in enumerate(newest.items(), 1):
            if on_progress is not None:
                on_progress(number, len(newest))
            if spool.is_purged(identity):
                result.left += 1
                continue
            before = _kept(spool, identity)
            try:
                known = _documents(folder, before, reader)
                remade = _again(cards, folder, pages, before, origin=origin, reader=reader, known=known)
                same = before is not None and digest_of(before) == digest_of(remade.bulletin)
                news = not same and _is_news(
                    cards, folder, before, remade.bulletin, origin=origin, reader=reader, known=known
                )
            except NetdocketError as error:
                result.failed.append(error)
                continue
            result.lacking.extend(remade.lacking)
            result.unread.extend(remade.unread)
            if before is None:
                result.new += 1
            elif same:
                result.same += 1
                continue
            else:
                result.changed += 1
            if not dry:
                waiting.append(
                    spool.submit(_as_quiet(remade, before, news=news), BULLETINS if news else RECLASSIFY)
                )
            if len(waiting) >= _WAITING:
                waiting.pop(0).result()
    for future in waiting:
        future.result()
    return result


def _again(
    cards: Mapping[str, Card], folder: Path, pages: Sequence[Archived], before: Bulletin | None, *, origin: Origin,
    reader: DocumentReader, known: FormerDocuments | None,
) -> Remade:  # fmt: skip
    """The bulletin as it reads today. `pages`: the newest, of one second; `known`: the documents that it has.

    Raises NetdocketError and its kinds, also where the archive has only older pages of it than the spool."""
    page = next((page for page in pages if before and page.archive == before.archive), pages[-1])
    if before is not None and page.archive != before.archive and page.fetched_at <= before.fetched_at:
        raise StorageError(
            f"left as it is: it was fetched at {before.fetched_at}, and the archive has no sound page of then",
            where=page.url,
        )
    return remake(cards, folder, page.archive, origin=origin, reader=reader, known=known)


def _is_news(
    cards: Mapping[str, Card], folder: Path, before: Bulletin | None, bulletin: Bulletin, *, origin: Origin,
    reader: DocumentReader, known: FormerDocuments | None,
) -> bool:  # fmt: skip
    """Whether the publisher says something else than before, and not only the card that reads it: a page fetched later
    that today reads otherwise than the former one does today. Not where that one is no longer in the archive: an alert
    says what somebody knows."""
    if before is None or before.archive is None or bulletin.archive is None:
        return True
    if bulletin.archive == before.archive:
        return False
    try:
        former = remake(cards, folder, before.archive, origin=origin, reader=reader, known=known)
    except StorageError:
        return False
    except NetdocketError:  # today nobody could read it: the later one is another
        return True
    return digest_of(former.bulletin) != digest_of(bulletin)


def _as_quiet(remade: Remade, before: Bulletin | None, *, news: bool) -> Bulletin:
    """News are as quiet as their crawl was, all else as the bulletin was before."""
    quiet = remade.quiet if news else None
    if quiet is None:
        quiet = before is None or before.quiet
    return msgspec.structs.replace(remade.bulletin, quiet=quiet)


def _documents(folder: Path, before: Bulletin | None, reader: DocumentReader) -> FormerDocuments | None:
    if before is None:
        return None
    attached = None
    if before.archive is not None:
        with contextlib.suppress(StorageError):  # moved away, or damaged
            attached = read_fetch(folder, before.archive)[0].attached

    def read(place: Archive) -> str | None:
        try:
            return reader.read(read_fetch(folder, place)[1])
        except (StorageError, UnreadableError):
            return None

    return former_documents(before, attached, read)


def _kept(spool: Spool, identity: str) -> Bulletin | None:
    kept = spool.latest(identity)
    with contextlib.suppress(RecordError):  # nobody can read it any more: a new one does no harm
        return decode(kept.payload, Bulletin) if kept else None
    return None


def _newest(cards: Mapping[str, Card], folder: Path, result: Reparsed) -> dict[str, list[Archived]]:
    """Bulletin id to the page fetched last, or to those of the last second. Documents of a bulletin are no bulletins, also where a crawl was killed
    between a document and its page."""
    found: dict[str, list[Archived]] = {}
    documents: set[tuple[str, int]] = set()
    for page in fetches(folder, result.failed.append):
        documents.update((item.file, item.offset) for item in page.attached)
        if page.document:
            continue
        card = cards.get(page.source)
        if card is None:
            result.left += 1
            continue
        identity = bulletin_id(page.source, canonical(card, page.bulletin_url))
        known = found.get(identity)
        if known is None or known[0].fetched_at < page.fetched_at:
            found[identity] = [page]
        elif known[0].fetched_at == page.fetched_at:
            known.append(page)
    return {
        identity: pages
        for identity, pages in found.items()
        if (pages[0].archive.file, pages[0].archive.offset) not in documents
    }
