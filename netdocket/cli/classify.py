"""`netdocket classify`: text files in, records out; nothing is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from netdocket.cli.export import output
from netdocket.cli.printing import echo
from netdocket.cli.progress import steps
from netdocket.cli.workspace import json_option
from netdocket.errors import NetdocketError
from netdocket.exchange import exchange_row
from netdocket.intake import as_bulletin, read_text
from netdocket.records import Classified
from netdocket.settings import load_settings


@click.command("classify")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--records",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the records here, one JSON object a line (- is standard output).",
)
@json_option
def command(files: tuple[Path, ...], records: Path | None, as_json: bool) -> None:
    """Classify text FILES (UTF-8) and show, or write, the records found.

    What is known of a text (title, language, published, publisher) is read from the .json file beside it, when there
    is one. A folder stands for the .txt files in it.
    """
    from enrich import classify, load_knowledge

    knowledge = load_knowledge(load_settings().knowledge_dir)
    paths = list(_texts(files))
    console = Console(stderr=True, highlight=False)
    failed = 0
    target = records or (Path("-") if as_json else None)
    with output(target) if target else nullcontext() as out, steps(console) as progress:
        for done, path in enumerate(paths, 1):
            try:
                classified = classify(as_bulletin(read_text(path)), knowledge)
            except NetdocketError as error:
                failed += 1
                progress.say(f"netdocket: {error}")
                continue
            finally:
                if len(paths) > 1:
                    progress.update("classifying", done, len(paths))
            if out is not None:
                for row in rows(classified, path.stem):
                    out.write(json.dumps(row, ensure_ascii=False) + "\n")
            else:
                _show(path, classified)
    if failed:
        console.print(f"{failed} of {len(paths)} files could not be classified")
        sys.exit(1)


def rows(classified: Classified, doc: str) -> Iterator[dict[str, Any]]:
    """The exchange form: every record but CONTAINER."""
    for record in classified.records:
        if record.kind != "CONTAINER":
            yield exchange_row(record, doc)


def _texts(files: tuple[Path, ...]) -> Iterator[Path]:
    for path in files:
        if path.is_dir():
            found = sorted(path.glob("*.txt"))
            if not found:
                raise click.UsageError(f"no .txt file in the folder {path}")
            yield from found
        else:
            yield path


def _show(path: Path, classified: Classified) -> None:
    echo(f"{path}: {len(classified.records)} records")
    for record in classified.records:
        row = exchange_row(record, path.stem)
        echo(f"  {record.kind}  {record.title}")
        said = [
            *row["violations"],
            *(
                p["type"] + (f" {p['amount_cny']:,} yuan" if p["amount_cny"] else "")
                for p in row["penalties"]
            ),
            *(f"{c['law']} {c['article'] or ''} ({c['role']})" for c in row["citations"]),
        ]
        if said:
            echo("    " + ", ".join(said))
