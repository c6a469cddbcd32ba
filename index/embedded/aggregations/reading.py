"""The `aggs` of a body to nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from index.embedded.aggregations.composite import read_composite
from index.embedded.aggregations.filters import Global, read_filter, read_filters, read_missing
from index.embedded.aggregations.histograms import read_date_histogram, read_histogram
from index.embedded.aggregations.hits import TopHits
from index.embedded.aggregations.metrics import SIMPLE, read_metric
from index.embedded.aggregations.ranges import read_ranges
from index.embedded.aggregations.terms import read_terms
from index.embedded.aggregations.tree import Node
from index.embedded.body import Part, malformed, unsupported
from index.embedded.queries import Parser

LEAVES: Final = frozenset({*SIMPLE, "percentiles", "top_hits"})


def read_aggregations(
    body: Any, parser: Parser, path: str = "aggs", above: tuple[str, ...] = ()
) -> dict[str, Node]:
    """`above`: the kinds of aggregation around. Raises MalformedQuery, UnsupportedQuery."""
    if not isinstance(body, Mapping):
        malformed("an object is wanted", path)
    return {name: _read_one(inner, parser, f"{path}.{name}", above) for name, inner in body.items()}


def _read_one(body: Any, parser: Parser, path: str, above: tuple[str, ...]) -> Node:
    part = Part(body, path)
    below = {name: part.pop(name) for name in ("aggs", "aggregations") if name in part}
    if len(below) > 1:
        malformed("aggs and aggregations are the same", path)
    kind, options = part.only()
    at = f"{path}.{kind}"
    inside: dict[str, Node] = {}
    for word, nested in below.items():
        if kind in LEAVES and nested:
            malformed(f"{kind} takes no aggregations below it", f"{path}.{word}")
        inside = read_aggregations(nested, parser, f"{path}.{word}", (*above, kind))
    if kind in SIMPLE or kind == "percentiles":
        return read_metric(kind, Part(options, at), parser.field)
    match kind:
        case "terms":
            return read_terms(Part(options, at), inside, parser.field)
        case "date_histogram":
            return read_date_histogram(Part(options, at), inside, parser.field)
        case "histogram":
            return read_histogram(Part(options, at), inside, parser.field)
        case "range" | "date_range":
            return read_ranges(kind, Part(options, at), inside, parser.field)
        case "filter":
            return read_filter(options, at, inside, parser)
        case "filters":
            return read_filters(Part(options, at), inside, parser)
        case "missing":
            return read_missing(Part(options, at), inside, parser)
        case "composite":
            if set(above) - {"filter"}:
                malformed("composite stands at the top or below filter only", at)
            return read_composite(Part(options, at), inside, parser.field)
        case "global":
            if above:
                malformed("global stands at the top only", at)
            Part(options, at).done()
            return Global(at, inside)
        case "top_hits":
            return TopHits(at, options)
    unsupported("the embedded store does not know this aggregation", at)
