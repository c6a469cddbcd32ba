"""`netdocket reset`: demonstration data away. Live data it never touches."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from netdocket.cli.workspace import data_dir_option, workspace
from netdocket.errors import ConfigurationError


@click.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def command(yes: bool, data_dir: Path | None) -> None:
    """Delete the data directory of demonstration data (replica, generated)."""
    ws = workspace(data_dir=data_dir, demo=True)
    datadir = ws.datadir
    if datadir.family != "demo":
        raise ConfigurationError(
            "holds live data; `reset` deletes demonstration data only. To take one bulletin out: `netdocket remove`",
            where=str(datadir.root),
        )
    if not yes:
        click.confirm(f"Delete {datadir.root} and all that is in it?", abort=True)
    if datadir.store.exists():
        with ws.store(writer=True):  # the runner's lock: nobody may be at work in there
            pass
    shutil.rmtree(datadir.root)
    click.echo(f"deleted {datadir.root}")
