"""What must hold when something goes wrong behind the page, or changes under it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboards.web.lists import BATCH, every
from dashboards.web.security import HEADERS
from index.embedded import EmbeddedStore
from index.store import Write
from tests.dashboards.conftest import served, stored
from tests.dashboards.made import made


def test_an_error_of_ours_carries_the_security_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stored(tmp_path / "store", made(3, seed=1)) as store, served(store) as client:

        def broken(*_: Any) -> Any:
            raise RuntimeError("a mistake of ours")

        monkeypatch.setattr(store, "get", broken)
        monkeypatch.setattr(store, "mget", broken)
        monkeypatch.setattr(store, "msearch", broken)
        answer = client.get("/?from=2019")
        assert answer.status == 500
        given = {name.lower(): value for name, value in answer.headers.items()}
        assert {name: given.get(name.lower()) for name in HEADERS} == HEADERS


def test_a_download_is_of_one_moment(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "store", writer=True) as store:
        write = [Write("sources", f"s{n:05}", 1, {"source": f"s{n:05}"}) for n in range(BATCH + 10)]
        store.bulk(write)
        store.refresh()
        body = {"query": {"match_all": {}}, "sort": [{"source": "asc"}]}
        assert [s["source"] for s in every(store, "sources", body)] == [w.id for w in write]
        walk = every(store, "sources", body)
        next(walk)
        store.bulk([Write("sources", "a", 1, {"source": "a"})])
        store.refresh()
        assert [s["source"] for s in walk] == [w.id for w in write][1:], (
            "nothing lost, nothing that came later"
        )
