"""Sites whose lists, or whose bulletins, are not pages but answers of an interface."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from netdocket.replica.answers import JSON, Answer, page
from netdocket.replica.plans import SitePlan
from netdocket.replica.posted import Posted
from netdocket.replica.site import ListPage, Site, newest

UNIT: Final = "/api-gateway/jpaas-publish-server/front/page/build/unit"
PROXY: Final = "/module/web/jpage/dataproxy.jsp"
DOCUMENTS: Final = "/cbircweb/DocInfo"


def site_of(plan: SitePlan, bulletins: Iterable[Posted]) -> Site:
    return _KINDS.get(plan.family, Site)(plan, bulletins)


class JpaasSite(Site):
    """A column page holds the data of a call; the call answers with JSON that holds HTML. As on the publishers' own, a
    call without pageSize in paramJson is always answered with the first page, and one without a referrer with nothing."""

    def answer(self, target: str) -> Answer:
        parts = urlsplit(target)
        if parts.path != UNIT:
            return super().answer(target)
        asked = _first(parts.query)
        try:
            given = json.loads(asked.get("paramJson", "{}"))
            number = int(given["pageNo"]) if given.get("pageSize") else 1
        except (ValueError, TypeError, KeyError, AttributeError):
            number = 1
        found = self.list_pages.get((asked.get("pageId", ""), number))
        if found is None:
            return _json({"success": True, "code": "200", "data": {"html": ""}}, [])
        items = self.items(found)
        markup = self.render("jpaas/items.html", items=items, found=found)
        return _json({"success": True, "code": "200", "message": "", "data": {"html": markup}}, items)

    def _list(self, found: ListPage) -> Answer:
        data = {
            "webId": "8d828e408d90447786ddbe128d495e9e", "pageId": found.column.code, "parseType": "buildstatic",
            "pageType": "column", "tagId": "右侧内容", "tplSetId": "209741b2109044b5b7695700b2bec37e",
        }  # fmt: skip
        query = json.dumps(data, ensure_ascii=False).replace('"', "'")
        return page(
            self.render("jpaas/list.html", column=found.column, unit=UNIT, query=query), modified=newest([])
        )


class JcmsSite(Site):
    """The column page and the data proxy show the same data store; each names the call for what comes after it."""

    def answer(self, target: str) -> Answer:
        parts = urlsplit(target)
        if parts.path != PROXY:
            return super().answer(target)
        asked = _first(parts.query)
        number = _number(asked.get("page", ""))
        found = self.list_pages.get((asked.get("columnid", ""), number))
        if found is None:
            return Answer(status=404)
        return page(self._store(found), modified=newest(self.items(found)))

    def _list(self, found: ListPage) -> Answer:
        rendered = self.render("jcms/list.html", column=found.column).replace(
            "<!--store-->", self._store(found)
        )
        return page(rendered, modified=newest(self.items(found)))

    def _store(self, found: ListPage) -> str:
        query = {"page": found.number + 1, "webid": 1, "columnid": found.column.code, "unitid": 29718}
        following = f"{PROXY}?{urlencode(query)}" if found.number < found.last else None
        return self.render("jcms/store.xml", items=self.items(found), following=following, found=found)


class DocumentsSite(Site):
    """Lists and documents as JSON; the page that a reader opens is an empty shell."""

    def answer(self, target: str) -> Answer:
        parts = urlsplit(target)
        asked = _first(parts.query)
        if parts.path == f"{DOCUMENTS}/SelectDocByItemIdAndChild":
            return self._rows(asked)
        if parts.path == f"{DOCUMENTS}/SelectByDocId":
            return self._document(asked.get("docId", ""))
        return super().answer(target)

    def _rows(self, asked: dict[str, str]) -> Answer:
        number = _number(asked.get("pageIndex", ""))
        found = self.list_pages.get((asked.get("itemId", ""), number))
        items = self.items(found) if found else []
        rows = [
            {
                "docId": _first(urlsplit(item["path"]).query)["docId"], "docTitle": item["title"], "docSubtitle": item["title"],
                "publishDate": f"{item['published']:%Y-%m-%d %H:%M:%S}", "docFileUrl": None, "pdfFileUrl": None,
            }
            for item in items
        ]  # fmt: skip
        total = found.total if found else 0
        return _json({"rptCode": 200, "msg": "成功", "data": {"total": total, "rows": rows}}, items)

    def _document(self, identity: str) -> Answer:
        path = f"/cn/view/pages/ItemDetail.html?docId={quote(identity)}"
        if path not in self.articles:
            return _json({"rptCode": 404, "msg": "无", "data": None}, [])
        bulletin = self.articles[path]
        data = {
            "docId": identity, "docTitle": bulletin.title, "docSubtitle": bulletin.title,
            "publishDate": f"{bulletin.published:%Y-%m-%d %H:%M:%S}", "docSource": bulletin.publisher,
            "docClob": f'<div class="Section0">{self.body(path)}</div>', "docFileUrl": None, "pdfFileUrl": None,
        }  # fmt: skip
        answer = json.dumps({"rptCode": 200, "msg": "成功", "data": data}, ensure_ascii=False)
        return page(answer, modified=self.modified(path), content_type=JSON)

    def _detail(self, path: str) -> Answer:
        return page(self.render("nfra/detail.html"), modified=newest([]))


class IndexSite(Site):
    """One file of JSON lists everything; the bulletins are pages."""

    def _list(self, found: ListPage) -> Answer:
        items = self.items(found)
        rows = [
            {
                "TITLE": item["title"], "SUB_TITLE": "", "URL": f"{self.plan.host}{item['path']}",
                "DOCRELPUBTIME": f"{item['published']:%Y-%m-%d}",
            }
            for item in items
        ]  # fmt: skip
        answer = json.dumps(rows, ensure_ascii=False)
        return page(answer, modified=newest(items), content_type=JSON)


_KINDS: Final[dict[str, type[Site]]] = {
    "jpaas": JpaasSite, "jcms": JcmsSite, "nfra": DocumentsSite, "gov-policy": IndexSite,
}  # fmt: skip


def _json(answer: dict[str, Any], items: list[dict[str, Any]]) -> Answer:
    return page(json.dumps(answer, ensure_ascii=False), modified=newest(items), content_type=JSON)


def _number(given: str) -> int:
    """Of a list page; the first where none is given."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 1


def _first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
