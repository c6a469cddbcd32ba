"""`netdocket remove`: a bulletin and everything derived from it, out of the store; and back."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.announcing import BROKER_SECONDS, announcing
from netdocket.cli.workspace import Workspace, data_dir_option, workspace
from netdocket.dead_letters import DeadLetters
from netdocket.errors import BrokerError, StorageError, StoreError
from netdocket.spool import Spool

if TYPE_CHECKING:
    from index.store import Store
    from netdocket.records import Archive
    from streams.announce import Announcer
    from streams.processors import Outcome


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
    if undo and (purge or why):
        raise click.UsageError("--undo goes with neither --purge nor --why")
    if not undo and not why:
        raise click.UsageError("say why: --why 'request of the person concerned, 2026-11-02'")
    if purge and not yes:
        click.confirm("Wipe the text for good?", abort=True)
    ws = workspace(data_dir=data_dir)
    with ExitStack() as stack:
        store = stack.enter_context(ws.store(writer=True))
        announcer = stack.enter_context(announcing(ws, store))
        spool = stack.enter_context(closing(Spool(ws.datadir.spool)))
        letters = stack.enter_context(closing(DeadLetters(ws.datadir.dead_letters)))
        if undo:
            outcome = _restore(ws, bulletin, store, spool, letters, announcer)
            click.echo(f"back, with {outcome.records} records")
            return
        from streams.removal import remove

        done = remove(
            bulletin,
            why or "",
            store=store,
            spool=spool,
            letters=letters,
            knowledge=ws.knowledge(),
            purge=purge,
        )
        if announcer is not None:
            _take_back(ws, bulletin, announcer, purge=purge)
    click.echo(f"removed, with {len(done.documents)} documents")
    if done.archive:
        click.echo(
            f"its page as fetched still lies in the archive: {done.archive.file} at {done.archive.offset}"
        )
        for place in _documents(ws, done.archive):
            click.echo(f"and a document of it: {place.file} at {place.offset}")
    if done.letters:
        click.echo(f"{done.letters} dead letters still hold its bytes, unmasked; --purge wipes them")
    if ws.cluster and purge:
        days = ws.settings.kafka_retention_days
        click.echo(
            f"its text and its records stay on Kafka's topics for up to {days} days after they were sent"
        )
    if not purge:
        click.echo(f"undo: netdocket remove {bulletin} --undo")


def _documents(ws: Workspace, page: Archive) -> list[Archive]:
    from crawlers.archived import document_places

    try:
        return document_places(ws.datadir.archive, page)
    except StorageError:  # the page was moved away, or is damaged: nobody can tell
        return []


def _restore(
    ws: Workspace,
    bulletin: str,
    store: Store,
    spool: Spool,
    letters: DeadLetters,
    announcer: Announcer | None,
) -> Outcome:
    """Raises BrokerError where Kafka has gone away meanwhile: then it waits in the spool, and a worker says it."""
    from streams.removal import restore

    def tell(outcome: Outcome) -> None:
        if announcer is None:
            return
        try:
            announcer.tell(outcome.classified)
        except BrokerError as error:
            raise BrokerError(
                f"back in the store, but Kafka's topic of records still says that it is removed ({error.what}); "
                "`netdocket publish` puts that right when it answers",
                where=error.where,
            ) from error

    outcome = restore(
        bulletin, store=store, spool=spool, letters=letters, knowledge=ws.knowledge(), on_stored=tell
    )
    if outcome.letters:
        raise StoreError(
            f"could not be classified and is a dead letter now: {outcome.letters[0].reason}", where=bulletin
        )
    if outcome.late:
        raise StoreError("somebody changed it in the meantime; look at `netdocket search`", where=bulletin)
    return outcome


def _take_back(ws: Workspace, bulletin: str, announcer: Announcer, *, purge: bool) -> None:
    """Its records from the topic of records, and what is purged from the topic of dead letters. The store has let go of
    it by now: said where Kafka has not."""
    from streams.letter_topic import drop, read_letters
    from streams.sender import Sender
    from streams.topics import Topics

    try:
        announcer.take_back([bulletin])
        if purge:
            topics = Topics.of(ws.settings, ws.family)
            letters = read_letters(ws.settings, topics, whole=False)
            with closing(Sender(ws.settings, patience=BROKER_SECONDS)) as sender:
                keys = [key for key, letter in letters.items() if letter.bulletin_id == bulletin]
                drop(sender, topics, keys)
    except BrokerError as error:
        raise BrokerError(
            f"out of the store, but Kafka's topics still hold what was made of it ({error.what}); say the same again "
            "when it answers",
            where=error.where,
        ) from error
