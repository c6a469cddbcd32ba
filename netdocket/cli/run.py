"""`netdocket run`: crawl, classify, index and serve, in one process.

The crawl owns the main thread (Twisted's reactor wants it); the pipeline, the page and the replica have threads.
"""

from __future__ import annotations

import hashlib
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import click

from netdocket.cli.alerting import watching
from netdocket.cli.crawl import choose_cards, harvest, summary
from netdocket.cli.export import write_records
from netdocket.cli.pipeline import Pipeline
from netdocket.cli.progress import steps
from netdocket.cli.publish import Remote
from netdocket.cli.web import served
from netdocket.cli.workspace import Workspace, data_dir_option, demo_notice, workspace
from netdocket.records import Origin
from netdocket.settings import load_settings


@click.command("run")
@click.argument("sources", nargs=-1)
@click.option(
    "--replica", is_flag=True, help="Crawl a local replica of the publishers' sites instead of the sites."
)
@click.option(
    "--count", type=click.IntRange(1), help="How many bulletins the replica holds.  [default: its fixtures]"
)
@click.option(
    "--texts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Crawl a replica that serves this folder of .txt files as an article series.",
)
@click.option("--once", is_flag=True, help="End when everything is indexed; serve no page.")
@click.option(
    "--records",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Then write all records here (exchange form).",
)
@click.option("--recheck", is_flag=True, help="Ask again for every page ever taken.")
@click.option(
    "--quiet", is_flag=True, help="A back-fill: what is new in it teaches alerts without firing them."
)
@click.option("--host", help="Address of the page.  [default: 127.0.0.1]")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the page; 0 takes a free one.  [default: 8321]"
)
@data_dir_option
def command(
    sources: tuple[str, ...],
    replica: bool,
    count: int | None,
    texts: Path | None,
    once: bool,
    records: Path | None,
    recheck: bool,
    quiet: bool,
    host: str | None,
    port: int | None,
    data_dir: Path | None,
) -> None:
    """Crawl SOURCES (default: all), classify, index, and serve the page until Ctrl-C.

    \b
    netdocket run --replica              everything on demonstration data, without the internet
    netdocket run                        the real publishers, politely (hours, the first time)
    netdocket run --texts DIR --once --records out.jsonl
    """
    if count and not replica:
        raise click.UsageError("--count goes with --replica")
    demo = replica or texts is not None
    if texts is not None and not replica and data_dir is None and load_settings().data_dir is None:
        data_dir = _texts_dir(texts)
    cards = choose_cards(sources)
    if not demo:
        from crawlers.settings import require_contact

        require_contact(load_settings())  # before anything is made or served
    delay = 0 if demo else None
    ws = workspace(data_dir=data_dir, demo=demo, new=True, host=host, port=port, download_delay=delay)
    origin: Origin = "replica" if demo else "live"
    began = time.monotonic()
    with ExitStack() as stack:
        ws.datadir.claim(origin)
        store = stack.enter_context(ws.store(writer=True))
        base_urls = None
        if demo:
            from netdocket.replica import serve

            sites = None if replica else ["texts"]
            served_sites = stack.enter_context(serve(count=count, texts=texts, sites=sites))
            base_urls = {code: url for code, url in served_sites.base_urls.items() if code in cards}
        if not once:
            address = stack.enter_context(served(ws, store))
            ws.console.print(f"The page: {address}  (it fills while this goes on)")
        progress = stack.enter_context(steps(ws.console))
        pipeline: Pipeline | Remote
        if ws.cluster:
            pipeline = stack.enter_context(Remote(ws, store, progress))
        else:
            watch = stack.enter_context(watching(ws, store))
            pipeline = stack.enter_context(Pipeline(ws, store, progress, watch))
        report = harvest(
            ws,
            cards,
            progress,
            base_urls=base_urls,
            origin=origin,
            recheck=recheck or demo,  # an edited text of a local site shall be seen at once
            quiet=quiet,
        )
        pipeline.check()
        counts = pipeline.finish()
        progress.progress.stop()
        for line in summary(report):
            ws.console.print(line)
        ws.console.print(f"{counts.told()}, {time.monotonic() - began:.1f} s")
        if demo:
            ws.console.print(demo_notice())
        if records is not None:
            written = write_records(store, records)
            ws.console.print(f"{written} records written to {records}")
        failed = [code for code, state in report.sources.items() if state.state not in ("ok", "nothing_new")]
        if once:
            _farewell(ws, failed)
            return
        ws.console.print(f"The page: {address}  (Ctrl-C ends it)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            ws.console.print()


def _farewell(ws: Workspace, failed: list[str]) -> None:
    ws.console.print(f"Look at it: netdocket web --data-dir {ws.datadir.root}")
    if failed:
        raise SystemExit(1)


def _texts_dir(texts: Path) -> Path:
    """A data directory of its own for each folder of texts."""
    digest = hashlib.sha256(str(texts.resolve()).encode()).hexdigest()[:8]
    return Path("data") / f"texts-{texts.resolve().name}-{digest}"
