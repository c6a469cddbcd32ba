"""A panel's figures once more, in plain Python over the documents themselves: no search, no aggregation."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboards.panels.model import Dimension, Measure, Panel
from dashboards.panels.provisions import load_provisions

Doc = Mapping[str, Any]
Rows = dict[tuple[str, ...], tuple[Any, ...]]


def values(doc: Doc, field: str) -> list[Any]:
    """The distinct values at a dotted path, through lists."""
    found: list[Any] = [doc]
    for part in field.split("."):
        nested = (one.get(part) for one in found if isinstance(one, Mapping))
        found = [v for one in nested for v in (one if isinstance(one, list) else [one]) if v is not None]
    return list(dict.fromkeys(found))


def fits(doc: Doc, where: Mapping[str, Any]) -> bool:
    return all(
        set(values(doc, field)) & set(wanted if isinstance(wanted, list) else [wanted])
        for field, wanted in where.items()
    )


def of_panel(panel: Panel, docs: Iterable[Doc]) -> list[Doc]:
    """The documents that a panel is made of: of mainland jurisdiction where the index tells, and as it says."""
    return [d for d in docs if d.get("jurisdiction", "CN") == "CN" and fits(d, panel.where)]


def code(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def keys(dimension: Dimension, doc: Doc) -> list[str]:
    match dimension.kind:
        case "months":
            return [doc["event_date"][:7]] if doc.get(dimension.month_field) else []
        case "ranges":
            edges = [None, *dimension.bounds, None]
            return [
                f"{'' if low is None else f'{low:.10g}'}-{'' if high is None else f'{high:.10g}'}"
                for low, high in itertools.pairwise(edges)
                if any(
                    (low is None or low <= v) and (high is None or v < high)
                    for v in values(doc, dimension.field)
                )
            ]
        case "provisions":
            held = set(values(doc, dimension.field))
            return [code for code, found in load_provisions().items() if held & set(found.article_keys)]
        case "terms":
            return [code(v) for v in values(doc, dimension.field)]


def ranked(dimension: Dimension, docs: Iterable[Doc]) -> list[str]:
    """The keys shown: of terms the most frequent, equals in the order of their codes, numbers by size."""
    counts = Counter(key for doc in docs for key in keys(dimension, doc))
    if dimension.kind != "terms":
        return list(counts)

    def order(entry: tuple[str, int]) -> Any:
        key, count = entry
        return (-count, (0, int(key), "") if key.isdigit() else (1, 0, key))

    return [key for key, _ in sorted(counts.items(), key=order)[: dimension.size]]


def rows(panel: Panel, docs: Sequence[Doc]) -> Rows:
    """Key of each dimension -> the value of each measure, of buckets that hold anything."""
    found: Rows = {}
    for path in _paths(panel.by, docs):
        inside = [d for d in docs if all(k in keys(by, d) for k, by in zip(path, panel.by, strict=True))]
        if inside or not path:
            found[path] = tuple(measured(measure, inside) for measure in panel.measures)
    return found


def _paths(by: Sequence[Dimension], docs: Sequence[Doc]) -> Iterable[tuple[str, ...]]:
    if not by:
        yield ()
        return
    for key in ranked(by[0], docs):
        inside = [d for d in docs if key in keys(by[0], d)]
        for rest in _paths(by[1:], inside):
            yield (key, *rest)


def measured(measure: Measure, docs: Sequence[Doc]) -> Any:
    """A number; of a percentile all values, sorted, since stores estimate it."""
    chosen = [d for d in docs if fits(d, measure.only)]
    if measure.lacks:
        chosen = [d for d in chosen if not values(d, measure.lacks)]
    found = [v for d in chosen for v in values(d, measure.field)] if measure.field else []
    match measure.kind:
        case "count":
            return len(chosen)
        case "value_count":
            return len(found)
        case "unique":
            return len(set(found))
        case "sum":
            return sum(found)
        case "max":
            return max(found, default=None)
        case "median" | "percentile":
            return sorted(found)


def same(measure: Measure, found: float | None, expected: Any) -> bool:
    """A percentile is right where it lies between the values next to the exact rank, whatever is interpolated."""
    if measure.kind in ("median", "percentile"):
        if not expected:
            return found is None
        rank = (50.0 if measure.kind == "median" else measure.percent) / 100 * (len(expected) - 1)
        low = expected[max(0, math.floor(rank) - 1)]
        high = expected[min(len(expected) - 1, math.ceil(rank) + 1)]
        return found is not None and low * 0.98 <= found <= high * 1.02
    if expected is None or found is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=0.005)


def left_out(panel: Panel, docs: Sequence[Doc]) -> Counter[str]:
    """Wording -> documents without a value, as the page tells them."""
    found: Counter[str] = Counter()
    for by in panel.by:
        placed = keys if by.kind == "provisions" else lambda by, d: values(d, by.presence)
        if by.unknown and (missing := sum(not placed(by, d) for d in docs)):
            found[by.unknown.en] += missing
    return found
