"""A panel as a page shows it: its table, its chart, and where each row leads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from dashboards.panels.load import load_lists
from dashboards.panels.model import Language, Measure, Panel
from dashboards.panels.provisions import load_provisions
from dashboards.panels.scope import Scope
from dashboards.panels.tables import Key, Row, Table
from dashboards.panels.vegalite import chart
from dashboards.web import formats
from dashboards.web.site import Address

LIST_OF = {
    "cases": "cases",
    "penalties": "cases",
    "citations": "cases",
    "developments": "developments",
    "incidents": "incidents",
}
"""Index -> the list that shows the records behind its figures."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """`list`: the cases of the cell."""

    value: float | None
    list: str | None


@dataclasses.dataclass(frozen=True)
class Cross:
    """A panel of two dimensions as a cross table; months always run down. None: an empty cell."""

    down: int
    across: list[Key]
    rows: list[tuple[Key, list[Cell | None]]]


Change = dict[str, tuple[float | None, float | None]]
"""Measure -> its value in the later stretch of time and in the one before."""


def change_of(panel: Panel, later: Table, earlier: Table) -> Change:
    """Of a panel without dimensions."""
    return {
        measure.id: (later.rows[0].values[n], earlier.rows[0].values[n])
        for n, measure in enumerate(panel.measures)
    }


@dataclasses.dataclass(frozen=True, kw_only=True)
class PanelView:
    """`foreign`: filters that keep the panel from being shown. Of each row of the table, `links` to the page narrowed
    to it and `lists` to its cases."""

    panel: Panel
    table: Table | None
    foreign: list[str]
    spec: dict[str, Any] | None = None
    links: list[str | None] = dataclasses.field(default_factory=list)
    lists: list[str | None] = dataclasses.field(default_factory=list)
    cross: Cross | None = None
    change: Change | None = None

    @property
    def nothing(self) -> bool:
        """Whether there is no number in it: ranges have their rows in any case."""
        return not any(value for row in self.table.rows for value in row.values) if self.table else True

    def number(self, measure: Measure) -> str:
        """The one number of a measure, of a panel without dimensions."""
        if self.table is None:
            return formats.DASH
        value = self.table.rows[0].values[self.panel.measures.index(measure)]
        return formats.written(measure, value)


def panel_view(
    panel: Panel,
    table: Table | None,
    *,
    foreign: list[str],
    scope: Scope,
    language: Language,
    address: Address,
    here: str,
    filters: Sequence[str],
    change: Change | None = None,
) -> PanelView:
    """`here`: the path of the page that the panel stands on, `filters`: those that it has."""
    if table is None:
        return PanelView(panel=panel, table=None, foreign=foreign)
    narrowed = [narrowed_to(panel, row, scope) for row in table.rows]
    listing = load_lists()[LIST_OF[panel.index]] if panel.index in LIST_OF else None
    lists = [
        address(f"/{listing.id}", found)
        if found is not None and listing and _fits(found, listing.facets)
        else None
        for found in narrowed
    ]
    return PanelView(
        panel=panel,
        table=table,
        foreign=[],
        spec=chart(panel, table, language),
        links=[
            address(here, found) if found is not None and _fits(found, filters) else None
            for found in narrowed
        ],
        change=change,
        lists=lists,
        cross=_cross(panel, table, lists) if len(panel.by) == 2 else None,
    )


def _fits(scope: Scope, filters: Sequence[str]) -> bool:
    return set(scope.chosen) <= set(filters)


def narrowed_to(panel: Panel, row: Row, scope: Scope) -> Scope | None:
    """The scope with the row's buckets chosen; None where a dimension is no filter."""
    found = scope
    for key, dimension in zip(row.keys, panel.by, strict=True):
        if dimension.filter is None:
            return None
        if dimension.kind == "provisions":
            found = found.narrowed(dimension.filter, *load_provisions()[key.code].article_keys)
        else:
            found = found.narrowed(dimension.filter, key.code)
    return found if row.keys else None


def _cross(panel: Panel, table: Table, lists: list[str | None]) -> Cross:
    down = 1 if panel.by[1].kind == "months" else 0
    keys: list[dict[str, Key]] = [{}, {}]
    cells: dict[tuple[str, str], Cell] = {}
    for row, link in zip(table.rows, lists, strict=True):
        for n, key in enumerate(row.keys):
            keys[n].setdefault(key.code, key)
        if row.values[0]:
            cells[row.keys[down].code, row.keys[1 - down].code] = Cell(row.values[0], link)
    below = sorted(keys[down].values(), key=lambda key: key.code) if down else list(keys[down].values())
    across = list(keys[1 - down].values())
    rows = [(key, [cells.get((key.code, other.code)) for other in across]) for key in below]
    return Cross(down, across, [row for row in rows if any(row[1])])
