"""What is sent to the page: only by its own forms, only as much as they hold."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboards.panels.errors import FilterError, ForeignFormError
from dashboards.web.site import address_maker, site_of

LONGEST = 64 * 1024
TOKEN = "form"  # noqa: S105 - the name of the field
Form = Mapping[str, str]


def posted(handler: Callable[[Request, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a form. Raises ForeignFormError where another site has sent it, FilterError for what is no form."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(handler, request, await _form(request))

    return endpoint


async def _form(request: Request) -> Form:
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise ForeignFormError("sent by another site", "来自其他网站的请求")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LONGEST:
            raise FilterError(f"more than {LONGEST} bytes", f"超过 {LONGEST} 字节")
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=50))
    except ValueError as error:
        raise FilterError("not what a form sends", "不是表单内容") from error
    if not secrets.compare_digest(fields.get(TOKEN, "").encode(), site_of(request).form_token.encode()):
        raise ForeignFormError(
            "not a form of this page as it runs now; load the page again", "表单已失效，请重新载入页面"
        )
    return fields


def then(request: Request, form: Form, path: str, fragment: str = "") -> Response:
    """To the page that shows what was done."""
    lang = {"lang": form["lang"]} if form.get("lang") in ("en", "zh") else {}
    return RedirectResponse(address_maker(request)(path, **lang) + fragment, status_code=303)
