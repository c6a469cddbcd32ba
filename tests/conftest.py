"""What all tests share: the size of the long proofs, the folder of real documents, the browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINES = "tests/engines/"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--proof-scale",
        type=float,
        default=0.1,
        help="size of the long proofs, as a share of the full one (make proof: 1)",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under `-n`, a file's tests stay together, since they share what their fixtures made; those on the real engines are
    one group, so that one Kafka and one Elasticsearch serve them all."""
    from xdist.scheduler import LoadScopeScheduling

    class FileScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return ENGINES if file.startswith(ENGINES) else file

    # In the order in which they were collected; reordering would begin with the files of most tests.
    config.option.loadscopereorder = False
    return FileScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under `-n`, the engines' tests begin first, since they take longest."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: not item.nodeid.startswith(ENGINES))


@pytest.fixture(scope="session")
def proof_scale(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--proof-scale"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real bulletins and labels beside the checkout. It is no part of the project: its documents
    belong to their publishers."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder ../shared (real bulletins and their labels) is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium. Without one browser tests are skipped; in CI that is a failure."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium on this machine; .ci/run installs it")
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium fonts-wqy-microhei)")
    return found
