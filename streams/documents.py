"""From what classification found to the documents of the indices: flat, each with all it is counted by.

One function a kind of document. A part (penalty, citation, figure, app row) repeats its record's common fields, so
that no chart needs a join. Beside each code stands its label in both languages. All text here is masked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from enrich import Knowledge
from netdocket.records import (
    CASE_KINDS,
    REPORT_KINDS,
    AppRow,
    Bulletin,
    Case,
    Citation,
    Classified,
    Figure,
    Incident,
    Penalty,
    Record,
    Regulatory,
    Report,
    encode,
)
from streams.fields import (
    Body,
    common_fields,
    date_fields,
    date_value,
    distinct,
    filled,
    label,
    labels,
    law_label,
    law_labels,
    period_field,
    place_fields,
    severity_label,
    span_field,
    yuan,
)

MONEY: Final = frozenset({"FINE", "CRIM_FINE", "CONFISCATE"})
"""Penalties that are a sum: without one, the amount is unknown."""
NOT_IMPOSED: Final = frozenset({"NO_PENALTY"})
"""Outcomes that stand among the penalties and are none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """What is to be written to an index (short name)."""

    index: str
    id: str
    body: Body

    @property
    def key(self) -> tuple[str, str]:
        return (self.index, self.id)


def documents(bulletin: Bulletin, classified: Classified, knowledge: Knowledge) -> list[Document]:
    """Every document derived from one bulletin. Raises KnowledgeError for a code that the knowledge has no label of."""
    found = [_bulletin(bulletin, classified)]
    for record in classified.records:
        text = classified.masked_text[record.span.start : record.span.end]
        if record.kind in CASE_KINDS and record.case:
            found += _case(record, record.case, text, knowledge)
        elif record.kind in REPORT_KINDS and record.report:
            found += _report(record, record.report, text, knowledge)
        elif record.regulatory:
            found.append(_development(record, record.regulatory, text, knowledge))
        elif record.incident:
            found.append(_incident(record, record.incident, text, knowledge))
    return found


def record_json(record: Record) -> Body:
    """A record as plain JSON values."""
    plain: Body = msgspec.json.decode(encode(record))
    return plain


# --- the bulletin ------------------------------------------------------------------------------------------


def _bulletin(bulletin: Bulletin, classified: Classified) -> Document:
    structured = [r for r in classified.records if r.kind not in ("EXPLAINER", "CONTAINER")]
    body = {
        "bulletin_id": bulletin.bulletin_id,
        "revision": bulletin.revision,
        "ordinal": bulletin.ordinal or None,
        "rules_version": classified.rules_version,
        "origin": bulletin.origin,
        "quiet": bulletin.quiet,
        "fetched_at": bulletin.fetched_at,
        "archive": msgspec.to_builtins(bulletin.archive),
        "title": classified.masked_title,
        "text": classified.masked_text,
        "source": bulletin.source,
        "source_role": classified.source_role,
        "url": bulletin.url,
        "publisher": classified.publisher.name if classified.publisher else bulletin.publisher,
        "language": bulletin.language,
        **date_fields("published", classified.published),
        "record_ids": [r.record_id for r in structured],
        "record_count": len(structured),
        "kinds": distinct(r.kind for r in classified.records),
        "explainers": [record_json(r) for r in classified.records if r.kind == "EXPLAINER"],
        "attachments": [msgspec.to_builtins(a) for a in bulletin.attachments],
    }
    return _document("bulletins", bulletin.bulletin_id, body)


# --- cases -------------------------------------------------------------------------------------------------


