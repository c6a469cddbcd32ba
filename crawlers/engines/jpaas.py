"""Hanweb jpaas: a column page holds no items, but the data of the call that gives them.

    <script parseType="buildstatic" url="/api-gateway/jpaas-publish-server/front/page/build/unit"
            queryData="{'webId':'…','pageId':'…','parseType':'buildstatic','tagId':'…','tplSetId':'…'}"></script>

The answer is JSON whose `data.html` has the items, and the totals in the attributes `count` and `rows`. Without a
pageSize in paramJson it is always the first page. The call is asked for with the column page as its referrer.
"""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

from parsel import Selector

from crawlers.engines.pages import PagesEngine, absolute
from crawlers.extract.json_values import load_json, value_at
from crawlers.extract.picking import parse_page
from crawlers.pages import FileLink, Listing, ListRequest, Page
from netdocket.errors import LayoutError

_DEFAULT: Final = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_SCRIPT: Final = "//script[@querydata]"
_VIEWED: Final = re.compile(r"/cms_files/filemanager/\w+/attach/[^\s\"'<>&]+\.pdf", re.IGNORECASE)


class JpaasEngine(PagesEngine):
    numbered: ClassVar[bool] = False

    def first_page(self, source_list: Any) -> ListRequest:
        number = self.card.pagination.first
        return ListRequest(
            key=source_list.path, url=self.card.base + source_list.path, number=number, prelude=True
        )

    def parse_list(self, page: Page, request: ListRequest) -> Listing:
        if request.prelude:
            return Listing(entries=(), following=self._call(page, request))
        answer = load_json(page.body, page.content_type)
        markup = value_at(answer, "data.html")
        if not isinstance(markup, str):
            raise LayoutError("no list here: 'data.html' finds nothing", where=page.url)
        return self._listing(Selector(text=markup or "<p></p>", type="html"), page, request)

    def _following(self, tree: Selector, page: Page, request: ListRequest) -> ListRequest | None:
        totals = [tree.xpath(f"//@{name}").get("") for name in ("count", "rows")]
        if not all(total.isascii() and total.isdigit() for total in totals) or int(totals[1]) == 0:
            raise LayoutError("no totals here: attributes count and rows find nothing", where=page.url)
        count, rows = map(int, totals)
        seen = request.number - self.card.pagination.first + 1
        if seen * rows >= count:
            return None
        return _asking(request, page.url, request.number + 1, self.card.pagination.size)

    def _call(self, page: Page, request: ListRequest) -> ListRequest:
        """The first list page, as the column page says. Raises LayoutError."""
        tree = parse_page(page.body, page.content_type, "html")
        for script in tree.xpath(_SCRIPT):
            data = _data(script.attrib.get("querydata", ""))
            if data is None:
                continue
            unit = script.attrib.get("url") or str(data.pop("unitUrl", _DEFAULT))
            url = urljoin(page.url, unit)
            given = ListRequest(
                key=request.key, url=url, number=request.number, headers={"Referer": page.url}
            )
            return _asking(
                given, f"{url}?{urlencode(data)}", self.card.pagination.first, self.card.pagination.size
            )
        raise LayoutError("no list here: no script with queryData that can be read", where=page.url)

    def _files(self, tree: Selector, bodies: Any, base: str) -> tuple[FileLink, ...]:
        """Besides links, what the page shows in a viewer."""
        found = {file.url: file for file in super()._files(tree, bodies, base)}
        shown = tree.xpath("//iframe/@fileurl | //iframe/@src").getall()
        for value in shown:
            for match in _VIEWED.finditer(value):
                if (url := absolute(match.group(), base)) is not None:
                    found.setdefault(url, FileLink(url=url, name=match.group().rpartition("/")[2]))
        return tuple(found.values())


def _data(attribute: str) -> dict[str, Any] | None:
    """The attribute is JSON with single quotes."""
    try:
        data = json.loads(attribute.replace("'", '"'))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _asking(request: ListRequest, url: str, number: int, size: int) -> ListRequest:
    """The call for another page of the same list."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items() if name != "paramJson"}
    query["paramJson"] = json.dumps({"pageNo": number, "pageSize": size}, separators=(",", ":"))
    return ListRequest(
        key=request.key, url=urlunsplit(parts._replace(query=urlencode(query))), number=number,
        headers=request.headers,
    )  # fmt: skip
