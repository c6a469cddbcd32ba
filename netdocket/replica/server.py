"""Serves the sites, each on a port of its own, from one thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import uvicorn

from netdocket.errors import ConfigurationError, UnreachableError
from netdocket.replica.answers import Answer, conditional
from netdocket.replica.families import site_of
from netdocket.replica.fixtures import in_turn, load_fixtures
from netdocket.replica.generated import MadeBulletin, shown_on
from netdocket.replica.plans import SitePlan, load_plans
from netdocket.replica.series import TextSeries
from netdocket.replica.site import Answering, Site
from netdocket.replica.variation import Bulletin, draw, vary

_START_SECONDS: Final = 20
_METHODS: Final = ("GET", "HEAD")


def serve(
    *,
    port: int = 0,
    count: int | None = None,
    texts: Path | str | None = None,
    sites: Collection[str] | None = None,
    amended: float | Collection[str] = 0.0,
    seed: int = 1,
    generated: bool = False,
    host: str = "127.0.0.1",
) -> Replica:
    """Starts the replica; it serves until `close()` or the end of a `with`.

    `port`: of the first site, the others follow it; 0 takes free ones. `count`: how many bulletins all sites
    together hold (None: the fixtures as written); beyond the fixtures these are varied, the same for the same
    `seed`. `generated`: the sites hold the first `count` bulletins (None: 1000) of the generator that fit them instead of
    fixtures; `Replica.truth` says what is in them. `texts`: a folder of .txt files to be served as the site `texts`. `sites`: which sites (None: all, with
    `texts` when a folder is given). `amended`: share of the bulletins that stand amended from the start, or their
    keys (see `Replica.amend`).
    Raises ConfigurationError for an unknown site, a folder without texts, a port that cannot be had.
    """
    standing = [source for source, plan in load_plans().items() if plan.share or generated]
    wanted = tuple(sites if sites is not None else (*standing, *(["texts"] if texts else [])))
    replica = Replica(
        _build(wanted, count=count, texts=texts, seed=seed, generated=generated), host=host, port=port
    )
    replica.amend(amended)
    replica.start()
    return replica


class Replica:
    """Sites being served. `base_urls`: source code to address; `served`: how often which site answered how."""

    def __init__(self, sites: Iterable[Answering], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.sites: dict[str, Answering] = {site.source: site for site in sites}
        self.served: Counter[tuple[str, int]] = Counter()
        self._planted: dict[tuple[str, str], Answer] = {}
        self._sockets = _listen(len(self.sites), host, port)
        ports = [listening.getsockname()[1] for listening in self._sockets]
        self._by_port = dict(zip(ports, self.sites.values(), strict=True))
        self.base_urls: dict[str, str] = {
            source: f"http://{host}:{number}" for source, number in zip(self.sites, ports, strict=True)
        }
        config = uvicorn.Config(
            self._respond, loop="asyncio", ws="none", lifespan="off", log_config=None, access_log=False,
            interface="asgi3",
            proxy_headers=False,
            server_header=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)

    def start(self) -> None:
        self._thread.start()
        waited = threading.Event()
        for _ in range(_START_SECONDS * 100):
            if self._server.started:
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.01)
        raise UnreachableError("the replica did not start")

    def close(self) -> None:
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        for listening in self._sockets:
            listening.close()

    def __enter__(self) -> Replica:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def bulletins(self) -> dict[str, str]:
        """Key to address, as served here, of every bulletin of the fixtures' sites that the cards ask for."""
        return {
            bulletin.key: self.base_urls[site.source] + path
            for site in self.sites.values()
            if isinstance(site, Site)
            for path, bulletin in site.articles.items()
            if not bulletin.beside
        }

    def truth(self) -> Iterator[dict[str, Any]]:
        """What is in the generator's bulletins as they are served now, in the exchange form, one row a record."""
        for site in self.sites.values():
            if isinstance(site, Site):
                for bulletin in site.articles.values():
                    if isinstance(bulletin, MadeBulletin) and not bulletin.beside:
                        yield from bulletin.made(site.revisions.get(bulletin.key, 0)).truth

    def amend(self, which: float | Collection[str]) -> list[str]:
        """Amends bulletins, a share of all or those of the given keys: a number of the text is another, a note says
        so, and the page has new validators. Gives the keys. Amending again is another amendment."""
        keys = self._chosen(which) if isinstance(which, float | int) else sorted(which)
        for site in self.sites.values():
            if isinstance(site, Site):
                own = {b.key for b in site.articles.values()} & set(keys)
                site.revisions = {**site.revisions, **{key: site.revisions.get(key, 0) + 1 for key in own}}
        return keys

    def plant(self, source: str, path: str, answer: Answer | None) -> None:
        """Puts `answer` at a path of a site, over what stands there; None takes it away again."""
        if answer is None:
            self._planted.pop((source, path), None)
        else:
            self._planted[(source, path)] = answer

    def _chosen(self, share: float) -> list[str]:
        keys = sorted(self.bulletins(), key=lambda key: (draw(("amend", key), 1 << 60), key))
        return sorted(keys[: round(share * len(keys))])

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=self._sockets))

    async def _respond(self, scope: Any, receive: Any, send: Any) -> None:
        site = self._by_port[scope["server"][1]]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        answer = self._answer(site, scope["method"], _target(scope), headers)
        self.served[site.source, answer.status] += 1
        if answer.seconds:
            await asyncio.sleep(answer.seconds)
        body = b"" if scope["method"] == "HEAD" else answer.body
        length = [] if answer.status == 304 else [(b"content-length", str(len(answer.body)).encode())]
        given = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": given + length})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, site: Answering, method: str, target: str, headers: Mapping[str, str]) -> Answer:
        if method not in _METHODS:
            return Answer(status=405, headers={"allow": ", ".join(_METHODS)})
        planted = self._planted.get((site.source, target.partition("?")[0]))
        return planted or conditional(site.answer(target), headers)


