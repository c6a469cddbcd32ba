"""What engines are given and what they make of it: pages, list entries, drafts of bulletins. All pure values.

Addresses are those of the publisher everywhere, also where a replica stands in for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A response with its transfer and content encoding undone. `content_type`: the header, as sent."""

    url: str
    body: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """A list page to be fetched. `key` names the list, `number` counts its pages from the card's first on.
    `prelude`: a page without items that only says how the first list page is asked for."""

    key: str
    url: str
    number: int
    headers: dict[str, str] = field(default_factory=dict)
    prelude: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """A document that a page links to. `name`: as the page calls it."""

    url: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A bulletin as a list shows it. `wanted` is False where the card's title filter leaves it out."""

    url: str
    title: str | None = None
    published: str | None = None
    wanted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list page that was read. `elsewhere`: links to hosts that the card does not name; `unlinked`: items without
    a link; `following`: the list page after it, None on the last; `endless`: more pages would follow than the card's
    limit allows."""

    entries: tuple[Entry, ...]
    following: ListRequest | None = None
    elsewhere: int = 0
    unlinked: int = 0
    endless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a detail page says: everything a bulletin has besides its identity. `language` None: the card's. `files`:
    documents that belong to it and are still to be read; where there are any, `text` may be empty."""

    title: str
    text: str
    published: str | None = None
    publisher: str | None = None
    language: str | None = None
    files: tuple[FileLink, ...] = ()
