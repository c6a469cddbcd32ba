"""`netdocket sources`: the cards, and whether they are sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import json_option, print_json

if TYPE_CHECKING:
    from crawlers.cards import Card


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
    table(
        ["code", "publisher", "role", "language", "cadence", "site"],
        [[*_row(card), "replica only" if card.replica_only else card.base] for card in cards.values()],
    )
    echo("\nHow they are: `netdocket status`. Whether the cards are sound: `netdocket sources check`.")


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
            echo(f"netdocket: {error}", err=True)
        else:
            echo(f"{path.name}: sound ({card.code}, {len(card.lists)} lists)")
    if wrong:
        raise SystemExit(2)


def _row(card: Card) -> list[str]:
    return [card.code, card.title.en, card.role, card.language, card.cadence]