def _target(scope: Mapping[str, Any]) -> str:
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _build(
    wanted: Collection[str], *, count: int | None, texts: Path | str | None, seed: int, generated: bool
) -> list[Answering]:
    plans = load_plans()
    built: list[Answering] = []
    made = shown_on(wanted, 1000 if count is None else count, seed) if generated else None
    shares = _shares([plans[source] for source in wanted if source in plans and plans[source].share], count)
    for source in wanted:
        if source == "texts" and texts is not None:
            built.append(TextSeries(Path(texts)))
        elif source in plans and (made or plans[source].share):
            built.append(
                site_of(plans[source], made[source] if made else _bulletins(source, shares[source], seed))
            )
        else:
            needed = f"is none of {', '.join(plans)}, texts"
            if source == "texts":
                needed = "needs a folder of texts"
            elif source in plans:
                needed = "has no fixtures: it stands with the generator's bulletins"
            raise ConfigurationError(f"the replica's site {source!r} {needed}", where="--sites")
    return built


def _bulletins(source: str, count: int | None, seed: int) -> list[Bulletin]:
    """`count` bulletins that the source's card asks for, and what stands beside them on its lists."""
    fixtures = load_fixtures(source)
    asked = in_turn([fixture for fixture in fixtures if not fixture.beside])
    return vary(asked, count, seed) + vary([f for f in fixtures if f.beside], None, seed)


def _shares(plans: Collection[SitePlan], count: int | None) -> dict[str, int | None]:
    """How many bulletins each site holds; they add up to `count`."""
    if count is None:
        return dict.fromkeys((plan.source for plan in plans), None)
    if count < 0:
        raise ConfigurationError(f"{count} bulletins cannot be served", where="--count")
    whole, done, reached = sum(plan.share for plan in plans), 0, 0
    given: dict[str, int | None] = {}
    for plan in plans:
        reached += plan.share
        upto = round(count * reached / whole)
        given[plan.source] = upto - done
        done = upto
    return given


def _listen(number: int, host: str, port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    for offset in range(number):
        wanted = port + offset if port else 0
        # Named as TCP, so that asyncio switches Nagle's algorithm off: head and body are two writes, and a client that
        # keeps its connection would wait 40 ms for each page.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, wanted))
        except OSError as error:
            for other in (*sockets, listening):
                other.close()
            raise ConfigurationError(
                f"port {wanted} cannot be had ({error.strerror})", where="--port"
            ) from error
        sockets.append(listening)
    return sockets
