"""What stands behind the figures: the sources and their state, and what every code means."""

from __future__ import annotations

import dataclasses
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboards.panels.errors import FilterError
from dashboards.panels.model import Text
from dashboards.panels.scope import Scope
from dashboards.web.coverage import RECORD_INDICES, coverage, coverage_searches, whole_coverage
from dashboards.web.site import Site, page, site_of
from dashboards.web.sources import SourceInfo

LISTED = 1000
GROUPS = (
    "record_kinds", "violation_types", "penalty_types", "authority_types", "citation_roles", "case_statuses",
    "regulatory_statuses", "subject_kinds", "sectors", "figure_metrics", "notice_class", "incident_types",
    "incident_states", "scale_whats", "source_roles", "precisions", "targets", "laws",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, kw_only=True)
class SourceView:
    """`state`: the last known one, None where the source was never looked at; `records` of it by index."""

    code: str
    info: SourceInfo | None
    state: dict[str, Any] | None
    records: dict[str, int]


def sources_page(request: Request) -> Response:
    site = site_of(request)
    language = site.language_of(request)
    _no_parameters(request)
    frame = coverage_searches("cases", Scope())
    states = ("sources", {"size": LISTED, "query": {"match_all": {}}, "sort": [{"source": "asc"}]})
    counts = [(index, _by_source(index)) for index in RECORD_INDICES]
    answers = site.answers.ask([*frame, states, *counts])
    found = {hit["_source"]["source"]: hit["_source"] for hit in answers[len(frame)]["hits"]["hits"]}
    records: dict[str, dict[str, int]] = {}
    for index, answer in zip(RECORD_INDICES, answers[len(frame) + 1 :], strict=True):
        for bucket in answer["aggregations"]["source"]["buckets"]:
            records.setdefault(str(bucket["key"]), {})[index] = int(bucket["doc_count"])
    codes = sorted({*site.sources, *found, *records})
    views = [
        SourceView(code=c, info=site.sources.get(c), state=found.get(c), records=records.get(c, {}))
        for c in codes
    ]
    return page(
        request,
        "sources.html",
        language=language,
        section="sources",
        views=views,
        indices=RECORD_INDICES,
        coverage=coverage("cases", answers[: len(frame)], site.expected),
    )


def _by_source(index: str) -> dict[str, Any]:
    clauses, _ = Scope().clauses(index)
    terms = {"terms": {"field": "source", "size": LISTED}}
    return {"size": 0, "query": {"bool": {"filter": clauses}}, "aggs": {"source": terms}}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    code: str
    label: Text
    definition: str | None


def glossary_page(request: Request) -> Response:
    """Every code with its wording in both languages and its definition."""
    site = site_of(request)
    language = site.language_of(request)
    _no_parameters(request)
    return page(
        request,
        "glossary.html",
        language=language,
        section="glossary",
        groups={group: _entries(site, group) for group in GROUPS},
        coverage=whole_coverage(site.answers, "cases", site.expected),
    )


def _entries(site: Site, group: str) -> list[Entry]:
    return [
        Entry(code=code, label=site.labels(group, code), definition=site.labels.define(group, code))
        for code in site.labels.codes(group)
    ]


def _no_parameters(request: Request) -> None:
    for name in request.query_params:
        if name != "lang":
            raise FilterError("this page has no such parameter", "本页面没有该参数", where=name)
