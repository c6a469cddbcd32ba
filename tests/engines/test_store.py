"""What the port promises of writes and errors, held against both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.elastic import ElasticStore
from index.elastic.client import connect
from index.embedded import EmbeddedStore
from index.mappings import load_mappings
from index.store import Store, Swap, Write
from netdocket.errors import (
    ConfigurationError,
    DocumentError,
    MalformedQuery,
    MixedOriginError,
    StoreError,
    StoreSetupError,
    StoreUnavailable,
    VersionConflict,
)
from netdocket.settings import Settings, load_settings
from tests.engines.conftest import MakeStore

INDICES = ("penalties", "manifests")


@pytest.fixture(params=["embedded", "elasticsearch"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "embedded":
        with EmbeddedStore(tmp_path / "store", writer=True, heap_mb=32, origin_family="demo") as embedded:
            yield embedded
    else:
        make: MakeStore = request.getfixturevalue("make_store")
        yield make(*INDICES)


def penalty(id: str, amount: int, **more: object) -> dict[str, object]:
    return {"penalty_id": id, "amount": amount, **more}


def test_older_writes_are_stale_equal_ones_taken(store: Store) -> None:
    for version, amount, result in ((5, 1, "created"), (5, 2, "updated"), (4, 3, "stale"), (6, 4, "updated")):
        (written,) = store.bulk([Write("penalties", "a", version, penalty("a", amount))])
        assert written.result == result
    stored = store.get("penalties", "a")
    assert stored is not None
    assert (stored.version, stored.source["amount"]) == (6, 4)


def test_a_long_text_is_found_and_highlighted(make_store: MakeStore) -> None:
    store = make_store("bulletins")
    text = "罚款。" + "甲" * 1_100_000
    store.bulk([Write("bulletins", "a", 1, {"bulletin_id": "a", "text": text})])
    store.refresh()
    body = {"query": {"match": {"text": "罚款"}}, "highlight": {"fields": {"text": {}}}, "_source": False}
    for answer in (
        store.search("bulletins", body),
        *store.msearch([("bulletins", body), ("bulletins", body)]),
    ):
        (hit,) = answer["hits"]["hits"]
        assert "<em>" in hit["highlight"]["text"][0]


def test_a_delete_keeps_its_version(store: Store) -> None:
    store.bulk([Write("penalties", "a", 5, penalty("a", 1))])
    results = [
        store.bulk([write])[0].result
        for write in (
            Write("penalties", "a", 4, None),
            Write("penalties", "a", 7, None),
            Write("penalties", "a", 6, penalty("a", 2)),
            Write("penalties", "a", 7, penalty("a", 3)),
            Write("penalties", "nobody", 1, None),
        )
    ]
    assert results == ["stale", "deleted", "stale", "created", "not_found"]


def test_results_in_the_order_given_also_for_one_id_many_times(store: Store) -> None:
    writes = [Write("penalties", "a", version, penalty("a", version)) for version in (3, 1, 5, 4, 6)]
    writes.insert(2, Write("penalties", "b", 1, {"penalty_id": "b", "amount": "much"}))
    assert [written.result for written in store.bulk(writes)] == [
        "created", "stale", "refused", "updated", "stale", "updated",
    ]  # fmt: skip
    stored = store.get("penalties", "a")
    assert stored is not None
    assert stored.source["amount"] == 6


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"amount": "12"}, "penalties.amount"),
        ({"amount": 1.5}, "penalties.amount"),
        ({"count": 2**31}, "penalties.count"),
        ({"nobody": 1}, "penalties.nobody"),
        ({"place": "Nanjing"}, "penalties.place"),
        ({"event_date": "yesterday"}, "date"),
        ({"region": "x" * 40_000}, "penalties.region"),
        ({"region": "half \ud800 character"}, "penalties"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_field(
    store: Store, document: dict[str, object], where: str
) -> None:
    (written,) = store.bulk([Write("penalties", "a", 1, document)])
    assert written.result == "refused"
    assert where in (written.reason or "")
    with pytest.raises(DocumentError):
        store.create("penalties", "a", document)
    assert store.get("penalties", "a") is None


def test_of_two_creations_the_first_wins(store: Store) -> None:
    first = store.create("manifests", "m", {"bulletin_id": "m", "version": 1})
    assert first is not None
    assert store.create("manifests", "m", {"bulletin_id": "m", "version": 2}) is None
    held = store.get("manifests", "m")
    assert held is not None
    assert (held.source["version"], held.seq_no) == (1, first.seq_no)


def test_a_swap_wants_what_was_read(store: Store) -> None:
    first = store.swap("manifests", "m", {"bulletin_id": "m", "version": 1}, seq_no=None)
    second = store.swap("manifests", "m", {"bulletin_id": "m", "version": 2}, seq_no=first.seq_no)
    for outdated in (first.seq_no, None):
        with pytest.raises(VersionConflict):
            store.swap("manifests", "m", {"bulletin_id": "m", "version": 3}, seq_no=outdated)
    assert not store.drop("manifests", "m", seq_no=first.seq_no)
    assert store.drop("manifests", "m", seq_no=second.seq_no)
    assert store.get("manifests", "m") is None
    with pytest.raises(VersionConflict):
        store.swap("manifests", "m", {"bulletin_id": "m", "version": 3}, seq_no=second.seq_no)


def test_several_swaps_each_for_itself(store: Store) -> None:
    held = store.create("manifests", "a", {"bulletin_id": "a", "version": 1})
    assert held is not None
    swaps = [
        Swap("a", {"bulletin_id": "a", "version": 2}, held.seq_no),
        Swap("a", {"bulletin_id": "a", "version": 3}, held.seq_no),
        Swap("b", {"bulletin_id": "b", "version": 1}, None),
        Swap("c", {"bulletin_id": "c", "version": 1}, held.seq_no),
    ]
    done = store.swap_many("manifests", swaps)
    assert [one is not None for one in done] == [True, False, True, False]
    assert [(one.id, one.source["version"]) for one in store.mget("manifests", ["c", "b", "a", "b"])] == [
        ("b", 1),
        ("a", 2),
    ]


def test_searched_after_a_refresh_read_at_once(store: Store) -> None:
    store.refresh()
    before = store.generation()
    assert store.generation() == before
    store.bulk([Write("penalties", "a", 1, penalty("a", 1))])
    assert store.get("penalties", "a") is not None
    assert store.refresh() > before
    assert store.count("penalties", {"term": {"penalty_id": "a"}}) == 1


def test_what_is_not_there_and_what_is_malformed(store: Store) -> None:
    store.bulk([Write("penalties", "a", 1, penalty("a", 1, event_date="2024-01-01"))])
    store.refresh()
    for body in (
        {"query": {"term": {"amount": {"wrong": 1}}}},
        {"query": {"range": {"event_date": {"gte": "yesterday"}}}},
        {"aggs": {"t": {"terms": {"field": "title"}}}},
        {"size": -1},
        {"size": 10_001},
    ):
        with pytest.raises(MalformedQuery):
            store.search("penalties", body)
        with pytest.raises(MalformedQuery):
            store.msearch([("penalties", {"size": 0}), ("penalties", body)])
    for ask in (
        lambda: store.search("nothing", {}),
        lambda: store.mget("nothing", ["a"]),
        lambda: store.bulk([Write("nothing", "a", 1, None)]),
    ):
        with pytest.raises(StoreError, match="no such index"):
            ask()


def test_demonstration_data_stay_apart(store: Store) -> None:
    store.bulk([Write("penalties", "a", 1, penalty("a", 1, origin="replica"))])
    with pytest.raises(MixedOriginError):
        store.bulk([Write("penalties", "b", 1, penalty("b", 1, origin="live"))])
    assert store.get("penalties", "b") is None


def test_indices_of_the_other_family_are_not_opened(
    es_settings: Settings, make_prefix: Callable[..., str]
) -> None:
    prefix = make_prefix("penalties", family="demo")
    mappings = {"penalties": load_mappings()["penalties"]}
    with connect(es_settings) as client:
        # The names of demonstration data, asked for as if they were those of live ones.
        with pytest.raises(MixedOriginError):
            ElasticStore(client, family="live", index_prefix=f"{prefix}-demo", mappings=mappings)
        with pytest.raises(StoreSetupError, match="index setup"):
            ElasticStore(client, family="live", index_prefix=prefix, mappings=mappings)


def test_an_elasticsearch_that_is_away_is_said_so() -> None:
    with pytest.raises(ConfigurationError, match="NETDOCKET_ES_URL"):
        ElasticStore.from_settings(load_settings().model_copy(update={"es_url": None}), "demo")
    with pytest.raises(StoreUnavailable, match=r"no answer in 0\.5 s"):
        ElasticStore.from_settings(load_settings(es_url="http://127.0.0.1:9"), "demo", patience=0.5)


def test_a_walk_sees_one_moment(make_store: MakeStore) -> None:
    store = make_store("penalties", shards=2)
    count = 12_345
    store.bulk([Write("penalties", f"p{n:05}", 1, penalty(f"p{n:05}", n)) for n in range(count)])
    store.refresh()
    walked = store.scan("penalties", fields=["amount"], sort=[{"penalty_id": "asc"}], page=1000)
    first = next(walked)
    store.bulk([Write("penalties", f"p{n:05}", 2, None) for n in range(0, count, 2)])
    store.refresh()
    amounts = [first["_source"]["amount"], *(hit["_source"]["amount"] for hit in walked)]
    assert amounts == list(range(count))
    assert store.count("penalties") == count // 2


def test_a_walk_in_any_order_finds_all(make_store: MakeStore) -> None:
    store = make_store("penalties", shards=3)
    store.bulk([Write("penalties", f"p{n}", 1, penalty(f"p{n}", n % 3)) for n in range(3000)])
    store.refresh()
    found = [hit["_id"] for hit in store.scan("penalties", {"term": {"amount": 1}}, page=300)]
    assert sorted(found) == sorted(f"p{n}" for n in range(1, 3000, 3))
