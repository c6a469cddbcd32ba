"""`netdocket remove`: a bulletin and everything derived from it, out of the store; and back."""

from __future__ import annotations

from pathlib import Path

import click

from netdocket.cli.workspace import Workspace, data_dir_option, workspace
from netdocket.dead_letters import DeadLetters
from netdocket.errors import StoreError
from netdocket.spool import Spool


@click.command("remove")
@click.argument("bulletin")
@click.option("--why", help="The reason, kept with the bulletin's manifest.")
@click.option(
    "--purge", is_flag=True, help="Also wipe its text from the spool and the dead letters. Cannot be undone."
)
@click.option("--undo", is_flag=True, help="Bring a removed bulletin back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def command(
    bulletin: str, why: str | None, purge: bool, undo: bool, yes: bool, data_dir: Path | None
) -> None:
    """Take BULLETIN (its id) and all its records out of the store; whatever still arrives of it is dropped.

    The id stands on the case page and in `netdocket search --json`.
    """
    from streams.removal import remove, restore

    if undo and (purge or why):
        raise click.UsageError("--undo goes with neither --purge nor --why")
    if not undo and not why:
        raise click.UsageError("say why: --why 'request of the person concerned, 2026-11-02'")
    if purge and not yes:
        click.confirm("Wipe the text for good?", abort=True)
    ws = workspace(data_dir=data_dir)
    with ws.store(writer=True) as store:
        spool = Spool(ws.datadir.spool)
        letters = DeadLetters(ws.datadir.dead_letters)
        try:
            if undo:
                outcome = restore(
                    bulletin, store=store, spool=spool, letters=letters, knowledge=ws.knowledge()
                )
                if outcome.letters:
                    raise StoreError(
                        f"could not be classified and is a dead letter now: {outcome.letters[0].reason}",
                        where=bulletin,
                    )
                if outcome.late:
                    raise StoreError(
                        "somebody changed it in the meantime; look at `netdocket search`", where=bulletin
                    )
                click.echo(f"back, with {outcome.records} records")
                return
            done = remove(
                bulletin,
                why or "",
                store=store,
                spool=spool,
                letters=letters,
                knowledge=ws.knowledge(),
                purge=purge,
            )
        finally:
            letters.close()
            spool.close()
    if ws.cluster and purge:
        _purge_topic(ws, bulletin)
    click.echo(f"removed, with {len(done.documents)} documents")
    if done.archive:
        click.echo(
            f"its page as fetched still lies in the archive: {done.archive.file} at {done.archive.offset}"
        )
    if done.letters:
        click.echo(f"{done.letters} dead letters still hold its bytes, unmasked; --purge wipes them")
    if not purge:
        click.echo(f"undo: netdocket remove {bulletin} --undo")


def _purge_topic(ws: Workspace, bulletin: str) -> None:
    """Takes back its dead letters, and says how long Kafka still holds its text."""
    from streams.letter_topic import drop, read_letters
    from streams.sender import Sender
    from streams.topics import Topics

    topics, sender = Topics.of(ws.settings, ws.family), Sender(ws.settings)
    try:
        letters = read_letters(ws.settings, topics)
        drop(sender, topics, [key for key, letter in letters.items() if letter.bulletin_id == bulletin])
    finally:
        sender.close()
    click.echo(
        f"its text stays on Kafka's topic {topics.bulletins} for up to {ws.settings.kafka_retention_days} days after it "
        "was sent"
    )
