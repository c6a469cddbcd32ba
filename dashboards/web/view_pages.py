"""Saved views and what has changed in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from dashboards.kept.changes import MOST, Look, compare, look, looks
from dashboards.kept.views import SavedView, by_name, is_new, key_of, save, saved_views
from dashboards.panels.errors import FilterError, NotFoundError
from dashboards.panels.load import load_dashboards, load_lists
from dashboards.panels.model import Text
from dashboards.panels.scope import Scope, parse_scope
from dashboards.web.boards import path_of
from dashboards.web.chips import Chip, chips
from dashboards.web.coverage import whole_coverage
from dashboards.web.forms import Form, posted, then
from dashboards.web.lists import BEST
from dashboards.web.site import Site, page, site_of
from index.store import Body, Stored
from netdocket.records import utc_now

SHOWN = 100


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """A page that can be saved."""

    title: Text
    index: str
    filters: tuple[str, ...]
    sorts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ViewRow:
    """`trouble`: why it cannot be shown any more; it can still be removed. `too_many`: it had more records than can be
    compared."""

    key: str
    view: SavedView
    title: Text
    chips: list[Chip]
    looked_at: str | None
    trouble: Text | None
    too_many: bool


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Records that were added, changed or are gone: the first of `count`; `missing`: ids that nothing is stored under."""

    name: str
    count: int
    found: list[Stored]
    missing: list[str]


def targets() -> dict[str, Target]:
    boards = {
        path_of(board.id): Target(title=board.title, index=board.index, filters=board.filters)
        for board in load_dashboards().values()
    }
    lists = {
        f"/{spec.id}": Target(
            title=spec.title, index=spec.index, filters=spec.facets, sorts=tuple(spec.sorts)
        )
        for spec in load_lists().values()
    }
    return {**boards, **lists}


def views_page(request: Request) -> Response:
    site = site_of(request)
    _no_parameters(request)
    known = targets()
    looked = looks(site.store)
    rows = [_row(site, key, view, known.get(view.path), looked.get(key)) for key, view in by_name(site.store)]
    return page(
        request,
        "views.html",
        language=site.language_of(request),
        section="views",
        rows=rows,
        most=MOST,
        coverage=whole_coverage(site.answers, "cases", site.expected),
    )


def view_page(request: Request) -> Response:
    """What is new, changed and gone since the view was last looked at."""
    site = site_of(request)
    _no_parameters(request)
    key, view, before = _held(site, request)
    now = look(site.store, view.index, _query(site, view), utc_now())
    groups = []
    if before.records is not None and now.records is not None:
        changes = compare(before, now)
        groups = [
            _group(site, view.index, name, ids)
            for name, ids in (
                ("added", changes.added),
                ("changed", changes.changed),
                ("gone", changes.gone),
            )
        ]
    return page(
        request,
        "changes.html",
        language=site.language_of(request),
        section="views",
        key=key,
        view=view,
        before=before,
        now=now,
        shown=site.shown.hold(key, now),
        most=MOST,
        groups=groups,
        coverage=whole_coverage(site.answers, view.index, site.expected),
    )


@posted
def save_view(request: Request, form: Form) -> Response:
    site = site_of(request)
    path = form.get("path", "")
    target = targets().get(path)
    if target is None:
        raise NotFoundError("no page that can be saved", "该页面不能保存", where=path[:100])
    parameters = [(n, v) for n, v in parse_qsl(form.get("query", "")) if n not in ("lang", "page")]
    scope = parse_scope(parameters, allowed=target.filters, known=site.known_codes, also=("sort",))
    sort = _order(target, scope, parameters)
    view = SavedView(
        name=" ".join(form.get("name", "").split()),
        path=path,
        parameters=(*scope.parameters(), *([("sort", sort)] if sort else [])),
        index=target.index,
        saved_at=utc_now(),
    )
    key = key_of(view.name)
    if is_new(site.store, view):
        seen = look(site.store, view.index, _query(site, view), view.saved_at)
        with site.saving:  # another view may have taken the name meanwhile: its look is not ours to put
            if is_new(site.store, view):
                # The look first: a view without one would call everything new.
                looks(site.store).put(key, seen)
                save(site.store, view)
    return then(request, form, "/views", f"#{key}")


@posted
def look_at_view(request: Request, form: Form) -> Response:
    """From now on, what changes is told against what was on the page."""
    site = site_of(request)
    key, _, before = _held(site, request)
    seen = site.shown.of(key, form.get("shown", ""))
    if seen is None:
        raise FilterError(
            "it is no longer known what this page has shown; load it again",
            "该页面所示内容已不再保留，请重新载入页面",
            where="shown",
        )
    if seen.at >= before.at:  # two pages of one view: the later one counts
        looks(site.store).put(key, seen)
    return then(request, form, "/views", f"#{key}")


@posted
def remove_view(request: Request, form: Form) -> Response:
    site = site_of(request)
    key, _, _ = _held(site, request)
    saved_views(site.store).remove(key)
    looks(site.store).remove(key)
    return then(request, form, "/views")


def _row(site: Site, key: str, view: SavedView, target: Target | None, seen: Look | None) -> ViewRow:
    """A filter, an order or a page may be no more: that is said of the one view, the others are shown."""
    shown: list[Chip] = []
    trouble = None if target else Text("this page is no more", "该页面已不存在")
    if target:
        try:
            scope = _scope(site, view)
            _order(target, scope, view.parameters)
            shown = chips(scope, site.labels)
        except FilterError as error:
            where = f" ({error.where})" if error.where else ""
            trouble = Text(error.said.en + where, error.said.zh + where)
    return ViewRow(
        key=key,
        view=view,
        title=target.title if target else Text(view.path, view.path),
        chips=shown,
        looked_at=seen.at if seen else None,
        trouble=trouble,
        too_many=seen is not None and seen.records is None,
    )


def _held(site: Site, request: Request) -> tuple[str, SavedView, Look]:
    key = request.path_params["key"]
    view = saved_views(site.store).get(key)
    if view is None:
        raise NotFoundError("there is no such view", "没有该视图", where=key)
    return key, view, looks(site.store).get(key) or Look(at=view.saved_at, records=None)


def _scope(site: Site, view: SavedView) -> Scope:
    """Raises FilterError where a filter or a code is no more."""
    target = targets().get(view.path)
    allowed = target.filters if target else ()
    return parse_scope(view.parameters, allowed=allowed, known=site.known_codes, also=("sort",))


def _order(target: Target, scope: Scope, parameters: Iterable[tuple[str, str]]) -> str | None:
    """The order that is asked for. Raises FilterError where the page has none such."""
    sort = next((value for name, value in parameters if name == "sort"), None)
    if sort is not None and sort not in target.sorts and not (target.sorts and sort == BEST and scope.text):
        raise FilterError("no order of this page", "该页面没有此排序方式", where=f"sort={sort[:50]}")
    return sort


def _query(site: Site, view: SavedView) -> Body:
    clauses, _ = _scope(site, view).clauses(view.index)
    return {"bool": {"filter": clauses}}


def _group(site: Site, index: str, name: str, ids: list[str]) -> Group:
    some = ids[:SHOWN]
    found = list(site.store.mget(index, some))
    there = {stored.id for stored in found}
    return Group(name=name, count=len(ids), found=found, missing=[id for id in some if id not in there])


def _no_parameters(request: Request) -> None:
    for name in request.query_params:
        if name != "lang":
            raise FilterError("this page has no such parameter", "本页面没有该参数", where=name)
