"""Data views: what Kibana calls the fields, and how it writes their values. Both in both languages of the page."""

from __future__ import annotations

import functools
import json
from typing import Any

from dashboards.kibana.lens import both, data_view_id
from dashboards.panels.labels import Labels
from dashboards.panels.load import index_fields, load_filters, load_lists, load_panels
from dashboards.panels.model import Text

Json = dict[str, Any]
TIME_FIELD = "event_date"
OPEN_GROUPS = frozenset({"articles", "sources", "versions"})
"""Vocabularies without end, or of the machine that crawls: their codes are shown as they are."""
_WORDS = {
    "url": Text("Original", "原文链接"),
    "record_id": Text("Record", "记录"),
    "title": Text("Title", "标题"),
    "text": Text("Text", "正文"),
    "event_date": Text("Counted under", "统计日期"),
    "event_month": Text("Month", "月份"),
    "event_precision": Text("Precision of the date", "日期精度"),
    "jurisdiction": Text("Jurisdiction", "法域"),
    "published": Text("Published", "发布日期"),
    "fetched_at": Text("Fetched", "采集时间"),
    "confidence": Text("Confidence", "置信度"),
    "amount_yuan": Text("Amount, yuan", "金额（元）"),
    "total_yuan": Text("Total, yuan", "合计（元）"),
    "fine_total_yuan": Text("Known fines, yuan", "已知罚款（元）"),
    "amount_unknown": Text("Amount unknown", "金额不详"),
    "subject_name": Text("Subject", "当事人"),
}


def data_view(index: str, labels: Labels, *, prefix: str, page: str) -> Json:
    """`prefix`: of the indices' names; `page`: address of the local page, to which records lead."""
    fields = index_fields(index)
    names = {field: text for field, text in field_words().items() if field in fields}
    formats: Json = {}
    for field, group in field_groups().items():
        if field in fields and group not in OPEN_GROUPS and (entries := _entries(labels, group, field)):
            params = {"lookupEntries": entries, "unknownKeyValue": None}
            formats[field] = {"id": "static_lookup", "params": params}
    for field in fields:
        if field.endswith("_yuan"):
            formats[field] = {"id": "number", "params": {"pattern": "0,0.[00]"}}
    if "url" in fields:
        formats["url"] = _link("{{rawValue}}", "原文 · original")
    if "record_id" in fields:
        formats["record_id"] = _link(f"{page}/records/{{{{value}}}}", "{{value}}")
    attributes = {
        "title": f"{prefix}-{index}",
        "name": f"netdocket {index}",
        "fields": "[]",
        "fieldAttrs": _json({field: {"customLabel": both(text)} for field, text in names.items()}),
        "fieldFormatMap": _json(formats),
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
    }
    if TIME_FIELD in fields and "event_month" in fields:
        attributes["timeFieldName"] = TIME_FIELD
    return {"type": "index-pattern", "id": data_view_id(index), "attributes": attributes, "references": []}


@functools.cache
def field_words() -> dict[str, Text]:
    """Field -> what the page calls it."""
    found = dict(_WORDS)
    for spec in load_filters().values():
        for field in (spec.field, *spec.fields.values()):
            found.setdefault(field, spec.title)
    for listing in load_lists().values():
        for column in listing.columns:
            found.setdefault(column.field, column.title)
    for panel in load_panels().values():
        for by in panel.by:
            found.setdefault(by.field, by.title)
        for column in panel.columns:
            found.setdefault(column.field, column.title)
    return dict(sorted(found.items()))


@functools.cache
def field_groups() -> dict[str, str]:
    """Field -> the vocabulary of its codes."""
    found: dict[str, str] = {}
    for panel in load_panels().values():
        parts = [(by.field, by.group) for by in panel.by] + [(c.field, c.group) for c in panel.columns]
        for field, group in parts:
            if group:
                found.setdefault(field, group)
    for spec in load_filters().values():
        if spec.group:
            for field in (spec.field, *spec.fields.values()):
                found.setdefault(field, spec.group)
    return dict(sorted(found.items()))


def _entries(labels: Labels, group: str, field: str) -> list[Json]:
    codes = labels.codes("short_laws" if group == "laws" else group)
    if group == "places":
        whole = "0000" if field == "place.province" else "00"
        codes = tuple(code for code in codes if code.endswith(whole))
    return [{"key": code, "value": both(labels(group, code))} for code in sorted(codes)]


def _link(address: str, label: str) -> Json:
    params = {"type": "a", "urlTemplate": address, "labelTemplate": label, "openLinkInCurrentTab": False}
    return {"id": "url", "params": params}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
