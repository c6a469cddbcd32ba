"""The saved objects for Kibana: current, well-formed, and of the same declarations as the page."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dashboards.kibana.compiled import COMPILED, compile_text
from dashboards.kibana.lens import tiles
from dashboards.panels.load import index_fields, load_dashboards, load_panels
from enrich import load_knowledge

CHECKERS = Path(__file__).parents[3] / "shared" / "kibana"


def checker(name: str) -> ModuleType:
    """One of the programs that know Kibana's formats; they are no part of the project."""
    path = CHECKERS / f"{name}.py"
    if not path.exists():
        pytest.skip(f"{path} is not there: the checks of Kibana's formats are kept beside the repository")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def objects() -> list[dict[str, Any]]:
    return [json.loads(line) for line in COMPILED.read_text(encoding="utf-8").splitlines()]


def test_the_compiled_file_is_current() -> None:
    assert COMPILED.read_text(encoding="utf-8") == compile_text(load_knowledge()), (
        "the declarations or labels have changed: `netdocket dashboards export "
        "--output dashboards/kibana/netdocket.ndjson` compiles them anew"
    )


def test_the_checker_finds_nothing() -> None:
    check = checker("ndjson_check")
    lines = COMPILED.read_text(encoding="utf-8").splitlines()
    problems, count = check.check(lines, (), check.read_profile())
    assert problems == []
    assert count == len(lines)


def test_every_panel_is_there_and_translates_to_a_search_of_the_test_engine() -> None:
    translate = checker("lens_to_es")
    states = list(translate.lens_docs(COMPILED))
    done, failed, beyond = translate.translate(states)
    expected = sum(
        len(tiles(panel))
        for board in load_dashboards().values()
        for panel in board.panels
        if panel.chart != "documents"
    )
    assert (done, failed, beyond) == (expected, {}, {})


def test_versions_are_old_ones_and_everything_is_managed_and_tagged(objects: list[dict[str, Any]]) -> None:
    versions = {o["type"]: o["typeMigrationVersion"] for o in objects}
    assert versions == {"dashboard": "8.9.0", "index-pattern": "8.0.0", "tag": "8.0.0", "search": "7.9.3"}
    for found in objects:
        assert found["coreMigrationVersion"] == "8.8.0"
        assert found["managed"] is True
        if found["type"] in ("dashboard", "search"):
            assert "tag" in {ref["type"] for ref in found["references"]}


def test_data_views_name_fields_in_both_languages_and_only_real_ones(objects: list[dict[str, Any]]) -> None:
    views = [o for o in objects if o["type"] == "index-pattern"]
    assert {o["id"].removeprefix("netdocket-") for o in views} == {p.index for p in load_panels().values()}
    for view in views:
        fields = index_fields(view["id"].removeprefix("netdocket-"))
        names = json.loads(view["attributes"]["fieldAttrs"])
        assert set(names) <= set(fields)
        assert set(json.loads(view["attributes"]["fieldFormatMap"])) <= set(fields)
        for field, name in names.items():
            assert re.search("[\u4e00-\u9fff]", name["customLabel"]), field
            assert re.search("[A-Za-z]", name["customLabel"]), field
    cases = next(o for o in views if o["id"] == "netdocket-cases")
    formats = json.loads(cases["attributes"]["fieldFormatMap"])
    codes = {entry["key"] for entry in formats["violation"]["params"]["lookupEntries"]}
    assert codes == set(load_knowledge().codes("violation_types"))
    assert formats["record_id"]["params"]["urlTemplate"] == "http://127.0.0.1:8321/records/{{value}}"


def test_dashboards_span_all_years_say_what_they_leave_out_and_lead_to_each_other(
    objects: list[dict[str, Any]],
) -> None:
    boards = {o["id"]: o for o in objects if o["type"] == "dashboard"}
    assert set(boards) == {f"netdocket-{name}" for name in load_dashboards()}
    for id, board in boards.items():
        attributes = board["attributes"]
        assert attributes["timeRestore"] is True
        assert attributes["timeFrom"].startswith("2016-01-01")
        about = json.loads(attributes["panelsJSON"])[0]["embeddableConfig"]["savedVis"]["params"]["markdown"]
        declared = load_dashboards()[id.removeprefix("netdocket-")]
        assert declared.leaves_out.en in about
        assert declared.leaves_out.zh in about
        assert {*re.findall(r"\(#/view/([\w-]+)\)", about), id} == set(boards)
        assert json.loads(attributes["controlGroupInput"]["panelsJSON"])


def test_names_of_indices_and_the_page_are_those_asked_for() -> None:
    text = compile_text(load_knowledge(), prefix="other-demo", page="https://docket.example")
    views = [json.loads(line) for line in text.splitlines() if '"type": "index-pattern", "typeM' in line]
    assert views
    assert all(view["attributes"]["title"].startswith("other-demo-") for view in views)
    assert "https://docket.example/records/" in text
    assert "8321" not in text
