"""Every number of a briefing is what plain Python counts over the same records, and can be searched for again."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest

from enrich import classify, load_knowledge
from index.embedded import EmbeddedStore
from netdocket.briefing.blocks import Briefing, Case, Chart, Cut, Number, Paragraph, Sources, Table, Text
from netdocket.briefing.charts import spec, svg
from netdocket.briefing.compose import LEAST_BASE, ROWS, change, compose
from netdocket.briefing.period import Period, parse_period, previous
from netdocket.briefing.searches import read
from netdocket.briefing.write import trace, write
from netdocket.errors import ConfigurationError
from netdocket.intake import Intake, as_bulletin
from netdocket.records import EventDate, Record
from tests.dashboards.conftest import fill
from tests.dashboards.made import made
from tests.streams import toy_rules

PAIRS = made(150)
RECORDS = [record for _, classified in PAIRS for record in classified.records]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path_factory.mktemp("briefing"), writer=True, heap_mb=32, origin_family="demo")
    fill(store, PAIRS)
    yield store
    store.close()


def briefing(store: EmbeddedStore, name: str) -> Briefing:
    period = parse_period(name)
    return compose(store, load_knowledge(), period, previous(period), demonstration_data=True)


def inside(record: Record, period: Period) -> bool:
    """As the page counts: a date known by its year alone is in where the whole year is; a month on its first day."""
    event = record.event_date
    if record.jurisdiction != "CN" or event is None:
        return False
    if event.precision == "year":
        year = int(event.value[:4])
        return period.since <= dt.date(year, 1, 1) and dt.date(year, 12, 31) <= period.until
    day = event.value if len(event.value) == 10 else event.value + "-01"
    return period.since.isoformat() <= day <= period.until.isoformat()


def cases(period: Period) -> list[Record]:
    return [r for r in RECORDS if r.case and r.source_role == "official" and inside(r, period)]


def table(found: Briefing, name: str) -> dict[str, list[float | None]]:
    (one,) = [b for b in found.blocks if isinstance(b, Table) and b.name == name]
    return {
        row[0].en: [cell.value for cell in row[1:] if isinstance(cell, Number)]
        for row in one.rows
        if isinstance(row[0], Text)
    }


@pytest.mark.parametrize("name", ["2024", "2023", "2025-Q1"])
def test_headline_figures_are_those_of_plain_python(store: EmbeddedStore, name: str) -> None:
    period = parse_period(name)
    told = table(briefing(store, name), "headline")
    for place, about in enumerate((period, previous(period))):
        there = cases(about)
        penalties = [p for r in there if r.case for p in r.case.penalties]
        fines = [p for p in penalties if p.type == "FINE"]
        totals = [p.total / 100 for p in fines if p.total is not None]
        wanted = {
            "Cases": len(there),
            "Penalties and measures": sum(p.type != "NO_PENALTY" for p in penalties),
            "Fines": len(fines),
            "Fines of known amount (n)": len(totals),
            "Fines of unknown amount": sum(p.amount is None for p in fines),
            "Sum of fines, CNY": pytest.approx(sum(totals)),
            "Median fine, CNY": pytest.approx(statistics.median(totals)) if totals else None,
            "Apps named in lists": sum(len(r.case.apps) for r in there if r.case),
            "Incidents": sum(r.incident is not None and inside(r, about) for r in RECORDS),
            "Reports on regulation": sum(r.regulatory is not None and inside(r, about) for r in RECORDS),
        }
        assert {label: values[place] for label, values in told.items()} == wanted


def test_tables_count_a_case_once_under_each_of_its_values(store: EmbeddedStore) -> None:
    period = parse_period("2024")
    knowledge = load_knowledge()
    told = table(briefing(store, "2024"), "violation")
    counted = Counter(code for r in cases(period) for code in {v.code for v in r.violations})
    before = Counter(code for r in cases(previous(period)) for code in {v.code for v in r.violations})
    assert told
    for code, count in counted.items():
        label = knowledge.label("violation_types", code).en
        if label in told:
            assert told[label] == [count, before[code]]
    assert max(counted.values()) == max(values[0] or 0 for values in told.values())


def test_every_number_can_be_searched_for_again(store: EmbeddedStore) -> None:
    traced = json.loads(trace(briefing(store, "2024")))
    assert len(traced) > 30
    for number in traced:
        assert read(store.search(number["index"], number["body"]), number["path"]) == number["value"]


def test_each_fine_is_quoted_with_its_own_sentence(tmp_path: Path) -> None:
    text = (
        "某市网信办查处一起网络安全案件\n"
        "经查，蓝湖科技有限公司未履行网络安全保护义务，违反《中华人民共和国网络安全法》第二十一条。"
        "网信办依法对其直接负责的主管人员处以罚款五万元。同日，网信办对蓝湖科技有限公司处以罚款一百万元。"
    )
    bulletin = as_bulletin(
        Intake(
            text=text,
            title="查处一起网络安全案件",
            language="zh",
            published="2024-05-06",
            publisher="某市网信办",
        ),
        origin="replica",
    )
    with_fines = classify(bulletin)
    assert [p.amount for r in with_fines.records if r.case for p in r.case.penalties] == [
        5_000_000,
        100_000_000,
    ]
    with contextlib.closing(EmbeddedStore(tmp_path / "s", writer=True, heap_mb=32)) as store:
        fill(store, [(bulletin, with_fines)])
        told = [b for b in briefing(store, "2024").blocks if isinstance(b, Case)]
    assert [("一百万元" in (c.quotation or ""), "五万元" in (c.quotation or "")) for c in told] == [
        (True, False),
        (False, True),
    ]


def test_new_kinds_are_those_that_no_official_source_had_before(store: EmbeddedStore) -> None:
    imposed = sorted(
        (r.event_date.value, p.type, p.phrase)
        for r in RECORDS
        if r.case and r.jurisdiction == "CN" and r.source_role == "official" and r.event_date
        for p in r.case.penalties
        if p.type != "NO_PENALTY"
    )  # fmt: skip
    first: dict[str, str] = {}
    for day, kind, phrase in imposed:
        first.setdefault(f"OTHER:{phrase}" if kind == "OTHER" else kind, day)
    found = {}
    for year in sorted({day[:4] for day in first.values()}):
        blocks = briefing(store, year).blocks
        for block in blocks:
            if isinstance(block, Table) and block.name == "new-penalties":
                found[year] = sorted(str(row[1]) for row in block.rows)
    wanted: dict[str, list[str]] = {}
    for day in sorted(first.values()):
        wanted.setdefault(day[:4], []).append(day)
    assert found == wanted
    assert len(found) > 1 or len(first) > 5


def test_incidents_by_type_are_those_of_plain_python(store: EmbeddedStore) -> None:
    period = parse_period("2024")
    there = [r for r in RECORDS if r.incident and inside(r, period)]
    counted = Counter(found.value for r in there if r.incident for found in r.incident.types)
    knowledge = load_knowledge()
    told = table(briefing(store, "2024"), "incident")
    assert {label: values[0] for label, values in told.items()} == {
        knowledge.label("incident_types", code).en: count for code, count in counted.items()
    }


def test_articles_are_called_by_the_name_of_their_law(store: EmbeddedStore) -> None:
    labels = table(briefing(store, "2024"), "article")
    assert "Cybersecurity Law (2016), art. 21" in labels


def test_charts_draw_the_numbers_of_their_tables(store: EmbeddedStore, tmp_path: Path) -> None:
    found = briefing(store, "2024")
    charts = [b for b in found.blocks if isinstance(b, Chart)]
    assert len(charts) > 3
    for chart in charts:
        drawn = [value["value"] for value in spec(chart.table, "zh")["data"]["values"]]
        shown = [cell.value for row in chart.table.rows for cell in row if isinstance(cell, Number)]
        assert drawn == shown
    write(found, tmp_path / "out.html", "html", "zh")
    assert (tmp_path / "out.html").read_text("utf-8").count("<svg") == len(charts)
    write(found, tmp_path / "out.docx", "docx", "en")
    with ZipFile(tmp_path / "out.docx") as file:
        assert len([name for name in file.namelist() if name.endswith(".png")]) >= 3


def test_a_chart_draws_what_is_not_known_as_a_dash_and_not_as_nothing() -> None:
    def row(name: str, *values: float | None) -> list[Text | Number]:
        return [Text(name, name), *(Number(value, "cases", {}, ()) for value in values)]

    head = [Text("Kind", "种类"), Text("2025", "2025"), Text("2024", "2024")]
    drawn = svg(
        Table("x", head, [row("Fine", 3.0, 0.0), row("Warning", 4.0, None), row("Talk", None, None)]), "en"
    )
    said = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert said.count("–") == 3


@pytest.mark.parametrize(
    ("dates", "period", "first"),
    [
        (["2024-11-01"], "2024-Q4", "2024-11-01"),
        (["2024", "2024-11-01"], "2024-Q4", None),
        (["2024", "2024-08-01"], "2024-Q3", None),
        (["2024", "2024-02-01"], "2024-Q1", "2024-02-01"),
        (["2024", "2024-08-01"], "2024", "2024"),
        (["2023", "2024-02-01"], "2024", None),
        (["2024-03", "2024-03-08"], "2024-03-05..2024-03-10", None),
        (["2024-02-01", "2024-11-01"], "2024-Q4", None),
    ],
)
def test_a_kind_is_new_only_where_nothing_of_it_may_be_earlier(
    tmp_path: Path, dates: list[str], period: str, first: str | None
) -> None:
    pairs = []
    for number, date in enumerate(dates):
        one = toy_rules.bulletin(f"b{number}", 1, "FINE", origin="replica")
        found = toy_rules.classify(one, toy_rules.rules(1))
        precision = {4: "year", 7: "month", 10: "day"}[len(date)]
        when = EventDate(value=date, precision=precision, from_="text")  # type: ignore[arg-type]
        records = tuple(
            msgspec.structs.replace(record, event_date=when, origin="replica") for record in found.records
        )
        pairs.append((one, msgspec.structs.replace(found, records=records)))
    with contextlib.closing(EmbeddedStore(tmp_path / "s", writer=True, heap_mb=32)) as store:
        fill(store, pairs)
        tables = [b for b in briefing(store, period).blocks if isinstance(b, Table)]
    told = [row[1] for one in tables if one.name == "new-penalties" for row in one.rows]
    assert told == ([first] if first else [])


def test_a_list_that_is_cut_says_of_how_many(store: EmbeddedStore) -> None:
    cuts = {
        cut.shown: cut.total.value
        for cut in briefing(store, "2018-01-01..2025-12-31").blocks
        if isinstance(cut, Cut)
    }
    period = parse_period("2018-01-01..2025-12-31")
    fines = [
        p
        for r in cases(period)
        if r.case
        for p in r.case.penalties
        if p.type == "FINE" and p.total is not None
    ]
    tracked = [r for r in RECORDS if r.regulatory and r.regulatory.instrument and inside(r, period)]
    assert len(fines) > ROWS
    assert len(tracked) > 2 * ROWS
    assert cuts[ROWS] == len(fines)
    assert cuts[2 * ROWS] == len(tracked)


def test_an_address_is_a_link_in_markdown_only_where_it_is_one(tmp_path: Path) -> None:
    urls = ["https://a.example/?x=1&y=2", "javascript:alert(1)", "https://b.example/><img src=x>", "–"]
    path = tmp_path / "out.md"
    write(Briefing(Text("t", "t"), [Sources(urls)]), path, "md", "en")
    lines = path.read_text("utf-8").splitlines()[2:]
    assert lines[0] == "1. <https://a.example/?x=1&y=2>"
    assert not any(re.search(r"(?<!\\)[<>]", line) for line in lines[1:])


def test_a_period_without_data_says_so_and_has_no_rates(store: EmbeddedStore) -> None:
    found = briefing(store, "1999-Q4")
    assert any(isinstance(b, Paragraph) and b.text.en.startswith("No case") for b in found.blocks)
    assert {values[0] for values in table(found, "headline").values()} <= {0, None}


def test_no_rate_of_change_on_a_tiny_base() -> None:
    assert change(30, LEAST_BASE - 1, LEAST_BASE - 1).en == f"base under {LEAST_BASE}"
    assert change(30, 20, 20).en == "+50%"
    assert change(5, 0, 0).en == "no base"
    assert change(None, 20, 20).en == "no base"


@pytest.mark.parametrize("format", ["md", "html", "docx", "xlsx"])
def test_written_in_both_languages_with_nothing_of_a_publisher_as_markup(
    store: EmbeddedStore, tmp_path: Path, format: str
) -> None:
    found = briefing(store, "2024")
    hostile = Paragraph(Text("<script>alert(1)</script> =1+1 \x07", "<script>"))
    path = tmp_path / f"out.{format}"
    write(Briefing(found.title, [*found.blocks, hostile]), path, format, "both")
    if format in ("docx", "xlsx"):
        with ZipFile(path) as file:
            assert file.testzip() is None
            text = "".join(file.read(n).decode() for n in file.namelist() if n.endswith(".xml"))
    else:
        text = path.read_text("utf-8")
    assert "主要数据" in text
    assert "Headline figures" in text
    assert "<script>" not in text.replace("\\<script\\>", "")


@pytest.mark.parametrize(
    ("name", "since", "until", "before"),
    [
        ("2026-Q3", "2026-07-01", "2026-09-30", "2026-Q2"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-01"),
        ("2024", "2024-01-01", "2024-12-31", "2023"),
        ("2024-03-01..2024-03-10", "2024-03-01", "2024-03-10", "2024-02-20..2024-02-29"),
    ],
)
def test_periods(name: str, since: str, until: str, before: str) -> None:
    period = parse_period(name)
    assert (str(period.since), str(period.until), previous(period).name) == (since, until, before)


@pytest.mark.parametrize(
    "name", ["2026-Q5", "2026-13", "soon", "2026-02-30..2026-03-01", "2026-03-02..2026-03-01"]
)
def test_no_period(name: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_period(name)
