"""`netdocket topics`: Kafka's topics, made with our settings and watched."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace

NOT_READY = 3
"""Exit code of `status` where a topic is missing."""


@click.group("topics")
def command() -> None:
    """Kafka's topics (NETDOCKET_KAFKA): bulletins, sources, records, dead letters."""


@command.command("setup")
@click.option("--demo", is_flag=True, help="Those of demonstration data.")
@data_dir_option
def setup(demo: bool, data_dir: Path | None) -> None:
    """Make the topics that are missing."""
    from streams.topics import Topics
    from streams.topics import setup as make

    ws = workspace(data_dir=data_dir, demo=demo or None, profile="cluster")
    made = make(ws.settings, Topics.of(ws.settings, ws.family))
    for name in made:
        echo(f"made {name}")
    if not made:
        echo("Everything is there.")


@command.command("status")
@click.option("--demo", is_flag=True, help="Those of demonstration data.")
@data_dir_option
@json_option
def status(demo: bool, data_dir: Path | None, as_json: bool) -> None:
    """How far the workers are behind, partition by partition. Exit code 3 where a topic is missing."""
    import msgspec

    from streams.topics import Topics, lags

    ws = workspace(data_dir=data_dir, demo=demo or None, profile="cluster")
    topics = Topics.of(ws.settings, ws.family)
    found = lags(ws.settings, topics.group, topics.processed)
    alerts = sum(lag.behind for lag in lags(ws.settings, topics.alerts_group, [topics.records]))
    missing = sorted(set(topics.processed) - {lag.topic for lag in found})
    if as_json:
        print_json(
            {
                "partitions": [msgspec.to_builtins(lag) | {"behind": lag.behind} for lag in found],
                "missing": missing,
                "alerts_behind": alerts,
            }
        )
    else:
        table(
            ["topic", "partition", "acknowledged", "end", "behind"],
            [
                [lag.topic, str(lag.partition), str(lag.committed), str(lag.end), str(lag.behind)]
                for lag in found
            ],
        )
        echo(f"{alerts:,} bulletins not looked at for alerts (`netdocket worker --alerts`)")
        for name in missing:
            echo(f"missing: {name}; `netdocket topics setup` makes it")
    if missing:
        sys.exit(NOT_READY)
