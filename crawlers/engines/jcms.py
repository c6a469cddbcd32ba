"""Hanweb JCMS: items stand as HTML inside CDATA, in a data island of the column page.

    <script type="text/xml"><datastore>
      <nextgroup><![CDATA[<a href="/module/web/jpage/dataproxy.jsp?page=2&…"></a>]]></nextgroup>
      <recordset><record><![CDATA[<li><a href="/art/2024/3/1/art_6372_1.html">…</a><span>2024-03-01</span></li>]]></record>
    </datastore></script>

The pages behind it are the same data store, without a page around it.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final

from parsel import Selector

from crawlers.engines.pages import PagesEngine, absolute
from crawlers.extract.charset import decode
from crawlers.extract.picking import pick
from crawlers.pages import Entry, Listing, ListRequest, Page
from netdocket.errors import LayoutError

_RECORD: Final = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
_NEXT: Final = re.compile(r"<nextgroup>\s*<!\[CDATA\[(.*?)\]\]>\s*</nextgroup>", re.DOTALL)


class JcmsEngine(PagesEngine):
    numbered: ClassVar[bool] = False

    def parse_list(self, page: Page, request: ListRequest) -> Listing:
        source = decode(page.body, content_type=page.content_type)
        if "<datastore" not in source:
            raise LayoutError("no list here: '<datastore>' finds nothing", where=page.url)
        records = _RECORD.findall(source)
        if not records:
            return self._no_items(page, request)
        entries = [self._record(record, page.url) for record in records]
        return self._found(entries, page, request, self._next(source, page, request))

    def _record(self, markup: str, base: str) -> Entry | None:
        items = pick(Selector(text=markup or "<p></p>", type="html"), self.card.listing.item)
        return self._entry(items[0], base) if items else None

    def _next(self, source: str, page: Page, request: ListRequest) -> ListRequest | None:
        group = _NEXT.search(source)
        link = Selector(text=group.group(1) or "<p></p>").css("a::attr(href)").get() if group else None
        url = absolute(link, page.url) if link else None
        return None if url is None else ListRequest(key=request.key, url=url, number=request.number + 1)
