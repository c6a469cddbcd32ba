"""`netdocket sources`: the cards, and whether they are sound."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from netdocket.cli.workspace import json_option, print_json


@click.group("sources")
def command() -> None:
    """The publishers netdocket harvests, one card each (crawlers/sources/*.yaml)."""


@command.command("list")
@json_option
def list_cards(as_json: bool) -> None:
    """All sources: code, publisher, role, language, cadence."""
    from crawlers.cards import load_cards

    cards = load_cards()
    if as_json:
        print_json(
            {
                code: {
                    "title": {"zh": card.title.zh, "en": card.title.en},
                    "role": card.role,
                    "language": card.language,
                    "base": card.base,
                    "cadence": card.cadence,
                    "replica_only": card.replica_only,
                }
                for code, card in cards.items()
            }
        )
        return
    table = Table("code", "publisher", "role", "language", "cadence", "site", box=None)
    for code, card in cards.items():
        site = "replica only" if card.replica_only else card.base
        table.add_row(code, card.title.en, card.role, card.language, card.cadence, site)
    Console().print(table)
    click.echo("\nHow they are: `netdocket status`. Whether the cards are sound: `netdocket sources check`.")


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check card FILES (default: the built-in ones): shape, selectors, expressions, date formats, addresses."""
    from crawlers.cards import FOLDER, load_card
    from netdocket.errors import CardError

    paths = files or tuple(sorted(FOLDER.glob("*.yaml")))
    wrong = 0
    for path in paths:
        try:
            card = load_card(path)
        except CardError as error:
            wrong += 1
            click.echo(f"netdocket: {error}", err=True)
        else:
            click.echo(f"{path.name}: sound ({card.code}, {len(card.lists)} lists)")
    if wrong:
        raise SystemExit(2)
