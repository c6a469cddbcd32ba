"""The data directory keeps live and demonstration data apart, for good and for every process."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from netdocket.datadir import DataDir
from netdocket.errors import FormatVersionError, MixedOriginError, StorageError


def test_the_first_claim_decides_for_good(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path / "data")
    assert datadir.family is None
    assert datadir.claim("replica") == "demo"
    assert DataDir(tmp_path / "data").claim("generated") == "demo"
    for origin in ("live", "intake"):
        with pytest.raises(MixedOriginError, match=f"holds demo data and cannot take {origin} data"):
            DataDir(tmp_path / "data").claim(origin)  # type: ignore[arg-type]
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == ["netdocket-data.json"]


def test_of_claims_at_the_same_moment_one_wins(tmp_path: Path) -> None:
    def claim(number: int) -> str:
        try:
            return DataDir(tmp_path).claim("live" if number % 2 else "replica")
        except MixedOriginError:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(claim, range(40)))
    assert len(set(answers) - {"refused"}) == 1
    assert answers.count("refused") == 20


def test_another_format_and_a_damaged_marker_are_refused(tmp_path: Path) -> None:
    marker = tmp_path / "netdocket-data.json"
    marker.write_text(json.dumps({"format": 2, "family": "live"}))
    with pytest.raises(FormatVersionError, match="format 2, this netdocket reads format 1"):
        DataDir(tmp_path)
    marker.write_text("{")
    with pytest.raises(StorageError, match=r"netdocket-data\.json: cannot be read"):
        DataDir(tmp_path)


def test_a_place_where_no_directory_can_be_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file: cannot be made a data directory"):
        DataDir(tmp_path / "file")
