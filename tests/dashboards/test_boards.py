"""The seven dashboards: declared once, every panel equal to plain Python, linked to each other."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashboards.panels import load
from dashboards.panels.load import (
    index_fields,
    load_dashboards,
    load_filters,
    load_lists,
    load_panels,
)
from dashboards.panels.model import Panel, Text
from dashboards.panels.periods import compared
from dashboards.panels.tables import Key, Row, Table
from dashboards.panels.vegalite import chart
from dashboards.web.boards import path_of
from dashboards.web.views import LIST_OF
from enrich import load_knowledge
from enrich.concordance import NAME
from index.embedded import EmbeddedStore
from index.keys import OWN_KEY
from netdocket.errors import ConfigurationError
from streams.walk import walk
from tests.dashboards import plain
from tests.dashboards.conftest import Client, served, stored

TODAY = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
SCOPES: dict[str, Callable[[Mapping[str, Any]], bool]] = {
    "": lambda d: True,
    "role=official": lambda d: d.get("source_role") == "official",
    "source=twobirds&place=320000": lambda d: (
        d.get("source") == "twobirds" and plain.values(d, "place.province") == ["320000"]
    ),
}
FOREIGN = {"instruments", "sources", "penalty-types"}
PANELS = list(load_panels().values())


@pytest.fixture(scope="module")
def documents(store: EmbeddedStore) -> dict[str, list[dict[str, Any]]]:
    return {index: [d for _, d in walk(store, index)] for index in sorted({p.index for p in PANELS})}


@pytest.mark.parametrize("scope", list(SCOPES), ids=lambda scope: scope or "all")
@pytest.mark.parametrize("panel", [p for p in PANELS if p.chart != "documents"], ids=lambda panel: panel.id)
def test_every_figure_equals_plain_python(
    panel: Panel, scope: str, client: Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    answer = client.get(f"/panels/{panel.id}.json?{scope}&lang=en")
    if scope and panel.scoped and panel.index in FOREIGN:
        assert answer.status == 400
        return
    docs = plain.of_panel(panel, documents[panel.index])
    if panel.scoped:
        docs = [d for d in docs if SCOPES[scope](d)]
    found = answer.json()
    assert found["total"] == len(docs)
    expected = plain.rows(panel, docs)
    shown = {
        tuple(row[by.field]["code"] for by in panel.by): [row[measure.id] for measure in panel.measures]
        for row in found["rows"]
    }
    shown = {key: row for key, row in shown.items() if key in expected or any(row)}
    assert set(shown) == set(expected)
    for key, row in shown.items():
        for measure, value, exact in zip(panel.measures, row, expected[key], strict=True):
            assert plain.same(measure, value, exact), (key, measure.id, value, exact)
    told = {words: n for words, n in found["left_out"].items() if words != "under values not listed"}
    assert told == dict(plain.left_out(panel, docs))
    if len(panel.by) == 1 and panel.by[0].kind == "terms":
        held = sum(len(plain.keys(panel.by[0], d)) for d in docs)
        counts = sum(len([d for d in docs if key[0] in plain.keys(panel.by[0], d)]) for key in expected)
        assert found["left_out"].get("under values not listed", 0) == held - counts


@pytest.mark.parametrize("panel", [p for p in PANELS if p.chart == "documents"], ids=lambda panel: panel.id)
def test_every_panel_of_documents_shows_the_first_of_them(
    panel: Panel, client: Client, documents: dict[str, list[dict[str, Any]]]
) -> None:
    docs = plain.of_panel(panel, documents[panel.index])
    field, down = (panel.upcoming, False) if panel.upcoming else (panel.sort, panel.order == "desc")
    assert field
    if panel.upcoming:
        docs = [d for d in docs if (d.get(field) or "")[:10] >= TODAY.isoformat()]
    own = OWN_KEY[panel.index]
    docs.sort(key=lambda d: d[own])
    known = sorted((d for d in docs if d.get(field) is not None), key=lambda d: d[field], reverse=down)
    expected = [d[own] for d in [*known, *(d for d in docs if d.get(field) is None)]][: panel.size]
    found = client.get(f"/panels/{panel.id}.json?lang=en").json()
    assert found["total"] == len(docs)
    assert [d[own] for d in found["rows"]] == expected
    lines = list(csv.reader(io.StringIO(client.get(f"/panels/{panel.id}.csv?lang=en").text.lstrip("\ufeff"))))
    assert len(lines) == len(expected) + 1
    assert lines[0][: len(panel.columns)] == [column.title.en for column in panel.columns]


def test_panels_keep_to_the_mapping() -> None:
    """Every field exists, and is of a type that its part of the panel can be made from."""
    whole = {"keyword", "long", "integer", "double", "boolean", "date"}
    for panel in PANELS:
        fields = index_fields(panel.index)
        used = [by.field for by in panel.by] + [m.field for m in panel.measures if m.field]
        used += [m.lacks for m in panel.measures if m.lacks] + [*panel.where]
        used += [name for name in (panel.sort, panel.upcoming) if name]
        for field in used:
            assert fields.get(field) in whole, (panel.id, field)
        for column in panel.columns:
            assert column.field in fields, (panel.id, column.field)
        for measure in panel.measures:
            if measure.kind in ("sum", "max", "median", "percentile"):
                assert fields[measure.field or ""] in {"long", "integer", "double"}, (panel.id, measure.id)


def test_filters_lead_where_they_are_known() -> None:
    """A bucket can be clicked: its filter is one of the dashboard and of the list behind its figures."""
    for board in load_dashboards().values():
        assert set(board.filters) <= set(load_lists()[board.index].facets), board.id
        for panel in board.panels:
            for by in panel.by:
                if by.filter and by.filter != "month":
                    assert by.filter in board.filters, (board.id, panel.id, by.filter)
                    assert load_filters()[by.filter].field_in(panel.index), (panel.id, by.filter)
                    if panel.index in LIST_OF:
                        assert by.filter in load_lists()[LIST_OF[panel.index]].facets
            assert panel.see is None or panel.see in load_dashboards()


def test_a_panel_is_declared_once_and_told_from_others() -> None:
    ids = [panel.id for board in load_dashboards().values() for panel in board.panels]
    distinct = {id: load_panels()[id] for id in ids}
    for board in load_dashboards().values():
        assert len({panel.id for panel in board.panels}) == len(board.panels)
        for panel in board.panels:
            assert panel == distinct[panel.id]


@pytest.mark.parametrize("name", list(load_dashboards()))
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_dashboard_shows_its_panels_what_they_leave_out_and_the_others(
    name: str, language: str, client: Client
) -> None:
    board = load_dashboards()[name]
    answer = client.get(f"{path_of(name)}?lang={language}&role=official")
    assert answer.status == 200
    html = unescape(answer.text)
    assert re.findall(r'<section class="panel[^"]*" id="(\w+)"', html) == [p.id for p in board.panels]
    assert board.leaves_out.zh in html if language == "zh" else board.leaves_out.en in html
    nav = re.search(r'<nav class="boards".*?</nav>', html, re.S)
    assert nav
    for other in load_dashboards().values():
        assert f'href="{path_of(other.id)}?role=official&lang={language}"' in nav[0]
    for panel in board.panels:
        if panel.scoped and panel.index in FOREIGN:
            continue
        for form in ("csv", "json"):
            assert f'href="/panels/{panel.id}.{form}' in html


def test_going_to_another_dashboard_keeps_the_filters_that_it_has(client: Client) -> None:
    html = unescape(client.get("/?violation=MLPS&place=320000&from=2022&lang=en").text)
    assert 'href="/dashboards/penalties?violation=MLPS&place=320000&from=2022&lang=en"' in html
    assert 'href="/dashboards/incidents?place=320000&from=2022&lang=en"' in html
    assert client.get("/dashboards/incidents?violation=MLPS").status == 400
    assert client.get("/dashboards/weather").status == 404


def test_change_equals_the_two_periods_asked_for_one_by_one(client: Client) -> None:
    html = client.get("/?from=2023-01&to=2023-06&lang=en").text
    block = re.search(r'id="key_figures".*?</section>', html, re.S)
    assert block
    assert "2023-01 – 2023-06, and before that 2022-07 – 2022-12" in block[0]
    found = re.findall(r'<dd class="beside change">(\S+), before that (\S+)</dd>', block[0])
    now, then = (
        client.get(f"/panels/key_figures.json?from={a}&to={b}").json()["rows"][0]
        for a, b in (("2023-01", "2023-06"), ("2022-07", "2022-12"))
    )
    names = [m.id for m in load_panels()["key_figures"].measures if not m.beside]
    assert found == [(str(now[name]), str(then[name])) for name in names]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, ("2025-05-01", "2026-04-30", "2024-05-01", "2025-04-30")),
        ("2024", "2024", ("2024-01-01", "2024-12-31", "2023-01-01", "2023-12-31")),
        ("2024-02", "2024-03", ("2024-02-01", "2024-03-31", "2023-12-01", "2024-01-31")),
        ("2024-03-05", "2024-03-14", ("2024-03-05", "2024-03-14", "2024-02-24", "2024-03-04")),
        (None, "2023", ("2023-01-01", "2023-12-31", "2022-01-01", "2022-12-31")),
        ("2026-05-18", None, ("2026-05-18", "2026-05-20", "2026-05-15", "2026-05-17")),
    ],
)
def test_periods_compared_are_of_one_length(
    since: str | None, until: str | None, expected: tuple[str, ...]
) -> None:
    found = compared(since, until, dt.date(2026, 5, 20))
    assert found
    assert (*found[0], *found[1]) == expected


def test_a_period_that_has_not_begun_is_not_compared() -> None:
    assert compared("2031", None, dt.date(2026, 5, 20)) is None


def test_inner_dimensions_hold_every_code() -> None:
    """A cell left out of a cross table would look like a nought."""
    knowledge = load_knowledge()
    for panel in PANELS:
        for dimension in panel.by[1:]:
            if dimension.kind == "terms":
                assert dimension.group
                assert dimension.size >= len(knowledge.codes(dimension.group)), panel.id


def test_a_provision_leads_to_the_cases_of_its_old_and_its_new_article(client: Client) -> None:
    table = client.get("/panels/provisions.json?role=official").json()
    row = next(row for row in table["rows"] if row["article_key"]["code"] == "CSL:21>23")
    assert row["old"]
    assert row["new"]
    page = client.get("/dashboards/articles?role=official&lang=en").text
    assert "Cybersecurity Law, art. 21 (2016), now 23 (2025)" in page
    assert "/cases?role=official&amp;article=CSL-2016%3A21&amp;article=CSL-2025%3A23" in page
    there = client.get("/cases.json?role=official&article=CSL-2016%3A21&article=CSL-2025%3A23").json()
    assert row["citations"] == row["old"] + row["new"]
    assert 0 < len(there["records"]) <= row["citations"]


def test_the_versions_of_provisions_are_those_of_the_catalogue() -> None:
    """A law that is amended next needs no more than its concordance."""
    laws = load_knowledge().laws.values()
    concordances = [
        (f"{law.id}-{years[1]}", f"{law.id}-{years[2]}", law.en_name)
        for law in laws
        for name in law.entry
        if (years := NAME.fullmatch(name))
    ]
    panel = load_panels()["provisions"]
    only = {measure.id: measure.only.get("version") for measure in panel.measures}
    assert only["old"] == sorted(old for old, _, _ in concordances)
    assert only["new"] == sorted(new for _, new, _ in concordances)
    assert [name for *_, name in concordances if name not in panel.counts.en] == []
    assert "{" not in panel.counts.en + panel.counts.zh


def one_month(month: str) -> tuple[Panel, Table]:
    panel = next(panel for panel in load_panels().values() if panel.chart == "columns")
    series = Key("official", Text("Official", "官方"))
    keys = tuple(Key(month, Text(month, month)) if by.kind == "months" else series for by in panel.by)
    return panel, Table(by=panel.by, measures=panel.measures, rows=(Row(keys, (3,)),), total=3)


def test_a_single_month_does_not_fill_the_chart() -> None:
    spec = chart(*one_month("2024-03"), "en")
    assert spec
    scale = spec["encoding"]["x"]["scale"]
    low, high = (
        dt.datetime.fromtimestamp(int(scale[end]["expr"]) / 1000, dt.UTC)
        for end in ("domainMin", "domainMax")
    )
    assert spec["encoding"]["y"]["axis"]["values"] == [0, 1, 2, 3]
    assert (high.year * 12 + high.month) - (low.year * 12 + low.month) == 12
    assert low < dt.datetime(2024, 3, 1, tzinfo=dt.UTC) < high


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_a_month_at_the_end_of_the_calendar_is_drawn(month: str) -> None:
    spec = chart(*one_month(month), "en")
    assert spec
    assert [datum["v"] for datum in spec["data"]["values"]] == [3]


def test_a_text_of_the_law_counts_in_panels_of_provisions_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere nothing says which versions those are: it would count all."""
    declared = load._written("articles")
    provisions = next(p for p in declared.panels if isinstance(p, Panel) and p.id == "provisions")
    other = msgspec.structs.replace(
        provisions, by=tuple(by for by in provisions.by if by.kind != "provisions")
    )
    monkeypatch.setattr(load, "_written", lambda _: msgspec.structs.replace(declared, panels=(other,)))
    with pytest.raises(ConfigurationError, match="no provisions"):
        load.load_dashboard.__wrapped__("articles")


def test_an_empty_store_is_not_blamed_on_filters(tmp_path: Path) -> None:
    with stored(tmp_path / "s", []) as store, served(store) as client:
        page = client.get("/?lang=en").text
        assert "No records of this kind yet." in page
        assert "for these filters" not in page
        assert "for these filters" in client.get("/?lang=en&violation=MLPS").text
        assert 'id="fine_sizes-spec"' not in client.get("/dashboards/penalties?lang=en").text
