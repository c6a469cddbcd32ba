"""JSON interfaces: a list of rows with an address each (IndexEngine), and documents whose body is a field of HTML
(DocumentsEngine). What a card calls a selector is here a path of keys: `data.rows`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from parsel import Selector

from crawlers.engines.pages import PagesEngine, absolute
from crawlers.extract.dates import printed_date
from crawlers.extract.html import html_to_text
from crawlers.extract.json_values import load_json, objects_at, text_at, value_at
from crawlers.extract.picking import pick
from crawlers.pages import Draft, Entry, FileLink, Listing, ListRequest, Page
from netdocket.errors import LayoutError, UnreadableError


class IndexEngine(PagesEngine):
    """The list is JSON, the bulletins are pages. `container`: path of the total where the list is parted into pages, else
    of the list itself; `link`: key of an address, or a template of one."""

    markup: ClassVar[Literal["html", "xml", "json"]] = "json"

    def parse_list(self, page: Page, request: ListRequest) -> Listing:
        rule = self.card.listing
        answer = load_json(page.body, page.content_type)
        if isinstance(answer, list):
            answer = {"rows": answer}
        total = value_at(answer, rule.container)
        if total is None:
            raise LayoutError(f"no list here: {rule.container!r} finds nothing", where=page.url)
        rows = objects_at(answer, rule.item)
        if not rows:
            return self._no_items(page, request)
        seen = (request.number - self.card.pagination.first + 1) * self.card.pagination.size
        numbered = isinstance(total, int) and not isinstance(total, bool)
        following = (
            self._request(request.key, request.number + 1)
            if "{page}" in request.key and not (numbered and seen >= total)
            else None
        )
        return self._found([self._row(row, page.url) for row in rows], page, request, following)

    def _row(self, row: Any, base: str) -> Entry | None:
        rule = self.card.listing
        link = text_at(row, rule.link)
        url = absolute(link, base) if link else None
        if url is None:
            return None
        title = text_at(row, rule.title) if rule.title else None
        return self._named(url, title, text_at(row, rule.published) if rule.published else None)


class DocumentsEngine(IndexEngine):
    """Details are JSON too. `attachments` are addresses of files with the same text: read where the body is empty."""

    detail_markup: ClassVar[Literal["html", "xml", "json"]] = "json"

    def parse_detail(self, page: Page, entry: Entry) -> Draft:
        rule = self.card.detail
        answer = load_json(page.body, page.content_type)
        bodies = [value for path in rule.body if isinstance(value := value_at(answer, path), str)]
        files = [
            FileLink(url=url, name=link.rpartition("/")[2])
            for path in rule.attachments
            if (link := text_at(answer, path)) and (url := absolute(link, page.url))
        ]
        if not bodies and not files:
            raise LayoutError(f"no body here: {' | '.join(rule.body)} finds nothing", where=page.url)
        text = _text(bodies[0] if bodies else "", rule.drop)
        if len(text) < rule.minimum_text and not files:
            raise UnreadableError(
                f"the body has {len(text)} characters, at least {rule.minimum_text} are a bulletin",
                where=page.url,
            )
        title = next((t for path in rule.title if (t := text_at(answer, path))), entry.title)
        if not title:
            raise LayoutError(f"no title here: {' | '.join(rule.title)} finds nothing", where=page.url)
        dates = (printed_date(text_at(answer, path), rule.date_formats) for path in rule.published)
        published = next((date for date in dates if date), entry.published)
        if published is None and rule.published_required:
            raise LayoutError(f"no date here: {' | '.join(rule.published)} finds none", where=page.url)
        publisher = next((p for path in rule.publisher if (p := text_at(answer, path))), None)
        return Draft(
            title=title, text=text, published=published, publisher=publisher,
            files=() if len(text) >= rule.minimum_text else tuple(files),
        )  # fmt: skip


def _text(markup: str, drop: tuple[str, ...]) -> str:
    tree = Selector(text=markup.replace("\x00", "") or "<p></p>", type="html")
    return html_to_text(tree.root, drop=[item.root for selector in drop for item in pick(tree, selector)])
