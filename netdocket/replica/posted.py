"""A bulletin as a site posts it, whatever it was made from: a fixture, or the generator."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from netdocket.replica.markup import Style
from netdocket.replica.plans import SitePlan


class Posted(Protocol):
    """`key` names it for `Replica.amend`; `column`: the list on which it stands; `beside`: on the list, but none of the
    bulletins that the source's card asks for."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def published(self) -> dt.datetime:
        """With time zone."""

    @property
    def column(self) -> str: ...

    @property
    def beside(self) -> bool: ...

    @property
    def author(self) -> str: ...

    @property
    def publisher(self) -> str:
        """As the page prints it."""

    @property
    def summary(self) -> str: ...

    def path(self, plan: SitePlan) -> str:
        """Where its page stands on the site of `plan`."""

    def html(self, style: Style, revision: int) -> str:
        """The body of the page after `revision` amendments."""
