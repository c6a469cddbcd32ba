"""Lists of records: filters and words in the address, facets, pages, and the whole list as CSV or JSON."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dashboards.panels.csv_export import BOM, csv_text
from dashboards.panels.errors import FilterError, NotFoundError
from dashboards.panels.load import ListPage, load_lists
from dashboards.panels.model import Column, Text
from dashboards.panels.scope import Scope
from dashboards.web.cells import cell, listed, value
from dashboards.web.chips import chips
from dashboards.web.coverage import coverage, coverage_searches
from dashboards.web.facets import facet_search, facets
from dashboards.web.site import Site, Speech, demo_mark, page, site_of
from index.store import Scanner, Store
from netdocket.errors import StoreError

PAGE_SIZE = 25
WINDOW = 10_000
"""As far as a store pages by number; what lies beyond is reached by narrowing, or in the download."""
BATCH = 500
BEST = "best"
# Marks of the highlighter: private characters, so that they can be told from whatever the text holds.
OPEN, CLOSE = "\ue000", "\ue001"
_MARKED = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*){CLOSE}")
_SUBJECT = Column(field="subject_name", title=Text("Subject", "当事人"))


@functools.cache
def names() -> tuple[str, ...]:
    return tuple(load_lists())


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hit:
    source: dict[str, Any]
    title: Markup
    excerpts: list[Markup]


def list_page(request: Request, *, name: str) -> Response:
    site = site_of(request)
    language = site.language_of(request)
    spec = load_lists()[name]
    scope = site.scope(request, spec.facets, also=("page", "sort"))
    order = _order(request, spec, scope)
    number = _page_number(request)
    body = {
        **list_body(spec, scope, order),
        "from": (number - 1) * PAGE_SIZE,
        "size": PAGE_SIZE,
        "highlight": _highlight() if scope.text else None,
    }
    if not scope.text:
        del body["highlight"]
    frame = [*coverage_searches(spec.index, scope), facet_search(spec.index, spec.facets, scope)]
    *covered, faceted, found = site.answers.ask([*frame, (spec.index, body)])
    total = int(found["hits"]["total"]["value"])
    pages = max(1, -(-min(total, WINDOW) // PAGE_SIZE))
    if number > pages:
        raise NotFoundError(f"there are {pages} pages", f"共有 {pages} 页", where=f"page={number}")
    return page(
        request,
        "list.html",
        language=language,
        section=name,
        spec=spec,
        scope=scope,
        hits=[_hit(hit) for hit in found["hits"]["hits"]],
        total=total,
        first=(number - 1) * PAGE_SIZE + 1,
        number=number,
        pages=pages,
        window=WINDOW,
        sort=order if request.query_params.get("sort") else None,
        order=order,
        orders=[*spec.sorts, *([BEST] if scope.text else [])],
        cell=functools.partial(cell, site, Speech(language=language)),
        listed=listed,
        subject=_SUBJECT,
        chips=chips(scope, site.labels),
        facets=facets(spec.index, spec.facets, scope, faceted, site.labels),
        coverage=coverage(spec.index, covered, site.expected),
    )


def list_body(spec: ListPage, scope: Scope, order: str) -> dict[str, Any]:
    clauses, foreign = scope.clauses(spec.index)
    if foreign:
        raise FilterError("this list knows no such filter", "该列表没有此筛选条件", where=", ".join(foreign))
    if order == BEST:
        sort: list[Any] = [{"_score": {"order": "desc"}}]
        query = {"bool": {"must": clauses[-1:], "filter": clauses[:-1]}}
    else:
        field, direction = spec.sorts[order]
        sort = [{field: {"order": direction, "missing": "_last"}}]
        query = {"bool": {"filter": clauses}}
    return {
        "track_total_hits": True,
        "query": query,
        "sort": [*sort, {"record_id": {"order": "asc"}}],
        "_source": {"excludes": ["text", "record"]},
    }


def _highlight() -> dict[str, Any]:
    return {
        "pre_tags": [OPEN],
        "post_tags": [CLOSE],
        "fields": {
            "title": {"number_of_fragments": 0},
            "text": {"fragment_size": 140, "number_of_fragments": 2},
        },
    }


def _order(request: Request, spec: ListPage, scope: Scope) -> str:
    asked = request.query_params.get("sort")
    if asked is None:
        return next(iter(spec.sorts))
    if asked == BEST and scope.text:
        return asked
    if asked not in spec.sorts:
        raise FilterError(
            f"the orders of this list are {', '.join(spec.sorts)}",
            f"该列表的排序方式为 {'、'.join(spec.sorts)}",
            where=f"sort={asked}",
        )
    return asked


def _page_number(request: Request) -> int:
    asked = request.query_params.get("page", "1")
    if not (
        asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= WINDOW // PAGE_SIZE and len(asked) < 9
    ):
        raise FilterError(
            f"a page is a number from 1 to {WINDOW // PAGE_SIZE}",
            f"页码为 1 至 {WINDOW // PAGE_SIZE} 的整数",
            where=f"page={asked}",
        )
    return int(asked)


def _hit(hit: dict[str, Any]) -> Hit:
    marked = hit.get("highlight", {})
    title = marked["title"][0] if marked.get("title") else hit["_source"].get("title", "")
    return Hit(
        source=hit["_source"],
        title=highlighted(title),
        excerpts=[highlighted(text) for text in marked.get("text", ())],
    )


def highlighted(text: str) -> Markup:
    """Everything escaped, then the highlighter's marks, where they come in pairs, as <mark>."""
    return Markup(_MARKED.sub(r"<mark>\1</mark>", str(escape(text))))  # noqa: S704 - escaped just before