def _case(record: Record, case: Case, text: str, knowledge: Knowledge) -> list[Document]:
    shared = common_fields(record, knowledge)
    penalty_types = distinct(p.type for p in case.penalties)
    violated = distinct(_article_key(c) for c in case.citations if c.role == "violated")
    basis = distinct(_article_key(c) for c in case.citations if c.role == "basis")
    cited = [c for c in case.citations if c.role != "mentioned"]
    fines = [p.total for p in case.penalties if p.type == "FINE" and p.total is not None]
    subject_kinds = distinct(s.kind for s in case.subjects)
    status = case.status.value if case.status else None
    body = {
        **shared,
        "text": text,
        "record": record_json(record),
        "status": status,
        "status_label": label(knowledge, "case_statuses", status),
        "document_number": case.document_number.value if case.document_number else None,
        "subject_name": distinct(s.name for s in case.subjects),
        "subject_kind": subject_kinds,
        "subject_kind_label": labels(knowledge, "subject_kinds", subject_kinds),
        "penalty_type": penalty_types,
        "penalty_type_label": labels(knowledge, "penalty_types", penalty_types),
        "penalty_target": distinct(p.target for p in case.penalties),
        "penalty_count": sum(p.type not in NOT_IMPOSED for p in case.penalties),
        "fine_total": sum(fines) if fines else None,
        "fine_total_yuan": yuan(sum(fines)) if fines else None,
        "amount_unknown": any(_amount_unknown(p) for p in case.penalties),
        "law": distinct(c.law for c in cited),
        "law_label": law_labels(knowledge, distinct(c.law for c in cited)),
        "article": distinct([*violated, *basis]),
        "article_violated": violated,
        "article_basis": basis,
        "conduct_date": date_value(case.dates.conduct),
        "found_date": date_value(case.dates.found),
        "decision_date": date_value(case.dates.decision),
        "app_count": len(case.apps) if case.apps else None,
    }
    case_facts = {
        "penalty_type": penalty_types,
        "penalty_type_label": labels(knowledge, "penalty_types", penalty_types),
    }
    return [
        _document("cases", record.record_id, body),
        *(_penalty(p, shared, body["article"], status, knowledge) for p in case.penalties),
        *(_citation(c, shared | case_facts, knowledge) for c in case.citations),
        *(_app(row, shared) for row in case.apps),
    ]


def _penalty(
    penalty: Penalty, shared: Body, articles: list[str], status: str | None, knowledge: Knowledge
) -> Document:
    in_yuan = penalty.currency in (None, "CNY")
    body = {
        **shared,
        "penalty_id": penalty.id,
        "penalty_type": penalty.type,
        "penalty_type_label": label(knowledge, "penalty_types", penalty.type),
        "phrase": penalty.phrase,
        "target": penalty.target,
        "amount": penalty.amount,
        "amount_yuan": yuan(penalty.amount) if in_yuan else None,
        "currency": penalty.currency,
        "approximate": penalty.approximate,
        "amount_unknown": _amount_unknown(penalty),
        "count": penalty.count,
        "combined": penalty.combined,
        "shared": penalty.shared,
        "total": penalty.total,
        "total_yuan": yuan(penalty.total),
        "article": articles,
        "status": status,
        "evidence": span_field(penalty.evidence),
    }
    return _document("penalties", penalty.id, body)


def _citation(citation: Citation, shared: Body, knowledge: Knowledge) -> Document:
    body = {
        **shared,
        "citation_id": citation.id,
        "law": citation.law,
        "law_label": law_label(knowledge, citation.law),
        "version": citation.version,
        "article": citation.article_string,
        "article_key": _article_key(citation),
        "article_of": citation.article,
        "paragraph": citation.paragraph,
        "item": citation.item,
        "role": citation.role,
        "printed": citation.printed,
        "exists": citation.exists,
        "evidence": span_field(citation.evidence),
    }
    return _document("citations", citation.id, body)


def _app(row: AppRow, shared: Body) -> Document:
    body = {
        **shared,
        "app_id": row.id,
        "name": row.name,
        "developer": row.developer,
        "version": row.version,
        "store": row.store,
        "filing_number": row.filing_number,
        "problems": list(row.problems),
    }
    return _document("apps", row.id, body)


def _article_key(citation: Citation) -> str | None:
    """What articles are counted by: `CSL-2016:21`, without paragraph and item; the law's id or its printed name where
    the version is not known."""
    return f"{citation.version or citation.law}:{citation.article}" if citation.article else None


