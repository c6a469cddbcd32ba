"""A panel as an Elasticsearch search body.

Buckets are aggregations `by0`, `by1` (inside), measures `m_<id>` in the innermost and at the top (`total`), and for
every dimension `unknown<n>`: the documents that it cannot place. Nothing else is computed anywhere.
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from dashboards.panels.model import Dimension, Measure, Panel, Where
from dashboards.panels.provisions import load_provisions
from dashboards.panels.scope import Clause, Scope
from index.keys import OWN_KEY

Body = dict[str, Any]


def panel_body(panel: Panel, scope: Scope, *, today: dt.date) -> tuple[Body, list[str]]:
    """The body, and the names of chosen filters that the panel's index has no field for: with any, the panel cannot
    be shown for this scope. `today`: from when on dates are upcoming."""
    clauses, foreign = scope.clauses(panel.index) if panel.scoped else (Scope().clauses(panel.index)[0], [])
    coming = [{"range": {panel.upcoming: {"gte": today.isoformat()}}}] if panel.upcoming else []
    query = {"bool": {"filter": clauses + where_clauses(panel.where) + coming}}
    if panel.chart == "documents":
        # The last key tells documents apart: the order of equals must not depend on the store.
        field, direction = (panel.upcoming, "asc") if panel.upcoming else (panel.sort, panel.order)
        order = [{field: {"order": direction, "missing": "_last"}}] if field else []
        order.append({OWN_KEY[panel.index]: {"order": "asc"}})
        return {"size": panel.size, "track_total_hits": True, "query": query, "sort": order}, foreign
    return {"size": 0, "track_total_hits": True, "query": query, "aggs": aggregations(panel)}, foreign


def where_clauses(where: Where) -> list[Clause]:
    return [
        {"terms": {field: value}} if isinstance(value, list) else {"term": {field: value}}
        for field, value in where.items()
    ]


def aggregations(panel: Panel) -> dict[str, Any]:
    measures = {f"m_{measure.id}": found for measure in panel.measures if (found := _measure(measure))}
    inner: dict[str, Any] = measures
    for depth in reversed(range(len(panel.by))):
        inner = {f"by{depth}": {**_bucket(panel.by[depth], inner)}}
    unknown = {
        f"unknown{depth}": _unknown(dimension)
        for depth, dimension in enumerate(panel.by)
        if dimension.unknown
    }
    return {**inner, **unknown}


def _unknown(dimension: Dimension) -> dict[str, Any]:
    if dimension.kind == "provisions":
        known = sorted(key for found in load_provisions().values() for key in found.article_keys)
        return {"filter": {"bool": {"must_not": [{"terms": {dimension.field: known}}]}}}
    return {"missing": {"field": dimension.presence}}


def _measure(measure: Measure) -> dict[str, Any] | None:
    """None for a plain count: every bucket has its doc_count."""
    metric: dict[str, Any] | None
    match measure.kind:
        case "count":
            metric = None
        case "median":
            metric = {"percentiles": {"field": measure.field, "percents": [50.0]}}
        case "percentile":
            metric = {"percentiles": {"field": measure.field, "percents": [measure.percent]}}
        case "unique":
            metric = {"cardinality": {"field": measure.field}}
        case kind:
            metric = {kind: {"field": measure.field}}
    if not measure.only and not measure.lacks:
        return metric
    clauses = where_clauses(measure.only)
    if measure.lacks:
        clauses.append({"bool": {"must_not": [{"exists": {"field": measure.lacks}}]}})
    only = {"filter": {"bool": {"filter": clauses}}}
    return {**only, "aggs": {"value": metric}} if metric else only


def _bucket(dimension: Dimension, inner: dict[str, Any]) -> dict[str, Any]:
    below = {"aggs": inner} if inner else {}
    match dimension.kind:
        case "terms":
            return {"terms": {"field": dimension.field, "size": dimension.size}, **below}
        case "months":
            # Documents whose month is unknown have a date too (1 January of their year): they must not fall into it.
            months = {
                "date_histogram": {
                    "field": dimension.field,
                    "calendar_interval": "month",
                    "format": "yyyy-MM",
                    "min_doc_count": 0,
                },
                **below,
            }
            return {"filter": {"exists": {"field": dimension.month_field}}, "aggs": {"months": months}}
        case "ranges":
            edges = [None, *dimension.bounds, None]
            ranges = [
                {**({"from": low} if low is not None else {}), **({"to": high} if high is not None else {})}
                for low, high in itertools.pairwise(edges)
            ]
            return {"range": {"field": dimension.field, "ranges": ranges}, **below}
        case "provisions":
            # One bucket an article, put together by panel_table: a filter a provision would cost a search each.
            known = sorted(key for found in load_provisions().values() for key in found.article_keys)
            return {"terms": {"field": dimension.field, "size": len(known), "include": known}, **below}
