"""The local runner in a thread of its own, beside the crawl and the page of the same process."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import TYPE_CHECKING

from netdocket.cli.beside import Beside
from netdocket.cli.progress import Steps
from netdocket.cli.workspace import Workspace

if TYPE_CHECKING:
    from index.store import Store
    from streams.local import Progress, Watch


class Pipeline:
    """Works on the spool until it is told to finish; what goes wrong in its thread is raised in the caller's."""

    def __init__(self, ws: Workspace, store: Store, progress: Steps, watch: Watch | None = None) -> None:
        from streams.local import LocalRunner, unwatched
        from streams.local import Progress as Counts

        self._runner = LocalRunner(ws.datadir, store, ws.knowledge(), ws.settings, watch=watch or unwatched)
        self._progress = progress
        self._stop = threading.Event()
        self.counts: Progress = Counts()
        self._thread = Beside("pipeline", lambda: self._runner.run(self._stop, self._report))

    def __enter__(self) -> Pipeline:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._thread.check()  # why the crawl was ended, or could not go on

    def finish(self) -> Progress:
        """Works off what still waits, then ends; what was done in all. Raises what the store and the spool raise."""
        self._stop.set()
        self._thread.awaited()
        while self._thread.goes_on():
            pass
        self.check()
        before = self.counts
        self._runner.drain(lambda counts: self._report(_sum(before, counts)))
        return self.counts

    def check(self) -> None:
        self._thread.check()

    def _report(self, counts: Progress) -> None:
        self.counts = counts
        note = f"{counts.records:,} records" + (f", {counts.dead} dead letters" if counts.dead else "")
        if counts.done or counts.pending:
            self._progress.update("classifying", counts.done, counts.done + counts.pending, note)


def _sum(before: Progress, after: Progress) -> Progress:
    from streams.local import Progress as Counts

    return Counts(
        done=before.done + after.done,
        pending=after.pending,
        bulletins=before.bulletins + after.bulletins,
        records=before.records + after.records,
        late=before.late + after.late,
        dead=before.dead + after.dead,
        states=before.states + after.states,
    )
