"""What of the data a page speaks about: the filters in its address, and the counting rules that hold everywhere.

Only records of mainland jurisdiction (`CN`) are ever counted. A period takes the records whose event date lies in it;
a record known by its year alone is in it only where the whole year is.
"""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from dashboards.panels.errors import FilterError
from dashboards.panels.fulltext import text_query
from dashboards.panels.load import Filter, index_fields, load_filters

Clause = dict[str, Any]
JURISDICTION = "CN"
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_MAX_VALUES = 50
_MAX_VALUE = 200


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """`chosen`: filter name -> values, any one of which will do. `since`, `until`: YYYY, YYYY-MM or YYYY-MM-DD, both
    included. `text`: words to be found."""

    chosen: dict[str, tuple[str, ...]] = {}
    since: str | None = None
    until: str | None = None
    text: str | None = None

    @property
    def empty(self) -> bool:
        return not (self.chosen or self.since or self.until or self.text)

    def clauses(self, index: str, *, leave_out: str | None = None) -> tuple[list[Clause], list[str]]:
        """The clauses for `index` and the names of the filters that it has no field for. `leave_out`: a filter that is
        not applied, as its own facet wants it."""
        fields = index_fields(index)
        clauses: list[Clause] = []
        foreign: list[str] = []
        if "jurisdiction" in fields:
            clauses.append({"term": {"jurisdiction": JURISDICTION}})
        for name, values in self.chosen.items():
            if name == leave_out:
                continue
            field = load_filters()[name].field_in(index)
            if field is None:
                foreign.append(name)
            else:
                clauses.append({"terms": {field: list(values)}})
        if self.since or self.until:
            if "event_date" in fields:
                clauses.append(period(self.since, self.until))
            else:
                foreign.append("from" if self.since else "to")
        if self.text:
            if "text" in fields:
                clauses.append(text_query(self.text))
            else:
                foreign.append("q")
        return clauses, foreign

    def parameters(self) -> list[tuple[str, str]]:
        """The scope as it stands in an address, in a fixed order."""
        found = [(name, value) for name in load_filters() for value in self.chosen.get(name, ())]
        return found + [
            (name, value)
            for name, value in (("from", self.since), ("to", self.until), ("q", self.text))
            if value
        ]

    def address(self) -> str:
        return urlencode(self.parameters())

    def toggled(self, name: str, value: str) -> Scope:
        """With `value` chosen where it is not, and the other way round."""
        values = self.chosen.get(name, ())
        kept = tuple(v for v in values if v != value) if value in values else (*values, value)
        return self._with(name, kept)

    def narrowed(self, name: str, *values: str) -> Scope:
        """With these values alone chosen; `month` sets the period."""
        if name == "month":
            return msgspec.structs.replace(self, since=values[0], until=values[-1])
        return self._with(name, values)

    def without(self, name: str) -> Scope:
        fields = {"from": "since", "to": "until", "q": "text"}
        if name in fields:
            return msgspec.structs.replace(self, **{fields[name]: None})
        return self._with(name, ())

    def within(self, since: str, until: str) -> Scope:
        """The same, of another period."""
        return msgspec.structs.replace(self, since=since, until=until)

    def kept(self, filters: Iterable[str]) -> Scope:
        """As much of it as a page with these filters can have."""
        names = set(filters)
        chosen = {name: values for name, values in self.chosen.items() if name in names}
        return msgspec.structs.replace(self, chosen=chosen)

    def _with(self, name: str, values: tuple[str, ...]) -> Scope:
        chosen = {**self.chosen, name: values}
        return msgspec.structs.replace(self, chosen={k: v for k, v in chosen.items() if v})


