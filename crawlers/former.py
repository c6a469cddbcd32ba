"""A bulletin as it was before, and its documents: what stands in for one that cannot be had, and what lies in the archive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crawlers.archive import Attached, read_fetch
from crawlers.bulletins import read_attached
from crawlers.pages import FileLink
from crawlers.session import Session
from netdocket.errors import RecordError, StorageError
from netdocket.records import Archive, Bulletin, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """`bulletin`: None where there was none, or nobody can read it; `attached`: its documents by address, None where
    nobody can tell; `archived`: address to where the document lies that came last, whether it could be read or not."""

    bulletin: Bulletin | None = None
    attached: Mapping[str, Attached] | None = None
    archived: Mapping[str, Archive]

    def stands_in(self, session: Session, url: str) -> tuple[str, Archive] | None:
        """Text and place of the document that was read at this address."""
        document = (self.attached or {}).get(url)
        if document is None:
            return None
        for place in (document.archive, document.former):
            alone = replace(document, archive=place, former=None)
            text, _ = read_attached(session.archive.folder, alone, session.reader)
            if text is not None and place is not None:
                return text, place
        return None

    def place_of(self, session: Session, url: str, body: bytes) -> Archive | None:
        """Where these very bytes lie already. `body`: unpacked."""
        place = self.archived.get(url)
        if place is None:
            return None
        try:
            return place if read_fetch(session.archive.folder, place)[1] == body else None
        except StorageError:  # moved away, or damaged
            return None

    def may_have_had(self, links: Iterable[FileLink]) -> bool:
        """Whether one of these may be a document that the bulletin had, under this address or under this name."""
        if self.bulletin is None:
            return False
        names = {attachment.name for attachment in self.bulletin.attachments}
        return any(self.attached is None or link.url in self.attached or link.name in names for link in links)


def former(session: Session, bulletin_id: str, last: Archive | None) -> Former:
    """`last`: the page that came last, where a document of it was lacking. Raises StorageError: the spool."""
    kept = session.spool.latest(bulletin_id)  # the spool knows it also where memory was lost
    try:
        bulletin = decode(kept.payload, Bulletin) if kept else None
    except RecordError:
        bulletin = None
    attached = _attached(session, bulletin.archive if bulletin else None)
    newest = {**(attached or {}), **(_attached(session, last) or {})}
    places = {url: item.archive for url, item in newest.items() if item.archive is not None}
    return Former(bulletin=bulletin, attached=attached, archived=places)


def _attached(session: Session, page: Archive | None) -> dict[str, Attached] | None:
    if page is None:
        return None
    try:
        return {document.url: document for document in read_fetch(session.archive.folder, page)[0].attached}
    except StorageError:  # moved away, or damaged
        return None
