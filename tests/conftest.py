"""What all tests share: the size of the long proofs, the folder of real documents, the browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--proof-scale",
        type=float,
        default=0.1,
        help="size of the long proofs, as a share of the full one (make proof: 1)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under `-n`, a file's tests stay together, since they share what their fixtures made; those on the real engines are
    one group, so that one Kafka and one Elasticsearch serve them all, and begin first, since they take longest."""
    if not config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        return
    engines = ROOT / "tests" / "engines"
    for item in items:
        on_engines = item.path.is_relative_to(engines)
        item.add_marker(pytest.mark.xdist_group("engines" if on_engines else str(item.path)))
    items.sort(key=lambda item: not item.path.is_relative_to(engines))


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
