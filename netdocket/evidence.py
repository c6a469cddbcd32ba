"""Every value of a record with its warrant, under its path in the exchange form (`penalties.0`, `regulatory.status`);
values that the exchange form leaves out have paths of their own (`subjects.0`, `document_number`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from netdocket.exchange import imposing
from netdocket.records import (
    Case,
    CaseDates,
    Citation,
    Figure,
    Found,
    Incident,
    Penalty,
    Record,
    Regulatory,
    Report,
)

LONGEST: Final = 320
"""Characters of a sentence that are shown around what was read."""
SHORTEST: Final = 12
"""Where only a place is shown: fewer characters behind it are a number or a heading's mark, no sentence."""
_SENTENCE_END = re.compile(r"[。！？；\n]|[.!?;](?=[\"')\]]*\s+[\"'(\[]?[A-Z0-9])")


class Value(NamedTuple):
    """A value as a person reads it, where it stands in the record, and where it was read."""

    path: str
    shown: str
    found: Found


class Quote(NamedTuple):
    """A sentence with the words that matter in it."""

    before: str
    words: str
    after: str

    def __str__(self) -> str:
        words = f"[{self.words}]" if self.words else ""
        return f"{self.before}{words}{self.after}"


def warrants(record: Record) -> dict[str, Found]:
    """Path -> warrant."""
    return {value.path: value.found for value in values(record)}


def values(record: Record) -> Iterator[Value]:
    """All values of a record that were read from the text or derived, in the order in which people ask for them."""
    yield Value("kind", f"{record.kind} ({record.confidence:.2f})", record.kind_found)
    yield Value("title", record.title, record.title_found)
    if record.jurisdiction_found is not None:
        yield Value("jurisdiction", record.jurisdiction, record.jurisdiction_found)
    for n, authority in enumerate(record.authorities):
        path = "authority_type" if n == 0 else f"authorities.{n}"
        yield Value(path, f"{authority.type} {authority.name}", authority)
    if record.place is not None:
        yield Value("region", record.place.export or "", record.place)
    if record.sector is not None:
        yield Value("sector", record.sector.value, record.sector)
    for n, violation in enumerate(record.violations):
        yield Value(f"violations.{n}", f"{violation.code} ({violation.confidence:.2f})", violation)
    if record.published is not None:
        yield Value("dates.published", record.published.value, record.published)
    if record.case is not None:
        yield from _case(record.case)
    if record.report is not None:
        yield from _report(record.report, record.kind)
    if record.regulatory is not None:
        yield from _regulatory(record.regulatory)
    if record.incident is not None:
        yield from _incident(record.incident)


def quote(text: str, start: int, end: int) -> Quote:
    """The sentence around [start, end) of `text`, cut to LONGEST characters on either side, on one line."""
    floor, ceiling = max(0, start - LONGEST), min(len(text), end + LONGEST)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, floor, start)]
    head = ends[-1] if ends else floor
    least = end - 1 if end > start else start + SHORTEST
    after = _SENTENCE_END.search(text, max(start, least), ceiling)
    tail = after.end() if after else ceiling
    return Quote(_line(text[head:start]).lstrip(), _line(text[start:end]), _line(text[end:tail]).rstrip())


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _case(case: Case) -> Iterator[Value]:
    for n, subject in enumerate(case.subjects):
        yield Value("subject_kind" if n == 0 else f"subjects.{n}", f"{subject.kind} {subject.name}", subject)
    if case.document_number is not None:
        yield Value("document_number", case.document_number.value, case.document_number)
    yield from _dates(case.dates)
    for n, penalty in enumerate(case.penalties):
        yield Value(f"penalties.{n}", _penalty(penalty), penalty)
    yield from _citations(case.citations)
    if case.status is not None:
        yield Value("status", case.status.value, case.status)
    for n, app in enumerate(case.apps):
        yield Value(f"apps.{n}", app.name, app)


def _report(report: Report, kind: str) -> Iterator[Value]:
    yield from _dates(report.dates)
    for n, figure in enumerate(report.figures):
        yield Value(f"figures.{n}", _figure(figure), figure)
    for n, figure in enumerate(imposing(kind, report.figures)):
        yield Value(f"penalties.{n}", _figure(figure), figure)
    yield from _citations(report.citations)


def _regulatory(part: Regulatory) -> Iterator[Value]:
    if part.instrument is not None:
        yield Value("regulatory.instrument", part.instrument.value, part.instrument)
    for n, code in enumerate(part.issuer_types):
        issuer = next(body for body in part.issuers if body.type == code)
        yield Value(f"regulatory.issuer_types.{n}", f"{issuer.type} {issuer.name}", issuer)
    if part.status is not None:
        yield Value("regulatory.status", part.status.value, part.status)
    for name in ("published", "effective", "consultation_until"):
        date = getattr(part, name)
        if date is not None:
            yield Value(f"regulatory.{name}", date.value, date)
    if part.replaces is not None:
        yield Value("regulatory.replaces", part.replaces.value, part.replaces)
    for name, stated in (("bodies_named", part.bodies_named), ("duty_bearers", part.duty_bearers)):
        for n, body in enumerate(stated):
            yield Value(f"regulatory.{name}.{n}", body.value, body)
    yield from _citations(part.citations)


def _incident(part: Incident) -> Iterator[Value]:
    if part.notice_class is not None:
        yield Value("incident.notice_class", part.notice_class.value, part.notice_class)
    for n, kind in enumerate(part.types):
        yield Value(f"incident.types.{n}", kind.value, kind)
    if part.severity is not None:
        yield Value("incident.severity", f"{part.severity.scale} {part.severity.value}", part.severity)
    if part.subject is not None:
        yield Value("incident.subject", part.subject.value, part.subject)
    for n, product in enumerate(part.products):
        yield Value(f"incident.products.{n}", " ".join((product.name, *product.versions)), product)
    for n, identifier in enumerate(part.identifiers):
        yield Value(f"incident.identifiers.{n}", identifier.value, identifier)
    for n, scale in enumerate(part.scale):
        yield Value(
            f"incident.scale.{n}", f"{scale.what} {_number(scale.value)} {scale.unit or ''}".strip(), scale
        )
    for name in ("occurred", "discovered", "published"):
        date = getattr(part.dates, name)
        if date is not None:
            yield Value(f"incident.dates.{name}", date.value, date)
    for name, stated in (("actor", part.actor), ("state", part.state)):
        if stated is not None:
            yield Value(f"incident.{name}", stated.value, stated)


def _dates(dates: CaseDates) -> Iterator[Value]:
    for name in ("decision", "found", "conduct"):
        date = getattr(dates, name)
        if date is not None:
            yield Value(f"dates.{name}", date.value, date)


def _citations(citations: Sequence[Citation]) -> Iterator[Value]:
    for n, cited in enumerate(citations):
        parts = [cited.version or cited.law, cited.article_string or "", f"({cited.role})"]
        if cited.exists is False:
            parts.append("[no such article]")
        yield Value(f"citations.{n}", " ".join(part for part in parts if part), cited)


def _penalty(penalty: Penalty) -> str:
    parts = [penalty.type, penalty.target]
    if penalty.amount is not None:
        parts.append(f"{_number(penalty.amount / 100)} {penalty.currency or 'CNY'}")
    if penalty.count:
        parts.append(f"x{penalty.count}")
    if penalty.combined:
        parts.append("combined")
    return " ".join(parts)


def _figure(figure: Figure) -> str:
    return " ".join(part for part in (figure.metric, _number(figure.value), figure.unit or "") if part)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"
