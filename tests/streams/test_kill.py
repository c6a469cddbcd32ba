"""Killed at any moment, started again: nothing lost, nothing double, nothing left behind.

The whole life of a body of bulletins (kill_child.py: harvest, re-classification under changed rules, amendments, one
more re-classification) runs undisturbed and, beside that, with SIGKILLs at random moments, on the real spool, rules and
store. Afterwards both data directories hold the same, document by document and letter by letter.
"""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import yaml

from enrich.catalogue import FOLDER
from index.embedded import EmbeddedStore
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.spool import Spool
from streams.audit import audit, contents
from tests.streams.kill_child import lines

CHILD = Path(__file__).with_name("kill_child.py")
CLOCKS = {"entered_at"}
"""When a kind of penalty came into a store is no more the same in two of them than the time on two clocks."""
END = "\x04"
"""Stands in the queue of lines where the child's output ends."""


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_kills_change_nothing(tmp_path: Path, proof_scale: float) -> None:
    bulletins, kills = int(5_000 * proof_scale), max(1, int(100 * proof_scale))
    write_rules(tmp_path / "rules")
    undisturbed, killed = DataDir(tmp_path / "undisturbed"), DataDir(tmp_path / "killed")
    # Side by side: what is compared depends on neither's pace.
    undisturbed_child = Child(undisturbed, tmp_path / "rules", bulletins)
    try:
        where = kill_often(killed, tmp_path / "rules", bulletins, kills, lines(bulletins))
        said = undisturbed_child.to_the_end()
    finally:
        undisturbed_child.process.kill()
    assert per_step(said) == lines(bulletins), "the kills were spread by other lines than are said"

    expected, found = whole(undisturbed, bulletins), whole(killed, bulletins)
    assert found["problems"] == expected["problems"] == []
    assert found["letters"] == expected["letters"]
    assert found["documents"].keys() == expected["documents"].keys()
    different = [k for k, v in expected["documents"].items() if found["documents"][k] != v]
    assert different == []
    changes = [line for line in said if line.startswith("added")]
    assert not any("removed 0" in line for line in changes[:1]), "the changed rules must take records away"
    assert "added 0" not in changes[1], "and bring some back"
    print(
        f"\n{kills} kills over {bulletins} bulletins ({dict(where)}); {len(expected['documents'])} documents equal;"
        f" {changes}"
    )


class Child:
    """The child under way. Lines are read as they come, so that a kill can follow any of them, and so that the child
    never waits for a reader: a pipe holds what a tenth of the full size says, and no more."""

    def __init__(self, datadir: DataDir, rules: Path, count: int) -> None:
        command = [sys.executable, str(CHILD), str(datadir.root), str(rules), str(count)]
        self.errors = (datadir.root / "stderr.txt").open("ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.folder = datadir.root
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())
        self.lines.put(END)

    def rest(self) -> list[str]:
        """What it says from now on, until it ends."""
        return [line for line in iter(self.lines.get, END) if line]

    def to_the_end(self) -> list[str]:
        lines = self.rest()
        self._check(lines)
        return lines

    def kill_after(self, step: str, lines: int, seconds: float) -> list[str]:
        """Kills the child so many seconds after it said so many lines in this step or a later one; what it had said."""
        said: list[str] = []
        counted = -1
        while counted < lines and lines:
            line = self.lines.get()
            if line == END:
                self.lines.put(END)
                break
            said.append(line)
            if counted >= 0 or (line.startswith("step") and line >= step):
                counted += 1
        time.sleep(seconds)
        self.process.kill()
        said += self.rest()
        self._check(said)
        return said

    def _check(self, said: list[str]) -> None:
        assert self.process.stdout is not None
        self.reader.join()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()
        errors = (self.folder / "stderr.txt").read_text()
        assert self.process.returncode in (0, -9), errors[-3000:]
        assert "Traceback" not in errors, errors[-3000:]


