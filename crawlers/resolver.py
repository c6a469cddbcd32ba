"""Names lead to public addresses only, unless a replica or our own proxy stands there: looked at before a connection is
made.

A name of the public network may lead to an address inside, by mistake or by intent. What answers there must not even
be asked. Addresses that stand in a URL as such are looked up like names, and so meet the same check.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from twisted.internet.interfaces import IAddress, IHostResolution


class PublicResolver:
    """Twisted's IHostnameResolver, set before the one that the reactor had. `refused`: the last address that a host
    was refused for."""

    def __init__(self, inner: Any) -> None:
        self.refused: dict[str, str] = {}
        self._inner = inner
        self._replicas: Counter[str] = Counter()

    @contextlib.contextmanager
    def anywhere(self, hosts: Iterable[str]) -> Iterator[None]:
        """While this holds, these hosts may lead anywhere."""
        given = Counter(host.lower() for host in hosts)
        self._replicas += given
        try:
            yield
        finally:
            self._replicas -= given

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        receiver = resolutionReceiver
        if hostName.lower() not in self._replicas:
            self.refused.pop(hostName, None)
            receiver = _PublicAddresses(resolutionReceiver, hostName, self.refused)
        found: IHostResolution = self._inner.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


class _PublicAddresses:
    """Twisted's IResolutionReceiver: hands on what is public of the addresses found. Where nothing is, the host has no
    address."""

    def __init__(self, receiver: Any, host: str, refused: dict[str, str]) -> None:
        self._receiver = receiver
        self._host = host
        self._refused = refused

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            self._refused[self._host] = address.host

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


def proxy_hosts() -> list[str]:
    """Hosts of the proxies that the environment names (https_proxy and its like). Whoever runs this has chosen them, and
    they usually stand inside; names of publishers are then looked up by the proxy."""
    hosts = (urlsplit(url if "//" in url else f"//{url}").hostname for url in getproxies().values())
    return [host for host in hosts if host]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network, for one machine."""
    parsed = ipaddress.ip_address(
        address.partition("%")[0]
    )  # behind %: the interface of a link-local address
    return parsed.is_global and not parsed.is_multicast
