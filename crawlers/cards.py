"""Source cards: everything that is known about a source, one YAML file each in `sources/`.

A card is data and the engine it names is code. It is checked as a whole when it is loaded: shape, selectors,
expressions, date formats, address; whatever is wrong becomes a CardError with file and line.

Selectors are CSS (with `::attr(name)` and `::text`) or XPath; one that begins with `/`, `./` or `(` is XPath. Where a
field takes several, the first that finds something counts. A selector that ends at an element means its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
import yaml
from cssselect import SelectorError
from msgspec import field
from parsel import Selector

from crawlers.engines import ENGINES, Markup
from crawlers.extract.dates import DateFormatError, date_pattern
from crawlers.extract.json_values import is_json_path
from crawlers.extract.picking import is_xpath, pick
from netdocket.errors import CardError
from netdocket.records import Language, SourceRole

FOLDER: Final = Path(__file__).parent / "sources"
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")
_MINIMUM_DELAY: Final = 1.0
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Twenty times as fast where PyYAML was built with it."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A mapping inside a card."""


class Name(Part, frozen=True, kw_only=True):
    zh: str
    en: str


class ListPage(Part, frozen=True, kw_only=True):
    """A column: `{page}` in its path stands for the number of the list page. `first_path`: of the first one, where that
    has another form (index.html before index_2.html)."""

    path: str
    first_path: str | None = None
    title: str


class Pagination(Part, frozen=True, kw_only=True):
    """`missing_page`: what a 404 on the second or a later page of a list means. On the first it is a failure. `count`:
    expression whose group finds the number of pages in the source of a list page. `size`: items that are asked for at
    a time, where the engine asks for a number."""

    first: int = 1
    limit: int = 200
    missing_page: Literal["end", "failure"] = "failure"
    count: str | None = None
    size: int = 20


class ListRule(Part, frozen=True, kw_only=True):
    """`container`: what every list page has, also an empty one; without it the page has been redesigned.
    Of a bulletin whose title `title_filter` does not find, only the address is kept."""

    container: str
    item: str
    link: str
    title: str | None = None
    published: str | None = None
    date_formats: tuple[str, ...] = ()
    title_filter: str | None = None


class DetailRule(Part, frozen=True, kw_only=True):
    """`drop`: what inside the body is no content. `minimum_text`: characters below which it is no bulletin.
    A title or a date that the page lacks is taken from the list. `publisher_pattern`: expression whose group finds the
    publisher in the text (文章来源：…). `until`: expression of the line with which what belongs no longer to the bulletin
    begins. `columns`: expressions that the heads of a table of the body must fit. `attachments`: further elements that
    lead to documents, beside links in the body with the ending of one. `fetch`: path to ask for instead of the
    bulletin's own, with `{name}` for the parameters of its query."""

    title: tuple[str, ...]
    published: tuple[str, ...] = ()
    published_required: bool = True
    date_formats: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    body: tuple[str, ...]
    drop: tuple[str, ...] = ()
    minimum_text: int = 1
    publisher_pattern: str | None = None
    until: str | None = None
    columns: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    fetch: str | None = None


class Range(Part, frozen=True, kw_only=True):
    min: int
    max: int


class Volume(Part, frozen=True, kw_only=True):
    """What a healthy source shows: items on the first list page, bulletins a month."""

    first_page: Range | None = None
    month: Range | None = None


class Card(Part, frozen=True, kw_only=True):
    """One source. `base`: scheme and host that ids rest on; `hosts`: further ones that its bulletins may stand on, and
    whose pages are other pages also where their paths are alike. `replica_only`: no such site exists. `delay`: seconds
    between two requests. `budget`: requests that one crawl makes at most; the next goes on. `referer`: the site answers
    only requests that name a page of its own."""

    code: str
    title: Name
    publisher: str | None = None
    role: SourceRole
    language: Language
    base: str
    hosts: tuple[str, ...] = ()
    replica_only: bool = False
    engine: str
    lists: tuple[ListPage, ...]
    pagination: Pagination = Pagination()
    listing: ListRule = field(name="list")
    detail: DetailRule
    id_parameters: tuple[str, ...] = ()
    cadence: Literal["daily", "weekly", "monthly", "irregular"]
    delay: float
    budget: int = 2000
    referer: bool = False
    volume: Volume = Volume()
    notes: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.base).netloc.lower()

    @property
    def further_hosts(self) -> frozenset[str]:
        return frozenset(host.lower() for host in self.hosts)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        return self.further_hosts | {self.host}


