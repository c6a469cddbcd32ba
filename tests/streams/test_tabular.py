"""Exports: every row once, typed, harmless in a spreadsheet; changes only what changed; flat memory."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from index.embedded import EmbeddedStore
from index.mappings import load_mappings
from index.store import Write
from netdocket.cli import main
from netdocket.datadir import DataDir
from netdocket.errors import ConfigurationError, FormatVersionError, StorageError, StoreError
from streams.tabular.changes import Changes
from streams.tabular.columns import EXPORTED, Column, columns
from streams.tabular.export import export, sidecar
from streams.tabular.writers import Format, ParquetWriter, XlsxWriter
from tests.dashboards.conftest import fill
from tests.dashboards.made import made

FULL_SIZE = 1_000_000
MEMORY_MB = 300


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path_factory.mktemp("tabular"), writer=True, heap_mb=32, origin_family="demo")
    fill(store, made(60))
    yield store
    store.close()


def documents(store: EmbeddedStore, index: str) -> dict[str, dict[str, Any]]:
    return {hit["_id"]: hit["_source"] for hit in store.scan(index)}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a document with its dotted path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif value is not None:
        yield path, value


@pytest.mark.parametrize("index", EXPORTED)
def test_json_lines_hold_every_value_of_every_document_that_has_a_column(
    store: EmbeddedStore, tmp_path: Path, index: str
) -> None:
    path = tmp_path / "out.jsonl"
    assert export(store, index, path, format="jsonl").rows == store.count(index)
    own = columns(index)[0].name
    names = {column.name for column in columns(index)}
    rows = {row[own]: row for row in read_jsonl(path)}
    there = documents(store, index)
    assert rows.keys() == there.keys()
    for id, document in there.items():
        wanted = sorted((p, str(v)) for p, v in leaves(document) if p in names)
        assert sorted((p, str(v)) for p, v in leaves(rows[id])) == wanted


@pytest.mark.parametrize("index", EXPORTED)
def test_a_column_of_one_value_never_has_several(store: EmbeddedStore, tmp_path: Path, index: str) -> None:
    export(store, index, tmp_path / "out.jsonl", format="jsonl")
    several = {column.name for column in columns(index) if column.several}
    for row in read_jsonl(tmp_path / "out.jsonl"):
        assert {name for name, value in row.items() if isinstance(value, list)} <= several


def test_only_what_matches_the_query(store: EmbeddedStore, tmp_path: Path) -> None:
    query = {"bool": {"filter": [{"term": {"jurisdiction": "CN"}}, {"term": {"penalty_type": "FINE"}}]}}
    export(store, "penalties", tmp_path / "out.csv", format="csv", query=query)
    wanted = {
        id
        for id, d in documents(store, "penalties").items()
        if d["jurisdiction"] == "CN" and d["penalty_type"] == "FINE"
    }
    assert wanted
    assert {row["penalty_id"] for row in read_csv(tmp_path / "out.csv")} == wanted


def penalty(id: str, **given: Any) -> Write:
    body = {
        "schema": "netdocket.penalties/1",
        "penalty_id": id,
        "record_id": id.split(":", maxsplit=1)[0],
        "bulletin_id": "b",
        "revision": 1,
        "rules_version": 5,
        "origin": "generated",
        "quiet": False,
        "jurisdiction": "CN",
        "penalty_type": "FINE",
        "phrase": "罚款",
        **given,
    }
    return Write("penalties", id, int(given.get("revision", 1)), body)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "store", writer=True, heap_mb=32, origin_family="demo")
    yield store
    store.close()


def test_an_amount_that_is_not_known_is_nothing_and_no_empty_text(
    small: EmbeddedStore, tmp_path: Path
) -> None:
    """A loader of tables takes `""` for a text, and refuses it in a column of numbers."""
    small.bulk([penalty("r:p:1", amount_yuan=50_000.0, title='a "b", c'), penalty("r:p:2", title="")])
    small.refresh()
    path = tmp_path / "out.csv"
    export(small, "penalties", path, format="csv")
    with path.open(encoding="utf-8", newline="") as file:
        lines = [re.findall(r'("(?:[^"]|"")*"|[^,]*)(?:,|$)', line.rstrip("\r\n")) for line in file]
    names = [name.strip('"') for name in lines[0]]
    rows = {row["penalty_id"]: row for row in (dict(zip(names, line, strict=False)) for line in lines[1:])}
    assert {id: (row["amount_yuan"], row["title"]) for id, row in rows.items()} == {
        '"r:p:1"': ("50000.0", '"a ""b"", c"'),
        '"r:p:2"': ("", '""'),
    }
    assert [row["title"] for row in read_csv(path)] == ['a "b", c', ""]


def test_no_text_of_a_publisher_becomes_a_formula_and_numbers_stay_numbers(
    small: EmbeddedStore, tmp_path: Path
) -> None:
    hostile = '=cmd|"/c calc"!A1'
    small.bulk([penalty("r:p:1", title=hostile, authority_name=["@SUM(A1)", "x"], amount_yuan=-5.5)])
    small.refresh()
    export(small, "penalties", tmp_path / "out.csv", format="csv", bom=True)
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    (row,) = read_csv(tmp_path / "out.csv")
    assert row["title"] == "'" + hostile
    assert row["authority_name"] == "'@SUM(A1); x"
    assert row["amount_yuan"] == "-5.5"
    export(small, "penalties", tmp_path / "out.xlsx", format="xlsx")
    (sheet,) = sheets(tmp_path / "out.xlsx")
    (_, cells) = sheet
    assert hostile in cells  # as text: a cell of type string is never run
    assert not any(b"<f>" in part for part in parts(tmp_path / "out.xlsx"))


def parts(path: Path) -> list[bytes]:
    with ZipFile(path) as book:
        return [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]


def sheets(path: Path) -> list[list[list[Any]]]:
    """The rows of each sheet: text as str, numbers as float."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    found = []
    for part in parts(path):
        lines = []
        for line in ElementTree.fromstring(part).iterfind(".//m:row", space):  # noqa: S314 - written by us
            values: list[Any] = []
            for cell in line.iterfind("m:c", space):
                text = cell.findtext("m:is/m:t", namespaces=space)
                values.append(text if text is not None else float(cell.findtext("m:v", "nan", space)))
            lines.append(values)
        found.append(lines)
    return found


