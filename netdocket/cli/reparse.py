"""`netdocket reparse`: bulletins again from the archive."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.cli.printing import echo
from netdocket.cli.progress import steps
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace
from netdocket.records import Origin


@click.command("reparse")
@click.argument("sources", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Say what would change and hand over nothing.")
@data_dir_option
@json_option
def command(sources: tuple[str, ...], dry_run: bool, data_dir: Path | None, as_json: bool) -> None:
    """Make the bulletins of SOURCES (default: all) again from the archive, as the cards read them today.

    What reads as it did is left alone; what does not is a new revision, which `netdocket run` classifies and indexes.
    """
    from crawlers.reparse import reparse
    from netdocket.cli.crawl import choose_cards
    from netdocket.spool import Spool

    cards = choose_cards(sources)
    ws = workspace(data_dir=data_dir)
    origin: Origin = "replica" if ws.datadir.family == "demo" else "live"
    spool = Spool(ws.datadir.spool, limit=ws.settings.spool_limit, commit_ms=ws.settings.spool_commit_ms)
    try:
        with steps(ws.console) as progress:
            result = reparse(
                cards, ws.datadir.archive, spool, origin=origin, dry=dry_run,
                on_progress=lambda done, total: progress.update("reading", done, total),
            )  # fmt: skip
    finally:
        spool.close()
    if as_json:
        print_json(
            {
                "same": result.same, "changed": result.changed, "new": result.new, "left": result.left,
                "failed": [str(error) for error in result.failed],
                "lacking": [str(error) for error in result.lacking],
                "unread": [str(error) for error in result.unread],
            }
        )  # fmt: skip
        return
    for error in [*result.failed, *result.lacking][:20]:
        echo(f"netdocket: {error}", err=True)
    echo(
        f"{result.read:,} pages read again: {result.same:,} the same, {result.changed:,} changed, {result.new:,} new, "
        f"{len(result.failed):,} cannot be read"
        + (f"; {len(result.lacking):,} documents cannot, whose text stays" if result.lacking else "")
        + (
            f"; {len(result.unread):,} documents have no text that anybody could read"
            if result.unread
            else ""
        )
        + (" (nothing handed over)" if dry_run else "")
    )
