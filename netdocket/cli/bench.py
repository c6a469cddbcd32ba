"""`netdocket bench`: what the parts do, as ratios to the bare engines in the same run."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

DEFAULT_DOCUMENTS = 1_000_000


@click.group("bench")
def command() -> None:
    """Measure. Machines are noisy: read the ratios, not the seconds."""


@command.command("index")
@click.option("--documents", type=click.IntRange(1000), default=DEFAULT_DOCUMENTS, show_default=True)
def index(documents: int) -> None:
    """The embedded store beside bare tantivy: indexing and the dashboard aggregations."""
    from index.bench import run

    _in_scratch(lambda folder: click.echo("\n".join(run(documents=documents, folder=folder).lines())))


@command.command("classify")
@click.option("--documents", type=click.IntRange(10), default=2000, show_default=True)
@click.option(
    "--lengths",
    type=click.IntRange(0, 4),
    default=4,
    show_default=True,
    help="How many lengths of one text: 10 KB, 100 KB, 1 MB, 10 MB.",
)
def classify(documents: int, lengths: int) -> None:
    """The classifier beside a bare scan for the same phrases, on one core; and one text of growing length."""
    import time

    from enrich.bench import LENGTHS, run, run_lengths
    from netdocket.cli.bench_texts import bulletins

    made = bulletins(documents)
    click.echo(str(run(made, time.process_time)))
    if lengths:
        click.echo("one text of growing length; linear where the seconds for a megabyte stay the same")
    for length in run_lengths(made, time.process_time, sizes=LENGTHS[:lengths]):
        click.echo(str(length))


@command.command("crawl")
@click.option("--pages", type=click.IntRange(50), default=2000, show_default=True)
def crawl(pages: int) -> None:
    """The crawl beside a bare Scrapy spider on the same server: pages a minute."""
    from netdocket.cli.bench_crawl import run

    _in_scratch(lambda folder: click.echo(str(run(pages=pages, folder=folder))))


@command.command("harvest")
@click.option(
    "--count", type=click.IntRange(100, 1_000_000), default=100_000, show_default=True, help="Bulletins."
)
@click.option("--seed", type=int, default=1, show_default=True)
def harvest(count: int, seed: int) -> None:
    """Generated bulletins through crawl, classify and index in one process: the rate of each step, peak memory, and whether
    memory grows between a fifth of them and all."""
    from netdocket.cli.bench_harvest import run

    _in_scratch(lambda folder: click.echo(str(run(count=count, seed=seed, folder=folder))))


@command.command("stream")
@click.option("--documents", type=click.IntRange(100), default=5000, show_default=True, help="Bulletins.")
@click.option(
    "--seconds", type=click.IntRange(5), default=60, show_default=True, help="Of the steady stream."
)
def stream(documents: int, seconds: int) -> None:
    """From Kafka to searchable, beside Faust, the client and a plain worker. Wants NETDOCKET_KAFKA and NETDOCKET_ES_URL
    (`netdocket engines up`)."""
    from enrich import load_knowledge
    from netdocket.cli.bench_texts import bulletins
    from netdocket.settings import load_settings
    from streams.bench import run

    made = bulletins(max(documents, seconds * 20 + 1))
    say = functools.partial(click.echo, err=True)
    click.echo(str(run(load_settings(), load_knowledge(), made, seconds=seconds, say=say)))


@command.command("all")
@click.pass_context
def everything(ctx: click.Context) -> None:
    """All of the above at full size."""
    ctx.invoke(crawl)
    ctx.invoke(classify)
    ctx.invoke(index)


def _in_scratch(measure: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="netdocket-bench-") as folder:
        measure(Path(folder))
