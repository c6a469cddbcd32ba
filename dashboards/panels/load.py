"""Reads the declarations: dashboards, filters and lists, each a YAML file beside this one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from dashboards.panels.model import Column, Dashboard, Panel, Text
from dashboards.panels.provisions import amended_laws, versions_of
from index.keys import OWN_KEY
from index.mappings import load_mappings
from netdocket.errors import ConfigurationError

FOLDER = Path(__file__).parent
DASHBOARDS = ("overview", "penalties", "articles", "places", "incidents", "regulatory", "quality")

T = TypeVar("T")


class Filter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter of the address: see filters.yaml."""

    name: str
    field: str
    fields: dict[str, str] = {}
    group: str | None = None
    open: bool = False
    title: Text

    def field_in(self, index: str) -> str | None:
        """The field that this filter narrows in `index`, None where it has no such field."""
        field = self.fields.get(index, self.field)
        return field if field in index_fields(index) else None


class ListPage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A list of records of one index: its facets (names of filters), its columns, its orders (name -> field)."""

    id: str
    index: str
    title: Text
    counts: Text
    facets: tuple[str, ...]
    columns: tuple[Column, ...]
    sorts: dict[str, tuple[str, str]]


def _read(name: str, kind: type[T]) -> T:
    path = FOLDER / name
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind)
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise ConfigurationError(str(error), where=str(path)) from error


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dashboard as its file has it: a panel that another file declares is named `<dashboard>/<panel>`."""

    id: str
    title: Text
    index: str
    filters: tuple[str, ...]
    leaves_out: Text
    panels: tuple[Panel | str, ...]


@functools.cache
def _written(name: str) -> _Written:
    return _read(f"{name}.yaml", _Written)


@functools.cache
def load_dashboard(name: str) -> Dashboard:
    """Raises ConfigurationError for a file that is not as it must be."""
    found = _written(name)
    return Dashboard(
        id=found.id,
        title=found.title,
        index=found.index,
        filters=found.filters,
        leaves_out=found.leaves_out,
        panels=tuple(
            _checked(panel, name) if isinstance(panel, Panel) else _named(name, panel)
            for panel in found.panels
        ),
    )


def _checked(panel: Panel, name: str) -> Panel:
    if panel.chart == "documents" and panel.index not in OWN_KEY:
        raise ConfigurationError(
            f"the panel {panel.id} lists {panel.index}, which have no key of their own to be ordered by",
            where=str(FOLDER / f"{name}.yaml"),
        )
    if not any(by.kind == "provisions" for by in panel.by):
        if any(measure.of_text for measure in panel.measures):
            raise ConfigurationError(
                f"the panel {panel.id} has no provisions, of which alone there is an old and a new text",
                where=str(FOLDER / f"{name}.yaml"),
            )
        return panel
    if len(panel.by) > 1 or any(measure.kind != "count" for measure in panel.measures):
        raise ConfigurationError(
            f"the panel {panel.id} has provisions, of which only counts add up, and with nothing beside them",
            where=str(FOLDER / f"{name}.yaml"),
        )
    return _of_provisions(panel)


def _of_provisions(panel: Panel) -> Panel:
    """With the laws and their versions that the catalogue has concordances of: `{laws}` in what it counts."""
    laws = amended_laws()
    measures = tuple(
        msgspec.structs.replace(m, only={**m.only, "version": [*versions_of(m.of_text)]}) if m.of_text else m
        for m in panel.measures
    )
    counts = Text(panel.counts.en.replace("{laws}", laws.en), panel.counts.zh.replace("{laws}", laws.zh))
    return msgspec.structs.replace(panel, counts=counts, measures=measures)


def _named(name: str, reference: str) -> Panel:
    board, _, id = reference.partition("/")
    for panel in _written(board).panels if board in DASHBOARDS else ():
        if isinstance(panel, Panel) and panel.id == id:
            return panel
    raise ConfigurationError(
        f"no dashboard declares the panel {reference}", where=str(FOLDER / f"{name}.yaml")
    )


@functools.cache
def load_dashboards() -> dict[str, Dashboard]:
    """All dashboards, in the order in which the page shows them."""
    return {name: load_dashboard(name) for name in DASHBOARDS}


@functools.cache
def load_panels() -> dict[str, Panel]:
    """All panels, each once."""
    return {panel.id: panel for board in load_dashboards().values() for panel in board.panels}


@functools.cache
def load_filters() -> dict[str, Filter]:
    return {found.name: found for found in _read("filters.yaml", list[Filter])}


@functools.cache
def load_lists() -> dict[str, ListPage]:
    return {found.id: found for found in _read("lists.yaml", list[ListPage])}


@functools.cache
def index_fields(index: str) -> dict[str, str]:
    """Field -> type of an index, dotted below objects."""
    return dict(load_mappings()[index].fields)
