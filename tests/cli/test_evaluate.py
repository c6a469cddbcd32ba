"""`netdocket evaluate` and `netdocket explain` as a user has them, on a small labelled set of our own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Netdocket

SET = Path(__file__).resolve().parent.parent / "evaluation" / "set"
LABELS, DOCS = SET / "labels.jsonl", SET / "docs"


def test_the_page_of_the_documentation_comes_from_one_command(netdocket: Netdocket, tmp_path: Path) -> None:
    done = netdocket("evaluate", LABELS, "--docs", DOCS, "--format", "md", "--output", "quality.md")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "quality.md").read_text(encoding="utf-8")
    assert page.startswith("# Quality of classification\n")
    assert "4 documents, 5 labels" in page
    assert "物流公司" not in page


def test_earlier_figures_stand_on_the_page_and_only_there(netdocket: Netdocket, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("## Earlier\n\n| Figure | then |\n", encoding="utf-8")
    page = netdocket("evaluate", LABELS, "--docs", DOCS, "--format", "md", "--notes", "notes.md").stdout
    assert page.index("## Figures") < page.index("## Earlier") < page.index("## What falls short")
    refused = netdocket("evaluate", LABELS, "--docs", DOCS, "--notes", "notes.md")
    assert refused.returncode == 2
    assert "--format md" in refused.stderr


def test_records_written_before_are_measured_alike(netdocket: Netdocket, tmp_path: Path) -> None:
    assert netdocket("classify", DOCS, "--records", "records.jsonl").returncode == 0
    here = netdocket("evaluate", LABELS, "--docs", DOCS, "--format", "json")
    there = netdocket("evaluate", LABELS, "--records", tmp_path / "records.jsonl", "--format", "json")
    figures = [json.loads(done.stdout)["slices"]["all"]["figures"] for done in (here, there)]
    assert figures[0] == figures[1]
    assert figures[0]["items"]["n"] == 4


def test_a_half_is_measured_by_itself(netdocket: Netdocket) -> None:
    done = netdocket("evaluate", LABELS, "--docs", DOCS, "--half", "even", "--format", "json")
    whole = json.loads(done.stdout)["slices"]["all"]
    assert (whole["documents"], whole["labels"]) == (2, 2)


def test_mistakes_are_one_line_with_file_and_line(netdocket: Netdocket, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = netdocket("evaluate", LABELS, "--docs", "empty")
    assert done.returncode == 2
    assert done.stderr == f"netdocket: {LABELS}:1: there is no 002.txt in empty\n"
    (tmp_path / "records.jsonl").write_text('{"doc": "002", "kind": "FINE"}\n', encoding="utf-8")
    done = netdocket("evaluate", LABELS, "--records", "records.jsonl")
    assert done.returncode == 1
    assert done.stderr == "netdocket: records.jsonl:1: char_start is no int\n"
    done = netdocket("evaluate", LABELS)
    assert done.returncode == 2
    assert "--docs DIR" in done.stderr


def test_explain_shows_values_with_their_sentence_and_what_was_lost(netdocket: Netdocket) -> None:
    done = netdocket("explain", DOCS / "002.txt", "--json")
    assert done.returncode == 0, done.stderr
    (item,) = json.loads(done.stdout)["items"]
    values = {value["path"]: value for value in item["values"]}
    assert values["penalties.1"]["value"] == "FINE entity 20,000 CNY"
    assert values["penalties.1"]["rule"] == "penalties.FINE"
    assert values["penalties.1"]["sentence"].endswith("罚款二万元]。")
    lost = {(entry["field"], entry["value"]): entry["because"] for entry in item["lost"]}
    assert lost["penalty", "INTERVIEW"] == "tells of an earlier measure"
    shown = netdocket("explain", DOCS / "002.txt").stdout
    assert "by penalties.FINE" in shown
    assert "- penalty INTERVIEW: tells of an earlier measure" in shown


def test_explain_masks_persons(netdocket: Netdocket, tmp_path: Path) -> None:
    text = "2023年5月，南通市公安局网安大队查明，犯罪嫌疑人钱小强出售公民个人信息，依法对钱小强处以行政拘留十日。"
    (tmp_path / "case.txt").write_text(text, encoding="utf-8")
    shown = netdocket("explain", "case.txt").stdout
    assert "行政拘留" in shown
    assert "钱小强" not in shown


def test_bench_prints_the_ratio_to_a_bare_scan(netdocket: Netdocket) -> None:
    done = netdocket("bench", "classify", "--documents", "40", "--lengths", "1")
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    size = float(first.split(" documents of ")[1].split(" KB")[0])
    assert 2.4 <= size <= 3.0
    assert any(line.startswith("ratio       1/") for line in rest)
