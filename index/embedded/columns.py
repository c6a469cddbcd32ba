"""How a mapping looks to tantivy: its schema, and a document as the flat JSON that tantivy's writer takes.

Names are the mapping's dotted ones. Dates are whole milliseconds (tantivy's own dates are cut to seconds), each with
a column of months beside it, so that calendar months, quarters and years are plain histograms. `_seq` is the number
of the document's row in SQLite; `_text` lists the text fields that a document has, since tantivy answers `exists`
only for columns.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import tantivy

from index.dates import month_number, stored_date, stored_month
from index.mappings import FieldType, IndexMapping

SEQ: Final = "_seq"
TEXT_PRESENT: Final = "_text"
MONTH: Final = "@month"
ANALYZER: Final = "netdocket"
WORDS: Final = r"\p{Han}|[\p{L}\p{N}--\p{Han}]+"
# Raised when the same documents would give other columns; the folders are then built anew.
COLUMNS_VERSION: Final = 1

_encode = msgspec.json.Encoder().encode


@functools.cache
def analyzer() -> tantivy.TextAnalyzer:
    """One token a Han character, else a run of letters and digits, in lower case."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(WORDS))
    return builder.filter(tantivy.Filter.lowercase()).build()


def add_column(builder: tantivy.SchemaBuilder, name: str, kind: FieldType) -> None:
    """Adds a field of any type but `date`, searched and aggregated by its values."""
    match kind:
        case "keyword":
            builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
        case "text":
            builder.add_text_field(name, tokenizer_name=ANALYZER, index_option="position")
        case "double":
            builder.add_float_field(name, indexed=True, fast=True)
        case "boolean":
            builder.add_boolean_field(name, indexed=True, fast=True)
        case _:
            builder.add_integer_field(name, indexed=True, fast=True)


def tantivy_schema(mapping: IndexMapping) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field(SEQ, indexed=True, fast=True)
    builder.add_text_field(TEXT_PRESENT, tokenizer_name="raw", index_option="basic")
    for name, kind in mapping.fields.items():
        if kind == "date":
            builder.add_integer_field(name, indexed=True, fast=True)
            builder.add_integer_field(name + MONTH, fast=True)
        else:
            add_column(builder, name, kind)
    return builder.build()


def signature(mapping: IndexMapping) -> str:
    """Changes when a folder built for the mapping no longer serves."""
    fields = ",".join(f"{name}:{kind}" for name, kind in sorted(mapping.fields.items()))
    return f"{COLUMNS_VERSION};{fields}"


# By key: the column's name, its type, and, for an object, the plan of what is in it.
Plan = dict[str, tuple[str, FieldType | None, "Plan | None"]]


def _plan(mapping: IndexMapping, prefix: str) -> Plan:
    plan: Plan = {}
    for name in (*mapping.fields, *mapping.objects):
        key = name.removeprefix(prefix)
        if name.startswith(prefix) and "." not in key:
            inner = _plan(mapping, name + ".") if name in mapping.objects else None
            plan[key] = (name, mapping.fields.get(name), inner)
    return plan


class Flattener:
    """Documents of one index as tantivy wants them. `several`: the fields seen with more than one value."""

    def __init__(self, mapping: IndexMapping) -> None:
        self._plan = _plan(mapping, "")
        self.several: set[str] = set()

    def flat_json(self, seq: int, document: Mapping[str, Any]) -> str:
        """Raises ValueError where the document does not fit the mapping any more."""
        out: dict[str, Any] = {SEQ: seq}
        texts: list[str] = []
        self._add(document, self._plan, out, texts)
        if texts:
            out[TEXT_PRESENT] = texts
        return _encode(out).decode()

    def _add(self, part: Mapping[str, Any], plan: Plan, out: dict[str, Any], texts: list[str]) -> None:
        for key, value in part.items():
            entry = plan.get(key)
            if entry is None or value is None:
                continue
            name, kind, inner = entry
            if inner is not None:
                self._add_object(inner, value, out, texts)
            elif type(value) is list:
                self._add_values(name, kind, [one for one in value if one is not None], out, texts)
            elif kind == "date":
                out[name] = stored_date(value)
                out[name + MONTH] = stored_month(value)
            else:
                out[name] = value
                if kind == "text":
                    texts.append(name)

    def _add_object(self, plan: Plan, value: Any, out: dict[str, Any], texts: list[str]) -> None:
        if isinstance(value, dict):
            self._add(value, plan, out, texts)
            return
        # Objects in a list are, as in Elasticsearch, only fields with several values.
        merged: dict[str, list[Any]] = {}
        for one in value:
            for key, inner in (one or {}).items():
                merged.setdefault(key, []).extend(inner if isinstance(inner, list) else [inner])
        self._add(merged, plan, out, texts)

    def _add_values(
        self, name: str, kind: FieldType | None, values: list[Any], out: dict[str, Any], texts: list[str]
    ) -> None:
        if kind == "text":
            texts.extend([name] if values else [])
        elif kind in ("keyword", "boolean"):
            # In order and each once, as Elasticsearch keeps them: sorting takes the first.
            values = sorted(set(values))
        elif kind == "date":
            values = sorted(stored_date(value) for value in values)
        else:
            values = sorted(values)
        if not values:
            return
        if len(values) > 1:
            self.several.add(name)
        out[name] = values if len(values) > 1 else values[0]
        if kind == "date":
            out[name + MONTH] = sorted({month_number(value) for value in values})
