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
    "jpaas": Style(
        paragraph=' style="text-indent: 2em; text-align: justify;"',
        indent="　　",
        table=' class="MsoTableGrid"',
    ),
    "jcms": Style(paragraph=' style="text-indent: 2em;"', indent="　　"),
    "trs": Style(paragraph=' align="justify"', indent="　　"),
    "pbc": Style(table=' border="1" cellpadding="0"'),
    "nfra": Style(paragraph=' class="MsoNormal"', table=' class="MsoNormalTable"'),
}
_PLAIN: Final = Style()


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
        pages = list(_list_pages(plan, self.articles))
        self._lists = {page.column.address(page.number): page for page in reversed(pages)}
        self.list_pages = {(page.column.code, page.number): page for page in pages}

    def answer(self, target: str) -> Answer:
        path = target.partition("?")[0]
        if target in self.articles or path in self.articles:
            return self._detail(target if target in self.articles else path)
        if (found := self._lists.get(target) or self._lists.get(path)) is not None:
            return self._list(found)
        if path == "/robots.txt":
            return robots()
        if path == "/":
            return page(self.render("home.html"), modified=_OPENED)
        return page(self.render("missing.html"), modified=_OPENED, status=404)

    def body(self, path: str) -> Markup:
        """The bulletin at this address as its publisher's editor writes it now."""
        bulletin = self.articles[path]
        style = _STYLES.get(self.plan.family, _PLAIN)
        return Markup(bulletin.html(style, self.revisions.get(bulletin.key, 0)))  # noqa: S704  it escapes

    def modified(self, path: str) -> dt.datetime:
        bulletin = self.articles[path]
        return bulletin.published + dt.timedelta(days=self.revisions.get(bulletin.key, 0))

    def items(self, found: ListPage) -> list[dict[str, Any]]:
        """What a list page shows of its bulletins."""
        return [_item(path, self.articles[path]) for path in found.paths]

    def _detail(self, path: str) -> Answer:
        bulletin = self.articles[path]
        place = self._place[path]
        related = [p for p in self._order[max(0, place - 2) : place + _RELATED] if p != path][:_RELATED]
        rendered = self.render(
            f"{self.plan.family}/detail.html",
            path=path,
            title=bulletin.title,
            published=bulletin.published,
            publisher=bulletin.publisher,
            author=bulletin.author,
            column=next(c for c in self.plan.columns if c.code == bulletin.column),
            body=self.body(path),
            related=[(p, self.articles[p].title) for p in related],
        )
        return page(rendered, modified=self.modified(path))

    def _list(self, found: ListPage) -> Answer:
        items = self.items(found)
        rendered = self.render(
            f"{self.plan.family}/{'feed.xml' if self.plan.feed else 'list.html'}",
            column=found.column,
            number=found.number,
            last=found.last,
            items=items,
        )
        modified = newest(items)
        return page(rendered, modified=modified, content_type=FEED if self.plan.feed else HTML)

    def render(self, template: str, **values: Any) -> str:
        return templates().get_template(template).render(site=self.plan, **values)


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """`size`: how many stand on a full page of this list; `total`: how many on all of them."""

    column: Column
    number: int
    last: int
    size: int
    total: int
    paths: Sequence[str]


def newest(items: Sequence[Mapping[str, Any]]) -> dt.datetime:
    """When a list page last changed."""
    return max((item["published"] for item in items), default=_OPENED)


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


def _list_pages(plan: SitePlan, articles: Mapping[str, Posted]) -> Iterable[ListPage]:
    """Every column's pages, newest first; an empty column still has its first page."""
    for column in plan.columns:
        shows = {column.code, *column.also}
        paths = [path for path, bulletin in articles.items() if bulletin.column in shows]
        size = max(plan.page_size, -(-len(paths) // plan.pages))
        last = max(1, -(-len(paths) // size))
        for number in range(1, last + 1):
            shown = paths[(number - 1) * size : number * size]
            yield ListPage(column=column, number=number, last=last, size=size, total=len(paths), paths=shown)
