"""`netdocket run`: everything in one process, and again without anything new to do."""

import http.client
import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.cli.conftest import Netdocket, environment


def records(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_replica_to_records_and_a_second_time(netdocket: Netdocket, tmp_path: Path) -> None:
    first = netdocket("run", "--replica", "--once", "--records", "first.jsonl")
    assert first.returncode == 0, first.stderr
    assert " 0 failed" in first.stderr
    assert "0 dead letters" in first.stderr
    assert "Demonstration data" in first.stderr
    second = netdocket("run", "--replica", "--once", "--records", "second.jsonl")
    assert second.returncode == 0, second.stderr
    assert re.search(r"^0 new, 0 changed, 0 failed", second.stderr, re.MULTILINE), second.stderr
    found = records(tmp_path / "first.jsonl")
    assert len(found) > 50
    assert records(tmp_path / "second.jsonl") == found

    status = json.loads(netdocket("status", "--json").stdout)
    assert status["demonstration_data"] is True
    assert status["waiting"] == 0
    kinds = [row["kind"] for row in found]
    assert status["documents"]["cases"] == sum(
        kind in ("ENFORCEMENT_CASE", "COURT_CASE", "APP_LIST") for kind in kinds
    )
    assert {state["source"]: state["state"] for state in status["sources"]} == {
        "cac": "nothing_new",
        "dlapiper": "nothing_new",
        "twobirds": "nothing_new",
    }

    figures = json.loads(netdocket("stats", "--by", "penalty", "--limit", "1000", "--json").stdout)
    expected: dict[str, int] = {}
    for row in found:
        if row["kind"] in ("ENFORCEMENT_CASE", "COURT_CASE", "APP_LIST") and row["jurisdiction"] == "CN":
            for code in {penalty["type"] for penalty in row["penalties"]}:  # type: ignore[attr-defined]
                expected[code] = expected.get(code, 0) + 1
    assert {row["key"]: row["cases"] for row in figures["counts"]} == expected

    kept = netdocket("run", "--once", "nosuch", "--data-dir", "data/replica")
    assert kept.returncode == 2
    assert "no such source" in kept.stderr
    mixed = netdocket("crawl", "cac", "--data-dir", "data/replica")
    assert mixed.returncode == 1
    assert "cannot take live data" in mixed.stderr

    hit = json.loads(netdocket("search", "网络安全", "--json").stdout)
    assert hit["total"] > 0
    bulletin = hit["records"][0]["bulletin_id"]
    assert netdocket("remove", bulletin, "--why", "test").returncode == 0
    gone = json.loads(netdocket("search", "网络安全", "--limit", "1000", "--json").stdout)
    assert bulletin not in {row["bulletin_id"] for row in gone["records"]}
    assert netdocket("remove", bulletin, "--undo").returncode == 0
    assert netdocket("export", "records", "--records", "third.jsonl").returncode == 0
    assert records(tmp_path / "third.jsonl") == found

    assert netdocket("reset", input="n\n").returncode == 1
    assert netdocket("reset", "--yes").returncode == 0
    assert not (tmp_path / "data/replica").exists()


def test_page_is_served_and_ends_with_an_interrupt(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "netdocket", "run", "--replica", "--port", "0"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watch = threading.Timer(200, process.kill)
        watch.start()
        try:
            assert process.stderr is not None
            lines = []
            for line in process.stderr:
                lines.append(line)
                if "Ctrl-C ends it" in line:
                    break
            address = re.search(r"http://localhost:(\d+)/", "".join(lines))
            assert address, "".join(lines)
            connection = http.client.HTTPConnection("localhost", int(address[1]), timeout=30)
            connection.request("GET", "/")
            answer = connection.getresponse()
            page = answer.read().decode()
            connection.close()
            assert answer.status == 200
            assert "Demonstration data" in page
            second = subprocess.run(
                [sys.executable, "-m", "netdocket", "run", "--replica", "--once"],
                cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=100, check=False,
            )  # fmt: skip
            assert second.returncode == 3
            assert second.stderr.count("\n") == 1, second.stderr
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
        finally:
            watch.cancel()
            process.kill()