def test_a_spreadsheet_gets_days_as_days_and_a_month_as_it_is(small: EmbeddedStore, tmp_path: Path) -> None:
    small.bulk([penalty("r:p:1", event_date="2025-03-04", published="2025-03")])
    small.refresh()
    export(small, "penalties", tmp_path / "out.xlsx", format="xlsx")
    ((head, cells),) = sheets(tmp_path / "out.xlsx")
    assert head[0] == "penalty_id"
    assert float((dt.date(2025, 3, 4) - dt.date(1899, 12, 30)).days) in cells
    assert "2025-03" in cells


def test_a_full_sheet_is_followed_by_another(tmp_path: Path) -> None:
    shape = columns("penalties")[:2]
    writer = XlsxWriter(tmp_path / "out.xlsx", shape, name="penalties", rows_a_sheet=3)
    for number in range(5):
        writer.write([f"r:p:{number}", "x" * 40_000 if number == 4 else None])
    writer.close()
    found = sheets(tmp_path / "out.xlsx")
    assert [len(lines) for lines in found] == [3, 3, 2]
    assert writer.cut == 1
    assert len(found[2][1][1]) == 32_767


def test_parquet_has_numbers_booleans_and_lists(store: EmbeddedStore, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    export(store, "cases", tmp_path / "out.parquet", format="parquet")
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    there = documents(store, "cases")
    assert {row["record_id"] for row in table} == there.keys()
    for row in table:
        document = there[row["record_id"]]
        assert row["fine_total"] == document.get("fine_total")
        assert row["amount_unknown"] is document["amount_unknown"]
        assert (row["violation"] or []) == document.get("violation", [])


def test_without_pyarrow_parquet_says_what_to_install(
    store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigurationError, match=r"netdocket\[parquet\]"):
        export(store, "cases", tmp_path / "out.parquet", format="parquet")
    assert list(tmp_path.iterdir()) == []


# --- changes -------------------------------------------------------------------------------------------------


def test_since_writes_what_was_added_changed_and_removed_and_nothing_twice(
    small: EmbeddedStore, tmp_path: Path
) -> None:
    state = tmp_path / "state"

    def changed() -> dict[str, str]:
        small.refresh()
        export(small, "penalties", tmp_path / "out.csv", format="csv", since=state)
        return {row["penalty_id"]: row["change"] for row in read_csv(tmp_path / "out.csv")}

    small.bulk([penalty("a:p:1"), penalty("b:p:1"), penalty("c:p:1")])
    assert changed() == {"a:p:1": "added", "b:p:1": "added", "c:p:1": "added"}
    assert changed() == {}
    small.bulk(
        [penalty("b:p:1", revision=2, phrase="罚款五万元"), Write("penalties", "c:p:1", 2), penalty("d:p:1")]
    )
    assert changed() == {"b:p:1": "changed", "c:p:1": "removed", "d:p:1": "added"}
    assert changed() == {}


def test_rows_of_other_rules_alone_are_no_changes(small: EmbeddedStore, tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "out.jsonl"
    small.bulk([penalty("a:p:1"), penalty("b:p:1")])
    small.refresh()
    export(small, "penalties", out, format="jsonl", since=state)
    newer = {"rules_version": 99, "fetched_at": "2026-11-21T00:00:00Z"}
    small.bulk(
        [penalty("a:p:1", revision=7, **newer), penalty("b:p:1", revision=7, phrase="罚款十万元", **newer)]
    )
    small.refresh()
    assert export(small, "penalties", out, format="jsonl", since=state).changes == {
        "added": 0,
        "changed": 1,
        "removed": 0,
    }


def test_two_exports_do_not_share_a_file_of_changes(small: EmbeddedStore, tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "out.jsonl"
    small.bulk([penalty("a:p:1")])
    small.refresh()
    running = Changes(state, json.dumps(["penalties", None]))
    with pytest.raises(ConfigurationError, match="another export"):
        export(small, "penalties", out, format="jsonl", since=state)
    assert running.of_row("a:p:1", ["x"]) == "added"
    running.keep()
    assert export(small, "penalties", out, format="jsonl", since=state).rows == 1


def test_a_value_of_another_type_than_its_column_is_named(small: EmbeddedStore, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    shape = [Column("id", "keyword", several=False), Column("sum", "double", several=False)]
    writer = ParquetWriter(tmp_path / "out.parquet", shape)
    writer.write(["a", [1.0, 2.0]])
    with pytest.raises(StoreError, match="sum"):
        writer.close()


def test_an_interrupted_export_of_changes_is_written_again_whole(
    small: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, out = tmp_path / "state", tmp_path / "out.jsonl"
    small.bulk([penalty(f"{n}:p:1") for n in range(5)])
    small.refresh()
    with monkeypatch.context() as broken:
        broken.setattr("streams.tabular.writers.JsonLinesWriter.close", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            export(small, "penalties", out, format="jsonl", since=state)
    assert not out.exists()
    assert not state.exists()
    assert export(small, "penalties", out, format="jsonl", since=state).changes == {
        "added": 5,
        "changed": 0,
        "removed": 0,
    }


def test_a_state_of_another_export_and_a_file_that_is_none_are_refused(
    small: EmbeddedStore, tmp_path: Path
) -> None:
    state, out = tmp_path / "state", tmp_path / "out.jsonl"
    export(small, "penalties", out, format="jsonl", since=state)
    with pytest.raises(ConfigurationError, match="remembers another export"):
        export(small, "cases", out, format="jsonl", since=state)
    (tmp_path / "other").write_text("no database at all, but long enough to be taken for one" * 20)
    older = tmp_path / "older"
    shutil.copy(state, older)
    with contextlib.closing(sqlite3.connect(older)) as db:
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(FormatVersionError, match="format 1"):
        export(small, "penalties", out, format="jsonl", since=older)
    before = (tmp_path / "other").read_text()
    with pytest.raises((FormatVersionError, StorageError)):
        export(small, "cases", out, format="jsonl", since=tmp_path / "other")
    assert (tmp_path / "other").read_text() == before


def test_the_note_beside_the_file_says_what_it_is(store: EmbeddedStore, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    query = {"term": {"jurisdiction": "CN"}}
    exported = export(store, "cases", path, format="csv", query=query)
    note = json.loads(
        sidecar(
            path,
            exported,
            index="cases",
            format="csv",
            query=query,
            filters={"violation": ["MLPS"]},
            rules_version=7,
            demonstration_data=True,
        ).read_text("utf-8")
    )
    assert note["rows"] == store.count("cases", query) == len(read_csv(path))
    assert sum(note["rows_by_rules_version"].values()) == note["rows"]
    assert (note["query"], note["filters"], note["rules_version"]) == (query, {"violation": ["MLPS"]}, 7)
    assert [column["name"] for column in note["columns"]] == list(read_csv(path)[0])


def test_every_exported_index_has_columns_and_no_other_has(store: EmbeddedStore) -> None:
    for index in EXPORTED:
        assert index in load_mappings()
        assert len(columns(index)) > 5
    with pytest.raises(ConfigurationError, match="not exported"):
        columns("manifests")


def test_the_command_takes_the_filters_of_the_page_and_leaves_a_note(tmp_path: Path) -> None:
    datadir = DataDir(tmp_path / "data")
    datadir.claim("generated")
    with EmbeddedStore(datadir.store, writer=True, heap_mb=32) as filled:
        fill(filled, made(60))
        query = {"bool": {"filter": [{"term": {"jurisdiction": "CN"}}, {"term": {"violation": "MLPS"}}]}}
        wanted = filled.count("cases", query)
        other = filled.count("cases", {"bool": {"must_not": [{"term": {"jurisdiction": "CN"}}]}})
    out, place = tmp_path / "mlps.csv", ["--data-dir", str(datadir.root)]

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["export", *arguments, *place])

    assert run("cases", "-o", str(out), "-f", "violation=MLPS").exit_code == 0
    note = json.loads((tmp_path / "mlps.csv.meta.json").read_text("utf-8"))
    assert (note["rows"], note["filters"], note["demonstration_data"]) == (
        wanted,
        {"violation": ["MLPS"]},
        True,
    )
    every = run("cases", "--every-jurisdiction", "--format", "jsonl").stdout.splitlines()
    assert other
    assert len(run("cases", "--format", "jsonl").stdout.splitlines()) == len(every) - other
    mistake = run("bulletins", "-f", "violation=MLPS")
    assert mistake.exit_code == 2
    assert "no violation to filter by" in mistake.output


# --- size ----------------------------------------------------------------------------------------------------

CHILD = """
import json, sys, time
from pathlib import Path
from index.embedded import EmbeddedStore
from streams.tabular.export import export
store = EmbeddedStore(Path(sys.argv[1]), writer=False)
began = time.perf_counter()
bare = sum(1 for _ in store.scan("penalties", page=500))
scanned = time.perf_counter() - began
began = time.perf_counter()
rows = export(store, "penalties", Path(sys.argv[2]), format=sys.argv[3]).rows
took = time.perf_counter() - began
# not getrusage: its highest mark counts what the parent held when it forked
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
print(json.dumps({"rows": rows, "bare": bare, "read": scanned, "export": took, "peak_mb": peak}))
"""


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("format", ["csv", "jsonl", "xlsx", "parquet"])
def test_a_million_penalties_go_through_flat_memory(
    big: EmbeddedStore, tmp_path: Path, format: Format, proof_scale: float
) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, big.path, tmp_path / f"out.{format}", format],
        capture_output=True,
        text=True,
        check=True,
    )
    figures = json.loads(done.stdout)
    print(format, figures)
    assert figures["rows"] == figures["bare"] == big.count("penalties")
    assert figures["peak_mb"] < MEMORY_MB


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory, proof_scale: float) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path_factory.mktemp("big"), writer=True, heap_mb=64, origin_family="demo")
    with_penalties = [pair for pair in made(60) if any(r.case and r.case.penalties for r in pair[1].records)]
    fill(store, with_penalties)
    models = list(documents(store, "penalties").values())
    began, written = time.perf_counter(), 0
    while written < FULL_SIZE * proof_scale:
        batch = [
            models[n % len(models)] | {"penalty_id": f"{n:08}:p:1", "record_id": f"{n:08}"}
            for n in range(written, written + 5000)
        ]
        store.bulk([Write("penalties", body["penalty_id"], 1, body) for body in batch])
        written += len(batch)
    store.refresh()
    print(f"{written} penalties in {time.perf_counter() - began:.0f} s")
    yield store
    store.close()
