"""The manifest scheme, modelled: two workers, every interleaving of their store operations, crashes at any of them.

A crashed worker's message comes again, to the same code. Afterwards nothing may be left that no manifest lists, nothing
that one lists may be missing, and the content must be that of the newest message alone.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from enrich import Knowledge
from netdocket.records import Bulletin, DeadLetter
from streams.audit import audit, contents
from streams.processors import Processor
from tests.streams.memory_store import MemoryStore
from tests.streams.toy_rules import bulletin, classify, entry, rules

RULES = rules(1)
NEWER = rules(2)


class NoLetters:
    def keep(self, letters: Sequence[DeadLetter]) -> None:
        assert not letters, letters[0].reason

    def settle(self, bulletin_ids: Iterable[str], *, steps: Iterable[str]) -> int:
        return 0


class Message(NamedTuple):
    bulletin: Bulletin
    knowledge: Knowledge


class Crash(BaseException):
    """The process is gone: no `except Exception` may see it."""


class Turnstile:
    """A store whose operations each wait for a turn."""

    def __init__(self, store: MemoryStore, before: Callable[[], None]) -> None:
        self._store = store
        self._before = before

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._store, name)

        def in_turn(*args: Any, **given: Any) -> Any:
            self._before()
            return operation(*args, **given)

        return in_turn


class Worker(threading.Thread):
    """Processes one message, an operation a turn. Dies before its `crash_at`-th operation, and starts over."""

    def __init__(self, store: MemoryStore, message: Message, crash_at: int | None, refreshing: bool) -> None:
        super().__init__(daemon=True)
        self.finished = False
        self.operations = 0
        self.error: BaseException | None = None
        self._crash_at = crash_at
        self._message = message
        self._refreshing = refreshing
        self._store = Turnstile(store, self._wait)
        self._go, self._arrived = threading.Semaphore(0), threading.Semaphore(0)
        self.start()
        self._arrived.acquire()

    def step(self) -> None:
        self._go.release()
        self._arrived.acquire()

    def _wait(self) -> None:
        self._arrived.release()
        self._go.acquire()
        self.operations += 1
        if self.operations == self._crash_at:
            raise Crash

    def run(self) -> None:
        try:
            while True:
                try:
                    process(self._store, self._message, refreshing=self._refreshing)
                    break
                except Crash:
                    continue
        except BaseException as error:
            self.error = error
        self.finished = True
        self._arrived.release()


def process(store: Any, *messages: Message, refreshing: bool = True) -> None:
    for message in messages:
        processor = Processor(store, message.knowledge, NoLetters(), classify=classify)
        processor.process([entry(1, message.bulletin)])
        if refreshing:
            processor.refresh()


def interleaved(
    store: MemoryStore,
    messages: Sequence[Message],
    crashes: Sequence[int | None],
    choose: Callable[[int], int],
    *,
    refreshing: bool = True,
) -> list[int]:
    """Runs a worker for each message, `choose(n)` saying which of the n unfinished ones is next; operations done."""
    pairs = zip(messages, crashes, strict=True)
    workers = [Worker(store, message, crash, refreshing) for message, crash in pairs]
    while running := [worker for worker in workers if not worker.finished]:
        running[choose(len(running)) if len(running) > 1 else 0].step()
    for worker in workers:
        worker.join()
        if worker.error:
            raise worker.error
    return [worker.operations for worker in workers]


def all_schedules(run: Callable[[Callable[[int], int]], None]) -> Iterator[list[int]]:
    """Calls `run` with every sequence of choices there is (depth first); yields each after its run."""
    prefix: list[int] = []
    while True:
        taken: list[tuple[int, int]] = []

        def choose(options: int, taken: list[tuple[int, int]] = taken, prefix: list[int] = prefix) -> int:
            choice = prefix[len(taken)] if len(taken) < len(prefix) else 0
            taken.append((choice, options))
            return choice

        run(choose)
        yield [choice for choice, _ in taken]
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        if not taken:
            return
        prefix = [choice for choice, _ in taken[:-1]] + [taken[-1][0] + 1]


def check(store: MemoryStore, expected: dict[Any, Any], how: object) -> None:
    Processor(
        store, RULES, NoLetters(), classify=classify
    ).refresh()  # as every runner does from time to time
    assert audit(store) == [], how
    # which record inherits a first-seen entry may depend on the order; that one of those that have it does, audit says
    assert {
        k: v for k, v in contents(store).items() if k[0] not in ("manifests", "penalty-types")
    } == expected, how


def expected_of(*messages: Message) -> dict[Any, Any]:
    """The content after the messages came one by one."""
    store = MemoryStore()
    process(store, *messages)
    return {k: v for k, v in contents(store).items() if k[0] not in ("manifests", "penalty-types")}


OTHERS = (Message(bulletin("other", 1, "WARNING INTERVIEW\nlaw:CSL status:draft"), RULES),)
"""What the store has before: a competitor for first places, a neighbour in a merged document."""

CASES = {
    "two revisions": (
        [Message(bulletin("b", 5, "A\nB"), RULES)],
        [Message(bulletin("b", 6, "B\nC"), RULES), Message(bulletin("b", 7, "C\nD"), RULES)],
    ),
    "a redelivery beside the next revision": (
        [],
        [Message(bulletin("b", 5, "A\nB"), RULES), Message(bulletin("b", 6, "B\nC"), RULES)],
    ),
    "the same message twice": (
        [Message(bulletin("b", 5, "A\nB"), RULES)],
        [Message(bulletin("b", 6, "B\nC"), RULES)] * 2,
    ),
    "newer rules beside older ones": (
        [],
        [Message(bulletin("b", 5, "A\nB until:1\nC since:2"), knowledge) for knowledge in (RULES, NEWER)],
    ),
    "the winner and its heir lose the value at once": (
        [Message(bulletin("b", 5, "A"), RULES), Message(bulletin("c", 5, "A"), RULES)],
        [Message(bulletin("b", 6, "B"), RULES), Message(bulletin("c", 6, "B"), RULES)],
    ),
    "the only one loses the value as another gains it": (
        [Message(bulletin("b", 5, "A"), RULES)],
        [Message(bulletin("b", 6, "B"), RULES), Message(bulletin("c", 6, "A"), RULES)],
    ),
}


def spelled(messages: Sequence[Message], words: dict[str, str]) -> list[Message]:
    def text(message: Message) -> str:
        return "\n".join(
            " ".join(words.get(word, word) for word in line.split())
            for line in message.bulletin.text.split("\n")
        )

    return [
        Message(bulletin(m.bulletin.bulletin_id, m.bulletin.revision, text(m)), m.knowledge) for m in messages
    ]


# Records without penalties: cases alone, few operations, so that all interleavings can be run.
PLAIN = {"A": "a:1", "B": "b:1", "C": "c:1", "D": "d:1"}
MERGED = {"A": "FINE", "B": "WARNING law:CSL", "C": "ADMONISH INTERVIEW", "D": "law:CSL status:in_force"}


@pytest.mark.proof
@pytest.mark.parametrize("keeps_tombstones", [True, False], ids=["", "deletions forgotten"])
@pytest.mark.parametrize("name", CASES)
def test_no_interleaving_leaves_anything_behind(
    name: str, keeps_tombstones: bool, proof_scale: float
) -> None:
    """At full size every interleaving there is (up to some ten thousand), else random ones."""
    before, messages = (spelled(part, PLAIN) for part in CASES[name])
    expected = expected_of(*before, *messages)

    def run(choose: Callable[[int], int]) -> None:
        store = MemoryStore(keeps_tombstones=keeps_tombstones)
        process(store, *before)
        # without merged documents there is nothing to be done when the store is refreshed
        interleaved(store, messages, [None] * len(messages), choose, refreshing=False)
        check(store, expected, name)

    if proof_scale >= 1:
        count = sum(1 for _ in all_schedules(run))
        print(f"\n{name}: all {count} interleavings")
        assert count >= 70, "of two times four operations there are that many"
    else:
        chance = random.Random(name)
        for _ in range(int(1_000 * proof_scale)):
            run(chance.randrange)


@pytest.mark.proof
@pytest.mark.parametrize("words", [PLAIN, MERGED], ids=["documents", "merged"])
@pytest.mark.parametrize("name", CASES)
def test_nor_does_any_crash(name: str, words: dict[str, str], proof_scale: float) -> None:
    """Random schedules with a crash of either worker, of both or of none at a random operation."""
    before, messages = (spelled(part, words) for part in CASES[name])
    expected = expected_of(*OTHERS, *before, *messages)
    chance = random.Random(f"{name} {sorted(words)}")
    operations = [12, 12]
    for number in range(int(2_000 * proof_scale)):
        crashes = [chance.choice([None, chance.randint(1, count + 1)]) for count in operations]
        seed = chance.randrange(1 << 32)
        choices = random.Random(seed)
        store = MemoryStore()
        process(store, *OTHERS, *before)
        operations = interleaved(store, messages, crashes, choices.randrange)
        check(store, expected, (number, crashes, seed))
