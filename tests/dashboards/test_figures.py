"""Every figure on the page equals plain Python over the records that the store was filled with."""

from __future__ import annotations

import itertools
import math
import re
import statistics
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any

import pytest

from dashboards.panels.load import load_dashboard, load_filters, load_lists, load_panels
from netdocket.records import Citation, Penalty, Record
from tests.dashboards.conftest import Client, of_kind

SCOPES: dict[str, Callable[[Record], bool]] = {
    "": lambda r: True,
    "violation=MLPS&violation=HACKING": lambda r: bool(codes(r) & {"MLPS", "HACKING"}),
    "role=official": lambda r: r.source_role == "official",
    "penalty=FINE&authority=POLICE_LOCAL": lambda r: "FINE" in kinds(r) and "POLICE_LOCAL" in who(r),
    "place=320000": lambda r: province(r) == "320000",
    "from=2022&to=2024-06": lambda r: in_period(r, "2022-01-01", "2024-07-01", {"2022", "2023"}),
    "from=2023-02&to=2023-11": lambda r: in_period(r, "2023-02-01", "2023-12-01", set()),
    "sector=EDU&kind=ENFORCEMENT_CASE": lambda r: sector(r) == "EDU" and r.kind == "ENFORCEMENT_CASE",
    "article=CSL-2016%3A21": lambda r: "CSL-2016:21" in cited(r, "violated", "basis"),
    "source=twobirds&language=en": lambda r: r.source == "twobirds",
}
MONEY = ("FINE", "CRIM_FINE", "CONFISCATE")
SIZES = (None, 1000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000, 100_000_000, None)


def codes(r: Record) -> set[str]:
    return {v.code for v in r.violations}


def who(r: Record) -> set[str]:
    return {a.type for a in r.authorities}


def kinds(r: Record) -> set[str]:
    return {p.type for p in r.case.penalties} if r.case else set()


def province(r: Record) -> str | None:
    return r.place.province.code if r.place and r.place.province else None


def sector(r: Record) -> str | None:
    return r.sector.value if r.sector else None


def month(r: Record) -> str | None:
    known = r.event_date and r.event_date.precision != "year"
    return r.event_date.value[:7] if known and r.event_date else None


def article(c: Citation) -> str:
    return f"{c.version or c.law}:{c.article}"


def cited(r: Record, *roles: str) -> set[str]:
    """A law that is cited as a whole is no article."""
    return {article(c) for c in (r.case.citations if r.case else ()) if c.role in roles and c.article}


def in_period(r: Record, start: str, end: str, whole_years: set[str]) -> bool:
    if r.event_date is None:
        return False
    if r.event_date.precision == "year":
        return r.event_date.value in whole_years
    return start <= (r.event_date.value + "-01")[:10] < end


# --- what each panel must show, said once more in Python -------------------------------------------------


def counted(cases: Iterable[Record], values: Callable[[Record], Iterable[Any]]) -> Counter[tuple[str, ...]]:
    return Counter(
        key if isinstance(key, tuple) else (key,)
        for case in cases
        for key in {v for v in values(case) if v is not None}
    )


COUNTS: dict[str, Callable[[Record], Iterable[Any]]] = {
    "cases_by_month": lambda r: [(r.source_role, month(r))] if month(r) else [],
    "violations_by_month": lambda r: [(v, month(r)) for v in codes(r)] if month(r) else [],
    "violations": codes,
    "penalty_types": kinds,
    "articles_violated": lambda r: cited(r, "violated"),
    "articles_basis": lambda r: cited(r, "basis"),
    "authorities": who,
    "places": lambda r: [province(r)],
    "violation_by_authority": lambda r: [(v, a) for v in codes(r) for a in who(r)],
    "sectors": lambda r: [sector(r)],
}
ABSENT: dict[str, list[Callable[[Record], bool]]] = {
    "cases_by_month": [lambda r: month(r) is None],
    "violations_by_month": [lambda r: not codes(r), lambda r: month(r) is None],
    "violations": [lambda r: not codes(r)],
    "penalty_types": [lambda r: not kinds(r)],
    "articles_violated": [lambda r: not cited(r, "violated")],
    "articles_basis": [lambda r: not cited(r, "basis")],
    "authorities": [lambda r: not who(r)],
    "places": [lambda r: province(r) is None],
    "violation_by_authority": [lambda r: not codes(r), lambda r: not who(r)],
    "sectors": [lambda r: sector(r) is None],
}


