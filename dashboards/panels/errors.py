"""Errors of what an address asks for. Their readers see them on the page, so each is said in both languages."""

from __future__ import annotations

from dashboards.panels.model import Text
from netdocket.errors import NetdocketError


class AddressError(NetdocketError):
    """`said`: what is wrong, in both languages; `where`: the part of the address."""

    exit_code = 2

    def __init__(self, en: str, zh: str, *, where: str | None = None) -> None:
        super().__init__(en, where=where)
        self.said = Text(en, zh)


class FilterError(AddressError):
    """A filter, period, query, order or page number that cannot be used."""


class ForeignFormError(AddressError):
    """Something was sent that no form of this page has sent."""


class NotFoundError(AddressError):
    """Nothing has this address or id."""
