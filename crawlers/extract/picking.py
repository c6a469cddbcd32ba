"""What a card's selectors find in a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from lxml import etree
from parsel import Selector, SelectorList

from crawlers.extract.charset import decode
from netdocket.errors import UnreadableError


def is_xpath(selector: str) -> bool:
    return selector.startswith(("/", "./", "("))


def parse_page(body: bytes, content_type: str | None, markup: Literal["html", "xml"]) -> Selector:
    """The page as a tree. Raises UnreadableError: a wrong character set, or a page that the parser gives up in the
    middle, since what comes behind would be missing without a word."""
    text = decode(body, content_type=content_type).strip().replace("\x00", "")
    parser: etree.HTMLParser | etree.XMLParser = (
        etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True)
        if markup == "html"
        else etree.XMLParser(
            encoding="utf-8", recover=True, huge_tree=True, resolve_entities=False, no_network=True
        )
    )
    root = etree.fromstring(text.encode() or b"<html/>", parser)
    for error in parser.error_log:
        if error.type_name == "ERR_RESOURCE_LIMIT":
            raise UnreadableError(f"the page cannot be read to its end: {error.message}")
    return Selector(root=etree.fromstring("<html/>") if root is None else root, type=markup)


def pick(root: Selector, selector: str) -> SelectorList[Selector]:
    """Raises ValueError or cssselect's SelectorError for a malformed selector."""
    return root.xpath(selector) if is_xpath(selector) else root.css(selector)


def first_text(root: Selector, selectors: Iterable[str]) -> str | None:
    """The first text that is not blank, white space folded."""
    for selector in selectors:
        for found in pick(root, selector):
            text = " ".join(_text(found).split())
            if text:
                return text
    return None


def first_elements(root: Selector, selectors: Iterable[str]) -> list[etree._Element]:
    """All elements that the first successful selector finds, without those inside another of them."""
    for selector in selectors:
        found = [item.root for item in pick(root, selector) if isinstance(item.root, etree._Element)]
        if found:
            chosen = set(found)
            return [element for element in found if not any(up in chosen for up in element.iterancestors())]
    return []


def _text(found: Selector) -> str:
    if isinstance(found.root, etree._Element):
        return str(found.xpath("string(.)").get() or "")
    return str(found.root)


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address; the first of each name."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        found.setdefault(name, value)
    return found
