"""What the page says about a publisher's series: as much of its card as a reader needs."""

from __future__ import annotations

import msgspec

from dashboards.panels.model import Text


class SourceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """`role`: official or secondary; `url`: the publisher's site, None for what is given by hand."""

    code: str
    title: Text
    publisher: str | None = None
    url: str | None = None
    role: str = "official"
    cadence: str | None = None
