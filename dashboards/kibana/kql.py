"""Conditions in Kibana's query language."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.panels.load import index_fields
from dashboards.panels.model import Measure, Panel, Where
from dashboards.panels.scope import JURISDICTION

Query = dict[str, str]


def kql(conditions: Iterable[str]) -> Query:
    return {"language": "kuery", "query": " and ".join(conditions)}


def of_panel(panel: Panel) -> list[str]:
    """What a panel's search asks of every document: the rules that hold everywhere, and its own."""
    found = [f'jurisdiction : "{JURISDICTION}"'] if "jurisdiction" in index_fields(panel.index) else []
    found += of_where(panel.where)
    # Documents whose month is unknown have a date too (1 January of their year): they must not fall into it.
    found += [f"{by.month_field} : *" for by in panel.by if by.kind == "months"]
    if panel.upcoming:
        found.append(f"{panel.upcoming} >= now/d")
    return found


def of_measure(measure: Measure) -> list[str]:
    return of_where(measure.only) + ([f"not {measure.lacks} : *"] if measure.lacks else [])


def of_where(where: Where) -> list[str]:
    return [_any_of(field, value if isinstance(value, list) else [value]) for field, value in where.items()]


def _any_of(field: str, values: list[str | bool]) -> str:
    """Elasticsearch's own reader of this language stumbles over more than two values in brackets after one field."""
    each = [f"{field} : {_value(value)}" for value in values]
    return each[0] if len(each) == 1 else f"({' or '.join(each)})"


def _value(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'
