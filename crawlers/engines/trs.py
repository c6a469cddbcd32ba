"""TRS static sites: a column is index.html, index_1.html, index_2.html …, and each page's script says how many.

    <script>createPageHTML(25, 0, "index", "html");</script>

The first number counts the pages, the second is this page's own, from 0. Details are `./YYYYMM/tYYYYMMDD_<n>.html`.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final
from urllib.parse import urljoin

from parsel import Selector

from crawlers.engines.pages import PagesEngine
from crawlers.extract.charset import decode
from crawlers.pages import ListRequest, Page
from netdocket.errors import LayoutError

_PAGES: Final = re.compile(
    r"createPageHTML\(\s*(\d{1,6})\s*,\s*(\d{1,6})\s*,\s*[\"']([\w-]+)[\"']\s*,\s*[\"'](\w+)[\"']"
)


class TrsEngine(PagesEngine):
    numbered: ClassVar[bool] = False

    def _following(self, tree: Selector, page: Page, request: ListRequest) -> ListRequest | None:
        """Raises LayoutError where the page does not say how many there are."""
        found = _PAGES.search(decode(page.body, content_type=page.content_type))
        if found is None:
            raise LayoutError("no createPageHTML here, which says how many pages there are", where=page.url)
        count, here, name, ending = int(found[1]), int(found[2]), found[3], found[4]
        if here + 1 >= count:
            return None
        url = urljoin(page.url, f"{name}_{here + 1}.{ending}")
        return ListRequest(key=request.key, url=url, number=request.number + 1)
