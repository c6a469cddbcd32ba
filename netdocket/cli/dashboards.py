"""`netdocket dashboards`: the dashboards as Kibana's saved objects, and bringing them into a Kibana."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from netdocket.cli.printing import echo

if TYPE_CHECKING:
    from dashboards.kibana.carrier import Carrier

F = TypeVar("F", bound=Callable[..., Any])


@click.group("dashboards")
def command() -> None:
    """The dashboards for Kibana: the same panels as on the local page."""


def compile_options(function: F) -> F:
    prefix = click.option("--prefix", help="Of the indices' names.  [default: NETDOCKET_INDEX_PREFIX]")
    page = click.option(
        "--page",
        default="http://127.0.0.1:8321",
        show_default=True,
        help="Address of the local page, to which records lead.",
    )
    return prefix(page(function))


def kibana_options(function: F) -> F:
    url = click.option("--url", envvar="NETDOCKET_KIBANA_URL", required=True, help="Address of Kibana.")
    user = click.option("--user", envvar="NETDOCKET_KIBANA_USER", help="Name to log in with.")
    space = click.option("--space", default="netdocket", show_default=True, help="Kibana's space.")
    patience = click.option(
        "--patience",
        type=click.FloatRange(0),
        default=120,
        show_default=True,
        help="Seconds it may take to start.",
    )
    return url(user(space(patience(function))))


def carrier(url: str, user: str | None, patience: float) -> Carrier:
    """The password stands in NETDOCKET_KIBANA_PASSWORD: arguments are seen by everybody on the machine."""
    from dashboards.kibana.carrier import Carrier

    password = os.environ.get("NETDOCKET_KIBANA_PASSWORD")
    return Carrier(url, user=user, password=password, patience=patience)


def index_prefix(given: str | None) -> str:
    """As the stores of this configuration name their indices, where no other is given."""
    from netdocket.settings import load_settings

    return given or load_settings().index_prefix


def compiled(prefix: str | None, page: str) -> str:
    from dashboards.kibana.compiled import compile_text
    from enrich import load_knowledge

    return compile_text(load_knowledge(), prefix=index_prefix(prefix), page=page.rstrip("/"))


@command.command("export")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output."
)
@compile_options
def export(output: Path | None, prefix: str | None, page: str) -> None:
    """Write the saved objects as NDJSON, for Kibana's import."""
    text = compiled(prefix, page)
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, encoding="utf-8")
    echo(f"{text.count(chr(10))} saved objects written to {output}")


@command.command("push")
@click.option(
    "--alerts/--no-alerts", default=True, show_default=True, help="Also the rule for new kinds of penalties."
)
@kibana_options
@compile_options
def push_command(
    url: str, user: str | None, space: str, patience: float, alerts: bool, prefix: str | None, page: str
) -> None:
    """Bring the dashboards into a Kibana. A second time changes nothing; what was changed by hand there is put back.

    The password is read from NETDOCKET_KIBANA_PASSWORD. Needs the package kibana-api.
    """
    from dashboards.kibana.push import push, push_alerts

    kibana = carrier(url, user, patience)
    differences = push(kibana, space, compiled(prefix, page))
    for found in differences:
        echo(f"{found.key}: was {found.what}")
    if differences:
        echo(f"{len(differences)} saved objects brought to {space}")
    lines = push_alerts(kibana, space, prefix=index_prefix(prefix)) if alerts else []
    for line in lines:
        echo(line)
    if not differences and not lines:
        echo("nothing changed")


@command.command("diff")
@kibana_options
@compile_options
def diff_command(
    url: str, user: str | None, space: str, patience: float, prefix: str | None, page: str
) -> None:
    """Say what a push would change. Ends with 1 where there is anything."""
    from dashboards.kibana.push import diff

    kibana = carrier(url, user, patience)
    kibana.wait()
    differences = diff(kibana, space, compiled(prefix, page))
    for found in differences:
        echo(f"{found.key}: {found.what}")
    if differences:
        raise click.exceptions.Exit(1)
    echo("nothing differs")
