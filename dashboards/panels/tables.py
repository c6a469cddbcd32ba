"""An answer as a table: the one form from which the page's table, its chart and its CSV are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from dashboards.panels.model import Dimension, Measure, Panel, Text
from dashboards.panels.provisions import provision_label, provision_of

Answer = Mapping[str, Any]
Label = Callable[[str | None, str], Text]
"""(vocabulary, code) -> the wording."""


class Key(msgspec.Struct, frozen=True):
    """The value of a dimension in a row: its code and its wording."""

    code: str
    label: Text


class Row(msgspec.Struct, frozen=True):
    """`keys` one a dimension, `values` one a measure; None: no value (a sum over nothing known)."""

    keys: tuple[Key, ...]
    values: tuple[float | None, ...]


class LeftOut(msgspec.Struct, frozen=True):
    """What a panel does not show: how many documents, spoken of as `words`."""

    count: int
    words: Text


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`total`: documents that the panel was made from. `hits`: of a panel of documents, their sources."""

    by: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]
    total: int
    left_out: tuple[LeftOut, ...] = ()
    hits: tuple[dict[str, Any], ...] = ()


BEYOND = Text(en="under values not listed", zh="属于未列出的其余类别")


def panel_table(panel: Panel, answer: Answer, label: Label) -> Table:
    total = int(answer["hits"]["total"]["value"])
    if panel.chart == "documents":
        hits = tuple(dict(hit["_source"]) for hit in answer["hits"]["hits"])
        return Table(by=(), measures=(), rows=(), total=total, hits=hits)
    found = answer.get("aggregations", {})
    if not panel.by:
        rows: tuple[Row, ...] = (Row((), _values(panel, found, total)),)
    else:
        rows = tuple(_rows(panel, found, 0, (), label))
        if panel.by[0].kind == "provisions":
            rows = tuple(_of_provisions(rows))
    left_out = [
        LeftOut(int(found[f"unknown{depth}"]["doc_count"]), dimension.unknown)
        for depth, dimension in enumerate(panel.by)
        if dimension.unknown
    ]
    beyond = int(found.get("by0", {}).get("sum_other_doc_count", 0))
    if beyond:
        left_out.append(LeftOut(beyond, BEYOND))
    return Table(
        by=panel.by,
        measures=panel.measures,
        rows=rows,
        total=total,
        left_out=tuple(entry for entry in left_out if entry.count),
    )


def _rows(
    panel: Panel, found: Mapping[str, Any], depth: int, above: tuple[Key, ...], label: Label
) -> list[Row]:
    dimension = panel.by[depth]
    answer = found[f"by{depth}"]
    buckets = answer["months"]["buckets"] if dimension.kind == "months" else answer["buckets"]
    rows: list[Row] = []
    for bucket in buckets:
        keys = (*above, _key(dimension, bucket, label))
        if depth + 1 < len(panel.by):
            rows += _rows(panel, bucket, depth + 1, keys, label)
        else:
            rows.append(Row(keys, _values(panel, bucket, int(bucket["doc_count"]))))
    return rows


def _of_provisions(rows: Sequence[Row]) -> list[Row]:
    """Rows of articles as rows of provisions, the largest first. Their values are counts of citations, each of which
    is of one article, so that they add up."""
    found: dict[Key, list[float]] = {}
    for row in rows:
        held = found.setdefault(row.keys[0], [0.0] * len(row.values))
        for n, value in enumerate(row.values):
            held[n] += value or 0
    made = [Row((key,), tuple(int(value) for value in values)) for key, values in found.items()]
    return sorted(made, key=lambda row: (-(row.values[0] or 0), row.keys[0].code))


def _key(dimension: Dimension, bucket: Mapping[str, Any], label: Label) -> Key:
    match dimension.kind:
        case "months":
            month = str(bucket["key_as_string"])[:7]
            return Key(month, Text(month, month))
        case "ranges":
            return _range_key(bucket.get("from"), bucket.get("to"))
        case "provisions":
            code = provision_of(str(bucket["key"]))
            return Key(code, provision_label(code))
        case "terms":
            code = str(bucket.get("key_as_string", bucket["key"]))
            return Key(code, label(dimension.group, code))


def _range_key(low: float | None, high: float | None) -> Key:
    code = f"{'' if low is None else f'{low:.10g}'}-{'' if high is None else f'{high:.10g}'}"
    if low is None:
        return Key(code, Text(f"below {_plain(high)}", f"不足{_plain(high)}"))
    if high is None:
        return Key(code, Text(f"{_plain(low)} and over", f"{_plain(low)}及以上"))
    return Key(code, Text(f"{_plain(low)} to below {_plain(high)}", f"{_plain(low)}至不足{_plain(high)}"))


def _plain(number: float | None) -> str:
    return f"{number or 0:,.10g}"


def _values(panel: Panel, bucket: Mapping[str, Any], count: int) -> tuple[float | None, ...]:
    return tuple(_value(measure, bucket, count) for measure in panel.measures)


def _value(measure: Measure, bucket: Mapping[str, Any], count: int) -> float | None:
    narrowed = bool(measure.only or measure.lacks)
    if measure.kind == "count" and not narrowed:
        return count
    answer = bucket[f"m_{measure.id}"]
    if narrowed:
        if measure.kind == "count":
            return int(answer["doc_count"])
        answer = answer["value"]
    if measure.kind in ("median", "percentile"):
        found = next(iter(answer["values"].values()), None)
        return None if found is None else float(found)
    value = answer["value"]
    if value is None:
        return None
    return int(value) if measure.kind in ("unique", "value_count") else float(value)
