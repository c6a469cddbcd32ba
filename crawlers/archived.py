"""What lies in an archive, file by file: every fetch with its place, and whether its bytes are those that were written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawlers.archive import DOCUMENT, read_fetch
from crawlers.members import DamagedRecordError, Record, records
from netdocket.errors import StorageError
from netdocket.records import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A response of the archive. `bulletin_url`: address of the bulletin made from it; `length`: bytes as sent;
    `attached`: places of the documents that belong to it; `document`: it is one itself, and no page."""

    archive: Archive
    source: str
    url: str
    bulletin_url: str
    status: int
    fetched_at: str
    fetched_from: str | None
    length: int
    attached: tuple[Archive, ...]
    document: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVerdict:
    """`records`: responses that are as they were written; `damage`: what is wrong first, and at which offset, None where
    nothing is."""

    file: str
    records: int
    damage: str | None = None
    offset: int | None = None


def archive_files(folder: Path) -> list[Path]:
    """In the order in which they were begun. Raises StorageError where there is no archive."""
    if not folder.is_dir():
        raise StorageError("no archive here", where=str(folder))
    return sorted(folder.glob("*.warc.gz"))


def fetches(
    folder: Path, on_damage: Callable[[DamagedRecordError], None] | None = None
) -> Iterator[Archived]:
    """Every sound response, oldest file first. `on_damage` hears of what is none; without it, that is raised."""
    for path in archive_files(folder):
        for record in records(path, on_damage or _raise):
            if record.kind == "response":
                yield _archived(path.name, record)


def document_places(folder: Path, page: Archive) -> list[Archive]:
    """Where the documents lie that an archived page names. Raises StorageError: the page is not there, or damaged."""
    attached = read_fetch(folder, page)[0].attached
    places = (place for item in attached for place in (item.archive, item.former))
    return list(dict.fromkeys(place for place in places if place is not None))


def verify(path: Path) -> FileVerdict:
    """Reads every record of a file to its end and compares its digest."""
    damages: list[DamagedRecordError] = []
    try:
        sound = sum(record.kind == "response" for record in records(path, damages.append))
    except StorageError as error:
        return FileVerdict(file=path.name, records=0, damage=error.what, offset=0)
    if not damages:
        return FileVerdict(file=path.name, records=sound)
    return FileVerdict(
        file=path.name, records=sound, damage=f"cannot be read: {damages[0].what}", offset=damages[0].offset
    )


def _raise(damage: DamagedRecordError) -> None:
    raise damage


def _archived(file: str, record: Record) -> Archived:
    warc = record.warc
    url = warc.get("WARC-Target-URI", "")
    return Archived(
        archive=Archive(file=file, offset=record.offset),
        source=warc.get("Netdocket-Source", ""),
        url=url,
        bulletin_url=warc.get("Netdocket-Bulletin-Address") or url,
        status=record.status,
        fetched_at=warc.get("WARC-Date", ""),
        fetched_from=warc.get("Netdocket-Fetched-From"),
        length=len(record.body),
        attached=tuple(
            Archive(file=item["file"], offset=item["offset"])
            for item in json.loads(warc.get("Netdocket-Attached") or "[]")
            if "file" in item
        ),
        document=DOCUMENT in warc,
    )
