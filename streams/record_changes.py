"""What differs between two results for one bulletin, record by record, as a person wants to hear it: the values, not
from which words and by which rule they were read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

from streams.manifests import Key

RECORDS: Final = frozenset({"cases", "reports", "developments", "incidents"})
SECTIONS: Final = frozenset({"case", "report", "regulatory", "incident"})
WARRANTS: Final = frozenset({"evidence", "rule", "derived", "id", "confidence", "sector_found"})
UNCOMPARED: Final = frozenset({"schema", "rules_version", "kind_found", "title_found", "jurisdiction_found"})


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What happens to one record. `what`: `added`, `removed` or `changed`; `fields`: of a changed one, name
    (`sector`, `case.penalties`) -> (before, after)."""

    bulletin_id: str
    record_id: str
    index: str
    what: str
    title: str
    fields: Mapping[str, tuple[Any, Any]] = dataclasses.field(default_factory=dict)


def changes(
    bulletin_id: str, old: Mapping[Key, Mapping[str, Any]], new: Mapping[Key, Mapping[str, Any]]
) -> Iterator[Change]:
    """`old`, `new`: the documents (by index and id) of the bulletin."""
    for key in sorted(key for key in old.keys() | new.keys() if key[0] in RECORDS):
        index, record_id = key
        before, after = old.get(key), new.get(key)
        title = (after or before or {}).get("title", "")
        if before is None or after is None:
            what = "added" if before is None else "removed"
            yield Change(bulletin_id, record_id, index, what, title)
        elif fields := _differences(_values(before["record"]), _values(after["record"])):
            yield Change(bulletin_id, record_id, index, "changed", title, fields)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def _values(record: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if name in SECTIONS:
            flat |= {f"{name}.{part}": _bare(inner) for part, inner in value.items()}
        elif name not in UNCOMPARED:
            flat[name] = _bare(value)
    return flat


def _bare(value: Any) -> Any:
    """Without warrants; a code that has nothing else beside it is the code alone."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    bare = {name: _bare(inner) for name, inner in value.items() if name not in WARRANTS}
    return next(iter(bare.values())) if bare.keys() in ({"value"}, {"code"}) else bare
