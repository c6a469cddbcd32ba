"""A process that writes batches until it is killed: `python -m tests.index.crashing FOLDER FIRST_BATCH`.

Every batch is a function of its number, so the test knows what the store must hold after any of them. A line is
printed when a batch is confirmed.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

from index.embedded import EmbeddedStore
from index.store import Write

IDS = 300
INDICES = ("cases", "penalties")


def batch(number: int) -> list[Write]:
    rng = random.Random(number)
    writes = []
    for index in INDICES:
        for _ in range(60):
            id = f"{index}-{rng.randrange(IDS)}"
            gone = rng.random() < 0.2
            document = {"record_id": id, "region": f"R{rng.randrange(5)}", "revision": number}
            writes.append(Write(index, id, number, None if gone else document))
    return writes


def apply(state: dict[tuple[str, str], dict[str, Any]], number: int) -> None:
    for write in batch(number):
        if write.document is None:
            state.pop((write.index, write.id), None)
        else:
            state[write.index, write.id] = dict(write.document)


def main() -> None:
    with EmbeddedStore(Path(sys.argv[1]), writer=True, heap_mb=15) as store:
        number = int(sys.argv[2])
        while True:
            store.bulk(batch(number))
            print(number, flush=True)
            if number % 3:
                store.refresh()
            number += 1


if __name__ == "__main__":
    main()
