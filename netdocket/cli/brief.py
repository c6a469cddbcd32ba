"""`netdocket brief`: a briefing on a period, ready to be handed on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from netdocket.cli.printing import echo
from netdocket.cli.workspace import data_dir_option, demo_notice, workspace

FORMATS = ("docx", "html", "md", "xlsx")


@click.command("brief")
@click.option("--period", required=True, help="2026, 2026-Q3, 2026-07 or 2026-07-01..2026-07-15.")
@click.option("--compare", default="previous", show_default=True, help="`previous`, `none`, or a period.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="[default: by the ending of the file]")
@click.option("--language", type=click.Choice(["en", "zh", "both"]), default="en", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
@click.option(
    "--trace",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write every number with its search here (JSON), so that it can be checked.",
)
@data_dir_option
def command(
    period: str,
    compare: str,
    kind: str | None,
    language: Any,
    output: Path,
    trace: Path | None,
    data_dir: Path | None,
) -> None:
    """Figures with their change, tables, new kinds of penalty, largest fines with quotation and source, regulation."""
    from netdocket.briefing.compose import compose
    from netdocket.briefing.period import parse_period, previous
    from netdocket.briefing.write import trace as traced
    from netdocket.briefing.write import write
    from netdocket.database import storage_errors

    format = kind or output.suffix.removeprefix(".").lower()
    if format not in FORMATS:
        raise click.UsageError(f"--format is one of {', '.join(FORMATS)}")
    about = parse_period(period)
    against = (
        previous(about) if compare == "previous" else None if compare == "none" else parse_period(compare)
    )
    ws = workspace(data_dir=data_dir)
    demo = ws.datadir.family == "demo"
    with ws.store(writer=False) as store:
        briefing = compose(store, ws.knowledge(), about, against, demonstration_data=demo)
    write(briefing, output, format, language)
    if trace:
        with storage_errors(trace):
            trace.write_text(traced(briefing), encoding="utf-8")
    echo(f"{output}: {len(briefing.numbers())} numbers", err=True)
    if demo:
        echo(demo_notice(), err=True)
