"""Bulletins again, from the bytes in the archive: after a card or a reader of pages was mended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from crawlers.archived import Archived, fetches
from crawlers.bulletins import canonical, remake_bulletin
from crawlers.cards import Card
from crawlers.extract.documents.reader import DocumentReader
from netdocket.errors import HarvestError, NetdocketError
from netdocket.identity import bulletin_id, digest_of
from netdocket.records import Archive, Bulletin, Origin, decode
from netdocket.spool import Receipt, Spool

_WAITING = 200
"""Bulletins handed to the spool before the first of them must be safe there."""


@dataclass(slots=True)
class Reparsed:
    """`same`: bulletins that read as they did; `changed`: new revisions; `new`: pages that could not be read before;
    `failed`: addresses and why; `left`: pages without a card, of bulletins that were taken out."""

    same: int = 0
    changed: int = 0
    new: int = 0
    left: int = 0
    failed: list[NetdocketError] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.same + self.changed + self.new + len(self.failed)


def reparse(
    cards: Mapping[str, Card], folder: Path, spool: Spool, *, origin: Origin, dry: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Reparsed:  # fmt: skip
    """Reads the newest archived page of each bulletin anew and hands over what is another. `dry`: hands over nothing.

    Raises StorageError and its kinds."""
    result = Reparsed()
    newest = _newest(cards, folder, result)
    waiting: list[Future[Receipt]] = []
    with DocumentReader() as reader:
        for number, (identity, place) in enumerate(newest.items(), 1):
            if on_progress is not None:
                on_progress(number, len(newest))
            if spool.is_purged(identity):
                result.left += 1
                continue
            try:
                bulletin = remake_bulletin(cards, folder, place, origin=origin, reader=reader)
            except HarvestError as error:
                result.failed.append(error)
                continue
            before = spool.latest(identity)
            if before is None:
                result.new += 1
            elif digest_of(decode(before.payload, Bulletin)) == digest_of(bulletin):
                result.same += 1
                continue
            else:
                result.changed += 1
            if not dry:
                waiting.append(spool.submit(bulletin))
            if len(waiting) >= _WAITING:
                waiting.pop(0).result()
    for future in waiting:
        future.result()
    return result


def _newest(cards: Mapping[str, Card], folder: Path, result: Reparsed) -> dict[str, Archive]:
    """Bulletin id to the page fetched last. Documents of a bulletin are no bulletins."""
    found: dict[str, Archived] = {}
    documents: set[tuple[str, int]] = set()
    for page in fetches(folder):
        documents.update((item.file, item.offset) for item in page.attached)
        card = cards.get(page.source)
        if card is None:
            result.left += 1
            continue
        found[bulletin_id(page.source, canonical(card, page.bulletin_url))] = page
    return {
        identity: page.archive
        for identity, page in found.items()
        if (page.archive.file, page.archive.offset) not in documents
    }
