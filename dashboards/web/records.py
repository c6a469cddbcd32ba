"""The page of one record, at an address that can be cited, and the page of the bulletin that it stands in."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from dashboards.panels.errors import FilterError, NotFoundError
from dashboards.web.coverage import RECORD_INDICES, whole_coverage
from dashboards.web.evidence import Marked, marked_text
from dashboards.web.lists import record_address
from dashboards.web.site import Site, Speech, address_maker, page, site_of
from dashboards.web.values import CATEGORIES, Reader, Value
from index.store import Stored
from netdocket.errors import RecordError
from netdocket.records import Record

SHOWN_CHARACTERS = 200_000
"""Of one text on a page; a longer one is cut, and the page says so."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Passage:
    """`cut`: characters of the text that are not shown."""

    marked: Marked
    cut: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cited:
    """How the version asked for in the address compares with the one there is: `state` is current, newer (there is a
    newer one than asked for), older (the store is behind the address) or none asked."""

    revision: int | None
    rules: int | None
    state: str


def record_page(request: Request, *, index: str | None) -> Response:
    """`/cases/<id>` and its like; `/records/<id>` finds the index itself."""
    site = site_of(request)
    language = site.language_of(request)
    _only(request, ("revision", "rules", "lang"))
    record_id = request.path_params["record_id"]
    stored = _find(site, record_id, (index,) if index else RECORD_INDICES)
    record = record_of(stored)
    bulletin = site.store.get("bulletins", record.bulletin_id)
    t = Speech(language=language)
    values = Reader(site.labels, t).values(record)
    source = site.sources.get(record.source)
    address = record_address(stored.index, stored.source)
    return page(
        request,
        "record.html",
        language=language,
        section=stored.index,
        index=stored.index,
        record=record,
        document=stored.source,
        bulletin=bulletin.source if bulletin else None,
        values=values,
        passage=_passage(record, stored, bulletin, values),
        categories=[c for c in CATEGORIES if any(v.category == c and v.evidence for v in values)],
        source=source,
        cited=_cited(request, record),
        permalink=f"{str(request.base_url).rstrip('/')}{address}",
        fetched=record.fetched_at[:10],
        revised=revision_day(record.revision),
        others=_others(site, bulletin, record.record_id),
        coverage=whole_coverage(site.answers, stored.index, site.expected),
        http=_http,
    )


def bulletin_page(request: Request) -> Response:
    """The whole (masked) text as harvested, with its records marked; `?record=<id>` marks that record's values."""
    site = site_of(request)
    language = site.language_of(request)
    _only(request, ("lang", "record"))
    bulletin_id = request.path_params["bulletin_id"]
    stored = site.store.get("bulletins", bulletin_id)
    if stored is None:
        raise NotFoundError("no bulletin has this id", "没有该编号的公告", where=bulletin_id)
    text = str(stored.source.get("text", ""))
    others = _others(site, stored, None)
    same = [other for other in others if _same_version(other.source, stored.source)]
    chosen = request.query_params.get("record")
    target = ""
    if chosen is None:
        spans = [_outline(n, other) for n, other in enumerate(others, 1) if other in same]
    else:
        one = next((other for other in same if other.id == chosen), None)
        if one is None:
            raise NotFoundError("this bulletin has no such record", "该公告没有此记录", where=chosen)
        spans = Reader(site.labels, Speech(language=language)).values(record_of(one))
        target = address_maker(request)(f"/{one.index}/{one.id}")
    shown = min(len(text), SHOWN_CHARACTERS)
    return page(
        request,
        "bulletin.html",
        language=language,
        section="",
        bulletin=stored.source,
        source=site.sources.get(str(stored.source.get("source"))),
        others=others,
        passage=Passage(marked=marked_text(text, 0, shown, spans, page=target), cut=len(text) - shown),
        chosen=chosen,
        coverage=whole_coverage(site.answers, "cases", site.expected),
        http=_http,
    )


def _only(request: Request, known: tuple[str, ...]) -> None:
    for name in request.query_params:
        if name not in known:
            raise FilterError("this page has no such parameter", "本页面没有该参数", where=name)


def _find(site: Site, record_id: str, indices: tuple[str, ...]) -> Stored:
    for index in indices:
        stored = site.store.get(index, record_id)
        if stored is not None:
            return stored
    raise NotFoundError("no record has this id", "没有该编号的记录", where=record_id)


def record_of(stored: Stored) -> Record:
    try:
        return msgspec.convert(stored.source["record"], Record)
    except (msgspec.ValidationError, KeyError) as error:
        raise RecordError(str(error), where=f"{stored.index}/{stored.id}") from error


def _same_version(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("revision", "rules_version"))


def _passage(record: Record, stored: Stored, bulletin: Stored | None, values: list[Value]) -> Passage:
    """The record's part of the bulletin's text. While a bulletin is being rewritten the two may be of different
    versions for a moment: then the text kept with the record is shown."""
    start, end = record.span.start, record.span.end
    if bulletin is not None and _same_version(stored.source, bulletin.source):
        text = str(bulletin.source.get("text", ""))
    else:
        text = " " * start + str(stored.source.get("text", ""))
    shown = min(end, start + SHOWN_CHARACTERS, len(text))
    return Passage(marked=marked_text(text, start, shown, values), cut=max(0, end - shown))


def _cited(request: Request, record: Record) -> Cited:
    asked: dict[str, int | None] = {}
    for name in ("revision", "rules"):
        value = request.query_params.get(name)
        if value is not None and not (value.isascii() and value.isdigit() and len(value) < 16):
            raise FilterError("not a whole number", "不是整数", where=f"{name}={value}")
        asked[name] = int(value) if value is not None else None
    here = (record.revision, record.rules_version)
    revision, rules = asked["revision"], asked["rules"]
    if revision is None and rules is None:
        state = "none"
    else:
        wanted = (here[0] if revision is None else revision, here[1] if rules is None else rules)
        state = "current" if wanted == here else "newer" if wanted < here else "older"
    return Cited(revision=revision, rules=rules, state=state)


def _others(site: Site, bulletin: Stored | None, without: str | None) -> list[Stored]:
    """The other records of the bulletin, in the order of the text."""
    if bulletin is None:
        return []
    ids = [i for i in bulletin.source.get("record_ids", ()) if i != without]
    found = [stored for index in RECORD_INDICES for stored in site.store.mget(index, ids)]
    return sorted(found, key=lambda stored: stored.source["span"]["start"])


def _outline(n: int, stored: Stored) -> Value:
    title = str(stored.source.get("title", ""))
    return Value(name=f"r-{n}", category="record", what=str(n), text=title, evidence=record_of(stored).span)


def revision_day(revision: int) -> str:
    """A revision is the second at which its content was first fetched."""
    return dt.datetime.fromtimestamp(revision, dt.UTC).strftime("%Y-%m-%d")


def _http(url: str | None) -> str | None:
    """Only addresses of the web become links; whatever else a page gave as its address is shown as text."""
    return url if url and url.startswith(("https://", "http://")) else None
