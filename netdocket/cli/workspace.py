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

from netdocket.datadir import MARKER, DataDir
from netdocket.errors import ConfigurationError
from netdocket.settings import Settings, load_settings

if TYPE_CHECKING:
    from enrich import Knowledge
    from index.embedded import EmbeddedStore

LIVE, REPLICA = Path("data/live"), Path("data/replica")
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

    @contextmanager
    def store(self, *, writer: bool) -> Iterator[EmbeddedStore]:
        """The store of the data directory. Reading one that does not exist is an error that says what to do."""
        from index.embedded import EmbeddedStore

        if not writer and not self.datadir.store.exists():
            raise ConfigurationError(NOTHING_YET, where=str(self.datadir.root))
        store = EmbeddedStore(
            self.datadir.store,
            writer=writer,
            heap_mb=self.settings.writer_heap_mb,
        )
        try:
            yield store
        finally:
            store.close()


def workspace(
    *, data_dir: Path | None = None, demo: bool | None = None, new: bool = False, **given: Any
) -> Workspace:
    """The workspace of a call. `demo`: True for demonstration data, False for live, None for whichever is there.

    Only with `new` may the data directory be made; else ConfigurationError says that nothing is there."""
    settings = load_settings(data_dir=data_dir, **given)
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
