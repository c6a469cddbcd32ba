"""Five real bulletins, read as a careful reader reads them: through the whole pipeline, and by `classify` alone."""

import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Netdocket

WHOLE = "fields 296/296 records 27/27 extra 0"


def judged(shared: Path, records: Path) -> str:
    check = [sys.executable, shared / "seeds" / "check.py", records]
    return subprocess.run(check, capture_output=True, text=True, check=False).stdout.strip()


def test_from_the_replica_through_the_store(netdocket: Netdocket, shared: Path, tmp_path: Path) -> None:
    done = netdocket("run", "--texts", shared / "seeds", "--once", "--records", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert judged(shared, tmp_path / "out.jsonl").splitlines()[-1] == WHOLE, judged(
        shared, tmp_path / "out.jsonl"
    )


def test_by_classify(netdocket: Netdocket, shared: Path, tmp_path: Path) -> None:
    done = netdocket("classify", *sorted((shared / "seeds").glob("*.txt")), "--records", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert judged(shared, tmp_path / "out.jsonl").splitlines()[-1] == WHOLE, judged(
        shared, tmp_path / "out.jsonl"
    )
