"""From the spool to Kafka. What Kafka has acknowledged (from all copies) leaves the spool, nothing else.

While the broker is away the spool fills, up to `spool_limit`; then the crawler waits (netdocket.spool). Killed at any
point, the publisher sends again what was not confirmed: the same bytes, which the workers take for what they are.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

from netdocket.datadir import DataDir, Family
from netdocket.dead_letters import DeadLetters
from netdocket.errors import BrokerError, OversizedBulletinError, RecordError, TopicMissingError
from netdocket.records import Bulletin, DeadLetter, decode
from netdocket.settings import Settings
from netdocket.spool import BULLETINS, RECLASSIFY, Entry, Spool
from streams.processors import PUBLISH_STEP, dead_letter
from streams.sender import Outgoing, Sender
from streams.topics import MAX_MESSAGE_BYTES, Topics, require

PAGE: Final = 500
POLL_SECONDS: Final = 0.2
FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 5.0

log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Published:
    """What a publisher has done so far. `waiting`: why it stands still, where it does."""

    sent: int = 0
    pending: int = 0
    dead: int = 0
    waiting: str | None = None

    def told(self) -> str:
        return f"{self.sent:,} messages given to the workers, {self.dead} dead letters"


OnProgress = Callable[[Published], None]


class Publisher:
    """One of them for a spool is enough; two send some messages twice, to no effect."""

    def __init__(
        self, datadir: DataDir, settings: Settings, family: Family, on_progress: OnProgress = lambda _: None
    ) -> None:
        """Raises ConfigurationError where no broker is named."""
        self._datadir = datadir
        self._settings = settings
        self._topics = Topics.of(settings, family)
        self._on_progress = on_progress
        self._progress = Published()
        self._stop = threading.Event()
        self._finish = threading.Event()
        self._sender = Sender(settings, limit=MAX_MESSAGE_BYTES, on_waiting=self._undelivered)

    def finish(self) -> None:
        """Ends `run` when nothing waits any more."""
        self._finish.set()

    def stop(self) -> None:
        """Ends `run` soon, wherever it waits."""
        self._stop.set()
        self._sender.stop()

    def run(self) -> Published:
        """Works until it is told to finish or to stop, however long the broker is away. Raises StorageError, and
        TopicMissingError where a topic is not there, or is gone: that would not pass by waiting."""
        spool = Spool(
            self._datadir.spool, limit=self._settings.spool_limit, commit_ms=self._settings.spool_commit_ms
        )
        letters = DeadLetters(self._datadir.dead_letters)
        try:
            self._report(pending=spool.pending())
            if self._ready():
                self._loop(spool, letters)
            self._report(pending=spool.pending())
            return self._progress
        finally:
            self._sender.close()
            letters.close()
            spool.close()

    def _ready(self) -> bool:
        """Looks for the topics, as soon as there is a broker. False where it was told to stop before. They are made by
        `netdocket topics setup` alone: a typing error in the prefix shall not make five more."""
        delay = FIRST_DELAY
        while not self._stop.is_set():
            try:
                require(self._settings, self._topics, self._topics.processed)
            except TopicMissingError:
                raise
            except BrokerError as error:
                self._waits(error.what)
                self._stop.wait(delay)
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                self._waits(None)
                return True
        return False

    def _loop(self, spool: Spool, letters: DeadLetters) -> None:
        while not self._stop.is_set():
            entries = spool.read(limit=PAGE)
            if entries:
                try:
                    self._publish(entries, spool, letters)
                except TopicMissingError:
                    raise
                except BrokerError:
                    continue  # told to stop while the broker was away
            elif self._finish.is_set():
                return
            else:
                self._stop.wait(POLL_SECONDS)

    def _publish(self, entries: Sequence[Entry], spool: Spool, letters: DeadLetters) -> None:
        messages = [Outgoing(self._topics.named(e.topic), e.key, e.payload) for e in entries]
        refused = self._sender.deliver(messages)
        letters.keep([_too_large(entries[one.number], one.reason) for one in refused])
        spool.confirm(entry.position for entry in entries)
        self._report(
            sent=self._progress.sent + len(entries) - len(refused),
            dead=self._progress.dead + len(refused),
            pending=spool.pending(),
        )

    def _undelivered(self, problem: str | None) -> None:
        """Raises TopicMissingError where that is why we wait: a broker that has lost a topic says only that it has not
        heard of it in time."""
        if problem is not None:
            try:
                require(self._settings, self._topics, self._topics.processed)
            except TopicMissingError:
                raise
            except BrokerError:
                log.debug("Kafka does not say which topics there are")
        self._waits(problem)

    def _waits(self, problem: str | None) -> None:
        if problem is not None and self._progress.waiting is None:
            log.warning("Kafka does not answer, the spool keeps what comes: %s", problem)
        self._report(waiting=problem)

    def _report(self, **changed: int | str | None) -> None:
        self._progress = dataclasses.replace(self._progress, **changed)  # type: ignore[arg-type]
        self._on_progress(self._progress)


def _too_large(entry: Entry, reason: str) -> DeadLetter:
    """Keeps the bytes, and says where the page as fetched lies."""
    bulletin = None
    if entry.topic in (BULLETINS, RECLASSIFY):
        with contextlib.suppress(RecordError):
            bulletin = decode(entry.payload, Bulletin)
    if bulletin and bulletin.archive:
        reason = f"{reason}; archived in {bulletin.archive.file} at {bulletin.archive.offset}"
    error = OversizedBulletinError(reason, where=bulletin.url if bulletin else None)
    return dead_letter(PUBLISH_STEP, error, entry.payload, bulletin, topic=entry.topic)
