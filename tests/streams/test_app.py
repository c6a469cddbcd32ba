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


def test_a_worker_is_heard_of_before_it_has_partitions(tmp_path: Path) -> None:
    """It may wait for minutes for them, and would be taken for dead."""
    done = subprocess.run(
        [sys.executable, "-c", HEARD, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout == "heard\n", done.stderr
