"""`netdocket index`: the indices in Elasticsearch, made, watched, and built anew."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from netdocket.cli.progress import steps
from netdocket.cli.workspace import json_option, print_json
from netdocket.errors import ConfigurationError
from netdocket.settings import Settings, load_settings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from index.elastic.client import Caller
    from index.elastic.indices import IndexStatus
    from index.elastic.names import Names
    from index.mappings import IndexMapping
    from netdocket.datadir import Family

PATIENCE = 60.0
"""Seconds that a command waits for an Elasticsearch that is busy or away."""
LOOKING_SECONDS = 5.0
"""The same for one that only says how things are: that it is away is what was asked."""
NOT_READY = 3
"""Exit code of `status` where an index is missing or must be built anew."""

F = Callable[..., Any]


class Cluster:
    """Elasticsearch as the settings name it, and the indices of one family of data."""

    def __init__(self, settings: Settings, *, demo: bool, patience: float = PATIENCE) -> None:
        from index.elastic.client import Caller, connect
        from index.elastic.names import Names
        from index.mappings import load_mappings

        self.settings = settings
        self.family: Family = "demo" if demo else "live"
        self.client: Elasticsearch = connect(settings)
        self.caller: Caller = Caller(patience)
        self.names: Names = Names.of(settings.index_prefix, self.family)
        self.mappings: dict[str, IndexMapping] = load_mappings()

    def statuses(self) -> list[IndexStatus]:
        from index.elastic.indices import status

        return status(self.client, self.caller, self.names, self.mappings)

    def mapping(self, index: str) -> IndexMapping:
        if index not in self.mappings:
            raise ConfigurationError(f"no such index; there are {', '.join(self.mappings)}", where=index)
        return self.mappings[index]


@click.group("index")
def command() -> None:
    """The indices in Elasticsearch (NETDOCKET_ES_URL).

    `setup` makes them and adds new fields; `migrate` builds one anew, while it is searched and written to, where its
    mapping has changed; `roll-back` goes back to the one before.
    """


def demo_option(function: F) -> F:
    return click.option(
        "--demo", is_flag=True, help="The indices of demonstration data, not those of live data."
    )(function)


@command.command("setup")
@demo_option
def setup(demo: bool) -> None:
    """Make the indices that are missing, and add the fields that are new."""
    from index.elastic.indices import setup as make

    with _cluster(demo) as cluster:
        settings, nothing = cluster.settings, True
        for index, done in make(
            cluster.client, cluster.caller, cluster.names, cluster.mappings, cluster.family,
            shards=settings.es_shards, replicas=settings.es_replicas,
        ):  # fmt: skip
            nothing = False
            click.echo(f"{index}: {done}")
    if nothing:
        click.echo("Everything is there.")


@command.command("status")
@demo_option
@json_option
def status(demo: bool, as_json: bool) -> None:
    """What there is, and what must be done. Exit code 3 where an index is missing or must be built anew."""
    with _cluster(demo, LOOKING_SECONDS) as cluster:
        found = cluster.statuses()
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(found))
    else:
        table = Table("index", "state", "is", "documents", "MB", "schema", "others", "differences", box=None)
        for one in found:
            table.add_row(
                one.index,
                one.state,
                one.physical or "",
                f"{one.documents:,}",
                f"{one.bytes / 1e6:,.1f}",
                str(one.schema_version or ""),
                ", ".join(one.others),
                "; ".join(f"{name} {what}" for name, what in one.differences.items()),
            )
        Console().print(table)
    if any(one.state in ("missing", "changed", "newer") for one in found):
        sys.exit(NOT_READY)


@command.command("migrate")
@click.argument("indices", nargs=-1, metavar="[INDEX]...")
@click.option(
    "--force", is_flag=True, help="Also those whose mapping has not changed (to have other shards)."
)
@demo_option
def migrate(indices: tuple[str, ...], force: bool, demo: bool) -> None:
    """Build indices anew with the present mapping: all that need it, or those named.

    Searches go on throughout, writers wait for a moment at the end. Fields that the new mapping does not have are left
    out. The former index stays for `roll-back` until `clean-up`.
    """
    from index.elastic.migrate import Migration

    with _cluster(demo) as cluster, steps(Console(stderr=True, highlight=False)) as shown:
        wanted = [cluster.mapping(index).name for index in indices] or list(cluster.mappings)
        due = [one for one in cluster.statuses() if one.index in wanted and (force or one.state == "changed")]
        for one in due:
            migration = Migration(
                cluster.client,
                cluster.caller,
                cluster.names,
                cluster.mapping(one.index),
                on_progress=shown.update,
            )
            settings = cluster.settings
            done = migration.migrate(cluster.family, shards=settings.es_shards, replicas=settings.es_replicas)
            click.echo(
                f"{done.index}: {done.source} to {done.target}, {done.copied:,} copied and {done.deleted:,} deleted in "
                f"{done.rounds} rounds, {done.waited:,} of them while writers waited ({done.seconds:.1f} s)"
            )
    if not due:
        click.echo("Nothing to do.")


@command.command("roll-back")
@click.argument("index")
@demo_option
def roll_back(index: str, demo: bool) -> None:
    """Go back to the index before the last migration; what was written since comes along."""
    with _migration(index, demo) as migration:
        done = migration.roll_back()
    click.echo(
        f"{index}: {done.source} to {done.target}, {done.copied:,} copied and {done.deleted:,} deleted"
    )


@command.command("reset-migration")
@click.argument("index")
@demo_option
def reset_migration(index: str, demo: bool) -> None:
    """After a migration that was killed: remove what it built, and let writers in again."""
    with _migration(index, demo) as migration:
        gone = migration.reset()
    click.echo(f"{index}: removed {', '.join(gone) or 'nothing'}; writers may write")


@command.command("clean-up")
@click.argument("index")
@demo_option
def clean_up(index: str, demo: bool) -> None:
    """Remove former indices; there is no way back then."""
    with _migration(index, demo) as migration:
        gone = migration.clean_up()
    click.echo(f"{index}: removed {', '.join(gone) or 'nothing'}")


@command.command("sweep")
@demo_option
def sweep(demo: bool) -> None:
    """Remove documents that the manifest of their bulletin no longer lists."""
    from index.elastic import ElasticStore
    from streams.sweep import sweep as remove

    settings = load_settings()
    with ElasticStore.from_settings(settings, "demo" if demo else "live", patience=PATIENCE) as store:
        swept = remove(store)
    for index, id in swept.removed:
        click.echo(f"removed {index}/{id}")
    for index, id in swept.unknown:
        click.echo(f"without a manifest: {index}/{id}", err=True)
    click.echo(f"{swept.looked_at:,} documents looked at, {len(swept.removed):,} removed")


@contextmanager
def _cluster(demo: bool, patience: float = PATIENCE) -> Iterator[Cluster]:
    cluster = Cluster(load_settings(), demo=demo, patience=patience)
    try:
        yield cluster
    finally:
        cluster.client.close()


@contextmanager
def _migration(index: str, demo: bool) -> Iterator[Any]:
    from index.elastic.migrate import Migration

    with _cluster(demo) as cluster, steps(Console(stderr=True, highlight=False)) as shown:
        yield Migration(
            cluster.client, cluster.caller, cluster.names, cluster.mapping(index), on_progress=shown.update
        )
