"""The local page as a Starlette application.

Everything shown comes from search bodies; written is only what people set down (saved views, reports of wrong
records). Handlers are plain functions: the store may block, so Starlette runs them in threads.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import hashlib
import importlib.metadata
import secrets
import threading
import zoneinfo
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import vl_convert
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from dashboards.panels.labels import Labels
from dashboards.panels.model import Text
from dashboards.web import (
    boards,
    errors,
    lists,
    panel_data,
    records,
    reference,
    reported_pages,
    view_pages,
)
from dashboards.web.answers import Answers
from dashboards.web.language import words
from dashboards.web.security import SecurityHeaders
from dashboards.web.site import Site, site_of
from dashboards.web.sources import SourceInfo
from enrich import Knowledge
from index.store import Store
from netdocket.errors import StoreError
from netdocket.settings import Settings

STATIC = Path(__file__).parent / "static"
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]", "::1")
CHINA = zoneinfo.ZoneInfo("Asia/Shanghai")
WEEK = "public, max-age=604800"


def create_app(
    store: Store,
    knowledge: Knowledge,
    *,
    settings: Settings,
    sources: Iterable[SourceInfo] = (),
    demo: bool,
) -> Starlette:
    """The page over `store`. `sources`: what the cards say of each series. `demo`: the data are a replica's or a
    generator's; every page and export then says so. Answers only to names of this machine and to `settings.host`."""
    known = {source.code: source for source in sources}
    site = Site(
        store=store,
        answers=Answers(store),
        labels=Labels(knowledge, extra=vocabularies(knowledge, known)),
        sources=known,
        demo=demo,
        language=settings.language,
        assets=asset_token(),
        form_token=secrets.token_urlsafe(16),
        today=today,
    )
    app = Page(
        routes=[
            Route("/", boards.board),
            Route("/dashboards/{name}", boards.board),
            Route("/panels/{name}.{form}", panel_data.panel_data),
            *(Route(f"/{name}", functools.partial(lists.list_page, name=name)) for name in lists.names()),
            *(
                Route(f"/{name}.{{form}}", functools.partial(lists.list_data, name=name))
                for name in lists.names()
            ),
            *(
                Route(f"/{name}/{{record_id}}", functools.partial(records.record_page, index=name))
                for name in lists.names()
            ),
            Route("/records/{record_id}", functools.partial(records.record_page, index=None)),
            Route("/bulletins/{bulletin_id}", records.bulletin_page),
            Route("/views", view_pages.views_page),
            Route("/views", view_pages.save_view, methods=["POST"]),
            Route("/views/{key}", view_pages.view_page),
            Route("/views/{key}/looked", view_pages.look_at_view, methods=["POST"]),
            Route("/views/{key}/remove", view_pages.remove_view, methods=["POST"]),
            Route("/reported", reported_pages.reported_page),
            Route("/reported", reported_pages.report_record, methods=["POST"]),
            Route("/reported/{key}/drop", reported_pages.drop_report, methods=["POST"]),
            Route("/sources", reference.sources_page),
            Route("/glossary", reference.glossary_page),
            Route("/healthz", healthz),
            Route("/static/vega.js", vega),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings), www_redirect=False),
            Middleware(GZipMiddleware, minimum_size=2048),
        ],
        exception_handlers=errors.HANDLERS,
        lifespan=warm,
    )
    app.state.site = site
    return app


class Page(Starlette):
    """With the security headers around everything, the answer to an error of ours included."""

    def build_middleware_stack(self) -> ASGIApp:
        return SecurityHeaders(super().build_middleware_stack())


def vocabularies(knowledge: Knowledge, sources: Mapping[str, SourceInfo]) -> dict[str, dict[str, Text]]:
    """The wordings that the knowledge keeps elsewhere than among its labels."""
    severities = knowledge.tables["incidents"]["severity"]["scales"]
    return {
        "severity": {
            level["code"]: Text((level.get("en") or (level["code"],))[0].capitalize(), level["zh"])
            for scale in severities
            for level in scale["levels"]
        },
        "sources": {code: source.title for code, source in sources.items()},
        "states": {
            key.removeprefix("state."): text for key, text in words().items() if key.startswith("state.")
        },
        "places": {code: Text(entry.en, entry.zh) for code, entry in knowledge.divisions.items()},
        "short_laws": {
            law.id: Text(law.en_name, law.short_zh[0] if law.short_zh else law.zh)
            for law in knowledge.laws.values()
        },
    }


def today() -> dt.date:
    return dt.datetime.now(CHINA).date()


def allowed_hosts(settings: Settings) -> list[str]:
    """Other names are refused, so that no foreign site can reach the page through a name that it points here. Bound to
    every address, it still answers only to names of this machine and to those of `allowed_hosts`."""
    own = [] if settings.host in ("0.0.0.0", "::") else [settings.host]  # noqa: S104 - compared, not bound
    return [*LOCAL_NAMES, *own, *settings.allowed_hosts]


@functools.cache
def asset_token() -> str:
    digest = hashlib.sha256(importlib.metadata.version("vl-convert-python").encode())
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextlib.asynccontextmanager
async def warm(app: Starlette) -> AsyncIterator[None]:
    """The bundle takes two seconds to put together: better while the reader is still typing the address."""
    threading.Thread(target=vega_bundle, name="bundle", daemon=True).start()
    yield


_bundling = threading.Lock()


def vega_bundle() -> str:
    """Vega, Vega-Lite and vega-embed with the expression interpreter, as one script (about 0.9 MB). Made once."""
    with _bundling:
        return _bundle()


@functools.cache
def _bundle() -> str:
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))


def vega(request: Request) -> Response:
    return Response(vega_bundle(), media_type="text/javascript", headers={"Cache-Control": WEEK})


def healthz(request: Request) -> Response:
    """200 while the store answers, 503 where not; `generation` of the data shown."""
    try:
        cases = site_of(request).store.count("cases")
        generation = site_of(request).store.generation()
    except StoreError as error:
        return JSONResponse({"status": "unavailable", "error": str(error)}, status_code=503)
    return JSONResponse(
        {"status": "ok", "generation": generation, "cases": cases, "demo": site_of(request).demo}
    )
