"""What a person mistypes gets one line that says what and where, and an exit code; never a traceback."""

from pathlib import Path

import pytest

from netdocket.cli.root import COMMANDS
from netdocket.datadir import DataDir
from netdocket.dead_letters import DeadLetters
from netdocket.records import DeadLetter
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
        (["run", "--once"], "NETDOCKET_CONTACT_URL: publishers must be able to find out who asks"),
        (["run", "--count", "5"], "--count goes with --replica"),
        (["remove", "x"], "say why"),
        (["remove", "x", "--why", "y"], "nothing has been indexed here yet"),
        (["remove", "x", "--why", "y", "--data-dir", "live"], "no bulletin with this id"),
        (["dead-letters", "show", "x", "--data-dir", "live"], "no such dead letter"),
        (["classify", "dated.txt"], "dated.json: published '2024-02-30' is no ISO date"),
        (["crawl", "--base", "cac"], "--base wants SOURCE=URL"),
        (["reset", "--data-dir", "live"], "holds live data"),
        (["sources", "check", "card.yaml"], "card.yaml:1"),
        (["replica", "--texts", "empty-folder"], "empty-folder"),
        (["generate", "--stats", "--from", "2030-01-01"], "no day lies between"),
        (["generate", "--stats", "--from", "2024-05-01", "--to", "2024-04-01"], "no day lies between"),
    ],
)
def test_mistake_is_one_line(arguments: list[str], says: str, netdocket: Netdocket, tmp_path: Path) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    (tmp_path / "card.yaml").write_text("code: x\n")
    (tmp_path / "dated.txt").write_text("text")
    (tmp_path / "dated.json").write_text('{"published": "2024-02-30"}')
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


def test_looking_makes_nothing(netdocket: Netdocket, tmp_path: Path) -> None:
    for arguments in (["status"], ["stats"], ["dead-letters", "list"], ["export", "records"]):
        assert netdocket(*arguments).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_publishers_text_commands_no_terminal(netdocket: Netdocket, tmp_path: Path) -> None:
    home = DataDir(tmp_path / "live")
    home.claim("live")
    letters = DeadLetters(home.dead_letters)
    reason = "no meta[name=publisher] [/html] \x1b]0;owned\x07 \u202etxt"
    letters.keep(
        [DeadLetter(key="k", step="extract", reason=reason, error="E", payload=b"\x1b[2J", at="2024-01-01")]
    )
    letters.close()
    listed = netdocket("dead-letters", "list", "--data-dir", "live", COLUMNS="200")
    shown = netdocket("dead-letters", "show", "k", "--data-dir", "live")
    assert listed.returncode == shown.returncode == 0, listed.stderr + shown.stderr
    for output in (listed.stdout, shown.stdout):
        assert "no meta[name=publisher] [/html]" in output
        assert not set("\x1b\x07\u202e") & set(output)
