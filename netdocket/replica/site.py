"""One publisher's site: its list pages, its articles, and the pages around them, rendered when they are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

import jinja2
from markupsafe import Markup

from netdocket.errors import ConfigurationError
from netdocket.replica.answers import FEED, HTML, PLAIN, Answer, page
from netdocket.replica.fixtures import BEIJING
from netdocket.replica.markup import Style
from netdocket.replica.plans import Column, SitePlan
from netdocket.replica.posted import Posted

_HERE: Final = Path(__file__).parent
_RELATED: Final = 5
_OPENED: Final = dt.datetime(2019, 1, 1, tzinfo=BEIJING)
"""When the pages that never change were made."""

_STYLES: Final = {
    # CAC's editor indents by two ideographic spaces and sets headings as bold paragraphs.
    "cac": Style(
        heading=None,
        paragraph=' style="text-indent: 2em;"',
        indent="　　",
        table=' border="1" cellspacing="0"',
    ),
    "twobirds": Style(heading="h3"),
    "dlapiper": Style(heading="h2", table=' class="wp-block-table"'),
}


class Answering(Protocol):
    """A site as the server sees it."""

    source: str

    def answer(self, target: str) -> Answer:
        """The response to a request for `target` (path, and query where there is one)."""


@cache
def templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Site:
    """The site of `plan` with these bulletins on it."""

    def __init__(self, plan: SitePlan, bulletins: Iterable[Posted]) -> None:
        self.source = plan.source
        self.plan = plan
        self.revisions: Mapping[str, int] = {}
        newest = sorted(bulletins, key=lambda b: (-b.published.timestamp(), b.key))
        self.articles = _addressed(plan, newest)
        self._order = list(self.articles)
        self._place = {path: place for place, path in enumerate(self._order)}
        self._lists = dict(_list_pages(plan, self.articles))

    def answer(self, target: str) -> Answer:
        path = target.partition("?")[0]
        if path in self.articles:
            return self._detail(path)
        if (found := self._lists.get(target) or self._lists.get(path)) is not None:
            return self._list(found)
        if path == "/robots.txt":
            return robots()
        if path == "/":
            return page(self._render("home.html"), modified=_OPENED)
        return page(self._render("missing.html"), modified=_OPENED, status=404)

    def _detail(self, path: str) -> Answer:
        bulletin = self.articles[path]
        revision = self.revisions.get(bulletin.key, 0)
        place = self._place[path]
        related = [p for p in self._order[max(0, place - 2) : place + _RELATED] if p != path][:_RELATED]
        rendered = self._render(
            f"{self.source}/detail.html",
            title=bulletin.title,
            published=bulletin.published,
            publisher=bulletin.publisher,
            author=bulletin.author,
            column=next(c for c in self.plan.columns if c.code == bulletin.column),
            body=Markup(bulletin.html(_STYLES[self.source], revision)),  # noqa: S704  it escapes
            related=[(p, self.articles[p].title) for p in related],
        )
        return page(rendered, modified=bulletin.published + dt.timedelta(days=revision))

    def _list(self, found: _ListPage) -> Answer:
        items = [(path, self.articles[path]) for path in found.paths]
        modified = max((b.published for _, b in items), default=_OPENED)
        rendered = self._render(
            f"{self.source}/{'feed.xml' if self.plan.feed else 'list.html'}",
            column=found.column,
            number=found.number,
            last=found.last,
            items=[_item(path, bulletin) for path, bulletin in items],
        )
        return page(rendered, modified=modified, content_type=FEED if self.plan.feed else HTML)

    def _render(self, template: str, **values: Any) -> str:
        return templates().get_template(template).render(site=self.plan, **values)


@dataclass(frozen=True, kw_only=True)
class _ListPage:
    column: Column
    number: int
    last: int
    paths: Sequence[str]


def _item(path: str, bulletin: Posted) -> dict[str, Any]:
    return {
        "path": path,
        "title": bulletin.title,
        "published": bulletin.published,
        "pubdate": format_datetime(bulletin.published.astimezone(dt.UTC)),
        "summary": bulletin.summary,
        "author": bulletin.author or "the editors",
    }


def robots() -> Answer:
    return page("User-agent: *\nDisallow: /search\nAllow: /\n", modified=_OPENED, content_type=PLAIN)


def _addressed(plan: SitePlan, bulletins: Iterable[Posted]) -> dict[str, Posted]:
    found: dict[str, Posted] = {}
    for bulletin in bulletins:
        path = bulletin.path(plan)
        if path in found:
            raise ConfigurationError(f"two bulletins have the address {path}", where=bulletin.key)
        found[path] = bulletin
    return found


def _list_pages(plan: SitePlan, articles: Mapping[str, Posted]) -> Iterable[tuple[str, _ListPage]]:
    """Every column's pages by address, newest first; an empty column still has its first page."""
    for column in plan.columns:
        shows = {column.code, *column.also}
        paths = [path for path, bulletin in articles.items() if bulletin.column in shows]
        size = max(plan.page_size, -(-len(paths) // plan.pages))
        last = max(1, -(-len(paths) // size))
        for number in range(1, last + 1):
            shown = paths[(number - 1) * size : number * size]
            yield column.address(number), _ListPage(column=column, number=number, last=last, paths=shown)
