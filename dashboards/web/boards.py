"""A dashboard as a page: its panels for the scope in the address, answered by one multi-search."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from dashboards.panels.bodies import panel_body
from dashboards.panels.errors import NotFoundError
from dashboards.panels.load import load_dashboards, load_filters, load_lists
from dashboards.panels.model import Dashboard, Language, Panel
from dashboards.panels.periods import Stretch, compared
from dashboards.panels.scope import Scope
from dashboards.panels.tables import panel_table
from dashboards.web.answers import Search
from dashboards.web.cells import cell, listed
from dashboards.web.chips import chips
from dashboards.web.coverage import coverage, coverage_searches
from dashboards.web.facets import facet_search, facets
from dashboards.web.language import words
from dashboards.web.site import Site, Speech, address_maker, page, site_of
from dashboards.web.views import Change, change_of, panel_view

FIRST = "overview"


def path_of(name: str) -> str:
    return "/" if name == FIRST else f"/dashboards/{name}"


def board(request: Request) -> Response:
    """`/` is the Overview, `/dashboards/<id>` any other."""
    site = site_of(request)
    language = site.language_of(request)
    found = _named(request.path_params.get("name", FIRST))
    scope = site.scope(request, found.filters)
    today = site.today()
    bodies = {panel.id: panel_body(panel, scope, today=today) for panel in found.panels}
    shown = [panel for panel in found.panels if not bodies[panel.id][1]]
    stretches = compared(scope.since, scope.until, today)
    changing = [panel for panel in shown if panel.change] if stretches else []
    frame = [*coverage_searches(found.index, scope), facet_search(found.index, found.filters, scope)]
    before = _change_searches(changing, scope, stretches, site)
    own = [(panel.index, bodies[panel.id][0]) for panel in shown]
    answers = site.answers.ask([*frame, *before, *own])
    covered, faceted = answers[: len(frame) - 1], answers[len(frame) - 1]
    compared_answers = answers[len(frame) : len(frame) + len(before)]
    tables = {
        panel.id: panel_table(panel, answer, site.labels)
        for panel, answer in zip(shown, answers[len(frame) + len(before) :], strict=True)
    }
    changes: Mapping[str, Change] = {
        panel.id: change_of(
            panel,
            *(panel_table(panel, answer, site.labels) for answer in compared_answers[2 * n : 2 * n + 2]),
        )
        for n, panel in enumerate(changing)
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
            here=path_of(found.id),
            filters=found.filters,
            change=changes.get(panel.id),
        )
        for panel in found.panels
    ]
    return page(
        request,
        "board.html",
        language=language,
        section=FIRST,
        board=found,
        boards=[
            (other, make(path_of(other.id), scope.kept(other.filters)))
            for other in load_dashboards().values()
        ],
        board_address=lambda name: make(path_of(name), scope.kept(load_dashboards()[name].filters)),
        list_address=make(f"/{found.index}", scope.kept(load_lists()[found.index].facets)),
        here=path_of(found.id),
        stretches=stretches,
        views=views,
        scope=scope,
        cell=functools.partial(cell, site, Speech(language=language)),
        listed=listed,
        foreign_names=functools.partial(filter_names, language=language),
        chips=chips(scope, site.labels),
        facets=facets(found.index, found.filters, scope, faceted, site.labels),
        coverage=coverage(found.index, covered, site.expected),
    )


def _named(name: str) -> Dashboard:
    try:
        return load_dashboards()[name]
    except KeyError:
        raise NotFoundError("there is no such dashboard", "没有该面板", where=name) from None


def _change_searches(
    panels: Iterable[Panel], scope: Scope, stretches: tuple[Stretch, Stretch] | None, site: Site
) -> list[Search]:
    """For each panel the search over the later stretch and the one over the earlier."""
    return [
        (panel.index, panel_body(panel, scope.within(*stretch), today=site.today())[0])
        for panel in panels
        for stretch in stretches or ()
    ]


def filter_names(names: Iterable[str], language: Language) -> list[str]:
    """What filters are called, in the order given."""
    known = load_filters()
    return [
        known[name].title.in_(language) if name in known else words()[f"filters.{name}"].in_(language)
        for name in names
    ]
