"""What test_kill.py starts and kills: the whole life of a body of bulletins, in steps that can be begun again.

    1. bulletins come in (some of them no JSON) and are processed under the first rules
    2. all are classified again under newer rules
    3. some bulletins are amended by their publishers, and processed
    4. all are classified again under still newer rules, the first ones once more (a roll-back is a higher number)

    python kill_child.py DATADIR OVERLAYS COUNT

OVERLAYS holds a folder of rules for each step, `1` to `4`. Prints a line for each batch and `done` at the end.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import operator
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from enrich import Knowledge, load_knowledge
from index.embedded import EmbeddedStore
from netdocket.datadir import DataDir
from netdocket.identity import bulletin_id
from netdocket.records import Bulletin, SourceState
from netdocket.replica.fixtures import load_fixtures
from netdocket.replica.variation import Bulletin as Page
from netdocket.replica.variation import vary
from netdocket.settings import Settings
from netdocket.spool import BULLETINS, RECLASSIFY, Spool
from streams.local import LocalRunner
from streams.manifests import Held, read_manifests
from streams.reclassify import PAGE, reclassify

SOURCES = {"cac": "zh", "dlapiper": "en", "twobirds": "en"}
START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
CHUNK = 50
"""Bulletins that are handed over before the next line."""
BATCH = 20
DAMAGED = 3
"""Entries that are no bulletin."""
AMENDED = 7
"""Every so-manieth bulletin gets a second revision."""


@functools.cache
def pages(count: int) -> list[Page]:
    each = -(-count // len(SOURCES))
    series = [vary(load_fixtures(source), each, 11) for source in SOURCES]
    return [page for pages in zip(*series, strict=True) for page in pages][:count]


def as_bulletin(page: Page, number: int, revision: int) -> Bulletin:
    source = page.fixture.source
    url = f"https://{source}.example/{page.key}"
    fetched = START + dt.timedelta(seconds=number, days=revision)
    return Bulletin(
        bulletin_id=bulletin_id(source, url),
        source=source,
        url=url,
        title=page.text(page.title),
        text=page.text(page.fixture.body, revision=revision) + ("\n(amended)" if revision else ""),
        language=SOURCES[source],  # type: ignore[arg-type]
        publisher=page.fixture.publisher or None,
        published=page.published.date().isoformat(),
        fetched_at=fetched.strftime("%Y-%m-%dT%H:%M:%SZ"),
        origin="replica",
    )


def feed(spool: Spool, wanted: Iterator[tuple[int, Bulletin]]) -> None:
    """Submits what is not known yet: (number of revisions known before, bulletin), in order."""
    futures = [spool.submit(b) for known, b in wanted if len(spool.revisions(b.bulletin_id)) == known]
    for future in futures:
        future.result()


def state(source: str, step: int) -> SourceState:
    at = (START + dt.timedelta(days=step)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return SourceState(source=source, state="ok", since=at, at=at, run_id=f"run-{step}", origin="replica")


def first(datadir: DataDir, store: EmbeddedStore, knowledge: Knowledge, count: int) -> None:
    spool = Spool(datadir.spool, limit=10 * count, commit_ms=1)
    for start in range(0, count, CHUNK):
        chunk = enumerate(pages(count)[start : start + CHUNK], start)
        feed(spool, ((0, as_bulletin(page, number, 0)) for number, page in chunk))
        say("fed")
    for number in range(DAMAGED):
        spool.put_back(BULLETINS, f"no bulletin {number}", b'{"schema": ' + str(number).encode()).result()
    for source in SOURCES:
        spool.submit_state(state(source, 1)).result()
    spool.close()
    run(datadir, store, knowledge)


def amend(datadir: DataDir, store: EmbeddedStore, knowledge: Knowledge, count: int) -> None:
    spool = Spool(datadir.spool, limit=10 * count, commit_ms=1)
    chosen = [(n, page) for n, page in enumerate(pages(count)) if n % AMENDED == 0]
    feed(spool, ((1, as_bulletin(page, number, 1)) for number, page in chosen))
    for source in SOURCES:
        spool.submit_state(state(source, 2)).result()
    spool.close()
    run(datadir, store, knowledge)


def run(datadir: DataDir, store: EmbeddedStore, knowledge: Knowledge) -> None:
    settings = Settings(batch_size=BATCH)
    LocalRunner(datadir, store, knowledge, settings).drain(lambda progress: say(f"stored {progress.done}"))


def fewer(datadir: DataDir, store: EmbeddedStore, knowledge: Knowledge, count: int) -> None:
    """Under rules that take away. Killed in the middle, one that is asked for other bulletins must finish what was in
    hand all the same. (It also puts the first-seen entries in order. Under rules that add, this would let somebody
    inherit or win whom an undisturbed run finds to be later than others: right, but not to be compared.)"""
    spool = Spool(datadir.spool)
    in_hand = {entry.key for entry in spool.read(limit=1000, topic=RECLASSIFY)}
    spool.close()
    if in_hand:
        reclassify(datadir, store, knowledge, source="another")
        half_written = [
            key for key, held in read_manifests(store, in_hand).items() if not complete(store, held)
        ]
        if half_written:
            raise AssertionError(f"left half written: {half_written}")
    again(datadir, store, knowledge, count)


def again(datadir: DataDir, store: EmbeddedStore, knowledge: Knowledge, _count: int) -> None:
    report = reclassify(datadir, store, knowledge, on_progress=lambda done, _: say(f"again {done}"))
    say(f"added {report.added} removed {report.removed} changed {report.changed}")


def complete(store: EmbeddedStore, held: Held) -> bool:
    """Whether a bulletin's own documents are there, of the manifest's version, and none waits for its deletion."""
    listed = itertools.groupby(sorted(held.plain), key=operator.itemgetter(0))
    there = {
        (s.index, s.id, s.version) for index, keys in listed for s in store.mget(index, [k[1] for k in keys])
    }
    wanted = {(*key, held.manifest.version) for key in held.plain}
    return there == wanted and not held.manifest.to_delete


def say(what: str) -> None:
    print(what, flush=True)


def lines(count: int) -> dict[str, int]:
    """How many lines each step says when nothing disturbs it."""
    fed, amended = -(-count // CHUNK), -(-count // AMENDED)
    taken = [1 + -(-entries // BATCH) for entries in (count + DAMAGED + len(SOURCES), amended + len(SOURCES))]
    looked_at = -(-count // PAGE) + 1
    return dict(zip(STEP_NAMES, (fed + taken[0], looked_at, taken[1], looked_at), strict=True))


STEPS = (first, fewer, amend, again)
STEP_NAMES = tuple(f"step {number}" for number in range(1, len(STEPS) + 1))


def main(root: Path, overlays: Path, count: int) -> None:
    datadir = DataDir(root)
    datadir.claim("replica")
    step_file = root / "step"
    step = int(step_file.read_text()) if step_file.exists() else 0
    store = EmbeddedStore(datadir.store, writer=True)
    for number in range(step, len(STEPS)):
        say(STEP_NAMES[number])
        STEPS[number](datadir, store, load_knowledge(overlays / str(number + 1)), count)
        unfinished = step_file.with_suffix(".new")
        unfinished.write_text(str(number + 1))
        os.replace(unfinished, step_file)  # noqa: PTH105 - atomic
    store.close()
    say("done")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
