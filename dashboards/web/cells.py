"""What stands in a cell of a table of documents."""

from __future__ import annotations

from typing import Any

from dashboards.panels.model import Column
from dashboards.web import formats
from dashboards.web.site import Site, Speech


def value(source: dict[str, Any], field: str) -> Any:
    """The value at a dotted path of a document, None where there is none."""
    found: Any = source
    for part in field.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def listed(source: dict[str, Any], field: str) -> list[Any]:
    """The values of a field, as a list also where there is one or none."""
    found = value(source, field)
    return found if isinstance(found, list) else [] if found is None else [found]


def cell(site: Site, t: Speech, column: Column, source: dict[str, Any]) -> str:
    """The text of a cell on the page; lists are joined."""
    found = value(source, column.field)
    if found is None or found == []:
        return formats.DASH
    match column.form:
        case "date":
            precision = source.get("event_precision") if column.field == "event_date" else None
            return formats.day(str(found), precision)
        case "money" | "number":
            return formats.number(found)
        case "codes":
            codes = listed(source, column.field)
            return t("comma").join(t.text(site.labels(column.group, str(code))) for code in codes)
        case _:
            return t("comma").join(map(str, found)) if isinstance(found, list) else str(found)
