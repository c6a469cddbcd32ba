"""Reads the declarations: dashboards, filters and lists, each a YAML file beside this one."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from dashboards.panels.model import Dashboard, Text
from index.mappings import load_mappings
from netdocket.errors import ConfigurationError

FOLDER = Path(__file__).parent

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


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of a list: `field` of the document, read as `form`."""

    field: str
    title: Text
    form: str = "plain"
    group: str | None = None


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


@functools.cache
def load_dashboard(name: str) -> Dashboard:
    return _read(f"{name}.yaml", Dashboard)


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