def penalties(cases: Iterable[Record], types: Iterable[str]) -> list[Penalty]:
    return [p for case in cases if case.case for p in case.case.penalties if p.type in set(types)]


def yuan(values: Iterable[int | None]) -> list[float]:
    return [value / 100 for value in values if value is not None]


def near(found: float | None, values: list[float], percent: float) -> str:
    """A percentile is right where it lies between the values next to the exact rank, whatever is interpolated."""
    if not values:
        assert found is None or math.isnan(found)
        return "no values"
    assert found is not None
    ordered = sorted(values)
    rank = percent / 100 * (len(ordered) - 1)
    low, high = ordered[max(0, math.floor(rank) - 1)], ordered[min(len(ordered) - 1, math.ceil(rank) + 1)]
    assert low * 0.98 <= found <= high * 1.02, (found, low, high, percent)
    return f"p{percent:g} of {len(ordered)}: {found:,.2f}, neighbours {low:,.2f} to {high:,.2f}"


@pytest.fixture(scope="module", params=list(SCOPES), ids=lambda scope: scope or "all")
def scoped(request: pytest.FixtureRequest, records: list[Record]) -> tuple[str, list[Record]]:
    chosen = SCOPES[request.param]
    return request.param, [r for r in of_kind(records, "case") if chosen(r)]


HERE = (*COUNTS, "key_figures", "money", "amounts", "fine_sizes")


@pytest.mark.parametrize("panel", [load_panels()[name] for name in HERE], ids=lambda panel: panel.id)
def test_panel_equals_python(panel: Any, scoped: tuple[str, list[Record]], client: Client) -> None:
    scope, cases = scoped
    answer = client.get(f"/panels/{panel.id}.json?{scope}")
    assert answer.status == 200, answer.text
    found = answer.json()
    if panel.id in ("money", "amounts", "fine_sizes"):
        check_money(panel.id, found, scope, cases)
        return
    assert found["total"] == len(cases)
    if panel.id == "key_figures":
        (row,) = found["rows"]
        names = {a.name for case in cases for a in case.authorities}
        official = sum(case.source_role == "official" for case in cases)
        fined = sum("FINE" in kinds(case) for case in cases)
        provinces = {province(case) for case in cases} - {None}
        assert row == {
            "cases": len(cases),
            "official": official,
            "fined": fined,
            "provinces": len(provinces),
            "authorities": len(names),
        }
        return
    check_counts(panel, found, cases)


def check_counts(panel: Any, found: dict[str, Any], cases: list[Record]) -> None:
    fields = [by.field for by in panel.by]
    shown = {
        tuple(row[field]["code"] for field in fields): row[panel.measures[0].id] for row in found["rows"]
    }
    exact = counted(cases, COUNTS[panel.id])
    if len(fields) == 2:
        # The outer dimension is cut to its most frequent values, counted without regard to the inner one.
        outer = counted(cases, lambda r: {(r.source_role)} if fields[0] == "source_role" else codes(r))
        kept = {key for (key,), _ in ranked(outer)[: panel.by[0].size]}
        exact = Counter({key: n for key, n in exact.items() if key[0] in kept})
    else:
        exact = Counter(dict(ranked(exact)[: panel.by[0].size]))
    assert {key: n for key, n in shown.items() if n} == dict(exact)
    told = found["left_out"]
    for dimension, absent in zip([by for by in panel.by if by.unknown], ABSENT[panel.id], strict=True):
        assert told.get(dimension.unknown.en, 0) == sum(map(absent, cases))
    if len(fields) == 1:
        beyond = counted(cases, COUNTS[panel.id]).total() - exact.total()
        assert told.get("under values not listed", 0) == beyond


