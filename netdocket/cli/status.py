"""`netdocket status`: what lies in the data directory, what waits, and how the sources are."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, demo_notice, json_option, print_json, workspace
from netdocket.dead_letters import DeadLetters
from netdocket.spool import Spool

COUNTED = ("bulletins", "cases", "penalties", "citations", "reports", "figures", "developments", "incidents")


@click.command("status")
@data_dir_option
@json_option
def command(data_dir: Path | None, as_json: bool) -> None:
    """What is stored, what waits in the spool, dead letters, and the state of each source."""
    ws = workspace(data_dir=data_dir)
    spool = Spool(ws.datadir.spool)
    letters = DeadLetters(ws.datadir.dead_letters)
    try:
        waiting, dead = spool.pending(), letters.counts()
    finally:
        spool.close()
        letters.close()
    with ws.store(writer=False) as store:
        counts = {index: store.count(index) for index in COUNTED}
        body = {"size": 1000, "query": {"match_all": {}}, "sort": [{"source": "asc"}]}
        states = [hit["_source"] for hit in store.search("sources", body)["hits"]["hits"]]
    demo = ws.demo
    if as_json:
        print_json(
            {
                "data_dir": str(ws.datadir.root),
                "demonstration_data": demo,
                "documents": counts,
                "waiting": waiting,
                "dead_letters": dead,
                "sources": states,
            }
        )
        return
    echo(f"{ws.datadir.root}" + (f"  ({demo_notice()})" if demo else ""))
    echo("  " + ", ".join(f"{count:,} {index}" for index, count in counts.items()))
    echo(f"  {waiting:,} waiting in the spool; dead letters: " + (_counts(dead) or "none"))
    if not states:
        echo("  no source has been crawled yet")
        return
    columns = ["source", "state", "since", "last good", "found", "new", "changed", "reason"]
    table(
        columns,
        [
            [
                state["source"],
                state["state"],
                state.get("since", ""),
                state.get("last_good", "never"),
                *(str(state.get(count, 0)) for count in ("found", "new", "changed")),
                state.get("reason", ""),
            ]
            for state in states
        ],
    )


def _counts(dead: dict[str, int]) -> str:
    return ", ".join(f"{count} in {step}" for step, count in dead.items())
