"""What every handler needs: the store behind its cache, the wordings, the templates, and how a page is put together."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dashboards.kept.shown import Shown
from dashboards.panels.labels import Labels
from dashboards.panels.load import load_filters
from dashboards.panels.model import LANGUAGES, Language, Text
from dashboards.panels.scope import Scope, parse_scope
from dashboards.web import formats
from dashboards.web.answers import Answers
from dashboards.web.language import COOKIE, PARAMETER, chosen_language, words
from dashboards.web.sources import SourceInfo
from index.store import Store

TEMPLATES = Path(__file__).parent / "templates"
YEAR_SECONDS = 365 * 24 * 3600
DemoKind = Literal["replica", "generated"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Site:
    """`demo`: the data are a replica's or a generator's, and every page and export must say so."""

    store: Store
    answers: Answers
    labels: Labels
    sources: Mapping[str, SourceInfo]
    demo: bool
    language: Language
    today: Callable[[], dt.date]
    """The day in China, which is whose days the records have."""
    assets: str
    """A token in the addresses of scripts and styles, so that a browser never keeps old ones."""
    form_token: str
    """What the page's own forms carry, and no other site's can."""
    shown: Shown = dataclasses.field(default_factory=Shown)
    saving: threading.Lock = dataclasses.field(default_factory=threading.Lock)
    """Held while a view is put under its name: no two under one."""

    @functools.cached_property
    def known_codes(self) -> dict[str, frozenset[str]]:
        """Filter -> the codes it can have, of the filters whose vocabulary is closed."""
        return {
            name: frozenset(self.labels.codes(found.group))
            for name, found in load_filters().items()
            if found.group and not found.open
        }

    @functools.cached_property
    def expected(self) -> frozenset[str]:
        """The sources that are harvested from a site."""
        return frozenset(code for code, source in self.sources.items() if source.url)

    def scope(self, request: Request, allowed: tuple[str, ...], also: tuple[str, ...] = ()) -> Scope:
        """Raises FilterError for what the address asks and cannot have."""
        return parse_scope(
            request.query_params.multi_items(),
            allowed=allowed,
            known=self.known_codes,
            also=(PARAMETER, *also),
        )

    def language_of(self, request: Request) -> Language:
        return chosen_language(request, self.language)


def site_of(request: Request) -> Site:
    site = request.app.state.site
    assert isinstance(site, Site)  # noqa: S101 - the app has put it there
    return site


def demo_mark(site: Site) -> str | None:
    """What stands in exports of data that are no real ones."""
    return "DEMO: generated or replica data" if site.demo else None


@functools.cache
def environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = formats.number
    made.globals["written"] = formats.written
    return made


@dataclasses.dataclass(frozen=True, kw_only=True)
class Speech:
    """The page's words in one language."""

    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """The wording of `key` with `{name}`s filled in. Raises KeyError for a key that words.yaml has not."""
        return words()[key].in_(self.language).format(**values)

    def or_itself(self, group: str, code: str) -> str:
        """The wording of `<group>.<code>`, the code itself where there is none: for lists that grow elsewhere."""
        found = words().get(f"{group}.{code}")
        return found.in_(self.language) if found else code

    def derived(self, what: str) -> str:
        """What a value was derived from: `catalogue:CSL` is the catalogue, and the entry."""
        head, _, entry = what.partition(":")
        return f"{self.or_itself('derived', head)} {entry}".rstrip()

    def text(self, text: Text) -> str:
        return text.in_(self.language)


def explain(labels: Labels, language: Language, group: str | None, code: str) -> str:
    """A code and what it means, as the tooltip of its wording. The definitions are in English."""
    meaning = labels.define(group, code) if group and language == "en" else None
    return f"{code}: {meaning}" if meaning else code


Address = Callable[..., str]


def address_maker(request: Request) -> Address:
    """Makes addresses inside the page. The language is carried on where the address has it."""
    kept = request.query_params.get(PARAMETER)

    def address(path: str, scope: Scope | None = None, **more: Any) -> str:
        parameters = scope.parameters() if scope else []
        parameters += [(name, str(value)) for name, value in more.items() if value is not None]
        if kept in LANGUAGES and PARAMETER not in more:
            parameters.append((PARAMETER, kept))
        return f"{path}?{urlencode(parameters)}" if parameters else path

    return address


def page(
    request: Request,
    template: str,
    *,
    language: Language,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """The rendered page; keeps a language asked for in the address as a cookie."""
    site = site_of(request)
    others = [(name, value) for name, value in request.query_params.multi_items() if name != PARAMETER]
    switches = {
        other: f"{request.url.path}?{urlencode([*others, (PARAMETER, other)])}" for other in LANGUAGES
    }
    html = (
        environment()
        .get_template(template)
        .render(
            t=Speech(language=language),
            language=language,
            address=address_maker(request),
            switches=switches,
            site=site,
            explain=functools.partial(explain, site.labels, language),
            path=request.url.path,
            **{"coverage": None, "section": "", **context},
        )
    )
    response = HTMLResponse(html, status_code=status, headers=dict(headers or {}))
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.query_params.get(PARAMETER) == language:
        response.set_cookie(COOKIE, language, max_age=YEAR_SECONDS, samesite="lax", httponly=True)
    return response
