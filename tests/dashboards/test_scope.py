"""What an address asks for: read, refused with a reason, and written again as it was."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.panels.errors import FilterError
from dashboards.panels.fulltext import text_query
from dashboards.panels.load import load_filters
from dashboards.panels.scope import Scope, bounds, parse_scope, period

ALL = tuple(load_filters())
words = st.text(min_size=1, max_size=20).map(str.strip).filter(bool)
dates = st.dates(dt.date(1995, 1, 1), dt.date(2030, 12, 31))
shapes = st.sampled_from(("%Y", "%Y-%m", "%Y-%m-%d"))


@given(
    chosen=st.dictionaries(
        st.sampled_from(ALL), st.lists(words, min_size=1, max_size=3, unique=True), max_size=4
    ),
    since=st.none() | st.builds(lambda day, shape: day.strftime(shape), dates, shapes),
    text=st.none() | st.sampled_from(("罚款", 'fine "data law" -draft', "a OR b", "你好 | world")),
)
def test_scope_survives_its_address(
    chosen: dict[str, list[str]], since: str | None, text: str | None
) -> None:
    scope = Scope(chosen={n: tuple(chosen[n]) for n in ALL if n in chosen}, since=since, text=text)
    assert parse_scope(parse_qsl(scope.address()), allowed=ALL, known={}) == scope


def test_a_filter_can_be_taken_off_again() -> None:
    scope = Scope(chosen={"violation": ("MLPS",)}, since="2023", text="x")
    assert scope.toggled("violation", "RUMOUR").toggled("violation", "RUMOUR") == scope
    assert scope.toggled("violation", "MLPS").chosen == {}
    assert scope.without("q").without("from").without("violation").empty
    assert scope.narrowed("month", "2024-05").parameters()[1:3] == [("from", "2024-05"), ("to", "2024-05")]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("from=2023-13", "from=2023-13"),
        ("from=yesterday", "from=yesterday"),
        ("to=2023-02-30", "to=2023-02-30"),
        ("from=0000", "from=0000"),
        ("from=2024&to=2023", "from=2024&to=2023"),
        ("from=2023&from=2024", "from"),
        ("violatoin=MLPS", "did you mean violation?"),
        ("violation=MLSP", "did you mean MLPS?"),
        ("q=%22open", "quotation mark"),
        ("q=OR+b", "OR needs something"),
        ("q=...", "no letter or digit"),
        ("q=" + "x" * 501, "longer than 500"),
        ("place=" + "1" * 201, "longer than 200"),
        ("&".join(f"place={n}" for n in range(51)), "more than 50"),
    ],
)
def test_what_cannot_be_used_is_named(address: str, named: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_scope(parse_qsl(address), allowed=ALL, known={"violation": frozenset({"MLPS", "RUMOUR"})})
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.said.zh != caught.value.said.en


@given(dates, dates, shapes, shapes)
def test_period_is_whole_days_months_and_years(one: dt.date, two: dt.date, first: str, last: str) -> None:
    """Of dates known to the day, exactly those between the first day of `from` and the last of `to`; of those known by
    the year alone, the years that lie wholly in it."""
    since, until = one.strftime(first), two.strftime(last)
    start, end = dt.date.fromisoformat(bounds(since)[0]), dt.date.fromisoformat(bounds(until)[1])
    if start >= end:
        return
    clause = period(since, until)
    for day in (start, end - dt.timedelta(days=1), start - dt.timedelta(days=1), end):
        assert holds(clause, {"event_date": day.isoformat(), "event_precision": "day"}) == (
            start <= day < end
        )
    for year in range(start.year - 1, end.year + 2):
        inside = start <= dt.date(year, 1, 1) and dt.date(year + 1, 1, 1) <= end
        assert holds(clause, {"event_date": f"{year}-01-01", "event_precision": "year"}) == inside


@given(st.integers(1995, 2030), st.integers(1, 12))
def test_bounds_of_a_month(year: int, month: int) -> None:
    start, end = (dt.date.fromisoformat(day) for day in bounds(f"{year}-{month:02d}"))
    assert start == dt.date(year, month, 1)
    assert (end - start).days == calendar.monthrange(year, month)[1]


def holds(clause: dict[str, Any], document: dict[str, str]) -> bool:
    """A search body's meaning, for the few clauses that a period is made of."""
    ((name, inner),) = clause.items()
    if name == "bool":
        return (
            all(holds(c, document) for c in inner.get("filter", ()))
            and not any(holds(c, document) for c in inner.get("must_not", ()))
            and (not inner.get("should") or any(holds(c, document) for c in inner["should"]))
        )
    ((field, wanted),) = inner.items()
    if name == "term":
        return document[field] == wanted
    assert name == "range"
    return wanted.get("gte", "") <= document[field] < wanted.get("lt", "9999")


def phrases(query: dict[str, Any], part: str) -> list[list[str]]:
    """The words that each clause of a text query looks for, alternatives together."""

    def looked_for(clause: dict[str, Any]) -> list[str]:
        if "match_phrase" in clause:
            return [next(iter(clause["match_phrase"].values()))]
        return [word for inner in clause["bool"]["should"] for word in looked_for(inner)]

    return [list(dict.fromkeys(looked_for(clause))) for clause in query["bool"].get(part, ())]


def test_text_query_reads_phrases_exclusions_and_alternatives() -> None:
    query = text_query('"network security" 罚款 -draft a OR b')
    assert phrases(query, "must") == [["network security"], ["罚款"], ["a", "b"]]
    assert phrases(query, "must_not") == [["draft"]]
    assert phrases(text_query("“等级保护”|未备案"), "must") == [["等级保护", "未备案"]]
