"""Elasticsearch busy, away, killed: what is confirmed is stored once, and what is not is said."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable

import pytest

from index.elastic import ElasticStore
from index.elastic.client import connect
from index.mappings import load_mappings
from index.store import Swap, Write
from netdocket.engines.elasticsearch import ElasticsearchServer
from netdocket.errors import StoreError, StoreSetupError, StoreUnavailable
from netdocket.settings import Settings, load_settings
from tests.engines.conftest import MakeStore
from tests.engines.faults import Fault, Plan, faulty

INDICES = ("penalties", "manifests")


@pytest.fixture
def through(
    es_settings: Settings, make_prefix: Callable[..., str], request: pytest.FixtureRequest
) -> Callable[..., ElasticStore]:
    """Makes a store that reaches Elasticsearch through a faulty proxy."""
    prefix = make_prefix(*INDICES)
    mappings = {name: load_mappings()[name] for name in INDICES}

    def make(plan: Plan, patience: float = 60) -> ElasticStore:
        proxy = faulty(es_settings.es_url or "", plan)
        address = proxy.__enter__()
        store = ElasticStore(
            connect(load_settings(es_url=address)),
            family="demo",
            index_prefix=prefix,
            patience=patience,
            mappings=mappings,
        )
        request.addfinalizer(lambda: (store.close(), proxy.__exit__(None, None, None)))
        return store

    return make


def in_turn(faults: list[Fault]) -> Plan:
    """Bulks meet these faults one after the other, over and over."""
    turns = itertools.cycle(faults)
    return lambda path: next(turns) if "_bulk" in path else None


def writes(count: int, version: int = 1) -> list[Write]:
    return [Write("penalties", f"p{n}", version, {"penalty_id": f"p{n}", "amount": n}) for n in range(count)]


def test_every_write_is_decided_once_whatever_is_spoiled(through: Callable[..., ElasticStore]) -> None:
    store = through(in_turn(["some busy", "busy", "broken", None, "silent", "some busy", None]))
    asked = [*writes(2500), Write("penalties", "bad", 1, {"amount": "x"}), *writes(10, version=0)]
    results = [written.result for written in store.bulk(asked)]
    # An attempt that brought no answer may have been carried out: then the second one finds it there.
    assert set(results[:2500]) <= {"created", "updated"}
    assert results[2500:] == ["refused"] + ["stale"] * 10
    store.refresh()
    assert store.count("penalties") == 2500
    assert {stored.version for stored in store.mget("penalties", [f"p{n}" for n in range(2500)])} == {1}


def test_swaps_without_an_answer_are_still_ours(through: Callable[..., ElasticStore]) -> None:
    store = through(in_turn(["silent", None, "broken", None]))
    created = store.create("manifests", "m", {"bulletin_id": "m", "version": 1})
    assert created is not None
    second = store.swap("manifests", "m", {"bulletin_id": "m", "version": 2}, seq_no=created.seq_no)
    held = store.get("manifests", "m")
    assert held is not None
    assert (held.seq_no, held.source["version"]) == (second.seq_no, 2)
    assert store.drop("manifests", "m", seq_no=second.seq_no)
    assert store.get("manifests", "m") is None


def test_a_lost_swap_is_lost_also_without_an_answer(through: Callable[..., ElasticStore]) -> None:
    """Somebody else's document stands there: the attempt without an answer was refused, not carried out."""
    store = through(in_turn(["silent", None]))
    theirs = through(lambda _path: None)
    assert theirs.create("manifests", "m", {"bulletin_id": "m", "version": 7}) is not None
    assert store.swap_many("manifests", [Swap("m", {"bulletin_id": "m", "version": 1}, None)]) == [None]


def test_patience_ends_with_an_error_that_says_why(through: Callable[..., ElasticStore]) -> None:
    store = through(in_turn(["busy"]), patience=1.0)
    with pytest.raises(StoreUnavailable, match="by plan"):
        store.bulk(writes(3))


def test_waiting_ends_when_we_are_to_stop(through: Callable[..., ElasticStore]) -> None:
    store = through(in_turn(["busy"]), patience=3600)
    threading.Timer(0.5, store.stop).start()
    with pytest.raises(StoreUnavailable, match="stopped"):
        store.bulk(writes(3))


def test_searches_are_asked_again(through: Callable[..., ElasticStore]) -> None:
    faults: list[Fault] = ["busy", "silent", "broken"]
    store = through(lambda path: faults.pop() if faults and "_search" in path else None)
    store.bulk(writes(20))
    store.refresh()
    answers = store.msearch([("penalties", {"size": 0}), ("penalties", {"size": 1})])
    assert [answer["hits"]["total"]["value"] for answer in answers] == [20, 20]
    assert faults == []


def test_indices_that_went_away_are_named(make_store: MakeStore) -> None:
    store = make_store(*INDICES)
    store.client.indices.delete(index=store.names.physical("penalties", 1))
    with pytest.raises(StoreSetupError, match="index setup"):
        store.bulk(writes(1))
    with pytest.raises(StoreSetupError, match="index setup"):
        store.search("penalties", {})
    assert not store.client.indices.exists(index=store.names.alias("penalties"))


def test_killed_and_started_again_nothing_confirmed_is_lost(
    make_store: MakeStore, elasticsearch_server: ElasticsearchServer
) -> None:
    store = make_store(*INDICES, patience=500)
    confirmed: list[str] = []
    stop = threading.Event()
    errors: list[StoreError] = []

    def write() -> None:
        try:
            for number in itertools.count():
                if stop.is_set():
                    return
                batch = [
                    Write("penalties", f"{number}-{n}", 1, {"penalty_id": f"{number}-{n}"}) for n in range(50)
                ]
                assert {written.result for written in store.bulk(batch)} <= {"created", "updated"}
                confirmed.extend(one.id for one in batch)
        except StoreError as error:
            errors.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        _until(lambda: len(confirmed) > 500)
        before, address = elasticsearch_server.server_process(), elasticsearch_server.address
        launcher = elasticsearch_server.process()
        assert launcher is not None
        assert before is not None
        assert launcher.pid != before.pid, "what is killed is the server, not only who launched it"
        elasticsearch_server.kill()
        assert not launcher.alive()
        assert not before.alive()
        assert not elasticsearch_server.running()
        elasticsearch_server.start()
        after = elasticsearch_server.server_process()
        assert before != after
        assert elasticsearch_server.address == address
        count = len(confirmed)
        _until(lambda: len(confirmed) > count + 500)
    finally:
        elasticsearch_server.start()
        stop.set()
        thread.join()
    assert errors == []
    store.refresh()
    found = {hit["_id"] for hit in store.scan("penalties", fields=[])}
    assert found == set(confirmed)


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 240
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)
