"""`netdocket export`: what is stored, written to files."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from netdocket.cli.scope import scope_of, scope_options
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


FORMATS = ("csv", "xlsx", "parquet", "jsonl")
TABLES = {
    "cases": "Cases, one row each.",
    "penalties": "Penalties and measures, one row each, with the fields of their case.",
    "citations": "Articles cited, one row each.",
    "apps": "Apps of published lists, one row each.",
    "incidents": "Incidents, one row each.",
    "developments": "Reports on regulation, one row each.",
    "instruments": "The regulatory tracker: instruments with their status.",
    "reports": "Campaigns and industry reports, one row each.",
    "figures": "Figures of campaigns and reports, one row each.",
    "bulletins": "Bulletins, one row each, without their text.",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class TableExport:
    """What was asked for on the command line. `state`: the file of `--since FILE`, that remembers the last export;
    `since`, `until`: the period of the rows."""

    index: str
    output: Path
    kind: str | None
    bom: bool
    state: Path | None
    every_jurisdiction: bool
    filters: tuple[str, ...]
    since: str | None
    until: str | None
    data_dir: Path | None

    @property
    def format(self) -> Any:
        """As named, else by the ending of the file."""
        ending = self.output.suffix.removeprefix(".").lower()
        return self.kind or (ending if ending in FORMATS else "csv")


def _table_command(index: str, said: str) -> click.Command:
    @click.option(
        "--output",
        "-o",
        type=click.Path(dir_okay=False, path_type=Path),
        default=Path("-"),
        help="File to write; FILE.meta.json beside it says what it is.  [default: standard output]",
    )
    @click.option(
        "--format",
        "kind",
        type=click.Choice(FORMATS),
        help="[default: by the ending of the file, else csv]",
    )
    @click.option("--bom", is_flag=True, help="Begin a CSV with a byte order mark, as Excel wants it.")
    @click.option(
        "--since",
        "state",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Only what was added, changed or removed since the last export with this file, which is made at first "
        "and then kept up to date.",
    )
    @click.option(
        "--every-jurisdiction", is_flag=True, help="Also what other countries did, which no figure counts."
    )
    @scope_options
    @data_dir_option
    def run(**options: Any) -> None:
        _export_table(TableExport(index=index, **options))

    return click.command(index, help=said)(run)


def _export_table(asked: TableExport) -> None:
    from streams.tabular.export import export, sidecar

    index, output, format = asked.index, asked.output, asked.format
    if asked.bom and format != "csv":
        raise click.UsageError("--bom goes with CSV")
    ws = workspace(data_dir=asked.data_dir)
    knowledge = ws.knowledge()
    scope = scope_of(knowledge, asked.filters, asked.since, asked.until)
    clauses, foreign = scope.clauses(index)
    if foreign:
        raise click.UsageError(f"{index} have no {foreign[0]} to filter by")
    if asked.every_jurisdiction:
        clauses = [clause for clause in clauses if "jurisdiction" not in clause.get("term", {})]
    query = {"bool": {"filter": clauses}} if clauses else None
    with ws.store(writer=False) as store:
        exported = export(store, index, output, format=format, query=query, bom=asked.bom, since=asked.state)
    demo = ws.datadir.family == "demo"
    if str(output) != "-":
        chosen: dict[str, list[str]] = {}
        for name, value in scope.parameters():
            chosen.setdefault(name, []).append(value)
        sidecar(
            output,
            exported,
            index=index,
            format=format,
            query=query,
            filters=chosen,
            rules_version=knowledge.rules_version,
            demonstration_data=demo,
        )
    if demo:
        click.echo(demo_notice(), err=True)
    said = f"{exported.rows:,} rows"
    if exported.changes is not None:
        said += ": " + ", ".join(f"{count:,} {what}" for what, count in exported.changes.items())
    if exported.cut:
        said += f"; {exported.cut:,} cells were too long for the format and were cut"
    click.echo(said, err=True)


for _name, _said in TABLES.items():
    command.add_command(_table_command(_name, _said))
