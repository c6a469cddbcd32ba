"""`netdocket web`: the local page."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from netdocket.cli.workspace import Workspace, data_dir_option, workspace
from netdocket.errors import ConfigurationError

if TYPE_CHECKING:
    from index.store import Store

START_SECONDS = 15.0


@click.command("web")
@click.option("--host", help="Address to bind to.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.  [default: 8321]")
@data_dir_option
def command(host: str | None, port: int | None, data_dir: Path | None) -> None:
    """Serve the page over what is stored, until Ctrl-C. A run that writes may go on beside it."""
    ws = workspace(data_dir=data_dir, host=host, port=port)
    with ws.store(writer=False) as store, served(ws, store) as address:
        click.echo(f"The page: {address}  (Ctrl-C ends it)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("", err=True)


@contextmanager
def served(ws: Workspace, store: Store) -> Iterator[str]:
    """Serves the page from a thread; its address."""
    import socket

    import uvicorn

    from crawlers.cards import load_cards
    from dashboards.panels.model import Text
    from dashboards.web.app import create_app
    from dashboards.web.sources import SourceInfo

    settings = ws.settings
    try:
        (family, _, _, _, where), *_ = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise ConfigurationError(
            f"no address of this machine ({error.strerror})", where=settings.host
        ) from error
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(where)
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot serve there ({error.strerror}); --port 0 takes a free port",
            where=f"{settings.host}:{settings.port}",
        ) from error
    sources = [
        SourceInfo(
            code=code,
            title=Text(card.title.en, card.title.zh),
            publisher=card.publisher,
            url=None if card.replica_only else card.base,
            role=card.role,
            cadence=card.cadence,
        )
        for code, card in load_cards().items()
    ]
    demo = ws.demo
    app = create_app(store, ws.knowledge(), settings=settings, sources=sources, demo=demo)
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    waited = threading.Event()
    for _ in range(int(START_SECONDS / 0.02)):
        if server.started or not thread.is_alive():
            break
        waited.wait(0.02)
    if not server.started:
        raise ConfigurationError("the page did not start", where=f"{settings.host}:{settings.port}")
    try:
        host = "localhost" if settings.host in ("127.0.0.1", "::1", "0.0.0.0", "::") else settings.host  # noqa: S104
        yield f"http://{host}:{listening.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
