"""Dead letters on their way back: to the queue they came from, from where they are processed like anything else.

What fell out of a re-classification goes back as one: it is no news and fires nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.errors import StorageError
from netdocket.records import DeadLetter
from netdocket.spool import BULLETINS, SOURCES, Spool
from streams.processors import CLASSIFY_STEP, PUBLISH_STEP, READ_STEP, STATE_STEP, STORE_STEP

QUEUES = {
    PUBLISH_STEP: BULLETINS,
    READ_STEP: BULLETINS,
    CLASSIFY_STEP: BULLETINS,
    STORE_STEP: BULLETINS,
    STATE_STEP: SOURCES,
}
"""The steps behind the spool, and where a letter goes back to that does not say what topic it came from."""


def replay_letters(datadir: DataDir, letters: DeadLetters, keys: Iterable[str]) -> int:
    """Gives letters back to the steps they came from; how many. Raises StorageError, after all others were given back,
    where some could not be."""
    spool = Spool(datadir.spool)
    given_back, refused = 0, []
    try:
        for key in keys:
            try:
                letters.replay(key, back_to(spool))
                given_back += 1
            except StorageError as error:
                refused.append(str(error))
    finally:
        spool.close()
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise StorageError(f"{given_back} given back; not this: {refused[0]}{more}")
    return given_back


def back_to(spool: Spool) -> Callable[[DeadLetter], None]:
    """What `DeadLetters.replay` wants for the steps behind the spool. A letter of an earlier step (harvesting) goes
    back by harvesting its page again: StorageError."""

    def resubmit(letter: DeadLetter) -> None:
        queue = QUEUES.get(letter.step)
        if queue is None:
            raise StorageError(
                f"a letter of the step {letter.step!r} cannot be put back into the spool;"
                " harvest its page again, or take its text in by hand",
                where=letter.key,
            )
        spool.put_back(letter.topic or queue, letter.bulletin_id or letter.key, letter.payload).result()

    return resubmit
