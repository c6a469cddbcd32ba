"""The filters that are set, each with its wording and the scope without it."""

from __future__ import annotations

import dataclasses

from dashboards.panels.labels import Labels
from dashboards.panels.load import load_filters
from dashboards.panels.model import Text
from dashboards.panels.scope import Scope


@dataclasses.dataclass(frozen=True)
class Chip:
    name: str
    title: Text | None
    """None: one of the page's own parameters (from, to, q)."""
    value: Text
    without: Scope


def chips(scope: Scope, labels: Labels) -> list[Chip]:
    found = [
        Chip(
            name,
            load_filters()[name].title,
            labels(load_filters()[name].group, value),
            scope.toggled(name, value),
        )
        for name, values in scope.chosen.items()
        for value in values
    ]
    for name, given in (("from", scope.since), ("to", scope.until), ("q", scope.text)):
        if given:
            found.append(Chip(name, None, Text(given, given), scope.without(name)))
    return found
