"""`netdocket dead-letters`: what could not be processed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.announcing import BROKER_SECONDS
from netdocket.cli.printing import echo, table
from netdocket.cli.workspace import Workspace, data_dir_option, json_option, print_json, workspace
from netdocket.dead_letters import DeadLetters
from netdocket.errors import ConfigurationError
from netdocket.records import DeadLetter

if TYPE_CHECKING:
    from streams.sender import Sender

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
    with _post(data_dir) as post:
        held = [
            letter
            for letter in post.letters.values()
            if (step is None or letter.step == step) and (source is None or letter.source == source)
        ]
    found = held[:limit]
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
    echo(f"\n{len(found)} of {len(post.letters)}. Look at one: `netdocket dead-letters show KEY`.")


@command.command("show")
@click.argument("key")
@data_dir_option
@json_option
def show(key: str, data_dir: Path | None, as_json: bool) -> None:
    """One letter: reason, origin, and the beginning of its bytes."""
    with _post(data_dir) as post:
        letter = post.letter(key)
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
    if not keys and not every:
        raise click.UsageError(
            "name the keys of letters, or say --all; `netdocket dead-letters list` shows them"
        )
    with _post(data_dir) as post:
        count = post.replay(list(post.letters) if every else list(keys))
        who = "the workers work" if post.cluster else "`netdocket run` works"
    echo(f"{count} given back; {who} on them")


@command.command("drop")
@click.argument("keys", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def drop(keys: tuple[str, ...], yes: bool, data_dir: Path | None) -> None:
    """Discard letters for good."""
    with _post(data_dir) as post:
        for key in keys:
            post.check(key)
        if not yes:
            click.confirm(f"Discard {len(keys)} dead letters for good?", abort=True)
        echo(f"{post.drop(keys)} dropped")


class Post:
    """The letters of a call: those of the data directory, and in the cluster profile those on the topic, without their
    bytes, of which there may be more than memory."""

    def __init__(self, ws: Workspace) -> None:
        self.cluster = ws.cluster
        self._ws = ws
        self._own = DeadLetters(ws.datadir.dead_letters)
        self._on_topic: dict[str, DeadLetter] = {}
        if ws.cluster:
            from streams.letter_topic import read_letters
            from streams.topics import Topics

            self._topics = Topics.of(ws.settings, ws.family)
            self._on_topic = read_letters(ws.settings, self._topics, whole=False)
        own = {letter.key: letter for letter in self._own.list(limit=1_000_000)}
        both = (own | self._on_topic).items()
        self.letters = dict(sorted(both, key=lambda item: (item[1].at, item[0])))

    def check(self, key: str) -> None:
        if key not in self.letters:
            raise ConfigurationError(
                "no such dead letter; `netdocket dead-letters list` shows them", where=key
            )

    def letter(self, key: str) -> DeadLetter:
        """With its bytes."""
        self.check(key)
        if key not in self._on_topic:
            return self.letters[key]
        from streams.letter_topic import read_letters

        whole = read_letters(self._ws.settings, self._topics, keys={key})
        if key not in whole:
            raise ConfigurationError("it has just been replayed or dropped", where=key)
        return whole[key]

    def replay(self, keys: Sequence[str]) -> int:
        from streams.replay import replay_letters

        own = [key for key in keys if key not in self._on_topic]
        count = replay_letters(self._ws.datadir, self._own, own) if own else 0
        if there := {key for key in keys if key in self._on_topic}:
            from streams.letter_topic import each_letter
            from streams.letter_topic import replay as give_back

            with self._sender() as sender:
                letters = each_letter(self._ws.settings, self._topics, there)
                count += give_back(sender, self._topics, letters)
        return count

    def drop(self, keys: Sequence[str]) -> int:
        count = self._own.drop([key for key in keys if key not in self._on_topic])
        if there := [key for key in keys if key in self._on_topic]:
            from streams.letter_topic import drop as take_back

            with self._sender() as sender:
                take_back(sender, self._topics, there)
        return count + len(there)

    @contextmanager
    def _sender(self) -> Iterator[Sender]:
        from streams.sender import Sender

        sender = Sender(self._ws.settings, patience=BROKER_SECONDS)
        try:
            yield sender
        finally:
            sender.close()

    def close(self) -> None:
        self._own.close()


@contextmanager
def _post(data_dir: Path | None) -> Iterator[Post]:
    post = Post(workspace(data_dir=data_dir))
    try:
        yield post
    finally:
        post.close()


def _as_json(letter: DeadLetter) -> dict[str, object]:
    return {
        "key": letter.key,
        "step": letter.step,
        "reason": letter.reason,
        "error": letter.error,
        "at": letter.at,
        "attempts": letter.attempts,
        "topic": letter.topic,
        "source": letter.source,
        "bulletin_id": letter.bulletin_id,
        "url": letter.url,
        "archive": f"{letter.archive.file}@{letter.archive.offset}" if letter.archive else None,
    }
