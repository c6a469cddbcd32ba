"""`netdocket reported`: records that readers of the page say are wrong."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace


@click.group("reported")
def command() -> None:
    """Records that readers of the page say are wrong. They are kept here and sent nowhere."""


@command.command("list")
@data_dir_option
@json_option
def list_reported(data_dir: Path | None, as_json: bool) -> None:
    """Reports, oldest first, each with the version of the record that it is about."""
    import msgspec

    from dashboards.kept.reported import reported_records, state_of

    with workspace(data_dir=data_dir).store(writer=False) as store:
        held = [(key, one, state_of(store, one)) for key, one in reported_records(store).all().items()]
    if as_json:
        print_json([{"key": key, **msgspec.to_builtins(one), "state": state} for key, one, state in held])
        return
    if not held:
        echo("nothing is reported")
        return
    rows = [
        [
            key,
            f"{one.index}/{one.record_id}",
            f"{one.revision}, {one.rules_version}",
            state,
            one.value or "",
            one.said,
        ]
        for key, one, state in held
    ]
    table(["key", "record", "revision, rules", "record since", "about", "said"], rows)


@command.command("drop")
@click.argument("keys", nargs=-1, required=True)
@data_dir_option
def drop(keys: tuple[str, ...], data_dir: Path | None) -> None:
    """Forget reports that are dealt with."""
    from dashboards.kept.reported import reported_records

    with workspace(data_dir=data_dir).store(writer=False) as store:
        kept = reported_records(store)
        unknown = [key for key in keys if not kept.remove(key)]
    if unknown:
        raise click.UsageError(f"no such report: {', '.join(unknown)}")
    echo(f"{len(keys)} dropped")
