"""The measurement itself: both sides are asked the same thing, and at full size the goals are met."""

from __future__ import annotations

from pathlib import Path

import pytest
import tantivy

from index import bench
from index.embedded import EmbeddedStore


def test_both_sides_of_the_measurement_count_the_same(tmp_path: Path) -> None:
    source = tmp_path / "penalties.jsonl"
    bench._write_documents(source, 1500)
    bench._index_bare(source, tmp_path / "bare")
    bench._index_embedded(source, tmp_path / "store")
    searcher = tantivy.Index.open(str(tmp_path / "bare")).searcher()
    everything = tantivy.Query.all_query()
    with EmbeddedStore(tmp_path / "store", writer=False) as store:
        for name, (asked, bare) in bench.AGGREGATIONS.items():
            answer = store.search(bench.INDEX, {"size": 0, "aggs": {"a": asked}})["aggregations"]["a"]
            expected = searcher.aggregate(everything, {"a": bare})["a"]
            if "buckets" in expected:
                counts = sorted(one["doc_count"] for one in expected["buckets"])
                assert sorted(one["doc_count"] for one in answer["buckets"]) == counts, name
            else:
                numbers, right = answer.get("values", answer), expected.get("values", expected)
                # Of so few values ours are exact percentiles, bare tantivy's are within 1 %.
                near = 0.011 if "values" in answer else None
                assert numbers == pytest.approx({key: right[key] for key in numbers}, rel=near), name


@pytest.mark.proof
def test_the_embedded_store_keeps_near_bare_tantivy(tmp_path: Path, proof_scale: float) -> None:
    """Goals are for the full size on a machine that does nothing else; below, the run must only come to its end."""
    report = bench.run(1_000_000 if proof_scale >= 1 else 3_000, tmp_path)
    print("\n" + "\n".join(report.lines()))
    assert len(report.aggregations) == 13
    assert proof_scale < 1 or report.reached()