def parse_scope(
    parameters: Iterable[tuple[str, str]],
    *,
    allowed: Iterable[str],
    known: Mapping[str, frozenset[str]],
    also: Iterable[str] = (),
) -> Scope:
    """The scope that an address asks for. `allowed`: filters this page has; `known`: filter -> its closed list of
    codes; `also`: parameters that are not the scope's. Raises FilterError naming the parameter and what is wrong."""
    filters = load_filters()
    offered = list(allowed)
    chosen: dict[str, list[str]] = {}
    single: dict[str, str] = {}
    for name, raw in parameters:
        value = raw.strip()
        if name in also:
            continue
        if name in ("from", "to", "q"):
            if name in single:
                raise FilterError("given twice", "重复给出", where=name)
            if value:
                single[name] = value
        elif name not in offered:
            raise _mistyped(
                "this page has no such filter",
                "本页面没有该筛选条件",
                name,
                [*offered, "from", "to", "q"],
                where=name,
            )
        elif value:
            _check(filters[name], value, known)
            values = chosen.setdefault(name, [])
            if value not in values:
                values.append(value)
            if len(values) > _MAX_VALUES:
                raise FilterError(f"more than {_MAX_VALUES} values", f"取值超过 {_MAX_VALUES} 个", where=name)
    for name in ("from", "to"):
        if name in single:
            bounds(single[name], where=f"{name}={single[name]}")
    if "from" in single and "to" in single and bounds(single["from"])[0] >= bounds(single["to"])[1]:
        raise FilterError(
            "the period ends before it begins",
            "止期早于起期",
            where=f"from={single['from']}&to={single['to']}",
        )
    if "q" in single:
        text_query(single["q"])
    return Scope(
        chosen={name: tuple(chosen[name]) for name in filters if name in chosen},
        since=single.get("from"),
        until=single.get("to"),
        text=single.get("q"),
    )


def _check(found: Filter, value: str, known: Mapping[str, frozenset[str]]) -> None:
    if len(value) > _MAX_VALUE:
        raise FilterError(
            f"longer than {_MAX_VALUE} characters", f"超过 {_MAX_VALUE} 个字符", where=found.name
        )
    codes = known.get(found.name)
    if codes is not None and value not in codes:
        raise _mistyped("no such code", "没有该代码", value, codes, where=f"{found.name}={value}")


def _mistyped(en: str, zh: str, value: str, offered: Iterable[str], *, where: str) -> FilterError:
    near = difflib.get_close_matches(value, list(offered), n=1, cutoff=0.5)
    if near:
        en, zh = f"{en}; did you mean {near[0]}?", f"{zh}；是否为 {near[0]}？"
    return FilterError(en, zh, where=where)


def bounds(value: str, *, where: str | None = None) -> tuple[str, str]:
    """First day of the day, month or year `value`, and the first day after it (ISO). Raises FilterError."""
    matched = _DATE.fullmatch(value)
    try:
        if matched is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in matched.groups())
        start = dt.date(year or 0, month or 1, day or 1)
        if day:
            length = 1
        elif month:
            length = calendar.monthrange(start.year, month)[1]
        else:
            length = 366 if calendar.isleap(start.year) else 365
        return start.isoformat(), (start + dt.timedelta(days=length)).isoformat()
    except (ValueError, OverflowError) as error:
        raise FilterError(
            "not a date; write YYYY, YYYY-MM or YYYY-MM-DD",
            "不是日期，请写作 YYYY、YYYY-MM 或 YYYY-MM-DD",
            where=where or f"date {value}",
        ) from error


def period(since: str | None, until: str | None) -> Clause:
    """Documents whose event date lies in the period."""
    start = bounds(since)[0] if since else None
    end = bounds(until)[1] if until else None
    known = {"bool": {"filter": [_range(start, end)], "must_not": [{"term": {"event_precision": "year"}}]}}
    first = f"{int(start[:4]) + (0 if start.endswith('-01-01') else 1):04d}-01-01" if start else None
    last = f"{end[:4]}-01-01" if end else None
    if first and last and first >= last:
        return known
    whole_years = {"bool": {"filter": [{"term": {"event_precision": "year"}}, _range(first, last)]}}
    return {"bool": {"should": [known, whole_years], "minimum_should_match": 1}}


def _range(start: str | None, end: str | None) -> Clause:
    return {"range": {"event_date": {**({"gte": start} if start else {}), **({"lt": end} if end else {})}}}
