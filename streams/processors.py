"""What happens to a bulletin: classified, turned into documents, stored by the manifest scheme (manifests.py).

The same in every profile; all effects go through the store port and the dead letters. `process` returns when
everything it was given is safe: stored, or a dead letter, or dropped because the store knows something newer. Only
then may its caller confirm. It may be given the same again at any time, and be killed at any time.

An error of the store ends the batch and is the caller's to handle; what is wrong with one bulletin concerns it alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from enrich import Knowledge, classify
from index.store import Store, Write
from netdocket.dead_letters import letter_key
from netdocket.errors import RecordError
from netdocket.identity import MAX_REVISION, external_version
from netdocket.records import Bulletin, Classified, DeadLetter, SourceState, decode, utc_now
from netdocket.spool import BULLETINS, RECLASSIFY, SOURCES, Entry
from streams import firstseen, instruments, sourcestates
from streams.documents import Document, documents
from streams.firstseen import FirstSeen
from streams.manifests import (
    MERGED,
    Held,
    Key,
    Wanted,
    claim,
    lost,
    outdated,
    read_manifests,
    settle,
    unlisted,
)

PUBLISH_STEP: Final = "publish"
READ_STEP: Final = "read"
CLASSIFY_STEP: Final = "classify"
STORE_STEP: Final = "store"
STATE_STEP: Final = "source-state"

Classify = Callable[[Bulletin, Knowledge], Classified]
Correct = Callable[[Bulletin, Classified], Classified]


class Letters(Protocol):
    """Where dead letters go (netdocket.dead_letters.DeadLetters, or a topic)."""

    def keep(self, letters: Sequence[DeadLetter]) -> None: ...

    def settle(self, bulletin_ids: Iterable[str], *, steps: Iterable[str]) -> int: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """A bulletin on its way into the store. `topic`: the queue it came from, and goes back to from the dead letters."""

    bulletin: Bulletin
    payload: bytes
    classified: Classified
    documents: tuple[Document, ...]
    topic: str

    @property
    def again(self) -> bool:
        """Whether it comes from a re-classification, which fires nothing."""
        return self.topic == RECLASSIFY

    @property
    def version(self) -> int:
        return external_version(self.classified.revision, self.classified.rules_version)

    @property
    def keys(self) -> frozenset[Key]:
        """Its own documents, and the merged ones that it has a share in."""
        own = {document.key for document in self.documents}
        entries = {
            (firstseen.INDEX, thing)
            for penalty in self.bodies("penalties")
            if (thing := firstseen.thing_of(penalty)) is not None
        }
        merged = {
            (instruments.INDEX, instrument)
            for development in self.bodies("developments")
            if (instrument := instruments.instrument_of(development)) is not None
        }
        return frozenset(own | entries | merged)

    def bodies(self, index: str) -> list[dict[str, object]]:
        return [document.body for document in self.documents if document.index == index]


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """What a batch has of a bulletin: its newest revision. `earliest`: the lowest ordinal of it in the batch."""

    bulletin: Bulletin
    payload: bytes
    topic: str
    earliest: int


@dataclasses.dataclass(slots=True)
class Outcome:
    """What became of a batch. `late`: dropped, the store knows something newer or was asked to forget it.
    `classified`: what was stored, as it was classified, and is still ours to tell of. `fresh`: what of it does not come
    from a re-classification."""

    stored: list[str] = dataclasses.field(default_factory=list)
    classified: list[Classified] = dataclasses.field(default_factory=list)
    records: int = 0
    late: list[str] = dataclasses.field(default_factory=list)
    letters: list[DeadLetter] = dataclasses.field(default_factory=list)
    states: int = 0
    won: list[FirstSeen] = dataclasses.field(default_factory=list)
    fresh: list[Work] = dataclasses.field(default_factory=list)


def as_classified(_bulletin: Bulletin, classified: Classified) -> Classified:
    """The correction that corrects nothing."""
    return classified


class Processor:
    """`correct` is applied after the rules, so that no replay undoes what a person has corrected. `unordered`: news and
    re-readings come from topics with an order of their own each, so that a re-reading may overtake its news."""

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        letters: Letters,
        *,
        classify: Classify = classify,
        correct: Correct = as_classified,
        unordered: bool = False,
    ) -> None:
        self.store = store
        self.knowledge = knowledge
        self.letters = letters
        self._classify = classify
        self._correct = correct
        self._unordered = unordered

    def process(self, entries: Sequence[Entry], *, settle: bool = True) -> Outcome:
        """`settle`: puts the first-seen entries in order after entries of a re-classification. Whoever knows that more
        of those wait says False, and settles with the last of them; killed before, they come again.

        Raises StoreError and StorageError; nothing may be confirmed then."""
        outcome = Outcome()
        bulletins = self._read(entries, outcome)
        held = read_manifests(self.store, bulletins)
        overtaking = self._overtaking(bulletins, held) if self._unordered else frozenset()
        works: dict[str, Work] = {}
        for key, message in bulletins.items():
            version = external_version(message.bulletin.revision, self.knowledge.rules_version)
            if outdated(held.get(key), version):
                outcome.late.append(key)
                continue
            topic = BULLETINS if key in overtaking else message.topic
            work = self.prepare(message.bulletin, message.payload, topic=topic)
            if isinstance(work, Work):
                works[key] = work
            else:
                outcome.letters.append(work)
        self.write(works, held, outcome)
        if settle and any(entry.topic == RECLASSIFY for entry in entries):
            firstseen.settle_all(self.store)
        self.letters.keep(outcome.letters)
        return outcome

    def refresh(self) -> None:
        """Makes everything stored so far visible, merged documents included."""
        self.store.refresh()
        while instruments.bring_up_to_date(self.store, self.knowledge) == instruments.PAGE:
            pass

    def prepare(self, bulletin: Bulletin, payload: bytes, *, topic: str) -> Work | DeadLetter:
        """Classification and documents of one bulletin. Whatever goes wrong here goes wrong with this bulletin."""
        try:
            classified = self._correct(bulletin, self._classify(bulletin, self.knowledge))
            found = tuple(documents(bulletin, classified, self.knowledge))
            return Work(bulletin, payload, classified, found, topic)
        except Exception as error:  # the poisoned bulletin: it must not stop the others
            return dead_letter(CLASSIFY_STEP, error, payload, bulletin, topic=topic)

    def write(self, works: Mapping[str, Work], held: Mapping[str, Held], outcome: Outcome) -> None:
        """Stores works (by bulletin) of which `held` manifests were read before; see manifests.py for the order."""
        if works:
            self._write(works, held, outcome)
        if outcome.late:
            self._verify(outcome.late)

    def _write(self, works: Mapping[str, Work], held: Mapping[str, Held], outcome: Outcome) -> None:
        wanted = {key: Wanted(work.version, work.keys) for key, work in works.items()}
        claimed, late = claim(self.store, wanted, held)
        outcome.late += late
        ours = self._write_documents({key: works[key] for key in claimed}, outcome)
        self._delete({key: (h.manifest.version, h.plain_to_delete) for key, h in claimed.items()})
        self._share(ours, claimed, outcome)
        claimed = settle(self.store, claimed)
        changed_hands = lost(self.store, claimed)
        self._release(changed_hands)
        outcome.stored += ours
        outcome.classified += [work.classified for key, work in ours.items() if key not in changed_hands]
        outcome.fresh += [work for work in ours.values() if not work.again]
        outcome.records += sum(len(work.classified.records) for work in ours.values())
        refused = {letter.bulletin_id for letter in outcome.letters if letter.step == STORE_STEP}
        self.letters.settle(ours, steps=(READ_STEP, CLASSIFY_STEP))
        self.letters.settle([key for key in ours if key not in refused], steps=(STORE_STEP,))

    def withdraw(self, held: Held) -> None:
        """Deletes all that a closing manifest (removal.py) has in to_delete, and empties it."""
        key = held.manifest.bulletin_id
        self._delete_as_stored(held.plain_to_delete)
        instruments.mark(self.store, _ids(instruments.INDEX, [held]))
        firstseen.notice(self.store, {key}, [], _ids(firstseen.INDEX, [held]))
        settle(self.store, {key: held})

    # --- reading -----------------------------------------------------------------------------------------

    def _read(self, entries: Sequence[Entry], outcome: Outcome) -> dict[str, Message]:
        """The newest revision of each bulletin in the batch, as news where any of them is; source states are stored at
        once."""
        bulletins: dict[str, Message] = {}
        for entry in entries:
            try:
                message = read_message(entry)
            except RecordError as error:
                step = STATE_STEP if entry.topic == SOURCES else READ_STEP
                # Its key says whose it is, whatever the bytes say: whoever has the bulletin removed has the letter too.
                owner = None if entry.topic == SOURCES else entry.key
                outcome.letters.append(
                    dead_letter(step, error, entry.payload, topic=entry.topic, bulletin_id=owner)
                )
                continue
            if isinstance(message, SourceState):
                outcome.states += sourcestates.report(self.store, message)
                continue
            found = Message(message, entry.payload, entry.topic, message.ordinal)
            if known := bulletins.get(message.bulletin_id):
                newest = known if known.bulletin.revision > message.revision else found
                # The news may come behind its own re-reading.
                topic = BULLETINS if BULLETINS in (found.topic, known.topic) else found.topic
                earliest = min(known.earliest, found.earliest)
                found = dataclasses.replace(newest, topic=topic, earliest=earliest)
            bulletins[message.bulletin_id] = found
        return bulletins

    def _overtaking(self, messages: Mapping[str, Message], held: Mapping[str, Held]) -> frozenset[str]:
        """Re-readings of what the store does not have yet: what they were read from is on its way, or a dead letter.
        They are the news then, and what comes late is dropped."""
        again = {key: message for key, message in messages.items() if message.topic == RECLASSIFY}
        there = {one.id: one.source.get("ordinal") for one in self.store.mget("bulletins", [*again])}

        def overtakes(key: str, earliest: int) -> bool:
            if key not in held:
                return True
            if (
                key not in there
            ):  # claimed for the news and not yet written; 0: a restoration, of what was told
                return held[key].manifest.version > 0
            return (there[key] or earliest) < earliest - 1

        return frozenset(key for key, message in again.items() if overtakes(key, message.earliest))

    # --- writing -----------------------------------------------------------------------------------------

    def _write_documents(self, works: Mapping[str, Work], outcome: Outcome) -> dict[str, Work]:
        """The works with what the store has taken of them: merged documents are made of nothing else."""
        writes = [(work, document) for work in works.values() for document in work.documents]
        results = self.store.bulk([Write(d.index, d.id, work.version, d.body) for work, d in writes])
        refused: dict[str, dict[Key, str]] = {}
        for (work, document), result in zip(writes, results, strict=True):
            if result.result == "refused":
                reason = f"{document.index}/{document.id}: {result.reason}"
                refused.setdefault(work.bulletin.bulletin_id, {})[document.key] = reason
        taken = dict(works)
        for key, reasons in refused.items():
            work = works[key]
            error = RecordError("; ".join(reasons.values()))
            outcome.letters.append(
                dead_letter(STORE_STEP, error, work.payload, work.bulletin, topic=work.topic)
            )
            kept = tuple(document for document in work.documents if document.key not in reasons)
            taken[key] = dataclasses.replace(work, documents=kept)
        return taken

    def _delete(self, by_bulletin: Mapping[str, tuple[int, Sequence[Key]]]) -> None:
        deletions = [
            Write(index, id, version) for version, keys in by_bulletin.values() for index, id in keys
        ]
        if deletions:
            self.store.bulk(deletions)

    def _delete_as_stored(self, keys: Sequence[Key]) -> None:
        """Deletes documents at the version they have, so that they can be written again at that version."""
        by_index: dict[str, list[str]] = {}
        for index, id in keys:
            by_index.setdefault(index, []).append(id)
        there = [stored for index, ids in by_index.items() for stored in self.store.mget(index, ids)]
        if there:
            self.store.bulk([Write(stored.index, stored.id, stored.version) for stored in there])

    def _share(self, works: Mapping[str, Work], claimed: Mapping[str, Held], outcome: Outcome) -> None:
        """Brings the merged documents up to date. First-seen entries wait for the end of a re-classification:
        what comes later in it counts as much as what came first."""
        instruments.mark(self.store, _ids(instruments.INDEX, claimed.values()))
        new = {key: held for key, held in claimed.items() if not works[key].again}
        outcome.won += firstseen.notice(
            self.store,
            set(new),
            [penalty for key in new for penalty in works[key].bodies("penalties")],
            _ids(firstseen.INDEX, new.values()),
        )

    def _release(self, changed_hands: Mapping[str, tuple[Held, Held | None]]) -> None:
        """Takes back what we wrote for a bulletin that somebody else has claimed in between."""
        for key, (ours, theirs) in changed_hands.items():
            leftover = unlisted(ours, theirs)
            own = [k for k in leftover if k[0] not in MERGED]
            self._delete({key: (ours.manifest.version, own)})
            instruments.mark(self.store, [id for index, id in leftover if index == instruments.INDEX])
        if changed_hands:
            firstseen.verify(self.store, changed_hands)

    def _verify(self, late: Sequence[str]) -> None:
        """A message that came too late may have been in hand before: a worker was killed between its last write and
        the look at its manifest. Its own documents are refused by their version; a first-seen entry that it won it may
        have left behind."""
        firstseen.verify(self.store, late)


def read_message(entry: Entry) -> Bulletin | SourceState:
    """Raises RecordError."""
    if not entry.payload:
        raise RecordError("its bytes are gone from the spool, and nobody purged it", where=entry.key)
    if entry.topic == SOURCES:
        return decode(entry.payload, SourceState)
    if entry.topic not in (BULLETINS, RECLASSIFY):
        raise RecordError("nothing is known about this topic", where=entry.topic)
    bulletin = decode(entry.payload, Bulletin)
    if not 0 <= bulletin.revision < MAX_REVISION:
        raise RecordError(f"revision {bulletin.revision} cannot be", where=bulletin.bulletin_id)
    return bulletin


def dead_letter(
    step: str,
    error: Exception,
    payload: bytes,
    bulletin: Bulletin | None = None,
    *,
    topic: str,
    bulletin_id: str | None = None,
) -> DeadLetter:
    """`topic`: the queue it came from. `bulletin_id`: where it is known of bytes that cannot be read; the letter's key is
    made of the bytes all the same, where there are any: two that cannot be read are two."""
    known = bulletin.bulletin_id if bulletin else bulletin_id
    return DeadLetter(
        key=letter_key(step, bulletin_id=known if bulletin or not payload else None, payload=payload),
        step=step,
        reason=" ".join(str(error).split()) or type(error).__name__,
        error=type(error).__name__,
        payload=payload,
        at=utc_now(),
        bulletin_id=known,
        source=bulletin.source if bulletin else None,
        url=bulletin.url if bulletin else None,
        archive=bulletin.archive if bulletin else None,
        topic=topic,
    )


def _ids(index: str, claimed: Iterable[Held]) -> list[str]:
    return list(dict.fromkeys(id for held in claimed for i, id in held.shares if i == index))
