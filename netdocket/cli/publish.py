"""`netdocket publish`: the spool to Kafka, beside a crawl or by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netdocket.cli.beside import POLL_SECONDS, Beside
from netdocket.cli.printing import echo
from netdocket.cli.progress import Steps, steps
from netdocket.cli.workspace import Workspace, data_dir_option, workspace
from netdocket.errors import BrokerError, TopicMissingError

if TYPE_CHECKING:
    from index.store import Store
    from streams.publisher import Published, Publisher

BROKER_SECONDS = 30.0
WORKER_SECONDS = 90.0
"""So long nothing may move before we say that no worker works."""


@click.command("publish")
@click.option("--once", is_flag=True, help="End when the spool is empty.")
@data_dir_option
def command(once: bool, data_dir: Path | None) -> None:
    """Send what waits in the spool to Kafka, until Ctrl-C. `netdocket crawl` does so while it lasts."""
    ws = workspace(data_dir=data_dir, profile="cluster")
    with steps(ws.console) as progress, publishing(ws, progress) as publisher:
        try:
            done = publisher.finish() if once else publisher.wait()
        except KeyboardInterrupt:
            done = publisher.counts
    echo(f"{done.sent:,} messages sent, {done.dead} dead letters, {done.pending:,} still wait")


class Publishing:
    """A publisher in a thread of its own; what goes wrong in it ends the crawl, and is raised in the caller's."""

    def __init__(self, publisher: Publisher, counts: Published) -> None:
        self._publisher = publisher
        self.counts = counts
        self._thread = Beside("publisher", publisher.run)
        self._thread.start()

    def wait(self) -> Published:
        """As long as it works."""
        self._thread.awaited()
        while self._thread.goes_on():
            pass
        self.check()
        return self.counts

    def finish(self, patience: float | None = None) -> Published:
        """Waits until the spool is empty, but no longer than `patience` seconds for a broker that is away."""
        waited = 0.0
        self._publisher.finish()
        self._thread.awaited()
        while self._thread.goes_on():
            waited = waited + POLL_SECONDS if self.counts.waiting else 0.0
            if patience is not None and waited > patience:
                break
        return self.close()

    def check(self) -> None:
        """Raises what went wrong in the thread."""
        self._thread.check()

    def close(self) -> Published:
        self._publisher.stop()
        self._thread.join()
        self.check()
        return self.counts


@contextmanager
def publishing(ws: Workspace, progress: Steps) -> Iterator[Publishing]:
    """Raises TopicMissingError before anything is done where Kafka answers and has no such topics; where it does not
    answer, the publisher waits for it."""
    from streams.publisher import Published, Publisher
    from streams.topics import Topics, require

    topics = Topics.of(ws.settings, ws.family)
    try:
        require(ws.settings, topics, topics.processed)
    except TopicMissingError:
        raise
    except BrokerError as error:
        ws.console.print(f"Kafka does not answer yet ({error.what}); what comes waits in the spool")
    running: list[Publishing] = []

    def report(now: Published) -> None:
        if running:
            running[0].counts = now
        if now.sent or now.pending:
            progress.update("publishing", now.sent, now.sent + now.pending, now.waiting or "")

    publisher = Publisher(ws.datadir, ws.settings, ws.family, report)
    running.append(Publishing(publisher, Published()))
    try:
        yield running[0]
    finally:
        running[0].close()


class Remote:
    """What netdocket.cli.pipeline.Pipeline is to one process: the publisher here, the workers elsewhere."""

    def __init__(self, ws: Workspace, store: Store, progress: Steps) -> None:
        self._ws = ws
        self._store = store
        self._progress = progress
        self._stack = ExitStack()

    def __enter__(self) -> Remote:
        self._publishing = self._stack.enter_context(publishing(self._ws, self._progress))
        return self

    def __exit__(self, *raised: Any) -> None:
        self._stack.__exit__(*raised)

    def check(self) -> None:
        self._publishing.check()

    def finish(self) -> Published:
        """Returns when the workers have worked off everything. Raises BrokerError where none of them moves."""
        done = self._publishing.finish(BROKER_SECONDS)
        if done.pending:
            raise BrokerError(
                f"{done.pending:,} messages wait in the spool, `netdocket publish` sends them: {done.waiting}",
                where=self._ws.settings.kafka,
            )
        _await_workers(self._ws, self._progress)
        self._store.refresh()
        return done


def _await_workers(ws: Workspace, progress: Steps) -> None:
    from streams.topics import Topics, admin, lags_of

    topics = Topics.of(ws.settings, ws.family)
    with admin(ws.settings) as client:
        least, moved = None, time.monotonic()
        while behind := sum(lag.behind for lag in lags_of(client, topics.group, topics.processed)):
            progress.update("waiting for the workers", 0, behind, f"{behind:,} messages")
            if least is None or behind < least:
                least, moved = behind, time.monotonic()
            if time.monotonic() - moved > WORKER_SECONDS:
                raise BrokerError(
                    f"{behind:,} messages wait and no worker takes them; `netdocket worker` starts one",
                    where=topics.group,
                )
            time.sleep(0.5)
