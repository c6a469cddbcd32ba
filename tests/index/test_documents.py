"""What a store promises about writing: versions, tombstones, compare-and-swap, strict mappings, one family."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from index.embedded import EmbeddedStore
from index.store import Write
from netdocket.errors import (
    DiskFullError,
    DocumentError,
    FormatVersionError,
    MixedOriginError,
    RunnerLockedError,
    StorageError,
    StoreError,
    VersionConflict,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path / "store", writer=True) as opened:
        yield opened


def case(record_id: str, **fields: Any) -> dict[str, Any]:
    return {"record_id": record_id, **fields}


def results(written: Any) -> list[str]:
    return [one.result for one in written]


def test_an_older_version_is_refused_and_an_equal_one_accepted(store: EmbeddedStore) -> None:
    assert results(store.bulk([Write("cases", "a", 5, case("a", region="new"))])) == ["created"]
    assert results(store.bulk([Write("cases", "a", 4, case("a", region="old"))])) == ["stale"]
    assert results(store.bulk([Write("cases", "a", 5, case("a", region="again"))])) == ["updated"]
    found = store.get("cases", "a")
    assert found is not None
    assert (found.version, found.source["region"]) == (5, "again")


def test_a_write_older_than_a_delete_does_not_bring_the_document_back(store: EmbeddedStore) -> None:
    store.bulk([Write("cases", "a", 5, case("a"))])
    assert results(store.bulk([Write("cases", "a", 6)])) == ["deleted"]
    assert results(store.bulk([Write("cases", "a", 5, case("a"))])) == ["stale"]
    assert store.get("cases", "a") is None
    # A delete that overtakes its document counts as well.
    assert results(store.bulk([Write("cases", "b", 9), Write("cases", "b", 8, case("b"))])) == [
        "not_found",
        "stale",
    ]
    assert results(store.bulk([Write("cases", "a", 7, case("a"))])) == ["created"]


def test_one_bulk_may_write_an_id_several_times(store: EmbeddedStore) -> None:
    writes = [Write("cases", "a", 1, case("a", region=region)) for region in ("one", "two", "three")]
    assert results(store.bulk(writes)) == ["created", "updated", "updated"]
    store.refresh()
    hits = store.search("cases", {})["hits"]
    assert [hit["_source"]["region"] for hit in hits["hits"]] == ["three"]


def test_a_document_that_does_not_fit_is_refused_alone_and_says_where(store: EmbeddedStore) -> None:
    wrong = {
        "cases.foo": {"foo": 1},
        "cases.place.town": {"place": {"town": "x"}},
        "cases.penalty_count": {"penalty_count": "3"},
        "cases.penalty_count ": {"penalty_count": 2**31},
        "cases.event_date": {"event_date": "2024-13-01"},
        "cases.decision_date": {"decision_date": "近日"},
        "cases.quiet": {"quiet": "no"},
        "cases.confidence": {"confidence": float("nan")},
        "cases.region": {"region": "x" * 40_000},
        "cases.place": {"place": "Jiangsu"},
        "cases.violation": {"violation": ["A", 1]},
    }
    writes = [Write("cases", str(number), 1, document) for number, document in enumerate(wrong.values())]
    written = store.bulk([*writes, Write("cases", "good", 1, case("good", published="2024-02", place=None))])
    assert results(written) == ["refused"] * len(wrong) + ["created"]
    for one, name in zip(written, wrong, strict=False):
        assert one.reason is not None and one.reason.startswith(name.strip() + ":"), one.reason
    assert store.get("cases", "0") is None
    with pytest.raises(DocumentError, match=r"cases\.foo"):
        store.create("cases", "c", {"foo": 1})
    with pytest.raises(StoreError, match="no such index"):
        store.bulk([Write("nonsense", "a", 1, {})])


def test_create_is_won_once(store: EmbeddedStore) -> None:
    first = store.create("penalty-types", "FINE", {"thing": "FINE", "record_id": "r1"})
    assert first is not None
    assert store.create("penalty-types", "FINE", {"thing": "FINE", "record_id": "r2"}) is None
    assert store.drop("penalty-types", "FINE", seq_no=first.seq_no)
    again = store.create("penalty-types", "FINE", {"thing": "FINE", "record_id": "r3"})
    assert again is not None and again.seq_no > first.seq_no


def test_swap_and_drop_ask_for_the_sequence_number(store: EmbeddedStore) -> None:
    first = store.swap(
        "manifests", "b", {"bulletin_id": "b", "documents": {"cases": ["a"]}}, seq_no=None, version=7
    )
    assert (first.version, first.source["documents"]) == (7, {"cases": ["a"]})
    with pytest.raises(VersionConflict, match="manifests/b"):
        store.swap("manifests", "b", {"bulletin_id": "b"}, seq_no=None)
    second = store.swap(
        "manifests", "b", {"bulletin_id": "b", "removed": True}, seq_no=first.seq_no, version=8
    )
    assert not store.drop("manifests", "b", seq_no=first.seq_no)
    assert store.drop("manifests", "b", seq_no=second.seq_no)
    assert store.get("manifests", "b") is None


def test_tombstones_and_replaced_rows_are_swept_when_their_time_is_over(store: EmbeddedStore) -> None:
    store.bulk([Write("cases", id, 1, case(id)) for id in "abc"])
    store.bulk([Write("cases", "a", 2), Write("cases", "b", 2, case("b"))])
    applied = store.refresh()
    assert store.documents.sweep(applied) == 0
    later = 4_000_000_000.0
    assert store.documents.sweep(0, now=later) == 0, "rows that tantivy has not applied stay"
    assert store.documents.sweep(applied, now=later) == 3
    assert results(store.bulk([Write("cases", "a", 1, case("a"))])) == ["created"]
    assert [one.id for one in store.mget("cases", ["c", "x", "a", "b"])] == ["c", "a", "b"]


def test_another_process_may_write_and_the_runner_indexes_it(tmp_path: Path, store: EmbeddedStore) -> None:
    with EmbeddedStore(store.path, writer=False) as other:
        other.bulk([Write("cases", "a", 1, case("a"))])
        assert other.count("cases") == 0
        store.refresh()
        assert other.count("cases") == store.count("cases") == 1


def test_a_second_runner_gets_one_line(store: EmbeddedStore) -> None:
    with pytest.raises(RunnerLockedError, match="already writes to this store") as caught:
        EmbeddedStore(store.path, writer=True)
    assert "\n" not in str(caught.value)


def test_live_and_demo_documents_do_not_mix(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path, writer=True, origin_family="demo") as store:
        store.bulk([Write("cases", "a", 1, case("a", origin="replica"))])
        with pytest.raises(MixedOriginError, match="live"):
            store.bulk([Write("cases", "b", 1, case("b", origin="live"))])
        assert store.get("cases", "b") is None
    with pytest.raises(MixedOriginError, match="demo"):
        EmbeddedStore(tmp_path, writer=True, origin_family="live")


def test_another_format_is_refused(tmp_path: Path, store: EmbeddedStore) -> None:
    store.close()
    import sqlite3

    with sqlite3.connect(store.path / "store.sqlite") as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(FormatVersionError, match="99"):
        EmbeddedStore(store.path, writer=True)


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"this is no database at all, but long enough to be read" * 100)
    with pytest.raises(StorageError, match="damaged"):
        EmbeddedStore(tmp_path, writer=True)


def test_a_full_disk_is_said_so_and_nothing_of_the_bulk_is_kept(store: EmbeddedStore) -> None:
    store.bulk([Write("cases", "a", 1, case("a"))])
    with store._database.writing() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    store._database._writer.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(DiskFullError):
        store.bulk([Write("cases", str(number), 1, case("x" * 1000)) for number in range(200)])
    store._database._writer.execute("PRAGMA max_page_count=1000000")
    assert store.refresh() and store.count("cases") == 1
    assert results(store.bulk([Write("cases", "b", 1, case("b"))])) == ["created"]


class View(msgspec.Struct):
    name: str
    query: dict[str, Any]


def test_user_state_is_shared_between_processes(store: EmbeddedStore) -> None:
    views = store.user_state("saved_views", View)
    views.put("b", View("Banks", {"sector": "bank"}))
    views.put("a", View("All", {}))
    views.put("b", View("Banks!", {"sector": "bank"}))
    with EmbeddedStore(store.path, writer=False) as other:
        seen = other.user_state("saved_views", View)
        assert list(seen.all().items()) == [("a", View("All", {})), ("b", View("Banks!", {"sector": "bank"}))]
        assert seen.remove("a") and not seen.remove("a")
        with pytest.raises(StorageError, match="saved_views"):
            other.user_state("saved_views", int).get("b")
    assert views.get("a") is None
