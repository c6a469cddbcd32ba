"""`netdocket generate`: bulletins with known truth, as files."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("generate")
@click.option(
    "--count", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="How many bulletins."
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed gives the same bulletins."
)
@click.option(
    "--start", type=click.IntRange(0), default=0, show_default=True, help="Number of the first bulletin."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the texts and their metadata."
)
@click.option(
    "--jsonl",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write bulletins to one file, a JSON object a line.",
)
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the truth.  [default: truth.jsonl in --out]",
)
@click.option("--language", type=click.Choice(["zh", "en"]), help="Only bulletins in this language.")
@click.option(
    "--from",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only bulletins published on this day or later.",
)
@click.option(
    "--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Only bulletins published on this day or before."
)
@click.option("--stats", is_flag=True, help="Print how often each code occurs.")
def command(
    count: int, seed: int, start: int, out: Path | None, jsonl: Path | None, truth: Path | None,
    language: str | None, since: object, until: object, stats: bool,
) -> None:  # fmt: skip
    """Write COUNT invented bulletins and exactly what is in each of them.

    The truth is in the exchange form that `netdocket classify --records` writes, so that both can be compared line by line.
    Everything in the bulletins is invented; they are marked as generated wherever they are loaded.
    """
    import datetime as dt
    from itertools import islice

    from rich.console import Console

    from netdocket.cli.progress import steps
    from netdocket.generator import generate_matching
    from netdocket.generator.bulletins import FIRST_DAY, LAST_DAY
    from netdocket.generator.export import write

    if out is None and jsonl is None and truth is None and not stats:
        raise click.UsageError("say where to: --out FOLDER, --jsonl FILE, --truth FILE, or --stats")
    first = since.date() if isinstance(since, dt.datetime) else None
    last = until.date() if isinstance(until, dt.datetime) else None
    if max(first or FIRST_DAY, FIRST_DAY) > min(last or LAST_DAY, LAST_DAY):
        raise click.UsageError(
            f"no day lies between --from and --to; bulletins are of {FIRST_DAY} to {LAST_DAY}"
        )
    made = generate_matching(seed, start=start, language=language, since=first, until=last)
    with steps(Console(stderr=True, highlight=False)) as progress:
        counts = write(
            islice(made, count),
            out=out,
            jsonl=jsonl,
            truth=truth or (out / "truth.jsonl" if out else None),
            on_progress=lambda done: progress.update("generating", done, count),
        )
    click.echo(f"{counts.bulletins} bulletins, {counts.records} records", err=True)
    if stats:
        _show(counts)


def _show(counts: object) -> None:
    from netdocket.generator.export import Counts

    assert isinstance(counts, Counts)  # noqa: S101
    for name, codes in counts.by_code.items():
        click.echo(name)
        for code, number in codes.most_common():
            click.echo(f"  {code:<24}{number:>9}")
