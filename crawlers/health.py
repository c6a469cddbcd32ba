"""From what happened to what it means: typed failures of requests, and the state of a source after a crawl.

blocked, challenge, changed, empty, gone, unreachable, unreadable, nothing_new and ok are different states: who reads
one must know what to do next.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from crawlers.challenge import challenge_in, signs
from crawlers.memory import KnownState
from crawlers.pages import Page
from crawlers.refusals import ForbiddenError
from netdocket.errors import (
    BlockedError,
    ChallengeError,
    GoneError,
    HarvestError,
    LayoutError,
    NetdocketError,
    UnreachableError,
    UnreadableError,
)
from netdocket.records import Origin, SourceState

OK, NOTHING_NEW = "ok", "nothing_new"
GOOD: Final = frozenset({OK, NOTHING_NEW})

# Which failure names the state where several happened: what stops everything before what concerns one page.
_GRAVITY: Final = ("challenge", "blocked", "unreachable", "gone", "changed", "empty", "unreadable", "failed")
_MANY: Final = 0.5
"""From this share of failed pages on, the source is said to be in their state; below, they are counted."""


def judge(status: int, url: str) -> None:
    """Raises the failure that a status means; returns for 200 and 304."""
    if status in (200, 304):
        return
    if (firewall := signs().statuses.get(status)) is not None:
        raise ChallengeError(f"HTTP {status}: {firewall}", where=url)
    if status in (401, 403, 451):
        raise ForbiddenError(f"HTTP {status}", where=url)
    if status in (407, 429):
        raise BlockedError(f"HTTP {status}", where=url)
    if status in (404, 410):
        raise GoneError(f"HTTP {status}", where=url)
    if 300 <= status < 400:
        raise GoneError(f"HTTP {status} that leads nowhere", where=url)
    if status >= 500:
        raise UnreachableError(f"HTTP {status}", where=url)
    raise HarvestError(f"HTTP {status}", where=url)


def download_failure(error: BaseException, url: str) -> NetdocketError:
    """The typed failure that an exception of the downloader means."""
    if isinstance(error, NetdocketError):
        return error
    if isinstance(error, DownloadTimeoutError):
        return UnreachableError("no answer in time", where=url)
    if isinstance(error, CannotResolveHostError):
        return UnreachableError("the host has no address", where=url)
    if isinstance(error, DownloadConnectionRefusedError):
        return UnreachableError("the connection was refused", where=url)
    if isinstance(error, DownloadCancelledError):
        return UnreadableError(f"the answer is too large: {error}", where=url)
    if isinstance(error, IgnoreRequest):  # Scrapy's word for a compressed answer that grows beyond the bound
        return UnreadableError(f"{error}", where=url)
    if isinstance(error, ResponseDataLossError):
        return UnreachableError("the answer broke off", where=url)
    if isinstance(error, DownloadFailedError):
        return UnreachableError(f"the connection failed: {error}", where=url)
    if isinstance(error, (zlib.error, EOFError, OSError)):
        return UnreadableError(f"the answer cannot be unpacked: {error}", where=url)
    return HarvestError(f"{type(error).__name__}: {error}", where=url)


def layout_or_challenge(error: NetdocketError, page: Page) -> NetdocketError:
    """Content that is missing because a challenge stands in its place is no changed layout."""
    if isinstance(error, (LayoutError, UnreadableError)) and (challenge := challenge_in(page)):
        return ChallengeError(f"instead of content: {challenge}", where=page.url)
    return error


@dataclass(slots=True)
class Tally:
    """What a crawl of one source has counted. `found`: bulletins to ask for, new on a list or due; `fetched`:
    detail pages that came with a body; `withdrawn`: pages taken before that are gone now; `requests`: everything asked
    for, robots.txt included. `beyond`: documents that are not read, since their page has too many. `spent`: the budget that ended the crawl."""

    found: int = 0
    fetched: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    withdrawn: int = 0
    elsewhere: int = 0
    unlinked: int = 0
    beyond: int = 0
    requests: int = 0
    list_failures: list[NetdocketError] = field(default_factory=list)
    page_failures: list[NetdocketError] = field(default_factory=list)
    failure_states: Counter[str] = field(default_factory=Counter)
    volume: list[str] = field(default_factory=list)
    spent: int | None = None

    @property
    def notes(self) -> list[str]:
        """What is no failure but should not pass in silence."""
        counted = {
            "pages taken before are gone": self.withdrawn,
            "links lead to hosts that the card does not name": self.elsewhere,
            "items of lists have no link": self.unlinked,
            "documents of pages with too many of them are not read": self.beyond,
        }
        spent = (
            []
            if self.spent is None
            else [f"the budget of {self.spent:,} requests is spent: the next crawl goes on"]
        )
        return [*spent, *self.volume, *(f"{count:,} {what}" for what, count in counted.items() if count)]

    def page_failed(self, error: NetdocketError) -> None:
        self.failed += 1
        self.failure_states[state_of(error)] += 1
        if len(self.page_failures) < 100:  # enough to tell why; the count is complete
            self.page_failures.append(error)

    def verdict(self, refused: NetdocketError | None = None) -> tuple[str, NetdocketError | None]:
        """State, and the failure that it, or the worst page below it, comes from. `refused`: how the publisher refused us
        as a whole, if it did."""
        if grave := [*self.list_failures, *([refused] if refused else [])]:
            worst = _worst(grave)
            return state_of(worst), worst
        if not self.page_failures:
            return (OK if self.new or self.changed else NOTHING_NEW), None
        state, _ = self.failure_states.most_common(1)[0]
        example = next((e for e in self.page_failures if state_of(e) == state), self.page_failures[0])
        if self.failed >= _MANY * (self.failed + self.new + self.changed + self.unchanged):
            return state, example
        return (OK if self.new or self.changed else NOTHING_NEW), example


def state_of(error: NetdocketError) -> str:
    return error.state if isinstance(error, HarvestError) else HarvestError.state


def source_state(
    source: str, tally: Tally, before: KnownState | None, *, at: str, run_id: str, origin: Origin,
    refused: NetdocketError | None = None,
) -> SourceState:  # fmt: skip
    """What goes through the spool at the end of a crawl. `since` stays where the state does, or stays good."""
    state, failure = tally.verdict(refused)
    same = before is not None and (before.state == state or (before.state in GOOD and state in GOOD))
    reason = "; ".join([*([failure.what] if failure else []), *tally.notes]) or None
    return SourceState(
        source=source,
        state=state,
        since=before.since if before and same else at,
        at=at,
        last_good=at if state in GOOD else (before.last_good if before else None),
        reason=reason,
        where=failure.where if failure else None,
        found=tally.found, new=tally.new, changed=tally.changed, unchanged=tally.unchanged, failed=tally.failed,
        requests=tally.requests, run_id=run_id, origin=origin,
    )  # fmt: skip


def _worst(failures: Sequence[NetdocketError]) -> NetdocketError:
    return min(failures, key=lambda error: _GRAVITY.index(state_of(error)))
