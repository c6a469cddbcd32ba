"""`netdocket reclassify`: everything once more under the present rules."""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.announcing import announcing
from netdocket.cli.printing import echo
from netdocket.cli.progress import steps
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace

if TYPE_CHECKING:
    from streams.processors import Outcome

SHOWN = 200
"""Changes that a preview lists in text."""


@click.command("reclassify")
@click.option("--source", help="Only bulletins of this source.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only bulletins published (else fetched) since this day.",
)
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@click.option(
    "--lacking",
    is_flag=True,
    help="In the cluster profile: also what the store lacks or has at an older revision. For a store that was lost; news"
    " that still waits for a worker then fires no alerts.",
)
@data_dir_option
@json_option
def command(
    source: str | None,
    since: dt.datetime | None,
    diff: bool,
    lacking: bool,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Classify all bulletins again under the present rules.

    Needed after a change of the rules. Records change, appear and go; no alert fires. In the cluster profile, of the
    bulletins that were harvested on this machine; whoever follows the topic of records hears of each that is written.
    Passed over is what was removed, what is stored under newer rules, and what has news that waits to be stored: whoever
    stores that classifies it, and it may fire alerts. In the cluster profile, where nothing here knows what waits for the
    workers, that is all that the store lacks or has at an older revision, their dead letters too: replay those.
    """
    from streams.reclassify import reclassify

    ws = workspace(data_dir=data_dir)
    with ExitStack() as stack:
        store = stack.enter_context(ws.store(writer=not diff))
        announcer = None if diff else stack.enter_context(announcing(ws, store))
        progress = stack.enter_context(steps(ws.console))

        def tell(outcome: Outcome) -> None:
            if announcer is not None:
                announcer.tell(outcome.classified)

        report = reclassify(
            ws.datadir,
            store,
            ws.knowledge(),
            source,
            since.date() if since else None,
            diff,
            passed_on=ws.cluster and not lacking,
            on_progress=lambda done, total: progress.update("classifying", done, total),
            on_stored=tell,
        )
    counts = {
        "bulletins": report.seen,
        "written": report.written,
        "passed_over": report.passed_over,
        "dead_letters": report.dead,
        "added": report.added,
        "removed": report.removed,
        "changed": report.changed,
    }
    if as_json:
        changes = [
            {
                "record": c.record_id,
                "bulletin": c.bulletin_id,
                "what": c.what,
                "title": c.title,
                "fields": dict(c.fields),
            }
            for c in report.changes
        ]
        print_json(counts | ({"changes": changes} if diff else {}))
        return
    for change in report.changes[:SHOWN]:
        echo(f"{change.what:<8} {change.record_id}  {change.title}")
        for name, (before, after) in change.fields.items():
            echo(f"           {name}: {before!r} -> {after!r}")
    if len(report.changes) > SHOWN:
        echo(f"... and {len(report.changes) - SHOWN} more; --json lists all")
    verb = "would be" if diff else "were"
    echo(
        f"{report.seen} bulletins under rules {ws.knowledge().rules_version}: "
        f"{report.added} records {verb} added, {report.removed} removed, {report.changed} changed"
    )
    if report.passed_over:
        echo(f"{report.passed_over} passed over: removed, stored under newer rules, or with news that waits")
