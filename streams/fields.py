"""Fields that the documents of several indices share, and the small pieces they are made of: dates, places, labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from enrich import Knowledge
from netdocket.records import DateValue, Period, Place, Record, Span

Body = dict[str, Any]
T = TypeVar("T")


def common_fields(record: Record, knowledge: Knowledge) -> Body:
    authorities = distinct(a.type for a in record.authorities)
    violations = distinct(v.code for v in record.violations)
    sector = record.sector.value if record.sector else None
    event = record.event_date
    return {
        "bulletin_id": record.bulletin_id,
        "revision": record.revision,
        "rules_version": record.rules_version,
        "origin": record.origin,
        "quiet": record.quiet,
        "fetched_at": record.fetched_at,
        "archive": msgspec.to_builtins(record.archive),
        "record_id": record.record_id,
        "kind": record.kind,
        "kind_label": label(knowledge, "record_kinds", record.kind),
        "title": record.title,
        "source": record.source,
        "source_role": record.source_role,
        "authority": authorities,
        "authority_label": labels(knowledge, "authority_types", authorities),
        "authority_name": distinct(a.name for a in record.authorities),
        **(place_fields(record.place) if record.place else {}),
        "violation": violations,
        "violation_label": labels(knowledge, "violation_types", violations),
        "sector": sector,
        "sector_label": label(knowledge, "sectors", sector),
        "url": record.url,
        "language": record.language,
        "jurisdiction": record.jurisdiction,
        **date_fields("published", record.published),
        "event_date": event.value if event else None,
        "event_precision": event.precision if event else None,
        "event_from": event.from_ if event else None,
        # a year is no month: such a record counts as "month unknown"
        "event_month": event.value[:7] if event and event.precision != "year" else None,
        "confidence": record.confidence,
        "span": span_field(record.span),
    }


def filled(body: Mapping[str, Any]) -> Body:
    """Without what is not known: an absent field and a null are the same to the indices."""
    return {key: value for key, value in body.items() if value is not None}


def place_fields(place: Place) -> Body:
    codes = {
        level: division.code
        for level in ("province", "prefecture", "county")
        if (division := getattr(place, level)) is not None
    }
    province = place.province
    return {
        "place": codes or None,
        "province_label": {"en": province.en, "zh": province.zh} if province else None,
        "region": place.export,
    }


def date_fields(name: str, date: DateValue | None) -> Body:
    return {name: date.value, f"{name}_precision": date.precision} if date else {}


def date_value(date: DateValue | None) -> str | None:
    return date.value if date else None


def span_field(span: Span | None) -> Body | None:
    return {"start": span.start, "end": span.end} if span else None


def period_field(period: Period | None) -> Body | None:
    return filled({"start": period.start, "end": period.end}) or None if period else None


def yuan(fen: int | None) -> float | None:
    return None if fen is None else fen / 100


def distinct(values: Iterable[T | None]) -> list[T]:
    return list(dict.fromkeys(v for v in values if v is not None))


def label(knowledge: Knowledge, group: str, code: str | None) -> Body | None:
    if code is None:
        return None
    found = knowledge.label(group, code)
    return {"en": found.en, "zh": found.zh}


def labels(knowledge: Knowledge, group: str, codes: Iterable[str]) -> Body | None:
    found = [knowledge.label(group, code) for code in codes]
    return {"en": [one.en for one in found], "zh": [one.zh for one in found]} if found else None


def law_label(knowledge: Knowledge, law: str | None) -> Body | None:
    """An instrument outside the catalogue is called what the text calls it."""
    if law is None:
        return None
    return label(knowledge, "laws", law) if law in knowledge.laws else {"en": law, "zh": law}


def law_labels(knowledge: Knowledge, laws: Iterable[str]) -> Body | None:
    found = [one for law in laws if (one := law_label(knowledge, law))]
    return {"en": [one["en"] for one in found], "zh": [one["zh"] for one in found]} if found else None


def severity_label(knowledge: Knowledge, scale: str, value: str) -> Body:
    scales = knowledge.tables["incidents"]["severity"]["scales"]
    for entry in scales:
        for level in entry["levels"] if entry["scale"] == scale else ():
            if level["code"] == value:
                english = (level.get("en") or (value,))[0]
                return {"en": english.capitalize(), "zh": level["zh"]}
    return {"en": value, "zh": value}
