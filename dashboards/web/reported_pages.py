"""A wrong record, reported from where it is seen, and the page of all that was reported."""

from __future__ import annotations

import dataclasses

from starlette.requests import Request
from starlette.responses import Response

from dashboards.kept.reported import Reported, keep, reported_records, state_of
from dashboards.panels.errors import FilterError, NotFoundError
from dashboards.web.coverage import RECORD_INDICES, whole_coverage
from dashboards.web.forms import Form, posted, then
from dashboards.web.records import record_of
from dashboards.web.site import Speech, page, site_of
from dashboards.web.values import Reader
from netdocket.records import utc_now


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportRow:
    key: str
    report: Reported
    state: str


def reported_page(request: Request) -> Response:
    """The latest first."""
    site = site_of(request)
    for name in request.query_params:
        if name != "lang":
            raise FilterError("this page has no such parameter", "本页面没有该参数", where=name)
    held = reversed(reported_records(site.store).all().items())
    return page(
        request,
        "reported.html",
        language=site.language_of(request),
        section="reported",
        rows=[ReportRow(key=key, report=one, state=state_of(site.store, one)) for key, one in held],
        coverage=whole_coverage(site.answers, "cases", site.expected),
    )


@posted
def report_record(request: Request, form: Form) -> Response:
    site = site_of(request)
    index, record_id = form.get("index", ""), form.get("record_id", "")
    stored = site.store.get(index, record_id) if index in RECORD_INDICES else None
    if stored is None:
        raise NotFoundError("no record has this id", "没有该编号的记录", where=record_id[:100])
    record = record_of(stored)
    seen = (form.get("revision"), form.get("rules"))
    if seen != (str(record.revision), str(record.rules_version)):
        raise FilterError(
            "the record was read again meanwhile; look at it once more",
            "该记录已被重新识别，请再次查看",
            where=record_id,
        )
    meant = None
    if name := form.get("value"):
        values = Reader(site.labels, Speech(language=site.language_of(request))).values(record)
        meant = next((value for value in values if value.name == name), None)
        if meant is None:
            raise FilterError("the record has no such value", "该记录没有此项", where=name[:50])
    report = Reported(
        record_id=record_id,
        index=index,
        bulletin_id=record.bulletin_id,
        revision=record.revision,
        rules_version=record.rules_version,
        title=record.title,
        said=form.get("said", "").strip(),
        at=utc_now(),
        url=record.url,
        value=f"{meant.what}: {meant.text}" if meant else None,
        rule=meant.rule if meant else None,
    )
    return then(request, form, "/reported", f"#{keep(site.store, report)}")


@posted
def drop_report(request: Request, form: Form) -> Response:
    site = site_of(request)
    key = request.path_params["key"]
    if not reported_records(site.store).remove(key):
        raise NotFoundError("there is no such report", "没有该报告", where=key)
    return then(request, form, "/reported")
