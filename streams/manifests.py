"""The manifest of a bulletin: which documents are derived from it, and at which version.

A bulletin comes again: changed by its publisher, under newer rules, or simply redelivered after a crash. Its old
documents must go where they are no longer derived from it, whatever is killed when, and whoever else works on the same
bulletin at the same moment. So the manifest is written before the documents:

    1. claim    by compare-and-swap: the new ids, and in `to_delete` all former ones that are not among them
    2. write    the documents, at the bulletin's external version
    3. delete   what stands in to_delete
    4. settle   by compare-and-swap: to_delete emptied
    5. look     whether the manifest is still ours. If not, somebody claimed it in between, and what we wrote after
                that may be unknown to them: delete those of our ids that their manifest does not list.
    6. acknowledge

Killed after 1, the message comes again and finds its ids to delete in to_delete. A message older than the manifest is
dropped. Example: revision 1 gave cases a and b, revision 2 only b. Claiming 2 lists b and puts a into to_delete; a
slow worker still writing a for revision 1 finds at 5 that the manifest is no longer its own, and deletes a.

A manifest also lists merged documents in which its bulletin has a share (an instrument, a first-seen entry). Deleting
one of those means to withdraw the share.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from index.store import Store, Swap
from netdocket.errors import StoreError
from netdocket.records import Manifest, encode

INDEX: Final = "manifests"
MERGED: Final = frozenset({"instruments", "penalty-types"})
"""Indices whose documents are merged from several bulletins."""
ATTEMPTS: Final = 100

Key = tuple[str, str]
"""Index and id of a document."""


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """A manifest and the sequence number at which it was read or written."""

    manifest: Manifest
    seq_no: int

    @property
    def plain(self) -> list[Key]:
        return [key for key in self.manifest.documents if key[0] not in MERGED]

    @property
    def plain_to_delete(self) -> list[Key]:
        return [key for key in self.manifest.to_delete if key[0] not in MERGED]

    @property
    def shares(self) -> list[Key]:
        """Merged documents to look at: those with a share now, and those whose share is to be withdrawn."""
        both = (*self.manifest.documents, *self.manifest.to_delete)
        return [key for key in both if key[0] in MERGED]


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """The documents that a bulletin shall have."""

    version: int
    keys: frozenset[Key]


def read_manifests(store: Store, bulletin_ids: Iterable[str]) -> dict[str, Held]:
    return {
        stored.id: Held(as_manifest(stored.source), stored.seq_no)
        for stored in store.mget(INDEX, bulletin_ids)
    }


def as_manifest(source: Mapping[str, Any]) -> Manifest:
    try:
        return msgspec.convert(source, Manifest)
    except msgspec.ValidationError as error:
        raise StoreError(str(error), where=INDEX) from error


def as_document(manifest: Manifest) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(encode(manifest))
    return document


def outdated(held: Held | None, version: int) -> bool:
    """Whether a message of this version comes too late."""
    return held is not None and (held.manifest.removed or held.manifest.version > version)


def claim(
    store: Store, wanted: Mapping[str, Wanted], held: Mapping[str, Held]
) -> tuple[dict[str, Held], list[str]]:
    """Step 1 for several bulletins: the manifests as claimed, and the bulletins that came too late. `held`: what was
    read of them before; it may have changed since."""
    claimed: dict[str, Held] = {}
    late: list[str] = []
    known, open_ = dict(held), dict(wanted)
    for _ in range(ATTEMPTS):
        for bulletin_id in [key for key, want in open_.items() if outdated(known.get(key), want.version)]:
            late.append(bulletin_id)
            del open_[bulletin_id]
        if not open_:
            return claimed, late
        manifests = {key: _successor(key, want, known.get(key)) for key, want in open_.items()}
        claimed |= swap_all(store, manifests, known)
        open_ = {key: want for key, want in open_.items() if key not in claimed}
        known = read_manifests(store, open_) if open_ else {}
    raise StoreError(
        f"another process changes the manifest all the time ({len(open_)})", where=next(iter(open_))
    )


def settle(store: Store, claimed: Mapping[str, Held]) -> dict[str, Held]:
    """Step 4: the manifests as they are held now. One that changed hands stays as it was claimed; `lost` finds it."""
    full = {key: held for key, held in claimed.items() if held.manifest.to_delete}
    if not full:
        return dict(claimed)
    emptied = {key: msgspec.structs.replace(held.manifest, to_delete=()) for key, held in full.items()}
    return {**claimed, **swap_all(store, emptied, full)}


def lost(store: Store, claimed: Mapping[str, Held]) -> dict[str, tuple[Held, Held | None]]:
    """Step 5: of the claims that are no longer ours, what we wrote and who holds the manifest now."""
    now = read_manifests(store, claimed)
    return {
        key: (held, now.get(key))
        for key, held in claimed.items()
        if key not in now or now[key].seq_no != held.seq_no
    }


def unlisted(ours: Held, theirs: Held | None) -> list[Key]:
    """Those of our documents that the manifest which replaced ours does not list."""
    listed = set(theirs.manifest.documents) if theirs else set()
    return [key for key in ours.manifest.documents if key not in listed]


def swap_all(store: Store, manifests: Mapping[str, Manifest], known: Mapping[str, Held]) -> dict[str, Held]:
    """Those that could be swapped, as they are held now."""
    swaps: Sequence[Swap] = [
        Swap(key, as_document(manifest), known[key].seq_no if key in known else None)
        for key, manifest in manifests.items()
    ]
    results = store.swap_many(INDEX, swaps)
    return {
        swap.id: Held(manifests[swap.id], stored.seq_no)
        for swap, stored in zip(swaps, results, strict=True)
        if stored is not None
    }


def _successor(bulletin_id: str, want: Wanted, held: Held | None) -> Manifest:
    former = {*held.manifest.documents, *held.manifest.to_delete} if held else set()
    return Manifest(
        bulletin_id=bulletin_id,
        version=want.version,
        documents=tuple(sorted(want.keys)),
        to_delete=tuple(sorted(former - want.keys)),
    )