def list_data(request: Request, *, name: str) -> Response:
    """`/cases.csv`, `/cases.json`: every record in scope, in the list's order."""
    site = site_of(request)
    language = site.language_of(request)
    form = request.path_params["form"]
    if form not in ("csv", "json"):
        raise NotFoundError("a list can be had as csv and json", "列表可下载为 csv 或 json", where=form)
    spec = load_lists()[name]
    scope = site.scope(request, spec.facets, also=("page", "sort"))
    order = _order(request, spec, scope)
    if order == BEST:  # a download is whole, so its order is one that can be walked
        order = next(iter(spec.sorts))
    body = list_body(spec, scope, order)
    mark = demo_mark(site)
    documents = every(site.store, spec.index, body)
    first = next(documents, None)  # what is wrong with the search shows here, before an answer has begun
    rest = _chain(first, documents)
    base = str(request.base_url).rstrip("/")
    lines: Iterator[str] | Iterator[bytes]
    if form == "csv":
        lines = _csv_lines(site, spec, Speech(language=language), rest, base, mark)
        media = "text/csv; charset=utf-8"
    else:
        lines = _json_lines(scope, rest, base, spec.index, mark)
        media = "application/json"
    filename = f"{'demo-' if mark else ''}netdocket-{name}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(lines, media_type=media, headers=headers)


def _chain(first: dict[str, Any] | None, rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    if first is not None:
        yield first
        yield from rest


def every(store: Store, index: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All documents of a search as of one moment, whatever is written meanwhile. Raises StoreError."""
    if not isinstance(store, Scanner):
        raise StoreError("this store cannot hold still for a download", where=index)
    for hit in store.scan(index, body["query"], sort=body["sort"], page=BATCH):
        yield hit["_source"]


def _csv_lines(
    site: Site, spec: ListPage, t: Speech, documents: Iterator[dict[str, Any]], base: str, mark: str | None
) -> Iterator[str]:
    head = ["record_id", *(t.text(column.title) for column in spec.columns)]
    for column in spec.columns:
        if column.form == "codes":
            head.append(f"{column.field} (code)")
    head += ["source", "source_role", "place", "origin", "url", "address", *(["data"] if mark else [])]
    yield BOM + csv_text([head])
    for source in documents:
        row: list[Any] = [source.get("record_id")]
        for column in spec.columns:
            found = value(source, column.field)
            exact = column.form in ("money", "number") and isinstance(found, int | float)
            row.append(found if exact else None if found in (None, []) else cell(site, t, column, source))
        row += [_joined(value(source, c.field)) for c in spec.columns if c.form == "codes"]
        place = value(source, "place.prefecture") or value(source, "place.province")
        row += [
            source.get("source"),
            source.get("source_role"),
            place,
            source.get("origin"),
            source.get("url"),
        ]
        row += [f"{base}{record_address(spec.index, source)}", *([mark] if mark else [])]
        yield csv_text([row])


def _joined(found: Any) -> str | None:
    return ";".join(map(str, found)) if isinstance(found, list) else found


def _json_lines(
    scope: Scope, documents: Iterator[dict[str, Any]], base: str, index: str, mark: str | None
) -> Iterator[bytes]:
    about = {**({"demo": mark} if mark else {}), "filters": scope.address()}
    yield msgspec.json.encode(about)[:-1] + b',"records":['
    for n, source in enumerate(documents):
        address = f"{base}{record_address(index, source)}"
        yield (b",\n" if n else b"\n") + msgspec.json.encode({**source, "address": address})
    yield b"\n]}\n"


def record_address(index: str, source: dict[str, Any]) -> str:
    """The address of a record that can be cited: it names the revision and the version of the rules."""
    return f"/{index}/{source['record_id']}?revision={source['revision']}&rules={source['rules_version']}"
