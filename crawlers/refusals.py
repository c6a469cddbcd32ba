"""Refusals: which concern one page, and which mean that nothing more is asked of the publisher.

A publisher may forbid a single page and serve all others. It refuses us as a whole when it forbids a list, or several
pages in a row, when it challenges us or asks for too long a wait, and when its robots.txt forbids every list of the
card or cannot be had.
"""

from __future__ import annotations

from typing import Final

from scrapy.exceptions import IgnoreRequest

from netdocket.errors import BlockedError, NetdocketError, UnreachableError

IN_A_ROW: Final = 3
"""So many forbidden pages, with none served between them, are a refusal of everything."""


class ForbiddenError(BlockedError):
    """The publisher answered that this address is not for us."""


class DisallowedError(BlockedError):
    """robots.txt does not allow this address, which was therefore not asked for; others it does."""


class NoRulesError(UnreachableError):
    """robots.txt cannot be had: as long as that is so, nothing may be asked for."""


class NotAsked(IgnoreRequest):
    """A request that was not sent, since the publisher refuses us: nothing is known of its page."""


class BudgetSpent(NotAsked):
    """A request that was not sent, since the crawl has made all that it may."""


def stops(error: BaseException) -> bool:
    """Whether a failure by itself ends the crawl of its source: who refuses us is not asked again."""
    if isinstance(error, (ForbiddenError, DisallowedError)):
        return False
    return isinstance(error, (BlockedError, NoRulesError))


class Refusals:
    """Of one publisher in one crawl. `refused`: how it refused us as a whole, if it did."""

    def __init__(self) -> None:
        self.refused: NetdocketError | None = None
        self._in_a_row = 0

    def heard(self, error: NetdocketError | None, *, of_list: bool) -> None:
        """An answer came: with the failure that it means, or without one."""
        if error is None or not isinstance(error, BlockedError):
            self._in_a_row = 0
        elif not isinstance(error, ForbiddenError) or of_list:
            self.refuse(error)
        else:
            self._in_a_row += 1
            if self._in_a_row == IN_A_ROW:
                self.refuse(BlockedError(f"{error.what} for {IN_A_ROW} pages in a row", where=error.where))

    def refuse(self, error: NetdocketError) -> None:
        self.refused = self.refused or error
