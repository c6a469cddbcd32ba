"""Filters on the command line: the same names and codes as in the page's address."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from dashboards.panels.load import load_filters
from dashboards.panels.scope import Scope, parse_scope

if TYPE_CHECKING:
    from enrich import Knowledge


def scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--filter NAME=VALUE` (several), `--from`, `--to`."""
    for option in (
        click.option("--to", "until", metavar="DATE", help="Up to this day, month or year, included."),
        click.option("--from", "since", metavar="DATE", help="Since this day, month or year (2024, 2024-03, 2024-03-15)."),
        click.option(
            "--filter", "-f", "filters", multiple=True, metavar="NAME=VALUE",
            help="Only records with this value; the same name twice means either. Names: "
            + ", ".join(load_filters()) + ". Values are the codes of the taxonomy.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def scope_of(
    knowledge: Knowledge,
    filters: tuple[str, ...],
    since: str | None,
    until: str | None,
    text: str | None = None,
) -> Scope:
    """Raises FilterError naming the filter that is wrong, and the nearest that is not."""
    parameters = []
    for given in filters:
        name, sign, value = given.partition("=")
        if not sign:
            raise click.UsageError(f"--filter wants NAME=VALUE, not {given!r}")
        parameters.append((name, value))
    parameters += [(n, v) for n, v in (("from", since), ("to", until), ("q", text)) if v]
    return parse_scope(parameters, allowed=load_filters(), known=known_codes(knowledge))


def known_codes(knowledge: Knowledge) -> dict[str, frozenset[str]]:
    """Filter -> its codes, where they are a closed list that the taxonomy names."""
    return {
        name: frozenset(codes)
        for name, found in load_filters().items()
        if not found.open and found.group and (codes := knowledge.codes(found.group))
    }
