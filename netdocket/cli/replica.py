"""`netdocket replica`: the publishers' sites, served from this machine."""

from __future__ import annotations

import threading
from pathlib import Path

import click


@click.command("replica")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8400,
    show_default=True,
    help="Port of the first site; 0 takes free ones.",
)
@click.option(
    "--count",
    type=click.IntRange(1),
    help="How many bulletins all sites hold together.  [default: the fixtures as written]",
)
@click.option(
    "--texts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also serve this folder of .txt files as an article series.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other variations.")
@click.option("--generated", is_flag=True, help="Serve the generator's bulletins (see `netdocket generate`).")
def command(port: int, count: int | None, texts: Path | None, seed: int, generated: bool) -> None:
    """Serve a local replica of the publishers' sites until Ctrl-C.

    Crawl it from another terminal with `netdocket crawl --base cac=http://127.0.0.1:8400`, or do everything at once
    with `netdocket run --replica`.
    """
    from netdocket.replica import serve

    with serve(port=port, count=count, texts=texts, seed=seed, generated=generated) as replica:
        for source, address in sorted(replica.base_urls.items()):
            click.echo(f"{source}\t{address}")
        click.echo("Ctrl-C ends it.", err=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("", err=True)
