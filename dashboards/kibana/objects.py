"""All saved objects: a tag, data views, searches, dashboards. The same declarations give the same lines for ever: ids
are stable, and versions are old ones that every Kibana since 8.9 migrates forward."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dashboards.kibana.data_views import data_view
from dashboards.kibana.kql import kql, of_panel
from dashboards.kibana.lens import both, data_view_id, tiles
from dashboards.panels.labels import Labels
from dashboards.panels.load import load_dashboards, load_filters, load_panels
from dashboards.panels.model import Dashboard, Panel, Text

Json = dict[str, Any]
CORE_VERSION = "8.8.0"
TYPE_VERSIONS = {"dashboard": "8.9.0", "index-pattern": "8.0.0", "tag": "8.0.0", "search": "7.9.3"}
TAG = "netdocket"
WIDTH = 48
SINCE = "2016-01-01T00:00:00.000Z"
PAGE = "http://127.0.0.1:8321"
CONTROLS = ("role", "violation", "penalty", "article", "authority", "sector", "place", "notice", "incident",
            "severity", "status", "instrument")  # fmt: skip
KIBANA_NOTE = Text(
    "The time range is all since 2016; records without a date are not in it, and those known by their year alone "
    "stand in its January except in panels by month, which leave them out.",
    "时间范围为2016年以来；无日期的记录不在其内；仅知年份的记录计于当年1月，按月图表则不计。",
)


def compile_objects(labels: Labels, *, prefix: str = "netdocket", page: str = PAGE) -> list[Json]:
    """`prefix`: of the indices' names; `page`: the local page's address, to which links of records lead."""
    indices = sorted({panel.index for panel in load_panels().values()})
    objects: list[Json] = [_tag()]
    objects += [data_view(index, labels, prefix=prefix, page=page) for index in indices]
    objects += [_search(panel) for panel in load_panels().values() if panel.chart == "documents"]
    objects += [_dashboard(board) for board in load_dashboards().values()]
    return [
        {
            **found,
            "coreMigrationVersion": CORE_VERSION,
            "typeMigrationVersion": TYPE_VERSIONS[found["type"]],
            "managed": True,
        }
        for found in objects
    ]


def ndjson(objects: Sequence[Json]) -> str:
    return "".join(_json(found) + "\n" for found in objects)


def dashboard_id(name: str) -> str:
    return f"netdocket-{name}"


def search_id(panel: Panel) -> str:
    return f"netdocket-{panel.id.replace('_', '-')}"


def _tag() -> Json:
    attributes = {
        "name": TAG,
        "description": "Made by netdocket; changes are overwritten",
        "color": "#1c5573",
    }
    return {"type": "tag", "id": TAG, "attributes": attributes, "references": []}


def _tagged() -> Json:
    return {"type": "tag", "id": TAG, "name": f"tag-ref-{TAG}"}


def _search(panel: Panel) -> Json:
    field, direction = (panel.upcoming, "asc") if panel.upcoming else (panel.sort, panel.order)
    name = "kibanaSavedObjectMeta.searchSourceJSON.index"
    source = {"query": kql(of_panel(panel)), "filter": [], "indexRefName": name}
    return {
        "type": "search",
        "id": search_id(panel),
        "attributes": {
            "title": both(panel.title),
            "description": both(panel.counts),
            "columns": [column.field for column in panel.columns],
            "sort": [[field, direction]] if field else [],
            "grid": {},
            "hideChart": True,
            "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
        },
        "references": [{"type": "index-pattern", "id": data_view_id(panel.index), "name": name}, _tagged()],
    }


def _dashboard(board: Dashboard) -> Json:
    placed = _Placing()
    placed.add("about", 7, WIDTH, _markdown(board))
    references: list[Json] = [_tagged()]
    for panel in board.panels:
        if panel.chart == "documents":
            name = f"panel_{panel.id}"
            placed.add(panel.id, 14, WIDTH, {
                "type": "search", "title": both(panel.title), "panelRefName": name,
                "embeddableConfig": {"enhancements": {}},
            })  # fmt: skip
            references.append({"type": "search", "id": search_id(panel), "name": f"{panel.id}:{name}"})
            continue
        made = tiles(panel)
        width = WIDTH // len(made) if panel.chart == "figures" else WIDTH if panel.wide else WIDTH // 2
        height = 6 if panel.chart == "figures" else 14
        placed.row(fresh=panel.chart == "figures" or panel.wide)
        for id, attributes in made:
            placed.add(id, height, width, {
                "type": "lens", "title": attributes["title"],
                "embeddableConfig": {"attributes": attributes, "enhancements": {}},
            })  # fmt: skip
            references += [{**ref, "name": f"{id}:{ref['name']}"} for ref in attributes["references"]]
        placed.row(fresh=panel.chart == "figures" or panel.wide)
    controls, control_references = _controls(board)
    return {
        "type": "dashboard",
        "id": dashboard_id(board.id),
        "attributes": {
            "title": f"netdocket: {both(board.title)}",
            "description": both(board.leaves_out),
            "panelsJSON": _json(placed.panels),
            "optionsJSON": _json({"hidePanelTitles": False, "syncColors": True, "useMargins": True}),
            "controlGroupInput": controls,
            "timeRestore": True,
            "timeFrom": SINCE,
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": 0},
            "kibanaSavedObjectMeta": {"searchSourceJSON": _json({"query": kql([]), "filter": []})},
        },
        "references": [*references, *control_references],
    }


class _Placing:
    """Panels from left to right on the grid, row below row."""

    def __init__(self) -> None:
        self.panels: list[Json] = []
        self._x = self._y = self._tallest = 0

    def row(self, *, fresh: bool = True) -> None:
        """The next panel begins a row, where `fresh` and one is begun."""
        if fresh and self._x:
            self._x, self._y, self._tallest = 0, self._y + self._tallest, 0

    def add(self, id: str, height: int, width: int, panel: Json) -> None:
        if self._x + width > WIDTH:
            self.row()
        grid = {"x": self._x, "y": self._y, "w": width, "h": height, "i": id}
        self.panels.append({**panel, "panelIndex": id, "gridData": grid})
        self._x += width
        self._tallest = max(self._tallest, height)


def _markdown(board: Dashboard) -> Json:
    links = SEPARATOR.join(
        f"**{both(other.title)}**"
        if other.id == board.id
        else f"[{both(other.title)}](#/view/{dashboard_id(other.id)})"
        for other in load_dashboards().values()
    )
    words = [links, *(f"{board.leaves_out.in_(lang)} {KIBANA_NOTE.in_(lang)}" for lang in ("en", "zh"))]
    shown = {
        "title": "",
        "description": "",
        "type": "markdown",
        "params": {"markdown": "\n\n".join(words), "fontSize": 12, "openLinksInNewTab": False},
        "uiState": {},
        "data": {"aggs": [], "searchSource": {"query": kql([]), "filter": []}},
    }
    return {
        "type": "visualization",
        "embeddableConfig": {"savedVis": shown, "hidePanelTitles": True, "enhancements": {}},
    }


SEPARATOR = "  |  "


def _controls(board: Dashboard) -> tuple[Json, list[Json]]:
    panels: Json = {}
    references = []
    for name in CONTROLS:
        found = load_filters()[name]
        field = found.field_in(board.index)
        if name not in board.filters or field is None:
            continue
        panels[name] = {
            "type": "optionsListControl",
            "order": len(panels),
            "grow": True,
            "width": "medium",
            "explicitInput": {"id": name, "fieldName": field, "title": both(found.title), "enhancements": {}},
        }
        references.append({
            "type": "index-pattern", "id": data_view_id(board.index), "name": f"controlGroup_{name}:optionsListDataView",
        })  # fmt: skip
    group = {
        "chainingSystem": "HIERARCHICAL",
        "controlStyle": "oneLine",
        "ignoreParentSettingsJSON": _json({
            "ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False,
        }),
        "panelsJSON": _json(panels),
    }  # fmt: skip
    return group, references


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
