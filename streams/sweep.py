"""Removing what no manifest lists any more.

A worker that is killed between its documents and its last look can leave a document that a newer manifest does not
list; its message comes again and clears it. Where the message does not (a topic whose messages have expired, documents
written by hand), the sweep does.

It deletes a document at the document's own version: whoever writes it anew meanwhile has a newer one, and wins.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from index.store import Store, Write
from netdocket.identity import external_version
from streams.audit import DERIVED
from streams.manifests import Held, read_manifests
from streams.walk import walk

PAGE: Final = 500
VERSIONED: Final = ("bulletin_id", "revision", "rules_version")


@dataclasses.dataclass(slots=True)
class Swept:
    """`unknown`: documents of bulletins that have no manifest at all; they are left, and should not exist."""

    looked_at: int = 0
    removed: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    unknown: list[tuple[str, str]] = dataclasses.field(default_factory=list)


def sweep(store: Store) -> Swept:
    """Safe beside running workers. Raises what the store raises; it may be called again at any time."""
    store.refresh()
    swept = Swept()
    for index in DERIVED:
        documents = walk(store, index, fields=VERSIONED)
        while page := list(islice(documents, PAGE)):
            _sweep_page(store, index, page, swept)
    store.refresh()
    return swept


def _sweep_page(store: Store, index: str, page: Sequence[tuple[str, dict[str, Any]]], swept: Swept) -> None:
    swept.looked_at += len(page)
    held = read_manifests(
        store, sorted({owner for _, document in page if (owner := document.get("bulletin_id"))})
    )
    swept.unknown += [(index, id) for id, document in page if document.get("bulletin_id") not in held]
    orphans = list(_orphans(index, page, held))
    for written in store.bulk(orphans):
        if written.result == "deleted":
            swept.removed.append((index, written.id))


def _orphans(
    index: str, page: Sequence[tuple[str, dict[str, Any]]], held: Mapping[str, Held]
) -> Iterator[Write]:
    for id, document in page:
        owner = held.get(document.get("bulletin_id", ""))
        if owner is None:
            continue
        version = external_version(document["revision"], document["rules_version"])
        if version >= owner.manifest.version or (index, id) in owner.manifest.documents:
            continue
        yield Write(index, id, version, None)
