"""What a person mistypes gets one line that says what and where, and an exit code; never a traceback."""

from pathlib import Path

import pytest

from netdocket.cli.root import COMMANDS
from tests.cli.conftest import Netdocket


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["clasify", "x"], "Did you mean `classify`?"),
        (["classify", "missing.txt"], "missing.txt: cannot be read"),
        (["classify", "latin.txt"], "latin.txt: is not UTF-8"),
        (["classify", "empty-folder"], "no .txt file in the folder"),
        (["status"], "nothing has been indexed here yet"),
        (["search", "x"], "nothing has been indexed here yet"),
        (["run", "--replica", "--port", "99999"], "99999 is not in the range"),
        (["run", "--count", "5"], "--count goes with --replica"),
        (["remove", "x"], "say why"),
        (["remove", "x", "--why", "y"], "no bulletin with this id"),
        (["dead-letters", "show", "x"], "no such dead letter"),
        (["crawl", "--base", "cac"], "--base wants SOURCE=URL"),
        (["reset", "--data-dir", "live"], "holds live data"),
        (["sources", "check", "card.yaml"], "card.yaml:1"),
        (["replica", "--texts", "empty-folder"], "empty-folder"),
    ],
)
def test_mistake_is_one_line(arguments: list[str], says: str, netdocket: Netdocket, tmp_path: Path) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    (tmp_path / "card.yaml").write_text("code: x\n")
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "netdocket-data.json").write_text('{"format": 1, "family": "live"}')
    done = netdocket(*arguments)
    assert done.returncode != 0
    assert says in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_setting_is_one_line(netdocket: Netdocket, tmp_path: Path) -> None:
    (tmp_path / "netdocket.toml").write_text("prot = 80\n")
    done = netdocket("config", "show")
    assert done.returncode == 2
    assert done.stderr.startswith("netdocket: netdocket.toml: prot")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(command: str, netdocket: Netdocket) -> None:
    done = netdocket(command, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: netdocket ")
