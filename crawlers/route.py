"""Where requests go. Everywhere else in this room addresses are the publisher's; only here may a replica stand in.

Live, an address is asked for as it is, and only on the hosts that the card names. With a replica, the card's own
hosts lead to the replica's address and nothing leads anywhere else.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from netdocket.errors import ConfigurationError, GoneError

if TYPE_CHECKING:
    from crawlers.cards import Card


@dataclass(frozen=True, slots=True)
class Route:
    """`replica`: address that stands for the card's base, or None."""

    card: Card
    replica: str | None = None

    def __post_init__(self) -> None:
        if self.replica is not None and urlsplit(self.replica).scheme not in ("http", "https"):
            raise ConfigurationError(f"{self.replica!r} is no address of a replica", where=self.card.code)

    @property
    def replica_host(self) -> str:
        return urlsplit(self.replica or "").hostname or ""

    @property
    def hosts(self) -> frozenset[str]:
        """Whom the crawl asks."""
        if self.replica is None:
            return self.card.allowed_hosts
        return frozenset({urlsplit(self.replica).netloc.lower()})

    def to_fetch(self, url: str) -> str:
        """The address to ask for. Raises GoneError where the card does not name its host."""
        self.require_allowed(url)
        if self.replica is None:
            return url
        parts = urlsplit(url)
        return f"{self.replica.rstrip('/')}{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"

    def to_publisher(self, url: str) -> str:
        """The publisher's address for one that a redirect names: a replica may name its own."""
        if self.replica is not None and f"{url}/".startswith(f"{self.replica.rstrip('/')}/"):
            return self.card.base + url[len(self.replica.rstrip("/")) :]
        return url

    def require_allowed(self, url: str) -> None:
        """Raises GoneError: what a card does not name is never fetched."""
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.netloc.lower() in self.card.allowed_hosts:
            return
        if is_private(parts.hostname or ""):
            raise GoneError(f"leads to a private address, {parts.netloc}", where=url)
        raise GoneError(f"leads to another host, {parts.netloc}", where=url)


def is_private(host: str) -> bool:
    """Whether a host is this machine or an address that is not on the public network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