def ranked(counts: Counter[tuple[str, ...]]) -> list[tuple[tuple[str, ...], int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def check_money(name: str, found: dict[str, Any], scope: str, cases: list[Record]) -> None:
    """A filter on the kind of penalty narrows penalties one by one, the other filters whole cases."""
    asked = urllib.parse.parse_qs(scope).get("penalty", list(MONEY))
    some = penalties(cases, set(asked) & set(MONEY))
    if name == "money":
        (row,) = found["rows"]
        fines = yuan(p.amount for p in some if p.type == "FINE")
        totals = yuan(p.total for p in some)
        assert row["total"] == pytest.approx(sum(totals), abs=0.005)
        assert row["known"] == len(totals)
        assert row["unknown"] == sum(p.amount is None for p in some)
        assert row["median_n"] == len(fines)
        assert row["largest"] == (max(totals) if totals else None)
        print(near(row["median"], fines, 50))
        if fines:
            assert (
                statistics.median_low(fines) * 0.98 <= row["median"] <= statistics.median_high(fines) * 1.02
            )
    elif name == "amounts":
        rows = {row["penalty_type"]["code"]: row for row in found["rows"]}
        assert set(rows) == {p.type for p in some}
        for type_, row in rows.items():
            own = [p for p in some if p.type == type_]
            amounts = yuan(p.amount for p in own)
            assert row["sum"] == pytest.approx(sum(yuan(p.total for p in own)), abs=0.005)
            assert row["n"] == len(amounts)
            assert row["unknown"] == len(own) - len(amounts)
            assert row["max"] == (max(amounts) if amounts else None)
            print(type_, near(row["median"], amounts, 50), near(row["p90"], amounts, 90))
    else:
        fines = [p for p in penalties(cases, ["FINE"]) if "FINE" in asked]
        amounts = yuan(p.amount for p in fines)
        expected = [
            sum((low is None or low <= a) and (high is None or a < high) for a in amounts)
            for low, high in itertools.pairwise(SIZES)
        ]
        assert [row["penalties"] for row in found["rows"]] == expected
        assert found["left_out"].get("amount unknown", 0) == len(fines) - len(amounts)


def test_first_seen_penalty_types(client: Client, records: list[Record]) -> None:
    found = client.get("/panels/first_seen.json").json()["rows"]
    earliest: dict[str, str] = {}
    for record in of_kind(records, "case"):
        for penalty in record.case.penalties if record.case else ():
            thing = penalty.type if penalty.type != "OTHER" else f"OTHER:{penalty.phrase}"
            date = record.event_date.value if record.event_date else "9999"
            earliest[thing] = min(date, earliest.get(thing, "9999"), key=lambda d: (d + "-01-01")[:10])
    assert {entry["thing"]: entry["event_date"][:4] for entry in found} == {
        thing: date[:4] for thing, date in earliest.items()
    }
    shown = client.get("/dashboards/penalties?lang=en").text
    for entry in found:
        assert f"/records/{entry['record_id']}" in shown


def test_reports_and_other_jurisdictions_are_in_no_case_figure(client: Client, records: list[Record]) -> None:
    abroad = {r.record_id for r in records if r.jurisdiction != "CN"}
    reports = {r.record_id for r in records if r.report}
    assert abroad and reports
    listed = {r["record_id"] for r in client.get("/cases.json").json()["records"]}
    assert listed == {r.record_id for r in of_kind(records, "case")}
    assert not listed & (abroad | reports)


@pytest.mark.parametrize("name", ["cases", "developments", "incidents", "reports"])
@pytest.mark.parametrize("scope", ["", "role=official", "from=2023-02&to=2023-11"])
def test_coverage_line_equals_python(name: str, scope: str, client: Client, records: list[Record]) -> None:
    section = {"cases": "case", "developments": "regulatory", "incidents": "incident", "reports": "report"}[
        name
    ]
    chosen = [r for r in of_kind(records, section) if SCOPES[scope](r)]
    line = re.search(
        r'<section class="coverage".*?</section>', client.get(f"/{name}?{scope}&lang=en").text, re.S
    )
    assert line
    numbers = [int(n) for n in re.findall(r"<li>(\d+) ", line[0])]
    expected = [
        len(chosen),
        sum(r.source_role == "secondary" for r in chosen),
        sum(month(r) is None for r in chosen),
    ]
    if name == "cases":
        unknown = [r for r in chosen if any(p.amount is None for p in penalties([r], MONEY))]
        expected.append(len(unknown))
    expected.append(sum(r.jurisdiction != "CN" for r in records))
    assert numbers == expected
    assert "2 of 4 sources in order</a>: blocked 1, never looked at 1<" in line[0]


FACETS: dict[str, Callable[[Record], Iterable[Any]]] = {
    "role": lambda r: [r.source_role],
    "kind": lambda r: [r.kind],
    "violation": codes,
    "penalty": kinds,
    "authority": who,
    "place": lambda r: [province(r)],
    "city": lambda r: [r.place.prefecture.code if r.place and r.place.prefecture else None],
    "sector": lambda r: [sector(r)],
    "subject": lambda r: {s.kind for s in r.case.subjects} if r.case else set(),
    "status": lambda r: [r.case.status.value] if r.case and r.case.status else [],
    "law": lambda r: {c.law for c in r.case.citations if c.role != "mentioned"} if r.case else set(),
    "article": lambda r: cited(r, "violated", "basis"),
    "source": lambda r: [r.source],
    "language": lambda r: [r.language],
}


@pytest.mark.parametrize(
    "scope", ["", "violation=MLPS&role=official", "authority=POLICE_LOCAL&from=2022&to=2024-06"]
)
def test_facets_count_what_choosing_them_would_leave(
    scope: str, client: Client, records: list[Record]
) -> None:
    html = client.get(f"/cases?{scope}&lang=en").text
    chosen = {
        "violation": lambda r: "MLPS" in codes(r),
        "role": lambda r: r.source_role == "official",
        "authority": lambda r: "POLICE_LOCAL" in who(r),
    }
    asked = urllib.parse.parse_qs(scope)
    dated = SCOPES["from=2022&to=2024-06"] if "from" in asked else SCOPES[""]
    assert set(FACETS) == set(load_lists()["cases"].facets)
    for name, values in FACETS.items():
        others = [chosen[other] for other in asked if other in chosen and other != name]
        cases = [r for r in of_kind(records, "case") if dated(r) and all(test(r) for test in others)]
        exact = {key: n for (key,), n in counted(cases, values).items()}
        title = load_filters()[name].title.en.replace("'", "&#39;")
        block = re.search(rf"<summary>{re.escape(title)}</summary>(.*?)</ul>", html, re.S)
        assert block, name
        shown = dict(re.findall(r'data-code="([^"]+)".*?<span class="n">([\d,]+)</span>', block[1]))
        assert shown, name
        assert {unescape(code): int(n.replace(",", "")) for code, n in shown.items()} == {
            code: exact[code] for code in map(unescape, shown)
        }


def test_page_shows_the_numbers_of_its_data(client: Client) -> None:
    """The table under each chart, and the data of the chart, are those of the panel's JSON."""
    html = client.get("/?lang=en").text
    for panel in load_dashboard("overview").panels:
        block = re.search(rf'<section class="panel[^"]*" id="{panel.id}".*?</section>', html, re.S)
        assert block, panel.id
        rows = client.get(f"/panels/{panel.id}.json?lang=en").json()["rows"]
        if panel.chart == "bars":
            cells = re.findall(r'<td class="n">(?:<a [^>]*>)?([\d,]+)', block[0])
            assert [int(cell.replace(",", "")) for cell in cells] == [
                row[panel.measures[0].id] for row in rows
            ]
            drawn = [int(v) for v in re.findall(r'"v": (\d+)', block[0])]
            assert drawn == [row[panel.measures[0].id] for row in rows]
        elif panel.chart == "columns":
            drawn = [int(v) for v in re.findall(r'"v": (\d+)', block[0])]
            assert drawn == [row["cases"] for row in rows if row["cases"]]
