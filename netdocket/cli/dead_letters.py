"""`netdocket dead-letters`: what could not be processed."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import data_dir_option, json_option, print_json, workspace
from netdocket.dead_letters import DeadLetters
from netdocket.errors import ConfigurationError
from netdocket.records import DeadLetter

SHOWN = 2000
"""Characters of a letter's bytes that `show` prints."""


@click.group("dead-letters")
def command() -> None:
    """What could not be processed, with its reason, until somebody has dealt with it."""


@command.command("list")
@click.option("--step", help="Only letters of this step: extract, read, classify, store or source-state.")
@click.option("--source", help="Only letters of this source.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@data_dir_option
@json_option
def list_letters(
    step: str | None, source: str | None, limit: int, data_dir: Path | None, as_json: bool
) -> None:
    """Dead letters, oldest first."""
    letters = DeadLetters(workspace(data_dir=data_dir).datadir.dead_letters)
    found = letters.list(step=step, source=source, limit=limit)
    if as_json:
        print_json([_as_json(letter) for letter in found])
        return
    if not found:
        echo("no dead letters")
        return
    table(
        ["key", "step", "source", "at", "tries", "reason"],
        [[one.key, one.step, one.source or "", one.at, str(one.attempts), one.reason] for one in found],
    )
    echo(f"\n{len(found)} of {letters.count()}. Look at one: `netdocket dead-letters show KEY`.")


@command.command("show")
@click.argument("key")
@data_dir_option
@json_option
def show(key: str, data_dir: Path | None, as_json: bool) -> None:
    """One letter: reason, origin, and the beginning of its bytes."""
    letter = _letter(DeadLetters(workspace(data_dir=data_dir).datadir.dead_letters), key)
    if as_json:
        print_json(_as_json(letter) | {"payload": letter.payload.decode("utf-8", "replace")})
        return
    for name, value in _as_json(letter).items():
        echo(f"{name:<12} {value}")
    echo(f"{'bytes':<12} {len(letter.payload)}\n")
    echo(letter.payload[:SHOWN].decode("utf-8", "replace"))


@command.command("replay")
@click.argument("keys", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Replay every letter.")
@data_dir_option
def replay(keys: tuple[str, ...], every: bool, data_dir: Path | None) -> None:
    """Give letters back to the step they came from; `netdocket run` or `crawl` then works on them."""
    from streams.replay import replay_letters

    if not keys and not every:
        raise click.UsageError(
            "name the keys of letters, or say --all; `netdocket dead-letters list` shows them"
        )
    ws = workspace(data_dir=data_dir)
    letters = DeadLetters(ws.datadir.dead_letters)
    wanted = [letter.key for letter in letters.list(limit=1_000_000)] if every else list(keys)
    count = replay_letters(ws.datadir, letters, wanted)
    echo(f"{count} given back; `netdocket run` works on them")


@command.command("drop")
@click.argument("keys", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def drop(keys: tuple[str, ...], yes: bool, data_dir: Path | None) -> None:
    """Discard letters for good."""
    letters = DeadLetters(workspace(data_dir=data_dir).datadir.dead_letters)
    for key in keys:
        _letter(letters, key)
    if not yes:
        click.confirm(f"Discard {len(keys)} dead letters for good?", abort=True)
    echo(f"{letters.drop(keys)} dropped")


def _letter(letters: DeadLetters, key: str) -> DeadLetter:
    letter = letters.show(key)
    if letter is None:
        raise ConfigurationError("no such dead letter; `netdocket dead-letters list` shows them", where=key)
    return letter


def _as_json(letter: DeadLetter) -> dict[str, object]:
    return {
        "key": letter.key,
        "step": letter.step,
        "reason": letter.reason,
        "error": letter.error,
        "at": letter.at,
        "attempts": letter.attempts,
        "source": letter.source,
        "bulletin_id": letter.bulletin_id,
        "url": letter.url,
        "archive": f"{letter.archive.file}@{letter.archive.offset}" if letter.archive else None,
    }
