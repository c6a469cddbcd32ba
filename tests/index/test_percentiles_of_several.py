"""A field with several values in a document: each value counts for percentiles, as in Elasticsearch, also a repeated one."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.embedded import EmbeddedStore
from index.store import Write
from netdocket.errors import UnsupportedQuery


def test_each_value_counts(tmp_path: Path) -> None:
    amounts = {"a": [5, 5, 9], "b": [1], "c": [2, 7]}
    every = sorted(value for values in amounts.values() for value in values)
    with EmbeddedStore(tmp_path, writer=True, heap_mb=32) as store:
        store.bulk([Write("penalties", id, 1, {"penalty_id": id, "amount": v}) for id, v in amounts.items()])
        store.refresh()
        median = {"m": {"percentiles": {"field": "amount", "percents": [0, 50, 100]}}}
        found = store.search("penalties", {"size": 0, "aggs": median})["aggregations"]["m"]["values"]
        middle = (every[2] + every[3]) / 2
        assert list(found.values()) == [every[0], middle, every[-1]]
        with pytest.raises(UnsupportedQuery, match="several values"):
            store.search("penalties", {"size": 0, "aggs": {"t": {"terms": {"field": "amount"}}}})
