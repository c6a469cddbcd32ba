"""`netdocket reclassify` says what it leaves alone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from netdocket.cli import main
from netdocket.datadir import DataDir
from netdocket.spool import Spool
from tests.streams.toy_rules import bulletin


def test_news_that_waits_is_said_to_be_passed_over(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path)
    datadir.claim("live")
    with closing(Spool(datadir.spool)) as spool:
        spool.submit(bulletin("a", 1, "FINE")).result(30)
    done = CliRunner().invoke(main, ["reclassify", "--data-dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "0 bulletins under rules" in done.output
    assert "1 passed over" in done.output
