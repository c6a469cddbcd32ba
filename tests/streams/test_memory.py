"""Memory of a runner: what the index has freed is not kept by the process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_CHILD = """
import ctypes, json, sys
from pathlib import Path
from enrich import load_knowledge
from index.embedded import EmbeddedStore
from netdocket.cli.bench_harvest import megabytes
from netdocket.datadir import DataDir
from netdocket.evaluation.against_truth import as_harvested
from netdocket.generator import generate
from netdocket.settings import load_settings
from netdocket.spool import Spool
from streams.local import LocalRunner
datadir = DataDir(Path(sys.argv[1]))
spool = Spool(datadir.spool)
for future in [spool.submit(as_harvested(made)) for made in generate(200, 1)]:
    future.result()
spool.close()
store = EmbeddedStore(datadir.store, writer=True)
LocalRunner(datadir, store, load_knowledge(), load_settings()).drain()
held = megabytes("RssAnon")
ctypes.CDLL(None).malloc_trim(ctypes.c_size_t(0))
print(json.dumps([held, held - megabytes("RssAnon")]))
store.close()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc, and glibc alone keeps it")
def test_what_a_commit_has_freed_goes_back_to_the_system(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, tmp_path], capture_output=True, text=True, check=True
    )
    held, kept = json.loads(done.stdout.splitlines()[-1])
    assert kept < held / 4, f"of {held:.0f} MB the process kept {kept:.0f} MB that nobody uses"
