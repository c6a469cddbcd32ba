"""The event loop that Scrapy's Twisted reactor and our coroutines share.

    report = run(crawl(cards, ...))

A process has one reactor, and a reactor one loop for good. `run` may be called again and again, from the main thread.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from scrapy.utils.reactor import install_reactor, is_asyncio_reactor_installed, is_reactor_installed

from crawlers.resolver import PublicResolver
from netdocket.errors import ConfigurationError

T = TypeVar("T")
_REACTOR: Final = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_THREADS: Final = 5
"""Of the reactor's pool, which looks up the addresses of hosts."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that crawls. An interrupt cancels it, waits for its end, and goes on as KeyboardInterrupt."""
    loop = _start_reactor()
    task = loop.create_task(main)
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        raise
    finally:
        _rest_threads()


def require_reactor_loop() -> None:
    """Raises ConfigurationError where the running loop is not the reactor's."""
    if not is_asyncio_reactor_installed() or _reactor()._asyncioEventloop is not asyncio.get_running_loop():
        raise ConfigurationError("a crawl must run on the reactor's loop: crawlers.loop.run(crawl(...))")


def resolver() -> PublicResolver:
    """Through which the reactor looks up hosts."""
    reactor = _reactor()
    if not isinstance(reactor.nameResolver, PublicResolver):
        reactor.installNameResolver(PublicResolver(reactor.nameResolver))
    installed: PublicResolver = reactor.nameResolver
    return installed


def _start_reactor() -> asyncio.AbstractEventLoop:
    if not is_reactor_installed():
        install_reactor(_REACTOR)
    if not is_asyncio_reactor_installed():
        raise ConfigurationError("another Twisted reactor than the asyncio one is installed in this process")
    reactor = _reactor()
    loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop
    if not reactor.running:
        reactor.startRunning(installSignalHandlers=False)
        atexit.register(loop.close)
    reactor.getThreadPool().adjustPoolsize(0, _THREADS)
    return loop


def _rest_threads() -> None:
    """Threads of the pool would keep the process from ending."""
    _reactor().getThreadPool().adjustPoolsize(0, 0)


def _reactor() -> Any:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it installs one

    return reactor
