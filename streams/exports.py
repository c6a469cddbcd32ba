"""Records on their way out, in the exchange form, from a store that has them already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from index.store import Store
from netdocket.errors import StoreError
from netdocket.exchange import exchange_row
from netdocket.records import Record
from streams.manifests import MERGED, read_manifests
from streams.walk import walk

PAGE: Final = 200
RECORDS: Final = frozenset({"cases", "reports", "developments", "incidents"})


def export_records(store: Store) -> Iterator[dict[str, Any]]:
    """One row a record, ordered by document and place in it. EXPLAINER is a row, CONTAINER is none."""
    bulletins = sorted(_bulletins(store))
    for start in range(0, len(bulletins), PAGE):
        yield from _rows(store, bulletins[start : start + PAGE])


def document_name(url: str | None, bulletin_id: str) -> str:
    """The last part of the address without its ending, or what its query names where it has one (an address keeps of its
    query what tells one document from another); of a text that has none, the bulletin's id."""
    parts = urlsplit(url or "")
    named = next((value for _, value in parse_qsl(parts.query) if value), "")
    last = named or PurePosixPath(unquote(parts.path)).stem
    return last or bulletin_id


def _bulletins(store: Store) -> Iterator[tuple[str, str]]:
    """(document, bulletin) of everything stored."""
    for id, source in walk(store, "bulletins", fields=["url"], page=1000):
        yield document_name(source.get("url"), id), id


def _rows(store: Store, bulletins: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    wanted: dict[str, list[str]] = {}
    for held in read_manifests(store, [bulletin_id for _, bulletin_id in bulletins]).values():
        for index, id in held.manifest.documents:
            if index not in MERGED and (index in RECORDS or index == "bulletins"):
                wanted.setdefault(index, []).append(id)
    records: dict[str, list[Record]] = {}
    for index, ids in wanted.items():
        for stored in store.mget(index, ids):
            found = [stored.source["record"]] if index in RECORDS else stored.source.get("explainers", [])
            records.setdefault(stored.source["bulletin_id"], []).extend(_record(plain) for plain in found)
    for document, bulletin_id in bulletins:
        for record in sorted(
            records.get(bulletin_id, ()), key=lambda r: (r.span.start, r.span.end, r.record_id)
        ):
            yield exchange_row(record, document)


def _record(plain: dict[str, Any]) -> Record:
    try:
        return msgspec.convert(plain, Record)
    except msgspec.ValidationError as error:
        raise StoreError(
            f"a stored record cannot be read: {error}", where=str(plain.get("record_id"))
        ) from error
