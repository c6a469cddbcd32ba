"""`netdocket sources`: the cards, and whether they are sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace

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
    echo(
        "\nHow they are: `netdocket sources status`. Whether the cards are sound: `netdocket sources check`."
    )


@command.command("status")
@click.argument("sources", nargs=-1)
@data_dir_option
@json_option
def status(sources: tuple[str, ...], data_dir: Path | None, as_json: bool) -> None:
    """What each source was found to be, since when, when it was last fetched well, and when it is due.

    Ends with 1 where a source is neither ok nor without news.
    """
    from crawlers.cadence import due_from
    from crawlers.health import GOOD
    from crawlers.memory import CrawlMemory
    from netdocket.cli.crawl import choose_cards

    cards = choose_cards(sources)
    ws = workspace(data_dir=data_dir)
    known = {}
    if ws.datadir.crawl.exists():  # to look makes nothing
        memory = CrawlMemory(ws.datadir.crawl)
        try:
            known = {code: state for code, state in memory.states().items() if code in cards}
        finally:
            memory.close()
    due = {code: due_from(cards[code], state) for code, state in known.items()}
    if as_json:
        print_json(
            {
                code: {
                    "state": state.state,
                    "since": state.since,
                    "last_good": state.last_good,
                    "crawled": state.at,
                    "reason": state.reason,
                    "where": state.place,
                    "due": moment.strftime("%Y-%m-%dT%H:%M:%SZ") if (moment := due[code]) else None,
                }
                for code, state in known.items()
            }
        )
    else:
        table(
            ["source", "state", "since", "last good", "crawled", "due", "reason"],
            [
                [
                    code,
                    state.state,
                    _minute(state.since),
                    _minute(state.last_good) or "never",
                    _minute(state.at),
                    f"{moment:%Y-%m-%d %H:%M}" if (moment := due[code]) else "now",
                    " ".join(part for part in (state.reason, state.place) if part),
                ]
                for code, state in known.items()
            ],
        )
        if never := [code for code, card in cards.items() if code not in known and not card.replica_only]:
            echo(f"never crawled: {', '.join(never)}")
    if any(state.state not in GOOD for state in known.values()):
        raise SystemExit(1)


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


def _minute(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else ""


def _row(card: Card) -> list[str]:
    return [card.code, card.title.en, card.role, card.language, card.cadence]
