"""`netdocket schemas`: the JSON Schemas of bulletins, records and the other messages."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.schemas import publish


@click.command("schemas")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def command(folder: Path) -> None:
    """Write the JSON Schemas of all messages into FOLDER."""
    for path in publish(folder):
        click.echo(path)
