"""`netdocket search`: records by words and by filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from netdocket.cli.printing import echo
from netdocket.cli.scope import scope_of, scope_options
from netdocket.cli.workspace import data_dir_option, demo_notice, json_option, print_json, workspace

INDICES = ("cases", "reports", "developments", "incidents")


@click.command("search")
@click.argument("words", nargs=-1)
@click.option(
    "--in", "index", type=click.Choice(INDICES), default="cases", show_default=True, help="What to search."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@scope_options
@data_dir_option
@json_option
def command(
    words: tuple[str, ...],
    index: str,
    limit: int,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Search the records for WORDS (all of them; "in quotes" as a phrase), newest first.

    \b
    netdocket search 等级保护 -f penalty=FINE --from 2023
    netdocket search --in developments -f status=draft
    """
    ws = workspace(data_dir=data_dir)
    scope = scope_of(ws.knowledge(), filters, since, until, " ".join(words) or None)
    clauses, foreign = scope.clauses(index)
    if foreign:
        raise click.UsageError(f"{index} have no {foreign[0]} to filter by")
    body = {
        "size": limit,
        "track_total_hits": True,
        "query": {"bool": {"filter": clauses}},
        "sort": [{"event_date": {"order": "desc", "missing": "_last"}}, {"record_id": "asc"}],
        "_source": {"excludes": ["record", "text"]},
        "highlight": {"fields": {"text": {"fragment_size": 120, "number_of_fragments": 2}}},
    }
    with ws.store(writer=False) as store:
        answer = store.search(index, body)
    hits, total = answer["hits"]["hits"], answer["hits"]["total"]["value"]
    demo = ws.demo
    if as_json:
        print_json(
            {
                "demonstration_data": demo,
                "total": total,
                "records": [_plain(hit) for hit in hits],
            }
        )
        return
    for hit in hits:
        _show(hit)
    echo(f"{len(hits)} of {total} {index}" + (f". {demo_notice()}" if demo else ""))


def _plain(hit: dict[str, Any]) -> dict[str, Any]:
    return {**hit["_source"], "highlight": hit.get("highlight", {}).get("text", [])}


def _show(hit: dict[str, Any]) -> None:
    source = hit["_source"]
    date = source.get("event_date", "")
    codes = [*source.get("violation", []), *source.get("penalty_type", []), *source.get("article", [])]
    echo(f"{date:<10}  {source.get('title', '')}")
    echo(f"            {source['record_id']}  {', '.join(codes)}")
    for fragment in hit.get("highlight", {}).get("text", [])[:2]:
        echo("            … " + " ".join(fragment.split()))
