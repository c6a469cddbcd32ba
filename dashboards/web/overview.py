"""The dashboard pages: panels of one declaration, drawn, tabled and handed out as data."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboards.panels.bodies import panel_body
from dashboards.panels.csv_export import BOM, panel_csv
from dashboards.panels.errors import FilterError, NotFoundError
from dashboards.panels.load import load_dashboard, load_filters, load_lists
from dashboards.panels.model import Dashboard, Language, Panel
from dashboards.panels.tables import Table, panel_table
from dashboards.web.chips import chips
from dashboards.web.coverage import coverage, coverage_searches
from dashboards.web.facets import facet_search, facets
from dashboards.web.language import words
from dashboards.web.site import Site, address_maker, page, site_of
from dashboards.web.views import panel_view

INDEX = "cases"


def filters_of_overview() -> tuple[str, ...]:
    return load_lists()[INDEX].facets


def overview(request: Request) -> Response:
    site = site_of(request)
    language = site.language_of(request)
    scope = site.scope(request, filters_of_overview())
    board = load_dashboard("overview")
    bodies = {panel.id: panel_body(panel, scope) for panel in board.panels}
    shown = [panel for panel in board.panels if not bodies[panel.id][1]]
    frame = [*coverage_searches(INDEX, scope), facet_search(INDEX, filters_of_overview(), scope)]
    answers = site.answers.ask([*frame, *((panel.index, bodies[panel.id][0]) for panel in shown)])
    tables = {
        panel.id: panel_table(panel, answer, site.labels)
        for panel, answer in zip(shown, answers[len(frame) :], strict=True)
    }
    make = address_maker(request)
    views = [
        panel_view(
            panel,
            tables.get(panel.id),
            foreign=bodies[panel.id][1],
            scope=scope,
            language=language,
            address=make,
            here="/",
        )
        for panel in board.panels
    ]
    return page(
        request,
        "overview.html",
        language=language,
        section="overview",
        board=board,
        views=views,
        scope=scope,
        foreign_names=functools.partial(filter_names, language=language),
        chips=chips(scope, site.labels),
        facets=facets(INDEX, filters_of_overview(), scope, answers[len(frame) - 1], site.labels),
        coverage=coverage(INDEX, answers[: len(frame) - 1], site.expected),
    )


def filter_names(names: Iterable[str], language: Language) -> list[str]:
    """What filters are called, in the order given."""
    known = load_filters()
    return [
        known[name].title.in_(language) if name in known else words()[f"filters.{name}"].in_(language)
        for name in names
    ]


def panel_data(request: Request) -> Response:
    """`/panels/<id>.csv` and `.json`: what the panel shows for the scope in the address."""
    site = site_of(request)
    language = site.language_of(request)
    name, form = request.path_params["name"], request.path_params["form"]
    panel = _panel(load_dashboard("overview"), name)
    if form not in ("csv", "json"):
        raise NotFoundError(
            "a panel's data are there as csv and json", "图表数据可下载为 csv 或 json", where=form
        )
    scope = site.scope(request, filters_of_overview())
    body, foreign = panel_body(panel, scope)
    if foreign:
        raise FilterError(
            "this panel's data know no such filter", "该图表数据没有此筛选条件", where=", ".join(foreign)
        )
    (answer,) = site.answers.ask([(panel.index, body)])
    table = panel_table(panel, answer, site.labels)
    mark = demo_mark(site)
    stem = f"{'demo-' if mark else ''}{panel.id}"
    if form == "json":
        return JSONResponse(
            {
                **({"demo": mark} if mark else {}),
                "panel": panel.id,
                "filters": scope.address(),
                "counts": panel.counts.in_(language),
                "total": table.total,
                "rows": _json_rows(panel, table, language),
                "left_out": {entry.words.in_(language): entry.count for entry in table.left_out},
            },
            headers={"Content-Disposition": f'attachment; filename="{stem}.json"'},
        )
    if panel.chart == "documents":
        raise NotFoundError("this panel's data are there as json", "该图表数据可下载为 json", where=panel.id)
    return Response(
        BOM + panel_csv(panel, table, language, mark=mark),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{stem}.csv"'},
    )


def demo_mark(site: Site) -> str | None:
    """What stands in exports of data that are no real ones."""
    return "DEMO: generated or replica data" if site.demo else None


def _panel(board: Dashboard, name: str) -> Panel:
    for panel in board.panels:
        if panel.id == name:
            return panel
    raise NotFoundError("there is no such panel", "没有该图表", where=name)


def _json_rows(panel: Panel, table: Table, language: Language) -> Sequence[dict[str, Any]]:
    if panel.chart == "documents":
        return table.hits
    return [
        {
            **{
                by.field: {"code": key.code, "label": key.label.in_(language)}
                for by, key in zip(panel.by, row.keys, strict=True)
            },
            **{measure.id: value for measure, value in zip(panel.measures, row.values, strict=True)},
        }
        for row in table.rows
    ]
