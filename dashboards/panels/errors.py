"""Errors of what an address asks for."""

from __future__ import annotations

from netdocket.errors import NetdocketError


class FilterError(NetdocketError):
    """A filter, period, query, order or page number in an address that cannot be used; `where` is the part."""

    exit_code = 2


class NotFoundError(NetdocketError):
    """Nothing has this address or id."""
