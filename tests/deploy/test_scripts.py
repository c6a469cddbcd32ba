"""What the containers run, as far as it runs without containers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

COMPOSE = Path(__file__).resolve().parents[2] / "deploy" / "compose"
NETDOCKET = """#!/bin/sh
trap 'echo orderly > "$FOLDER/ended"; exit 0' TERM
echo crawling > "$FOLDER/began"
while true; do sleep 0.1; done
"""


def test_a_crawl_under_way_is_told_to_stop(tmp_path: Path) -> None:
    """The first process of a container gets the signal, and nobody else does; ten seconds later all are killed."""
    crawl = tmp_path / "netdocket"
    crawl.write_text(NETDOCKET)
    crawl.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "FOLDER": str(tmp_path),
        "CRAWL_SECONDS": "3600",
    }
    script = subprocess.Popen(["/bin/sh", str(COMPOSE / "crawl.sh")], env=environment)
    try:
        while not (tmp_path / "began").exists():
            assert script.poll() is None
        script.terminate()
        assert script.wait(30) == 0
        assert (tmp_path / "ended").read_text().strip() == "orderly"
    finally:
        script.kill()
        script.wait()
