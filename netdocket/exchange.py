"""The flat form in which records are handed to others (contract: the exchange form): one object a record."""

from __future__ import annotations

from typing import Any, Final

from netdocket.records import Case, DateValue, Figure, Incident, Penalty, Record, Regulatory

METRICS: Final = frozenset(
    [
        "CASES",
        "ENTITIES",
        "PERSONS",
        "APPS",
        "SITES",
        "ACCOUNTS",
        "ITEMS_REMOVED",
        "FINE_TOTAL",
        "CONFISCATED_TOTAL",
        "STATED",
    ]
)
"""Metrics of figures that are not the code of a penalty."""
ON_INDIVIDUALS: Final = frozenset(
    [
        "ADMONISH",
        "ADMIN_DETENTION",
        "CRIM_COERCIVE",
        "CRIM_DETENTION",
        "ARREST",
        "IMPRISONMENT",
        "CAREER_BAN",
        "DISCIPLINARY",
    ]
)
"""Penalties that hit individuals only; what may hit both counts as the entity's in a campaign."""
TOTALS: Final = {"FINE_TOTAL": "FINE", "CONFISCATED_TOTAL": "CONFISCATE"}


def exchange_row(record: Record, doc: str) -> dict[str, Any]:
    """The flat object of one record of the document `doc`; sums in yuan, dates as strings."""
    case = record.case
    figures = record.report.figures if record.report else ()
    citations = (case or record.report or record.regulatory or Case()).citations
    return {
        "doc": doc,
        "record_id": record.record_id,
        "origin": record.origin,
        "kind": record.kind,
        "char_start": record.span.start,
        "char_end": record.span.end,
        "title": record.title,
        "jurisdiction": record.jurisdiction,
        "authority_type": record.authorities[0].type if record.authorities else None,
        "region": record.place.export if record.place else None,
        "sector": record.sector.value if record.sector else None,
        "subject_kind": case.subjects[0].kind if case and case.subjects else None,
        "published": _date(record.published),
        "violations": [violation.code for violation in record.violations],
        "penalties": _penalties(record, case, figures),
        "citations": [
            {"law": c.law, "version": c.version, "article": c.article_string, "role": c.role}
            for c in citations
        ],
        "dates": {
            "decision": _date((case or record.report or Case()).dates.decision),
            "published": _date(record.published),
        },
        "regulatory": _regulatory(record.regulatory) if record.regulatory else None,
        "incident": _incident(record.incident) if record.incident else None,
        "figures": [{"metric": f.metric, "value": f.value, "unit": f.unit} for f in figures],
    }


def _date(value: DateValue | None) -> str | None:
    return value.value if value else None


def _penalties(record: Record, case: Case | None, figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    if case:
        return [_penalty(penalty) for penalty in case.penalties]
    return [_imposed(figure) for figure in imposing(record.kind, figures)]


def imposing(kind: str, figures: tuple[Figure, ...]) -> list[Figure]:
    """The figures of a campaign that also stand among its penalties, in their order."""
    if kind != "CAMPAIGN_STATS":
        return []
    return [figure for figure in figures if figure.metric in TOTALS or figure.metric not in METRICS]


def _penalty(penalty: Penalty) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": penalty.type,
        "target": penalty.target,
        "amount_cny": _yuan(penalty.amount) if penalty.currency in (None, "CNY") else None,
        "count": penalty.count,
    }
    return row | ({"detail": "combined"} if penalty.combined else {})


def _imposed(figure: Figure) -> dict[str, Any]:
    """A figure of a campaign as the penalty it counts or sums up."""
    if figure.metric in TOTALS:
        return {
            "type": TOTALS[figure.metric],
            "target": "entity",
            "amount_cny": figure.value,
            "count": None,
            "detail": "combined",
        }
    target = "individual" if figure.metric in ON_INDIVIDUALS else "entity"
    return {"type": figure.metric, "target": target, "amount_cny": None, "count": figure.value}


def _regulatory(regulatory: Regulatory) -> dict[str, Any]:
    return {
        "instrument": regulatory.instrument.value if regulatory.instrument else None,
        "issuer_types": list(regulatory.issuer_types),
        "co_issuer_count": regulatory.co_issuer_count,
        "bodies_named": [body.value for body in regulatory.bodies_named],
        "status": regulatory.status.value if regulatory.status else None,
        "published": _date(regulatory.published),
        "effective": _date(regulatory.effective),
        "consultation_until": _date(regulatory.consultation_until),
        "replaces": regulatory.replaces.value if regulatory.replaces else None,
        "duty_bearers": [bearer.value for bearer in regulatory.duty_bearers],
    }


def _incident(incident: Incident) -> dict[str, Any]:
    actor = incident.actor
    return {
        "notice_class": incident.notice_class.value if incident.notice_class else None,
        "types": [kind.value for kind in incident.types],
        "severity": incident.severity.value if incident.severity else None,
        "subject": incident.subject.value if incident.subject else None,
        "products": [
            {"vendor": p.vendor, "name": p.name, "versions": "; ".join(p.versions)} for p in incident.products
        ],
        "identifiers": [identifier.value for identifier in incident.identifiers],
        "scale": [
            {
                "what": s.what,
                "value": s.value,
                "unit": s.unit,
                "approximate": s.approximate,
                "claimed": s.claimed,
            }
            for s in incident.scale
        ],
        "dates": {
            "occurred": _date(incident.dates.occurred),
            "discovered": _date(incident.dates.discovered),
            "published": _date(incident.dates.published),
        },
        "actor": {"printed": actor.value} if actor else None,
        "state": incident.state.value if incident.state else None,
    }


def _yuan(fen: int | None) -> int | float | None:
    if fen is None:
        return None
    return fen // 100 if fen % 100 == 0 else fen / 100
