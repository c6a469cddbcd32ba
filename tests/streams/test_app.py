"""The application around the processors, without a broker; in a process of its own, since Faust leaves event loops behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

HEARD = """
import asyncio, sys
from pathlib import Path
from netdocket.settings import load_settings
from streams import app

async def main():
    made = app.new_app(load_settings(kafka="127.0.0.1:9"), "group", Path(sys.argv[1]))
    app.BEAT_SECONDS, heard, enough = 0.01, [], asyncio.Event()
    made.beat = lambda: (heard.append(1), len(heard) == 3 and enough.set())
    await made.on_start()  # what comes next is to connect, and to wait for its share of the partitions
    await asyncio.wait_for(enough.wait(), 60)
    print("heard")

asyncio.run(main())
"""

DEALT_OUT = """
import asyncio, sys
from pathlib import Path
from netdocket.settings import load_settings
from streams import app
from streams.measures import Measures

async def main():
    made, measures = app.new_app(load_settings(kafka="127.0.0.1:9"), "group", Path(sys.argv[1])), Measures()
    changes = []
    app.follow_assignment(made, measures, lambda: changes.append(1))
    for signal in (made.on_partitions_assigned, made.on_partitions_revoked, made.on_partitions_assigned):
        await signal.send(set())
        print(measures.readiness()[0], len(changes))

asyncio.run(main())
"""


def run(program: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_worker_is_heard_of_before_it_has_partitions(tmp_path: Path) -> None:
    """It may wait for minutes for them, and would be taken for dead."""
    assert run(HEARD, tmp_path) == "heard\n"


def test_a_worker_whose_partitions_were_taken_is_not_ready(tmp_path: Path) -> None:
    assert run(DEALT_OUT, tmp_path) == "200 1\n503 1\n200 2\n"
