"""Errors as pages: one line that names what is wrong and where, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboards.panels.errors import AddressError, FilterError, ForeignFormError, NotFoundError
from dashboards.panels.model import Language
from dashboards.web.coverage import Coverage, whole_coverage
from dashboards.web.language import chosen_language
from dashboards.web.site import page, site_of
from netdocket.errors import MalformedQuery, NetdocketError, StoreError, UnsupportedQuery

KNOWN_STATUS = (400, 403, 404, 405, 500, 503)
SERVER_ERROR = 500


def status_of(error: Exception) -> int:
    match error:
        case FilterError() | MalformedQuery() | UnsupportedQuery():
            return 400
        case ForeignFormError():
            return 403
        case NotFoundError():
            return 404
        case StoreError():
            return 503
        case HTTPException():
            return error.status_code
        case _:
            return 500


def answer(request: Request, error: Exception) -> Response:
    status = status_of(error)
    language = _language(request)
    what, where = _words(error, language)
    if request.url.path.endswith((".json", ".csv")):
        return JSONResponse({"error": what, "where": where}, status_code=status)
    code = status if status in KNOWN_STATUS else 400
    return page(
        request,
        "error.html",
        language=language,
        status=status,
        code=code,
        what=what,
        where=where,
        english=not isinstance(error, AddressError),
        coverage=None if status >= SERVER_ERROR else _coverage(request),
    )


def _coverage(request: Request) -> Coverage | None:
    """An error page is a page too, but no reason for a second error."""
    try:
        site = site_of(request)
        return whole_coverage(site.answers, "cases", site.expected)
    except StoreError:
        return None


def _words(error: Exception, language: Language) -> tuple[str, str | None]:
    if isinstance(error, AddressError):
        return error.said.in_(language), error.where
    if isinstance(error, NetdocketError):
        return error.what, error.where
    if isinstance(error, HTTPException):
        return error.detail, None
    return type(error).__name__, None


def _language(request: Request) -> Language:
    try:
        return chosen_language(request, site_of(request).language)
    except FilterError:
        return site_of(request).language


Handler = Callable[[Request, Exception], Response]
HANDLERS: dict[Any, Handler] = {NetdocketError: answer, HTTPException: answer, Exception: answer}
