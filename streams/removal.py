"""Bulletins taken out on request, for good or until somebody thinks better of it.

`remove` leaves a manifest that no message can be newer than, so that whatever still arrives is dropped. The bulletin
as harvested stays in the spool (or among the dead letters), and `restore` brings it back from the spool. `purge` is the
last step: it wipes the text from the spool and the dead letters, and the spool will not take it again. The archive's
files are written once and not changed: what is purged must be taken out of them by hand, and the answer says where it
lies.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Sequence

from enrich import Knowledge
from index.store import Store
from netdocket.dead_letters import DeadLetters
from netdocket.errors import ConfigurationError, RecordError, StoreError
from netdocket.identity import REMOVED_VERSION
from netdocket.records import Archive, Bulletin, DeadLetter, Manifest, decode
from netdocket.spool import BULLETINS, RECLASSIFY, Kept, Spool
from streams import firstseen
from streams.alerts import documents as alerts
from streams.manifests import ATTEMPTS, Held, Key, read_manifests, swap_all
from streams.processors import Outcome, Processor, Work


@dataclasses.dataclass(frozen=True, slots=True)
class Removed:
    """`documents`: what was deleted. `archive`: where the bytes as fetched lie. `letters`: how many dead letters still
    hold bytes of it."""

    bulletin_id: str
    documents: tuple[Key, ...]
    archive: Archive | None
    letters: int


def remove(
    bulletin_id: str,
    why: str,
    *,
    store: Store,
    spool: Spool,
    letters: DeadLetters,
    knowledge: Knowledge,
    purge: bool = False,
) -> Removed:
    """Repeating it completes one that was interrupted. Raises ConfigurationError for a bulletin nobody has heard of."""
    kept = spool.latest(bulletin_id)
    failed = letters.of(bulletin_id)
    archive = _archive(kept, failed)
    if not (failed or read_manifests(store, [bulletin_id]) or spool.revisions(bulletin_id)):
        raise ConfigurationError("no bulletin with this id was ever harvested or stored", where=bulletin_id)
    processor = Processor(store, knowledge, letters)
    held = _close(store, bulletin_id, why)
    processor.withdraw(held)
    alerts.forget(store, bulletin_id)
    if purge:
        if spool.pending(RECLASSIFY):
            firstseen.settle_all(store)  # the last of them would have: it may be this one
        spool.purge(bulletin_id)
        letters.forget(bulletin_id)
    processor.refresh()
    return Removed(bulletin_id, tuple(held.plain_to_delete), archive, 0 if purge else len(failed))


def restore(
    bulletin_id: str,
    *,
    store: Store,
    spool: Spool,
    letters: DeadLetters,
    knowledge: Knowledge,
    on_stored: Callable[[Outcome], object] = lambda _outcome: None,
) -> Outcome:
    """Undoes `remove`. `on_stored` hears of what is stored while it still is in the queue: where it raises, whoever works
    the queue off does it again. Raises ConfigurationError where there is nothing to undo, or where it was purged."""
    kept = spool.latest(bulletin_id)
    held = read_manifests(store, [bulletin_id]).get(bulletin_id)
    if held is None or not held.manifest.removed:
        raise ConfigurationError("this bulletin is not removed", where=bulletin_id)
    if kept is None:
        raise ConfigurationError("its text is not kept any more: harvest its page again", where=bulletin_id)
    processor = Processor(store, knowledge, letters)
    bulletin = decode(kept.payload, Bulletin)
    outcome = Outcome()
    # queued first: killed behind the next line, the runner finishes it
    positions = spool.requeue([bulletin_id])
    opened = Manifest(bulletin_id=bulletin_id, version=0, to_delete=held.manifest.to_delete)
    swapped = swap_all(store, {bulletin_id: opened}, {bulletin_id: held})
    work = processor.prepare(bulletin, kept.payload, topic=BULLETINS)
    if isinstance(work, Work):
        processor.write({bulletin_id: work}, swapped, outcome)
    else:
        outcome.letters.append(work)
        letters.keep([work])
    on_stored(outcome)
    spool.confirm(positions)
    processor.refresh()
    return outcome


def _archive(kept: Kept | None, letters: Sequence[DeadLetter]) -> Archive | None:
    """Where the page lies; also of a bulletin that never became one, or that cannot be read any more."""
    if kept:
        with contextlib.suppress(RecordError):
            return decode(kept.payload, Bulletin).archive
    return next((letter.archive for letter in letters if letter.archive), None)


def _close(store: Store, bulletin_id: str, why: str) -> Held:
    for _ in range(ATTEMPTS):
        known = read_manifests(store, [bulletin_id])
        former: set[Key] = set()
        if bulletin_id in known:
            former = {*known[bulletin_id].manifest.documents, *known[bulletin_id].manifest.to_delete}
        closing = Manifest(
            bulletin_id=bulletin_id,
            version=REMOVED_VERSION,
            to_delete=tuple(sorted(former)),
            removed=True,
            why=why,
        )
        swapped = swap_all(store, {bulletin_id: closing}, known)
        if bulletin_id in swapped:
            return swapped[bulletin_id]
    raise StoreError("another process changes the manifest all the time", where=bulletin_id)