def _amount_unknown(penalty: Penalty) -> bool:
    return penalty.type in MONEY and penalty.amount is None


# --- reports, developments, incidents ----------------------------------------------------------------------


def _report(record: Record, report: Report, text: str, knowledge: Knowledge) -> list[Document]:
    shared = common_fields(record, knowledge)
    body = {
        **shared,
        "text": text,
        "record": record_json(record),
        "campaign": report.campaign,
        "period": period_field(report.period),
        "figure_count": len(report.figures),
    }
    return [
        _document("reports", record.record_id, body),
        *(_figure(figure, report, shared, knowledge) for figure in report.figures),
    ]


def _figure(figure: Figure, report: Report, shared: Body, knowledge: Knowledge) -> Document:
    group = "figure_metrics" if figure.metric in knowledge.codes("figure_metrics") else "penalty_types"
    body = {
        **shared,
        **(place_fields(figure.place) if figure.place else {}),
        "figure_id": figure.id,
        "metric": figure.metric,
        "metric_label": label(knowledge, group, figure.metric),
        "value": figure.value,
        "unit": figure.unit,
        "approximate": figure.approximate,
        "campaign": figure.campaign or report.campaign,
        "phrase": figure.phrase,
        "period": period_field(figure.period or report.period),
        "evidence": span_field(figure.evidence),
    }
    return _document("figures", figure.id, body)


def _development(record: Record, regulatory: Regulatory, text: str, knowledge: Knowledge) -> Document:
    instrument = regulatory.instrument.value if regulatory.instrument else None
    status = regulatory.status.value if regulatory.status else None
    body = {
        **common_fields(record, knowledge),
        "text": text,
        "record": record_json(record),
        "instrument": instrument,
        "instrument_label": law_label(knowledge, instrument),
        "issuer": list(regulatory.issuer_types),
        "issuer_label": labels(knowledge, "authority_types", regulatory.issuer_types),
        "co_issuer_count": regulatory.co_issuer_count,
        "bodies_named": [b.value for b in regulatory.bodies_named],
        "status": status,
        "status_label": label(knowledge, "regulatory_statuses", status),
        "reported_on": date_value(regulatory.published),
        "effective": date_value(regulatory.effective),
        "consultation_until": date_value(regulatory.consultation_until),
        "replaces": regulatory.replaces.value if regulatory.replaces else None,
        "duty_bearers": [b.value for b in regulatory.duty_bearers],
    }
    return _document("developments", record.record_id, body)


def _incident(record: Record, incident: Incident, text: str, knowledge: Knowledge) -> Document:
    notice_class = incident.notice_class.value if incident.notice_class else None
    types = distinct(t.value for t in incident.types)
    severity = incident.severity
    state = incident.state.value if incident.state else None
    body = {
        **common_fields(record, knowledge),
        "text": text,
        "record": record_json(record),
        "notice_class": notice_class,
        "notice_class_label": label(knowledge, "notice_class", notice_class),
        "incident_type": types,
        "incident_type_label": labels(knowledge, "incident_types", types),
        "severity_scale": severity.scale if severity else None,
        "severity": severity.value if severity else None,
        "severity_label": severity_label(knowledge, severity.scale, severity.value) if severity else None,
        "subject_name": incident.subject.value if incident.subject else None,
        "product": distinct(p.name for p in incident.products),
        "vendor": distinct(p.vendor for p in incident.products),
        "identifier": distinct(i.value for i in incident.identifiers),
        "occurred": date_value(incident.dates.occurred),
        "discovered": date_value(incident.dates.discovered),
        "actor": incident.actor.value if incident.actor else None,
        "state": state,
        "state_label": label(knowledge, "incident_states", state),
        "scale": [
            filled({name: getattr(s, name) for name in ("what", "value", "unit", "approximate", "claimed")})
            for s in incident.scale
        ],
    }
    return _document("incidents", record.record_id, body)


def _document(index: str, id: str, body: Mapping[str, Any]) -> Document:
    return Document(index, id, filled({"schema": f"netdocket.{index}/1", **body}))
