"""When a source is due: as often as its publisher publishes, and sooner where the last crawl failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from crawlers.cards import Card
from crawlers.health import GOOD
from crawlers.memory import KnownState

INTERVALS: Final[Mapping[str, dt.timedelta]] = {
    "daily": dt.timedelta(days=1),
    "weekly": dt.timedelta(days=7),
    "monthly": dt.timedelta(days=30),
    "irregular": dt.timedelta(days=7),
}
_AGAIN: Final = dt.timedelta(days=1)
"""After a failure."""
_SLACK: Final = dt.timedelta(hours=1)
"""A job that runs at the same hour every day finds the source due every day."""


def due_from(card: Card, known: KnownState | None) -> dt.datetime | None:
    """The moment (UTC) from which on the source is due; None: it was never crawled, and is."""
    if known is None or known.at is None:
        return None
    interval = INTERVALS[card.cadence]
    if known.state not in GOOD:
        interval = min(interval, _AGAIN)
    return dt.datetime.fromisoformat(known.at) + interval - _SLACK