def kill_often(
    datadir: DataDir, rules: Path, count: int, kills: int, said_in: dict[str, int]
) -> Counter[str]:
    """Exactly so many kills, as many in each step of the life; how many fell where. `said_in`: lines of each step."""
    chance = random.Random(count)
    where: Counter[str] = Counter()
    steps = sorted(said_in)
    left = dict.fromkeys(steps, 0.0) | said_in
    for number in range(kills):
        target = steps[number * len(steps) // kills]
        ahead = sum(number * len(steps) // kills == n * len(steps) // kills for n in range(number, kills))
        # The lines that this life may say in the step: a share of what is left, so that something is left for the next.
        share = 1.5 * chance.random() * left[target] / (ahead + 1)
        # Of every five kills one falls into the start of the child.
        begin = number % 5 == 4
        child = Child(datadir, rules, count)
        said = child.kill_after(
            target, 0 if begin else round(share), chance.uniform(0, 1.5 if begin else 0.3)
        )
        assert "done" not in said, f"over after {number} kills of {kills}: choose smaller shares"
        for step, count_of in per_step(said).items():
            left[step] = max(0.0, left[step] - count_of * 0.8)  # some of it will be done once more
        where[next((line for line in reversed(said) if line in said_in), "start")] += 1
    Child(datadir, rules, count).to_the_end()
    return where


def per_step(said: list[str]) -> dict[str, int]:
    counted: Counter[str] = Counter()
    step = ""
    for line in said:
        step = line if line.startswith("step") else step
        counted[step] += not line.startswith(("step", "done"))
    return dict(counted)


def whole(datadir: DataDir, bulletins: int) -> dict[str, Any]:
    """Everything that a data directory holds, and what is wrong with it."""
    spool, letters = Spool(datadir.spool), DeadLetters(datadir.dead_letters)
    store = EmbeddedStore(datadir.store, writer=True)
    try:
        problems = audit(store)
        documents = contents(store)
        if waiting := spool.pending():
            problems.append(f"{waiting} entries wait in the spool")
        kept = {k.bulletin_id for k in spool.all_kept()}
        if len(kept) != bulletins or {id for index, id in documents if index == "bulletins"} != kept:
            problems.append(f"{len(kept)} bulletins kept, not {bulletins}, or not those that are stored")
        store.rebuild()
        if contents(store) != documents:
            problems.append("the search index, built anew, says something else")
        return {
            "problems": problems,
            "documents": {
                key: {k: v for k, v in d.items() if k not in CLOCKS} for key, d in documents.items()
            },
            "letters": sorted((x.key, x.step, x.reason, x.payload) for x in letters.list()),
        }
    finally:
        store.close()
        letters.close()
        spool.close()


def write_rules(folder: Path) -> None:
    """An overlay for each step: step 2 and 3 know no interviews and take little for their field, step 4 somewhat more."""

    def table(name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
        return loaded

    rules, taxonomy, penalties, kinds = table("rules"), table("taxonomy"), table("penalties"), table("kinds")
    for entry in taxonomy["penalty_types"]:
        if entry["code"] == "INTERVIEW":
            entry |= {"cues_zh": [], "cues_en": []}
    del penalties["cues"]["penalty"]["INTERVIEW"]
    narrow = {**kinds, "cues": {**kinds["cues"], "domain": {"domain": ["个人信息", "App"]}}}
    wider = {
        **kinds,
        "cues": {**kinds["cues"], "domain": {"domain": ["个人信息", "App", "网络安全", "data"]}},
    }
    overlays = {
        1: (1, {}),
        2: (2, {"taxonomy": taxonomy, "penalties": penalties, "kinds": narrow}),
        3: (2, {"taxonomy": taxonomy, "penalties": penalties, "kinds": narrow}),
        4: (3, {"kinds": wider}),
    }
    for step, (version, tables) in overlays.items():
        (folder / str(step)).mkdir(parents=True)
        for name, content in {**tables, "rules": {**rules, "rules_version": version}}.items():
            text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
            (folder / str(step) / f"{name}.yaml").write_text(text, "utf-8")
