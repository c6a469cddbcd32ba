"""The sweep looks at everything there is, also at what should not be there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from index.store import Stored, Write
from streams.sweep import sweep
from tests.streams.conftest import Plant


def test_a_document_of_no_bulletin_is_told_and_left(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elasticsearch answers 400 to the question for an empty id, which would end the sweep."""
    asked: list[str] = []
    mget = plant.store.mget

    def noted(index: str, ids: Iterable[str]) -> list[Stored]:
        wanted = list(ids)
        asked.extend(wanted)
        return mget(index, wanted)

    monkeypatch.setattr(plant.store, "mget", noted)
    plant.store.bulk([Write("penalties", "p", 1, {"penalty_id": "p"})])
    assert sweep(plant.store).unknown == [("penalties", "p")]
    assert "" not in asked
