"""`netdocket export`: what is stored, written to files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from netdocket.cli.workspace import data_dir_option, demo_notice, workspace

if TYPE_CHECKING:
    from index.store import Store


@click.group("export")
def command() -> None:
    """Write what is stored to files."""


@command.command("records")
@click.option(
    "--records",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("-"),
    help="File to write, one JSON object a line.  [default: standard output]",
)
@data_dir_option
def records(records: Path, data_dir: Path | None) -> None:
    """All records in the exchange form, ordered by document and place in it."""
    ws = workspace(data_dir=data_dir)
    with ws.store(writer=False) as store:
        count = write_records(store, records)
    if ws.demo:
        click.echo(demo_notice(), err=True)
    click.echo(f"{count} records", err=True)


def write_records(store: Store, path: Path) -> int:
    """Every record of the store in the exchange form; how many. `-` is standard output."""
    from streams.exports import export_records

    count = 0
    with output(path) as out:
        for row in export_records(store):
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


@contextmanager
def output(path: Path) -> Iterator[TextIO]:
    """The file to write, whole or not at all: it takes its name when everything is in it."""
    if str(path) == "-":
        yield sys.stdout
        return
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
