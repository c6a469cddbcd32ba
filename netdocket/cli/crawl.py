"""`netdocket crawl`: harvest the sources into the spool."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.printing import echo
from netdocket.cli.progress import Steps, steps
from netdocket.cli.workspace import Workspace, data_dir_option, json_option, print_json, workspace
from netdocket.errors import ConfigurationError
from netdocket.records import Origin

if TYPE_CHECKING:
    from crawlers.cards import Card
    from crawlers.period import Period
    from crawlers.run import CrawlReport
    from crawlers.session import Progress

BROKER_SECONDS = 10.0
"""So long a crawl that is done waits for a broker that is away; what waits in the spool is safe."""


@click.command("crawl")
@click.argument("sources", nargs=-1)
@click.option(
    "--base", "bases", multiple=True, metavar="SOURCE=URL", help="Crawl a replica of SOURCE at this address."
)
@click.option(
    "--limit", type=click.IntRange(1), help="At most so many pages of each source; the next crawl goes on."
)
@click.option(
    "--recheck",
    is_flag=True,
    help="Ask again for every page ever taken, not only for those that are due. Documents that a page links to are asked "
    "for again where the page itself has changed: one that is replaced under the same address goes unnoticed.",
)
@click.option(
    "--quiet", is_flag=True, help="A back-fill: what is new in it teaches alerts without firing them."
)
@click.option(
    "--due", is_flag=True, help="Only sources that their cadence makes due; for a job that runs every day."
)
@click.option(
    "--since",
    metavar="DATE",
    help="A back-fill: walk the lists back to this day (YYYY-MM-DD); taken up where it was.",
)
@click.option("--until", metavar="DATE", help="With --since: only what was published up to this day.")
@click.option(
    "--budget",
    type=click.IntRange(1),
    help="Requests to each source at most, documents and repetitions too.  [default: as its card says]",
)
@data_dir_option
@json_option
def command(
    sources: tuple[str, ...],
    bases: tuple[str, ...],
    limit: int | None,
    recheck: bool,
    quiet: bool,
    due: bool,
    since: str | None,
    until: str | None,
    budget: int | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Harvest SOURCES (default: all of them) into the spool; `netdocket run` also classifies and indexes.

    Politely: one connection and a delay a host, robots.txt, an agent that says who asks.
    """
    base_urls, period = _base_urls(bases), _period(since, until)
    delay = 0 if base_urls else None
    ws = workspace(data_dir=data_dir, demo=bool(base_urls), new=True, download_delay=delay)
    cards = choose_cards(sources)
    with steps(ws.console) as progress, ExitStack() as stack:
        publisher = None
        if ws.cluster:
            from netdocket.cli.publish import publishing

            publisher = stack.enter_context(publishing(ws, progress))
        report = harvest(
            ws,
            cards,
            progress,
            base_urls=base_urls or None,
            origin="replica" if base_urls else "live",
            limit=limit,
            recheck=recheck,
            quiet=quiet,
            due=due,
            period=period,
            budget=budget,
        )
        published = publisher.finish(BROKER_SECONDS) if publisher else None
    if published and published.pending:
        ws.console.print(
            f"{published.pending:,} messages wait in the spool for Kafka ({published.waiting}); "
            "`netdocket publish` sends them"
        )
    if as_json:
        print_json(_states(report))
    else:
        for code, why in sorted(report.skipped.items()) if not base_urls else ():
            echo(f"{code:<12} {'skipped':<12} {why}")
        for line in summary(report):
            echo(line)
    if any(state.state not in ("ok", "nothing_new") for state in report.sources.values()):
        raise SystemExit(1)


def choose_cards(sources: tuple[str, ...] = ()) -> dict[str, Card]:
    """The cards of these sources; all without any. Raises ConfigurationError for a code that no card has."""
    from crawlers.cards import load_cards

    cards = load_cards()
    for code in sources:
        if code not in cards:
            raise ConfigurationError(f"no such source; there are: {', '.join(cards)}", where=code)
    return {code: card for code, card in cards.items() if not sources or code in sources}


def harvest(
    ws: Workspace,
    cards: Mapping[str, Card],
    progress: Steps,
    *,
    base_urls: Mapping[str, str] | None,
    origin: Origin,
    limit: int | None = None,
    recheck: bool = False,
    quiet: bool = False,
    due: bool = False,
    period: Period | None = None,
    budget: int | None = None,
) -> CrawlReport:
    """Crawls in the calling (main) thread and shows how far it is."""
    from crawlers import loop
    from crawlers.run import crawl

    seen: dict[str, Progress] = {}

    def on_progress(now: Progress) -> None:
        seen[now.source] = now
        fetched = sum(p.new + p.changed + p.unchanged for p in seen.values())
        failed = sum(p.failed for p in seen.values())
        note = f"{sum(p.requests for p in seen.values())} requests" + (f", {failed} failed" if failed else "")
        progress.update("harvesting", fetched, max(fetched, sum(p.found for p in seen.values())), note)

    return loop.run(
        crawl(
            cards,
            settings=ws.settings,
            datadir=ws.datadir,
            base_urls=base_urls,
            origin=origin,
            on_progress=on_progress,
            limit=limit,
            recheck=recheck,
            quiet=quiet,
            due=due,
            period=period,
            budget=budget,
        )
    )


def summary(report: CrawlReport) -> list[str]:
    """A line a source, and one for all."""
    lines = []
    for code, state in sorted(report.sources.items()):
        why = f": {state.reason}" if state.reason else ""
        counts = f"{state.new} new, {state.changed} changed, {state.failed} failed, {state.requests} requests"
        lines.append(f"{code:<12} {state.state:<12} {counts}{why}")
    lines.append(
        f"{report.new} new, {report.changed} changed, {report.failed} failed, {report.requests} requests"
    )
    return lines


def _period(since: str | None, until: str | None) -> Period | None:
    from crawlers.period import Period

    for name, given in (("--since", since), ("--until", until)):
        try:
            if given is not None and dt.date.fromisoformat(given).isoformat() != given:
                raise ValueError
        except ValueError as error:
            raise click.UsageError(f"{name} wants a day as YYYY-MM-DD, not {given!r}") from error
    if since is None:
        if until is not None:
            raise click.UsageError("--until goes with --since")
        return None
    if until is not None and until < since:
        raise click.UsageError("--until is before --since")
    return Period(since, until)


def _base_urls(bases: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for given in bases:
        code, sign, url = given.partition("=")
        if not sign or not url.startswith("http"):
            raise click.UsageError(f"--base wants SOURCE=URL, not {given!r}")
        found[code] = url
    return found


def _states(report: CrawlReport) -> dict[str, object]:
    import msgspec

    return {code: msgspec.to_builtins(state) for code, state in report.sources.items()}
