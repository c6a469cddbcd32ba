"""A panel as a Lens visualization by value.

Lens columns are `by0`, `by1` for the dimensions and `m_<id>` for the measures, as in our own search bodies. A panel of
key figures becomes one tile a measure, since a Lens metric shows one number. Counts that are narrowed (`only`,
`lacks`) are narrowed by the query of their tile; a table has one query, so it goes without such columns.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from dashboards.kibana.kql import kql, of_measure, of_panel, of_where
from dashboards.panels.model import Dimension, Measure, Panel, Text
from dashboards.panels.provisions import load_provisions, provision_label

Json = dict[str, Any]
LAYER = "layer"
RECORDS = "___records___"
SEPARATOR = " · "


def both(text: Text) -> str:
    return text.en if text.en == text.zh else f"{text.en}{SEPARATOR}{text.zh}"


def data_view_id(index: str) -> str:
    return f"netdocket-{index}"


def tiles(panel: Panel) -> list[tuple[str, Json]]:
    """(id, attributes) of every Lens visualization that the panel becomes."""
    if panel.chart == "figures":
        return [(f"{panel.id}-{measure.id}", _metric(panel, measure)) for measure in panel.measures]
    return [(panel.id, _chart(panel))]


def measures_shown(panel: Panel) -> list[Measure]:
    """Those that a chart or table has room for."""
    if panel.chart != "table":
        return list(panel.measures[:1])
    return [m for m in panel.measures if not (m.kind == "count" and (m.only or m.lacks))]


def _metric(panel: Panel, measure: Measure) -> Json:
    column = f"m_{measure.id}"
    visualization = {"layerId": LAYER, "layerType": "data", "metricAccessor": column}
    # A measure's own condition is the tile's: nothing else stands on it.
    conditions = [*of_panel(panel), *of_measure(measure)]
    title = both(measure.title)
    return _attributes(panel, title, "lnsMetric", {column: _measure(measure)}, visualization, conditions)


def _chart(panel: Panel) -> Json:
    measures = measures_shown(panel)
    first = f"m_{measures[0].id}"
    columns = {f"by{n}": _bucket(by, first) for n, by in enumerate(panel.by)}
    columns |= {f"m_{measure.id}": _measure(measure, narrowed=True) for measure in measures}
    match panel.chart:
        case "heat":
            kind, visualization = "lnsHeatmap", _heatmap(first)
        case "table":
            kind, visualization = "lnsDatatable", _datatable(list(columns))
        case _:
            kind, visualization = "lnsXY", _bars(panel, first)
    return _attributes(panel, both(panel.title), kind, columns, visualization, of_panel(panel))


def _attributes(
    panel: Panel, title: str, kind: str, columns: Json, visualization: Json, conditions: Sequence[str]
) -> Json:
    layer = {"columnOrder": list(columns), "columns": columns, "incompleteColumns": {}, "sampling": 1}
    return {
        "title": title,
        "description": both(panel.counts),
        "type": "lens",
        "visualizationType": kind,
        "references": [
            {
                "type": "index-pattern",
                "id": data_view_id(panel.index),
                "name": f"indexpattern-datasource-layer-{LAYER}",
            }
        ],
        "state": {
            "datasourceStates": {"formBased": {"layers": {LAYER: layer}}},
            "filters": [],
            "internalReferences": [],
            "adHocDataViews": {},
            "query": kql(conditions),
            "visualization": visualization,
        },
    }


def _measure(measure: Measure, *, narrowed: bool = False) -> Json:
    column: Json = {
        "label": both(measure.title),
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "scale": "ratio",
    }
    params: Json = {}
    if measure.unit == "yuan":
        params["format"] = {"id": "number", "params": {"decimals": 0, "suffix": " 元"}}
    match measure.kind:
        case "count":
            column |= {"operationType": "count", "sourceField": RECORDS}
            params["emptyAsNull"] = False
        case "value_count":
            column |= {"operationType": "count", "sourceField": measure.field}
            params["emptyAsNull"] = False
        case "unique":
            column |= {"operationType": "unique_count", "sourceField": measure.field}
            params["emptyAsNull"] = False
        case "percentile":
            column |= {"operationType": "percentile", "sourceField": measure.field}
            params["percentile"] = measure.percent
        case kind:
            column |= {"operationType": kind, "sourceField": measure.field}
    if narrowed and (conditions := of_measure(measure)):
        column["filter"] = kql(conditions)
    return {**column, "params": params}


def _bucket(by: Dimension, first: str) -> Json:
    column: Json = {"label": both(by.title), "customLabel": True, "isBucketed": True, "sourceField": by.field}
    match by.kind:
        case "months":
            params: Json = {"interval": "1M", "includeEmptyRows": True, "dropPartials": False}
            return {
                **column,
                "dataType": "date",
                "operationType": "date_histogram",
                "scale": "interval",
                "params": params,
            }
        case "ranges":
            edges = [None, *by.bounds, None]
            ranges = [{"from": low, "to": high, "label": ""} for low, high in itertools.pairwise(edges)]
            params = {"type": "range", "ranges": ranges, "maxBars": "auto", "includeEmptyRows": True}
            return {
                **column,
                "dataType": "string",
                "operationType": "range",
                "scale": "ordinal",
                "params": params,
            }
        case "provisions":
            named = [
                {
                    "input": kql(of_where({by.field: list(found.article_keys)})),
                    "label": both(provision_label(code)),
                }
                for code, found in load_provisions().items()
            ]
            del column["sourceField"]
            return {
                **column,
                "dataType": "string",
                "operationType": "filters",
                "scale": "ordinal",
                "params": {"filters": named},
            }
        case "terms":
            params = {
                "size": by.size,
                "orderBy": {"type": "column", "columnId": first},
                "orderDirection": "desc",
                "otherBucket": False,
                "missingBucket": False,
                "parentFormat": {"id": "terms"},
            }
            return {
                **column,
                "dataType": "string",
                "operationType": "terms",
                "scale": "ordinal",
                "params": params,
            }


def _bars(panel: Panel, first: str) -> Json:
    series = "bar_horizontal" if panel.chart == "bars" else "bar_stacked"
    months = next((n for n, by in enumerate(panel.by) if by.kind == "months"), 0)
    layer: Json = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": f"by{months}",
        "accessors": [first],
    }
    if len(panel.by) == 2:
        layer["splitAccessor"] = f"by{1 - months}"
    shown = {"x": True, "yLeft": True, "yRight": True}
    return {
        "preferredSeriesType": series,
        "layers": [layer],
        "legend": {"isVisible": len(panel.by) == 2, "position": "top"},
        "valueLabels": "show" if panel.chart == "bars" else "hide",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "gridlinesVisibilitySettings": shown,
        "tickLabelsVisibilitySettings": shown,
        "yLeftExtent": {"mode": "full"},
    }


def _heatmap(first: str) -> Json:
    return {
        "layerId": LAYER,
        "layerType": "data",
        "shape": "heatmap",
        "xAccessor": "by1",
        "yAccessor": "by0",
        "valueAccessor": first,
        "gridConfig": {
            "type": "heatmap_grid",
            "isCellLabelVisible": False,
            "isXAxisLabelVisible": True,
            "isXAxisTitleVisible": False,
            "isYAxisLabelVisible": True,
            "isYAxisTitleVisible": False,
        },
        "legend": {"type": "heatmap_legend", "isVisible": True, "position": "top"},
        "palette": {"type": "palette", "name": "cool", "accessor": first},
    }


def _datatable(columns: Sequence[str]) -> Json:
    return {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": column, "isTransposed": False} for column in columns],
    }
