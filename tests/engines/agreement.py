"""Whether two stores give the same answer: equal but for took, _shards and scores.

Percentiles and cardinality are estimates in both stores; how far they are apart is kept and bounded. Numbers that are
sums of doubles may differ in their last digits. `sum_other_doc_count` is not compared where small buckets are left out
(`min_doc_count` above 1): which of them Elasticsearch counts there depends on how many it happened to look at.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

LEFT_OUT = frozenset({"took", "_shards", "_score", "max_score"})
# A percentile is exact in both up to 2,000 values. Beyond, tantivy is within 1 % of the value; Elasticsearch is near in
# rank, which where amounts are spread over many powers of ten was seen to be 5 % of the value. Of a number of values
# tantivy is off by 2.3 % (one standard deviation), Elasticsearch by up to 6 %.
PERCENTILE_BOUND = 0.08
CARDINALITY_BOUND = 0.08


@dataclasses.dataclass
class Agreement:
    """`differences`: where, and the two values."""

    differences: list[str] = dataclasses.field(default_factory=list)
    compared: int = 0
    worst_percentile: float = 0.0
    worst_cardinality: float = 0.0

    def compare(self, ours: Any, theirs: Any, body: Any, where: str) -> None:
        """Answers to `body`: that of the embedded store, that of Elasticsearch."""
        self._equal(ours, theirs, body, where)

    def _equal(self, ours: Any, theirs: Any, body: Any, where: str) -> None:
        if isinstance(ours, dict) and isinstance(theirs, dict):
            kind = next(
                (k for k in ("percentiles", "cardinality") if isinstance(body, dict) and k in body), None
            )
            for key in sorted((ours.keys() | theirs.keys()) - LEFT_OUT - _uncertain(body)):
                path = f"{where}.{key}"
                if key not in ours or key not in theirs:
                    self._differ(path, ours.get(key, "(nothing)"), theirs.get(key, "(nothing)"))
                elif kind == "percentiles" and key == "values":
                    self._percentiles(ours[key], theirs[key], path)
                elif kind == "cardinality" and key == "value":
                    self._cardinality(ours[key], theirs[key], path)
                else:
                    self._equal(ours[key], theirs[key], _below(body, key), path)
        elif isinstance(ours, list) and isinstance(theirs, list):
            if len(ours) != len(theirs):
                self._differ(f"{where} (length)", len(ours), len(theirs))
                return
            for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                self._equal(one, other, body, f"{where}[{number}]")
        else:
            self.compared += 1
            if not _same(ours, theirs):
                self._differ(where, ours, theirs)

    def _percentiles(self, ours: Any, theirs: Any, where: str) -> None:
        if ours.keys() != theirs.keys():
            self._differ(where, sorted(ours), sorted(theirs))
            return
        for key, value in ours.items():
            self.compared += 1
            other = theirs[key]
            if value is None or other is None:
                if value is not other:
                    self._differ(f"{where}.{key}", value, other)
                continue
            far = abs(value - other) / max(abs(value), abs(other), 1e-9)
            self.worst_percentile = max(self.worst_percentile, far)
            if far > PERCENTILE_BOUND:
                self._differ(f"{where}.{key}", value, other)

    def _cardinality(self, ours: int, theirs: int, where: str) -> None:
        self.compared += 1
        far = abs(ours - theirs) / max(ours, theirs, 1)
        self.worst_cardinality = max(self.worst_cardinality, far)
        if far > CARDINALITY_BOUND:
            self._differ(where, ours, theirs)

    def _differ(self, where: str, ours: Any, theirs: Any) -> None:
        self.differences.append(f"{where}: embedded {ours!r:.200}, Elasticsearch {theirs!r:.200}")


def _uncertain(body: Any) -> set[str]:
    terms = body.get("terms") if isinstance(body, dict) else None
    few = isinstance(terms, dict) and terms.get("min_doc_count", 1) > 1
    return {"sum_other_doc_count"} if few else set()


def _below(body: Any, key: str) -> Any:
    """The part of the body that an answer's `key` answers: down into aggregations by their names."""
    if not isinstance(body, dict):
        return None
    if key == "aggregations":
        return body.get("aggs", body.get("aggregations"))
    inner = body.get("aggs", body.get("aggregations"))
    if isinstance(inner, dict) and key in inner:
        return inner[key]
    return (
        body[key] if key in body and isinstance(body[key], dict) and key not in ("buckets", "hits") else body
    )


def _same(ours: Any, theirs: Any) -> bool:
    numbers = isinstance(ours, int | float) and isinstance(theirs, int | float)
    if numbers and not isinstance(ours, bool) and not isinstance(theirs, bool):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-6)
    return type(ours) is type(theirs) and bool(ours == theirs)
