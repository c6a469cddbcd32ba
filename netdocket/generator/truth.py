"""What a bulletin says, exactly: one row a record, in the exchange form of the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from netdocket.generator.citations import Cite
from netdocket.generator.measures import Measure

_TOTALS: Final = {"FINE_TOTAL": "FINE", "CONFISCATED_TOTAL": "CONFISCATE"}
_METRICS: Final = frozenset(
    ["CASES", "ENTITIES", "PERSONS", "APPS", "SITES", "ACCOUNTS", "ITEMS_REMOVED", "FINE_TOTAL", "CONFISCATED_TOTAL", "STATED"]
)  # fmt: skip
_ON_INDIVIDUALS: Final = frozenset(
    ["ADMONISH", "ADMIN_DETENTION", "CRIM_COERCIVE", "CRIM_DETENTION", "ARREST", "IMPRISONMENT", "CAREER_BAN", "DISCIPLINARY"]
)  # fmt: skip


@dataclass(slots=True)
class Row:
    """One record while its text is being written. Dates are ISO strings as far as the text states them."""

    kind: str
    start: int
    title: str
    end: int = 0
    jurisdiction: str = "CN"
    authority_type: str | None = None
    region: str | None = None
    sector: str | None = None
    subject_kind: str | None = None
    published: str | None = None
    decision: str | None = None
    violations: list[str] = field(default_factory=list)
    penalties: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    regulatory: dict[str, Any] | None = None
    incident: dict[str, Any] | None = None
    figures: list[dict[str, Any]] = field(default_factory=list)

    def exchange(self, doc: str, record_id: str) -> dict[str, Any]:
        """The row as `netdocket.exchange.exchange_row` would write the record."""
        return {
            "doc": doc,
            "record_id": record_id,
            "origin": "generated",
            "kind": self.kind,
            "char_start": self.start,
            "char_end": self.end,
            "title": self.title,
            "jurisdiction": self.jurisdiction,
            "authority_type": self.authority_type,
            "region": self.region,
            "sector": self.sector,
            "subject_kind": self.subject_kind,
            "published": self.published,
            "violations": self.violations,
            "penalties": self.penalties or imposed(self),
            "citations": self.citations,
            "dates": {"decision": self.decision, "published": self.published},
            "regulatory": self.regulatory,
            "incident": self.incident,
            "figures": self.figures,
        }


def penalty(measure: Measure) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": measure.type,
        "target": measure.target,
        "amount_cny": measure.amount,
        "count": measure.count,
    }
    return row | {"detail": "combined"} if measure.combined else row


def citation(cite: Cite) -> dict[str, Any]:
    return {"law": cite.law.id, "version": cite.version, "article": cite.article, "role": cite.role}


def imposed(row: Row) -> list[dict[str, Any]]:
    """The penalties that a campaign's figures count or sum up."""
    if row.kind != "CAMPAIGN_STATS":
        return []
    return [_counted(f) for f in row.figures if f["metric"] in _TOTALS or f["metric"] not in _METRICS]


def _counted(figure: dict[str, Any]) -> dict[str, Any]:
    metric = figure["metric"]
    if metric in _TOTALS:
        return {"type": _TOTALS[metric], "target": "entity", "amount_cny": figure["value"], "count": None, "detail": "combined"}  # fmt: skip
    target = "individual" if metric in _ON_INDIVIDUALS else "entity"
    return {"type": metric, "target": target, "amount_cny": None, "count": figure["value"]}
