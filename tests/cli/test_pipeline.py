"""A pipeline that dies while the crawl goes on ends the crawl, and what killed it is what the person hears."""

import threading
from pathlib import Path

import pytest
from rich.console import Console

from netdocket.cli.pipeline import Pipeline
from netdocket.cli.progress import Steps
from netdocket.cli.workspace import Workspace
from netdocket.datadir import DataDir
from netdocket.errors import StorageError
from netdocket.settings import Settings


def test_its_error_ends_the_crawl_and_is_raised(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path)
    datadir.spool.write_bytes(b"no database at all" * 100)
    ws = Workspace(Settings(), datadir, Console(quiet=True))
    # The store is not reached: the spool cannot be opened.
    with pytest.raises(StorageError, match=r"spool\.sqlite"), Pipeline(ws, None, Steps(ws.console)):  # type: ignore[arg-type]
        threading.Event().wait(30)  # stands for the crawl; the pipeline's end interrupts it
        pytest.fail("the crawl was not ended")
