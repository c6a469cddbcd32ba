"""Tells a challenge page from a page that has merely changed, by the signs in challenges.yaml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec
import yaml

from crawlers.extract.html import html_to_text
from crawlers.extract.picking import parse_page
from crawlers.pages import Page
from netdocket.errors import KnowledgeError, UnreadableError

FILE: Final = Path(__file__).with_name("challenges.yaml")


class Marker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    family: str


class Signs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`statuses`: HTTP status to whose firewall it is. `most_text`, `shell_text`: characters."""

    statuses: dict[int, str]
    markers: tuple[Marker, ...]
    most_text: int
    shell_text: int


@cache
def signs() -> Signs:
    """Raises KnowledgeError."""
    try:
        return msgspec.convert(yaml.safe_load(FILE.read_text("utf-8")), Signs)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(str(error), where=str(FILE)) from error


def challenge_in(page: Page) -> str | None:
    """What the page challenges us with; None where it looks like an ordinary page. Only to be asked where the content
    is missing."""
    known = signs()
    try:
        root = parse_page(page.body, page.content_type, "html").root
    except UnreadableError:
        return None
    visible = len(html_to_text(root))
    if visible > known.most_text:
        return None
    body = page.body.lower()
    for marker in known.markers:
        if marker.text.lower().encode() in body:
            return f"{marker.family} ({marker.text})"
    is_shell = visible < known.shell_text and b"<script" in body
    return f"a shell of scripts with {visible} characters of text" if is_shell else None
