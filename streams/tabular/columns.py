"""Which columns an export has: the searched fields of its index, less what only netdocket itself needs."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

from index.keys import OWN_KEY
from index.mappings import FieldType, load_mappings
from netdocket.errors import ConfigurationError

EXPORTED: Final = (
    "cases",
    "penalties",
    "citations",
    "apps",
    "incidents",
    "developments",
    "instruments",
    "reports",
    "figures",
    "bulletins",
)
INTERNAL: Final = frozenset({"schema", "archive", "text", "quiet", "outdated", "span", "evidence"})
"""Fields (with all in them) that are no columns; a record's text is read beside its source, not in a table."""
SEVERAL: Final = frozenset({
    "article", "article_basis", "article_violated", "authority", "authority_label", "authority_name", "bodies_named",
    "developments", "duty_bearers", "identifier", "incident_type", "incident_type_label", "issuer", "issuer_label",
    "kinds", "law", "law_label", "penalty_target", "penalty_type", "penalty_type_label", "problems", "product",
    "record_ids", "scale", "sources", "subject_kind", "subject_kind_label", "subject_name", "vendor", "violation",
    "violation_label",
})  # fmt: skip
"""Fields (with all in them) that hold a list in some index."""
ONE_IN: Final[Mapping[str, frozenset[str]]] = {
    "penalties": frozenset({"penalty_type", "penalty_type_label"}),
    "citations": frozenset({"law", "law_label", "article"}),
    "incidents": frozenset({"subject_name"}),
}
"""Those of them that hold one value in this index."""

Value = str | int | float | bool | None
Cell = Value | list[Value]


@dataclasses.dataclass(frozen=True)
class Column:
    """`name`: dotted, as in the index. `several`: a cell holds a list."""

    name: str
    type: FieldType
    several: bool

    @functools.cached_property
    def path(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))


def columns(index: str) -> list[Column]:
    """The columns of an export, the row's own id first. Raises ConfigurationError for what is not exported."""
    if index not in EXPORTED:
        raise ConfigurationError(f"not exported; there are {', '.join(EXPORTED)}", where=index)
    own = OWN_KEY[index]
    fields = load_mappings()[index].fields
    one = ONE_IN.get(index, frozenset())
    found = [
        Column(name, kind, head in SEVERAL and head not in one)
        for name, kind in fields.items()
        if (head := name.partition(".")[0]) not in INTERNAL
    ]
    return sorted(found, key=lambda column: column.name != own)


def row(document: Mapping[str, Any], shape: Sequence[Column]) -> list[Cell]:
    """The cells of a document. Several values under a column of one become several all the same: nothing is lost."""
    return [_cell(document, column) for column in shape]


def _cell(document: Mapping[str, Any], column: Column) -> Cell:
    found: Any = document
    for key in column.path:
        if isinstance(found, list):
            found = _values(document, column.path)
            break
        found = found.get(key) if found is not None else None
    if isinstance(found, list):
        present = [value for value in found if value is not None]
        if column.several or len(present) > 1:
            return present or None
        return present[0] if present else None
    if found is None:
        return None
    return [found] if column.several else found


def _values(part: Any, path: Sequence[str]) -> list[Value]:
    """Where a list of objects stands in the way."""
    if isinstance(part, list):
        return [value for one in part for value in _values(one, path)]
    if part is None:
        return []
    if not path:
        return [part]
    return _values(part.get(path[0]), path[1:]) if isinstance(part, Mapping) else []
