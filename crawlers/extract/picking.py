"""What a card's selectors find in a page."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree
from parsel import Selector, SelectorList

from crawlers.extract.charset import decode


def is_xpath(selector: str) -> bool:
    return selector.startswith(("/", "./", "("))


def parse_page(body: bytes, content_type: str | None, markup: str) -> Selector:
    """The page as a tree. `markup`: html or xml. Raises UnreadableError (character set)."""
    return Selector(text=decode(body, content_type=content_type), type=markup)


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
