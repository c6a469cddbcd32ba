"""What most commands need: settings, the data directory they mean, and how they speak (text or JSON)."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console

from netdocket.datadir import MARKER, DataDir, Family
from netdocket.errors import ConfigurationError, MixedOriginError
from netdocket.settings import Settings, load_settings

if TYPE_CHECKING:
    from enrich import Knowledge
    from index.store import Store

LIVE, REPLICA = Path("data/live"), Path("data/replica")
ES_PATIENCE = 30.0
"""Seconds that a command waits for an Elasticsearch that is busy or away."""
NOTHING_YET = "nothing has been indexed here yet; `netdocket run` does that, `netdocket run --replica` on demonstration data"

F = TypeVar("F", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Workspace:
    """Settings and the data directory of one call."""

    settings: Settings
    datadir: DataDir
    console: Console

    def knowledge(self) -> Knowledge:
        from enrich import load_knowledge

        return load_knowledge(self.settings.knowledge_dir)

    @property
    def cluster(self) -> bool:
        """Whether Kafka, workers and Elasticsearch do the work, and not this process."""
        return self.settings.profile == "cluster"

    @property
    def family(self) -> Family:
        """Live or demonstration data: as the data directory says, else as it was asked for."""
        held, asked = self.datadir.family, self.settings.family
        if held and asked and held != asked:
            raise MixedOriginError(
                f"holds {held} data, asked for are {asked} data", where=str(self.datadir.root)
            )
        return held or asked or "live"

    @property
    def demo(self) -> bool:
        return self.family == "demo"

    @contextmanager
    def store(self, *, writer: bool) -> Iterator[Store]:
        """Elasticsearch in the cluster profile, else the store of the data directory. Reading one that does not exist
        is an error that says what to do."""
        store = self._elastic() if self.cluster else self._embedded(writer=writer)
        try:
            yield store
        finally:
            store.close()

    def _elastic(self) -> Store:
        from index.elastic import ElasticStore

        return ElasticStore.from_settings(self.settings, self.family, patience=ES_PATIENCE)

    def _embedded(self, *, writer: bool) -> Store:
        from index.embedded import EmbeddedStore

        if not writer and not self.datadir.store.exists():
            raise ConfigurationError(NOTHING_YET, where=str(self.datadir.root))
        return EmbeddedStore(self.datadir.store, writer=writer, heap_mb=self.settings.writer_heap_mb)


def workspace(
    *, data_dir: Path | None = None, demo: bool | None = None, new: bool = False, **given: Any
) -> Workspace:
    """The workspace of a call. `demo`: True for demonstration data, False for live, None for whichever is there.

    Only with `new` may the data directory be made; else ConfigurationError says that nothing is there."""
    settings = load_settings(data_dir=data_dir, **given)
    if settings.profile == "cluster":
        # What is searched lies elsewhere; a data directory is only where this machine harvests.
        new = True
        demo = demo if demo is not None else (settings.family == "demo" if settings.family else None)
        if demo is not None:
            settings = load_settings(data_dir=data_dir, **given, family="demo" if demo else "live")
    if settings.data_dir is not None:
        root = settings.data_dir
    elif demo is None:
        root = REPLICA if _holds_data(REPLICA) and not _holds_data(LIVE) else LIVE
    else:
        root = REPLICA if demo else LIVE
    if not new and not _holds_data(root):
        raise ConfigurationError(NOTHING_YET, where=str(root))
    return Workspace(settings, DataDir(root), Console(stderr=True, highlight=False, markup=False))


def _holds_data(root: Path) -> bool:
    return (root / MARKER).exists()


def data_dir_option(command: F) -> F:
    """`--data-dir`, the same everywhere."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Data directory.  [default: data/live, or data/replica where only that exists]",
    )(command)


def json_option(command: F) -> F:
    """`--json`: one JSON document on standard output instead of text."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


@functools.cache
def demo_notice() -> str:
    return "Demonstration data: made for trying netdocket out, not published by any authority."
