"""What the replica sends back, and HTTP's conditional requests."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import format_datetime, parsedate_to_datetime

HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
JSON = "application/json;charset=UTF-8"
FEED = "application/rss+xml; charset=UTF-8"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Status, headers and body of one response. Header names in lower case. `seconds`: how long the site takes over
    it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0


def page(html: str, *, modified: dt.datetime, status: int = 200, content_type: str = HTML) -> Answer:
    """A page with its validators: `modified` (with time zone) to the second, and an ETag over the bytes."""
    body = html.encode()
    return Answer(
        status=status,
        headers={
            "content-type": content_type,
            "etag": f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
            "last-modified": format_datetime(modified.astimezone(dt.UTC), usegmt=True),
        },
        body=body,
    )


def conditional(answer: Answer, request: Mapping[str, str]) -> Answer:
    """304 without a body where the client's copy is still good. An ETag decides alone when the client sends one
    (RFC 9110, 13.1.3)."""
    if answer.status != 200 or "etag" not in answer.headers:
        return answer
    given = request.get("if-none-match")
    if given is not None:
        tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        fresh = "*" in tags or answer.headers["etag"] in tags
    else:
        fresh = _not_modified_since(answer.headers["last-modified"], request.get("if-modified-since"))
    if not fresh:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name != "content-type"}
    return Answer(status=304, headers=kept)


def _not_modified_since(modified: str, since: str | None) -> bool:
    if since is None:
        return False
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):  # an unreadable date is ignored, as the RFC asks
        return False
