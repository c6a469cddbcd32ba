"""The pipeline in one process: spool, processors, store.

A batch is confirmed in the spool only after the store has confirmed everything that came of it. Killed at any point,
the runner starts again with what was not confirmed; what had been stored of it is stored again, to the same effect.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from enrich import Knowledge
from index.store import Store
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.settings import Settings
from netdocket.spool import RECLASSIFY, Spool
from streams.processors import Classify, Correct, Outcome, Processor, as_classified

POLL_SECONDS: Final = 0.2
"""How soon the runner notices that something came into an empty spool."""
REFRESH_SECONDS: Final = 2.0
"""How old what is searched may be while there is much to do; with nothing left to do it is fresh."""


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """What a run has done so far. `done` counts entries, `pending` those still waiting."""

    done: int = 0
    pending: int = 0
    bulletins: int = 0
    records: int = 0
    late: int = 0
    dead: int = 0
    states: int = 0

    def told(self) -> str:
        return f"{self.bulletins:,} bulletins classified, {self.records:,} records, {self.dead} dead letters"

    def after(self, entries: int, outcome: Outcome, pending: int) -> Progress:
        return Progress(
            done=self.done + entries,
            pending=pending,
            bulletins=self.bulletins + len(outcome.stored),
            records=self.records + outcome.records,
            late=self.late + len(outcome.late),
            dead=self.dead + len(outcome.letters),
            states=self.states + outcome.states,
        )


OnProgress = Callable[[Progress], None]
Watch = Callable[[Outcome], object]
"""Called with what each batch has stored, before it is confirmed; after a kill, again."""


def silent(_progress: Progress) -> None:
    """Reports to nobody."""


def unwatched(_outcome: Outcome) -> None:
    """Looked at by nobody."""


class LocalRunner:
    """Raises what the store and the spool raise (StoreError, StorageError): the runner stops, and nothing that was not
    stored is confirmed. `classify`: instead of the rules'."""

    def __init__(
        self,
        datadir: DataDir,
        store: Store,
        knowledge: Knowledge,
        settings: Settings,
        *,
        classify: Classify | None = None,
        correct: Correct = as_classified,
        watch: Watch = unwatched,
    ) -> None:
        self._datadir = datadir
        self._store = store
        self._knowledge = knowledge
        self._settings = settings
        self._classify = classify
        self._correct = correct
        self._watch = watch

    def run(self, stop: threading.Event, on_progress: OnProgress = silent) -> Progress:
        """Works until `stop` is set, waiting when there is nothing to do."""
        return self._work(stop, on_progress, wait=True)

    def drain(self, on_progress: OnProgress = silent) -> Progress:
        """Works until the spool is empty."""
        return self._work(threading.Event(), on_progress, wait=False)

    def _work(self, stop: threading.Event, on_progress: OnProgress, *, wait: bool) -> Progress:
        settings = self._settings
        spool = Spool(self._datadir.spool, limit=settings.spool_limit, commit_ms=settings.spool_commit_ms)
        letters = DeadLetters(self._datadir.dead_letters)
        try:
            rules: dict[str, Any] = {} if self._classify is None else {"classify": self._classify}
            processor = Processor(self._store, self._knowledge, letters, correct=self._correct, **rules)
            return self._loop(spool, processor, stop, on_progress, wait=wait)
        finally:
            letters.close()
            spool.close()

    def _loop(
        self,
        spool: Spool,
        processor: Processor,
        stop: threading.Event,
        on_progress: OnProgress,
        *,
        wait: bool,
    ) -> Progress:
        progress = Progress(pending=spool.pending())
        # What was stored before a kill may not be searchable yet.
        processor.refresh()
        refreshed, fresh = time.monotonic(), True
        on_progress(progress)
        while not stop.is_set():
            entries = spool.read(limit=self._settings.batch_size)
            if entries:
                again = sum(entry.topic == RECLASSIFY for entry in entries)
                # first-seen entries are put in order once, with the last entries of a re-classification
                last = bool(again) and spool.pending(RECLASSIFY) == again
                outcome = processor.process(entries, settle=last)
                self._watch(outcome)
                spool.confirm(entry.position for entry in entries)
                progress = progress.after(len(entries), outcome, spool.pending())
                fresh = False
            if not fresh and (not progress.pending or time.monotonic() - refreshed > REFRESH_SECONDS):
                processor.refresh()
                refreshed, fresh = time.monotonic(), True
            if entries:
                on_progress(progress)
            elif wait:
                stop.wait(POLL_SECONDS)
            else:
                break
        if not fresh:
            processor.refresh()
        return progress
