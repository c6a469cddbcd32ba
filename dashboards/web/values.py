"""A record's values as rows of a table: what was read, where it stands in the text, and by which rule.

A row's `name` is the anchor that its evidence in the text points to (`p-1`: the first penalty).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Literal

from dashboards.panels.labels import Labels, article_words
from dashboards.panels.model import Text
from dashboards.web import formats
from dashboards.web.site import Speech
from netdocket.records import (
    Authority,
    Case,
    CaseDates,
    Citation,
    DateValue,
    Figure,
    Found,
    Incident,
    Penalty,
    Period,
    Place,
    Record,
    Regulatory,
    Report,
    Span,
    Stated,
    Subject,
)

Category = Literal["penalty", "violation", "citation", "date", "authority", "subject", "other", "record"]
CATEGORIES: tuple[Category, ...] = (
    "penalty",
    "violation",
    "citation",
    "date",
    "authority",
    "subject",
    "other",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Value:
    """`group` and `code`: for the glossary. `details`: what else is known of it, in words."""

    name: str
    category: Category
    what: str
    text: str
    group: str | None = None
    code: str | None = None
    details: tuple[str, ...] = ()
    evidence: Span | None = None
    rule: str | None = None
    derived: str | None = None


class Reader:
    """Reads records aloud in one language."""

    def __init__(self, labels: Labels, t: Speech) -> None:
        self._labels = labels
        self._t = t

    def values(self, record: Record) -> list[Value]:
        return [*self._common(record), *self._section(record)]

    def _section(self, record: Record) -> Iterator[Value]:
        if record.case:
            yield from self._case(record.case)
        elif record.report:
            yield from self._report(record.report)
        elif record.regulatory:
            yield from self._regulatory(record.regulatory)
        elif record.incident:
            yield from self._incident(record.incident)

    # --- what every record has -----------------------------------------------------------------------

    def _common(self, record: Record) -> Iterator[Value]:
        yield self._coded("kind", "other", "value.kind", "record_kinds", record.kind, record.kind_found)
        if not record.regulatory or record.regulatory.issuers != record.authorities:
            for n, authority in enumerate(record.authorities, 1):
                yield self._authority(f"a-{n}", authority)
        if record.place:
            yield self._value("place", "authority", "value.place", self._place(record.place), record.place)
        if record.sector:
            yield self._coded(
                "sector", "subject", "value.sector", "sectors", record.sector.value, record.sector
            )
        for n, violation in enumerate(record.violations, 1):
            details = (self._t("value.confidence", n=f"{violation.confidence:.2f}"),)
            yield self._coded(
                f"v-{n}",
                "violation",
                "value.violation",
                "violation_types",
                violation.code,
                violation,
                details,
            )
        if record.published:
            yield self._date("published", "value.published", record.published)
        if record.event_date:
            text = formats.day(record.event_date.value, record.event_date.precision)
            source = self._t(
                "value.event_from", what=self._t.or_itself("event_from", record.event_date.from_)
            )
            yield Value(
                name="event", category="date", what=self._t("value.event"), text=text, details=(source,)
            )

    def _authority(self, name: str, authority: Authority, what: str = "value.authority") -> Value:
        label = self._t.text(self._labels("authority_types", authority.type))
        return dataclasses.replace(
            self._value(name, "authority", what, authority.name, authority, (label,)),
            group="authority_types",
            code=authority.type,
        )

    # --- cases ---------------------------------------------------------------------------------------

    def _case(self, case: Case) -> Iterator[Value]:
        if case.status:
            yield self._coded(
                "status", "other", "value.status", "case_statuses", case.status.value, case.status
            )
        if case.document_number:
            number = case.document_number
            yield self._value("number", "other", "value.document_number", number.value, number)
        yield from self._case_dates(case.dates)
        for n, subject in enumerate(case.subjects, 1):
            yield self._subject(f"s-{n}", subject)
        for n, penalty in enumerate(case.penalties, 1):
            yield self._penalty(f"p-{n}", penalty)
        yield from self._citations(case.citations)
        for n, row in enumerate(case.apps, 1):
            known = (row.developer, row.version, row.store, row.filing_number, *row.problems)
            yield self._value(f"app-{n}", "subject", "value.app", row.name, row, tuple(k for k in known if k))

    def _case_dates(self, dates: CaseDates) -> Iterator[Value]:
        named = (("decision", dates.decision), ("conduct", dates.conduct), ("found", dates.found))
        for name, date in named:
            if date:
                yield self._date(name, f"value.{name}", date)

    def _subject(self, name: str, subject: Subject) -> Value:
        details = [self._t.text(self._labels("subject_kinds", subject.kind))]
        if subject.count and subject.count > 1:
            details.append(self._t("value.alike", n=formats.number(subject.count)))
        if subject.sector:
            details.append(self._t.text(self._labels("sectors", subject.sector)))
        return self._value(name, "subject", "value.subject", subject.name, subject, tuple(details))

    def _penalty(self, name: str, penalty: Penalty) -> Value:
        label = self._t.text(self._labels("penalty_types", penalty.type))
        details = [penalty.phrase] if penalty.phrase and penalty.phrase != label else []
        details.append(self._t.text(self._labels("targets", penalty.target)))
        if penalty.amount is not None:
            currency = penalty.currency or "CNY"
            amount = formats.yuan(penalty.amount / 100)
            if currency != "CNY":
                amount = f"{currency} {formats.number(penalty.amount / 100)}"
            details.append(self._t("value.about", amount=amount) if penalty.approximate else amount)
        elif penalty.type in ("FINE", "CRIM_FINE", "CONFISCATE"):
            details.append(self._t("value.amount_unknown"))
        if penalty.count and penalty.count > 1:
            details.append(self._t("value.each_of", n=formats.number(penalty.count)))
            if penalty.total is not None and not penalty.combined:
                details.append(self._t("value.total", amount=formats.yuan(penalty.total / 100)))
        details += [self._t(f"value.{flag}") for flag in ("combined", "shared") if getattr(penalty, flag)]
        return dataclasses.replace(
            self._value(name, "penalty", "value.penalty", label, penalty, tuple(details)),
            group="penalty_types",
            code=penalty.type,
        )

    def _citations(self, citations: Iterable[Citation]) -> Iterator[Value]:
        for n, citation in enumerate(citations, 1):
            law = self._labels.law(citation.version or citation.law)
            place = article_words(citation.article, citation.paragraph, citation.item)
            text = Text(f"{law.en}, {place.en}", f"{law.zh}{place.zh}")
            details = [self._t.text(self._labels("citation_roles", citation.role)), citation.printed]
            if citation.exists is False:
                details.append(self._t("value.no_such_article"))
            found = citation.version_found
            if found and found.derived:
                details.append(self._t("value.version_from", what=self._t.derived(found.derived)))
            yield dataclasses.replace(
                self._value(
                    f"c-{n}", "citation", "value.citation", self._t.text(text), citation, tuple(details)
                ),
                group="laws",
                code=citation.law,
            )

    # --- reports, developments, incidents ------------------------------------------------------------

    def _report(self, report: Report) -> Iterator[Value]:
        if report.campaign:
            yield self._value("campaign", "other", "value.campaign", report.campaign, Found())
        if report.period:
            yield self._value("period", "date", "value.period", _period(report.period), Found())
        yield from self._case_dates(report.dates)
        for n, figure in enumerate(report.figures, 1):
            yield self._figure(f"f-{n}", figure)
        yield from self._citations(report.citations)

    def _figure(self, name: str, figure: Figure) -> Value:
        group = "figure_metrics" if figure.metric in self._labels.codes("figure_metrics") else "penalty_types"
        label = self._t.text(self._labels(group, figure.metric))
        number = formats.number(figure.value) + (f" {figure.unit}" if figure.unit else "")
        if figure.approximate:
            number = self._t("value.about", amount=number)
        known = [figure.phrase, figure.campaign]
        if figure.place:
            known.append(self._place(figure.place))
        if figure.period:
            known.append(_period(figure.period))
        details = tuple(part for part in known if part)
        value = self._value(
            name, "penalty", "value.figure", f"{label}{self._t('colon')}{number}", figure, details
        )
        return dataclasses.replace(value, group=group, code=figure.metric)

    def _regulatory(self, found: Regulatory) -> Iterator[Value]:
        if found.instrument:
            law = self._t.text(self._labels("laws", found.instrument.value))
            yield self._value("instrument", "citation", "value.instrument", law, found.instrument)
        if found.status:
            group = "regulatory_statuses"
            yield self._coded("status", "other", "value.status", group, found.status.value, found.status)
        for n, issuer in enumerate(found.issuers, 1):
            yield self._authority(f"i-{n}", issuer, "value.issuer")
        if found.co_issuer_count:
            text = self._t("value.others", n=formats.number(found.co_issuer_count))
            yield self._value(
                "co-issuers", "authority", "value.co_issuers", text, found.co_issuers_found or Found()
            )
        yield from self._stated("body", "authority", "value.body", found.bodies_named)
        dates = (
            ("reported", found.published),
            ("effective", found.effective),
            ("consultation", found.consultation_until),
        )
        for name, date in dates:
            if date:
                yield self._date(name, f"value.{name}", date)
        if found.replaces:
            law = self._t.text(self._labels("laws", found.replaces.value))
            yield self._value("replaces", "citation", "value.replaces", law, found.replaces)
        yield from self._stated("bearer", "subject", "value.duty_bearer", found.duty_bearers)
        yield from self._citations(found.citations)

    def _incident(self, found: Incident) -> Iterator[Value]:
        if found.notice_class:
            code = found.notice_class
            yield self._coded("class", "other", "value.notice_class", "notice_class", code.value, code)
        for n, kind in enumerate(found.types, 1):
            yield self._coded(
                f"t-{n}", "violation", "value.incident_type", "incident_types", kind.value, kind
            )
        if found.severity:
            level = self._t.text(self._labels("severity", found.severity.value))
            yield self._value("severity", "penalty", "value.severity", level, found.severity)
        if found.subject:
            yield self._value("victim", "subject", "value.victim", found.subject.value, found.subject)
        for n, product in enumerate(found.products, 1):
            name = " ".join(part for part in (product.vendor, product.name) if part)
            yield self._value(f"product-{n}", "subject", "value.product", name, product, product.versions)
        yield from self._stated("id", "citation", "value.identifier", found.identifiers)
        for n, scale in enumerate(found.scale, 1):
            amount = formats.number(scale.value) + (f" {scale.unit}" if scale.unit else "")
            if scale.approximate:
                amount = self._t("value.about", amount=amount)
            what = self._t.text(self._labels("scale_whats", scale.what))
            details = (self._t("value.claimed"),) if scale.claimed else ()
            text = f"{what}{self._t('colon')}{amount}"
            yield self._value(f"scale-{n}", "penalty", "value.scale", text, scale, details)
        for name in ("occurred", "discovered"):
            date = getattr(found.dates, name)
            if date:
                yield self._date(name, f"value.{name}", date)
        if found.actor:
            yield self._value("actor", "subject", "value.actor", found.actor.value, found.actor)
        if found.state:
            yield self._coded(
                "state", "other", "value.state", "incident_states", found.state.value, found.state
            )

    # --- pieces --------------------------------------------------------------------------------------

    def _stated(self, name: str, category: Category, what: str, values: Iterable[Stated]) -> Iterator[Value]:
        for n, stated in enumerate(values, 1):
            yield self._value(f"{name}-{n}", category, what, stated.value, stated)

    def _coded(
        self,
        name: str,
        category: Category,
        what: str,
        group: str,
        code: str,
        found: Found,
        details: tuple[str, ...] = (),
    ) -> Value:
        text = self._t.text(self._labels(group, code))
        value = self._value(name, category, what, text, found, details)
        return dataclasses.replace(value, group=group, code=code)

    def _date(self, name: str, what: str, date: DateValue) -> Value:
        details = (
            () if date.precision == "day" else (self._t.text(self._labels("precisions", date.precision)),)
        )
        return self._value(name, "date", what, formats.day(date.value, date.precision), date, details)

    def _place(self, place: Place) -> str:
        parts = [part for part in (place.province, place.prefecture, place.county) if part]
        if self._t.language == "zh":
            return "".join(part.zh for part in parts)
        return ", ".join(part.en for part in reversed(parts))

    def _value(
        self,
        name: str,
        category: Category,
        what: str,
        text: str,
        found: Found,
        details: tuple[str, ...] = (),
    ) -> Value:
        return Value(
            name=name,
            category=category,
            what=self._t(what),
            text=text,
            details=details,
            evidence=found.evidence,
            rule=found.rule,
            derived=found.derived,
        )


def _period(period: Period) -> str:
    return f"{period.start or '…'} – {period.end or '…'}"
