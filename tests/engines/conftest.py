"""A real Kafka and a real Elasticsearch for the tests of this folder, started when the first test asks for one.

They are those that NETDOCKET_KAFKA and NETDOCKET_ES_URL name, or our own (`netdocket engines fetch` brings them). On a
machine without Java or Maven these tests are skipped; in CI that is a failure.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.mappings import load_mappings
from netdocket.datadir import Family
from netdocket.engines import Engines, engines_dir, missing_tools
from netdocket.engines.elasticsearch import ElasticsearchServer
from netdocket.engines.kafka import KafkaServer
from netdocket.engines.pair import reap

pytest.importorskip("elasticsearch", reason="the extra `cluster` is not installed")

from index.elastic import ElasticStore
from index.elastic.client import Caller, connect
from index.elastic.indices import physical_ones, setup
from index.elastic.names import Names
from netdocket.settings import Settings, load_settings

FETCHING_SECONDS = 1200
"""The first test on a machine waits for 950 MB."""
PATIENCE = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.timeout(FETCHING_SECONDS))


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """Our own, fetched but not started."""
    if lacking := missing_tools():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{lacking}; .ci/run installs it")
        pytest.skip(lacking)
    cache = engines_dir(load_settings().engines_dir)
    reap(cache / "tests")
    engines = Engines(cache / "tests" / str(os.getpid()), cache)
    engines.fetch()
    engines.own()
    yield engines
    engines.delete()


@pytest.fixture(scope="session")
def kafka_server(engines: Engines) -> KafkaServer:
    """Our own broker, which a test may kill and start again; it must leave it running."""
    engines.kafka.start()
    return engines.kafka


@pytest.fixture(scope="session")
def elasticsearch_server(engines: Engines) -> ElasticsearchServer:
    """Our own node, which a test may kill and start again; it must leave it running."""
    engines.elasticsearch.start()
    return engines.elasticsearch


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest) -> str:
    """HOST:PORT of a broker."""
    named = load_settings().kafka
    server: KafkaServer | None = None if named else request.getfixturevalue("kafka_server")
    return named or (server.address if server else "")


@pytest.fixture(scope="session")
def es_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings that name an Elasticsearch."""
    settings = load_settings()
    if settings.es_url is None:
        server: ElasticsearchServer = request.getfixturevalue("elasticsearch_server")
        settings = load_settings(es_url=server.address)
    return settings


MakeStore = Callable[..., ElasticStore]
_numbers = itertools.count()


@pytest.fixture(scope="session")
def make_prefix(es_settings: Settings) -> Iterator[Callable[..., str]]:
    """Gives prefixes under which `setup` has made these indices (all, unless named)."""
    client, caller = connect(es_settings), Caller(PATIENCE)
    made: list[tuple[Names, list[str]]] = []

    def make(*indices: str, family: Family = "demo", shards: int = 1) -> str:
        prefix = f"t{os.getpid()}-{next(_numbers)}"
        names = Names.of(prefix, family)
        mappings = {name: m for name, m in load_mappings().items() if not indices or name in indices}
        made.append((names, list(mappings)))
        for _ in setup(client, caller, names, mappings, family, shards=shards):
            pass
        return prefix

    yield make
    if load_settings().es_url:  # somebody else's; our own goes with all its data
        for names, indices in made:
            gone = [one for index in indices for one in physical_ones(client, caller, names, index)]
            client.indices.delete(index=gone, ignore_unavailable=True)
    client.close()


@pytest.fixture(scope="session")
def make_store(es_settings: Settings, make_prefix: Callable[..., str]) -> Iterator[MakeStore]:
    """Makes stores over fresh indices: all of them, or those named."""
    stores: list[ElasticStore] = []

    def make(
        *indices: str, family: Family = "demo", shards: int = 1, patience: float = PATIENCE
    ) -> ElasticStore:
        prefix = make_prefix(*indices, family=family, shards=shards)
        mappings = {name: m for name, m in load_mappings().items() if not indices or name in indices}
        store = ElasticStore(
            connect(es_settings), family=family, index_prefix=prefix, patience=patience, mappings=mappings
        )
        stores.append(store)
        return store

    yield make
    for store in stores:
        store.close()