def load_cards(folder: Path | None = None) -> dict[str, Card]:
    """Cards of a folder (None: the built-in ones) by source code. Raises CardError naming file and line."""
    folder = folder or FOLDER
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise CardError("no source cards (*.yaml) here", where=str(folder))
    return {card.code: card for card in map(load_card, paths)}


def load_card(path: Path) -> Card:
    """Raises CardError naming file and line."""
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CardError(error.problem or "no YAML", where=f"{path}:{line}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CardError(f"cannot be read: {error}", where=str(path)) from error
    if node is None:
        raise CardError("an empty card", where=f"{path}:1")
    lines: dict[str, int] = {}
    document = _plain(node, "$", lines, path)
    try:
        card = msgspec.convert(document, Card, strict=True)
    except msgspec.ValidationError as error:
        raise _placed(str(error), lines, path) from error
    for at, problem in _problems(card, path.stem):
        raise CardError(problem, where=f"{path}:{_line(at, lines)}")
    return card


# --- YAML with line numbers --------------------------------------------------------------------------------


def _plain(node: yaml.Node, at: str, lines: dict[str, int], path: Path) -> Any:
    """The node as plain Python; `lines` learns where each path (`$.detail.body[0]`) stands."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in mapping:
                raise CardError(f"{key!r} stands here twice", where=f"{path}:{line}")
            lines[f"{at}.{key}"] = line
            mapping[key] = _plain(value_node, f"{at}.{key}", lines, path)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{at}[{number}]", lines, path) for number, item in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node)


def _placed(message: str, lines: Mapping[str, int], path: Path) -> CardError:
    """msgspec says `Expected …, got … - at `$.a.b``, and names an unknown or missing field in its message."""
    what, _, at = message.partition(" - at ")
    at = at.strip("`") or "$"
    unknown = re.search(r"unknown field `([^`]+)`", what)
    line = _line(f"{at}.{unknown.group(1)}" if unknown else at, lines)
    return CardError(f"{what}{'' if at == '$' else f' ({at[2:]})'}", where=f"{path}:{line}")


def _line(at: str, lines: Mapping[str, int]) -> int:
    while at not in lines and at != "$":
        at = re.sub(r"(\.[^.\[]+|\[[^\]]*\])$", "", at) or "$"
    return lines.get(at, 1)


# --- what types cannot say ---------------------------------------------------------------------------------


def _problems(card: Card, stem: str) -> Iterator[tuple[str, str]]:
    """Pairs of a place in the card and what is wrong there."""
    if not _CODE.fullmatch(card.code):
        yield "$.code", f"{card.code!r} is no source code (small letters, digits, hyphens)"
    if card.code != stem:
        yield "$.code", f"is {card.code!r}, but the file is named {stem}.yaml"
    yield from _address_problems(card)
    if card.engine not in ENGINES:
        yield "$.engine", f"no engine {card.engine!r}; there are {', '.join(sorted(ENGINES))}"
    if not card.lists:
        yield "$.lists", "a source has at least one list page"
    if card.pagination.limit < 1:
        yield "$.pagination.limit", "at least one list page is read"
    for number, page in enumerate(card.lists):
        if not page.path.startswith("/"):
            yield f"$.lists[{number}].path", "a path begins with /"
        if page.first_path is not None and not page.first_path.startswith("/"):
            yield f"$.lists[{number}].first_path", "a path begins with /"
        if card.pagination.limit > 1 and "{page}" not in page.path and _is_numbered(card):
            yield f"$.lists[{number}].path", "has no {page}, although the card reads more than one list page"
    if card.budget < 1:
        yield "$.budget", "a crawl asks at least once"
    if card.delay < _MINIMUM_DELAY:
        yield "$.delay", f"less than {_MINIMUM_DELAY:g} s between two requests is impolite"
    for name, given in (("first_page", card.volume.first_page), ("month", card.volume.month)):
        if given and not 0 <= given.min <= given.max:
            yield f"$.volume.{name}", "min is over max"
    yield from _rule_problems(card)


def _is_numbered(card: Card) -> bool:
    return card.engine not in ENGINES or ENGINES[card.engine].numbered


def _address_problems(card: Card) -> Iterator[tuple[str, str]]:
    base = urlsplit(card.base)
    if base.scheme not in ("http", "https") or not base.netloc or base.path or base.query or base.fragment:
        yield "$.base", "must be scheme and host, such as https://www.example.org"
    for number, host in enumerate(card.hosts):
        if "/" in host or not host:
            yield f"$.hosts[{number}]", "must be a host alone"
        elif host.lower() == base.netloc.lower():
            yield f"$.hosts[{number}]", "is the host of base already"


def _rule_problems(card: Card) -> Iterator[tuple[str, str]]:
    engine = ENGINES.get(card.engine, ENGINES["pages"])
    for at, selector in _selectors(card):
        markup = engine.markup if at.startswith("$.list.") else engine.detail_markup
        markup = "html" if at.startswith("$.detail.drop") else markup
        if problem := _selector_problem(selector, markup):
            yield at, problem
    for at, formats in (
        ("$.list.date_formats", card.listing.date_formats),
        ("$.detail.date_formats", card.detail.date_formats),
    ):
        for number, given in enumerate(formats):
            try:
                date_pattern(given)
            except DateFormatError as error:
                yield f"{at}[{number}]", str(error)
    for at, has, formats in (
        ("$.list", card.listing.published, card.listing.date_formats),
        ("$.detail", card.detail.published, card.detail.date_formats),
    ):
        if has and not formats:
            yield at, "names a date but no date_formats"
    for at, expression in _expressions(card):
        try:
            re.compile(expression)
        except re.error as error:
            yield at, f"no regular expression: {error}"
    if not card.detail.body:
        yield "$.detail.body", "names no selector"


def _selector_problem(selector: str, markup: Markup) -> str | None:
    if markup == "json":
        return None if is_json_path(selector) else f"{selector!r} is no path of keys, such as data.rows"
    try:
        pick(Selector(text="<html></html>", type=markup), selector)
    except (ValueError, SelectorError) as error:
        return f"{selector!r} is no {'XPath' if is_xpath(selector) else 'CSS'} selector: {error}"
    return None


def _expressions(card: Card) -> Iterator[tuple[str, str]]:
    single = {
        "$.list.title_filter": card.listing.title_filter, "$.pagination.count": card.pagination.count,
        "$.detail.publisher_pattern": card.detail.publisher_pattern, "$.detail.until": card.detail.until,
    }  # fmt: skip
    yield from ((at, expression) for at, expression in single.items() if expression is not None)
    yield from ((f"$.detail.columns[{n}]", expression) for n, expression in enumerate(card.detail.columns))


def _selectors(card: Card) -> Iterator[tuple[str, str]]:
    single = {
        "container": card.listing.container, "item": card.listing.item, "link": card.listing.link,
        "title": card.listing.title, "published": card.listing.published,
    }  # fmt: skip
    yield from ((f"$.list.{name}", selector) for name, selector in single.items() if selector is not None)
    detail = card.detail
    several = {
        "title": detail.title, "published": detail.published, "publisher": detail.publisher,
        "language": detail.language, "body": detail.body, "drop": detail.drop, "attachments": detail.attachments,
    }  # fmt: skip
    for name, selectors in several.items():
        yield from ((f"$.detail.{name}[{number}]", selector) for number, selector in enumerate(selectors))
