"""An index is built anew while workers write, delete and swap in it, and while it is searched."""

from __future__ import annotations

import copy
import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from index.elastic import ElasticStore
from index.elastic.client import Caller, connect
from index.elastic.indices import physical_ones, setup, status_of
from index.elastic.migrate import Migration
from index.mappings import IndexMapping, load_mappings, parse_mapping
from index.store import Write
from netdocket.errors import StoreError, StoreSetupError
from netdocket.settings import Settings
from tests.engines.conftest import PATIENCE, MakeStore

INDICES = ("penalties", "manifests")
BULLETINS = 3000


def changed(index: str, change: Callable[[dict[str, Any]], object]) -> IndexMapping:
    """The index's mapping at its next version."""
    body = copy.deepcopy(dict(load_mappings()[index].body))
    body["mappings"]["_meta"]["version"] += 1
    change(body["mappings"]["properties"])
    return parse_mapping(index, body)


def migration(store: ElasticStore, mapping: IndexMapping) -> Migration:
    return Migration(store.client, Caller(PATIENCE), store.names, mapping)


def penalty(bulletin: int, part: int, version: int) -> Write:
    id = f"b{bulletin}:p:{part}"
    document = {"penalty_id": id, "bulletin_id": f"b{bulletin}", "amount": version, "phrase": "罚款"}
    return Write("penalties", id, version, document)


class Workers:
    """Write, change and remove bulletins at random, each its own, and count a manifest up by compare-and-swap; they
    know what must be there in the end."""

    def __init__(self, store: ElasticStore, count: int) -> None:
        self.store = store
        self.stop = threading.Event()
        self.truth: dict[str, int] = {}
        self.counted = 0
        self.operations = 0
        self.errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(n, count)) for n in range(count)]
        self._threads.append(threading.Thread(target=self._search))

    def __enter__(self) -> Workers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, operations: int) -> None:
        wanted = self.operations + operations
        deadline = time.monotonic() + 120
        while self.operations < wanted and not self.errors:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def _work(self, number: int, of: int) -> None:
        rng = random.Random(number)
        try:
            for version in itertools.count(10):
                if self.stop.is_set():
                    return
                bulletin = rng.randrange(BULLETINS) * of + number
                if rng.random() < 0.3:
                    writes = [Write("penalties", f"b{bulletin}:p:{part}", version, None) for part in range(3)]
                else:
                    parts = rng.randint(1, 3)
                    writes = [penalty(bulletin, part, version) for part in range(parts)]
                    writes += [
                        Write("penalties", f"b{bulletin}:p:{part}", version, None) for part in range(parts, 3)
                    ]
                results = self.store.bulk(writes)
                assert all(one.result in ("created", "updated", "deleted", "not_found") for one in results), (
                    results
                )
                with self._lock:
                    for write in writes:
                        self.truth.pop(write.id, None)
                        if write.document:
                            self.truth[write.id] = version
                    self.operations += 1
                self._count_up()
        except BaseException as error:
            self.errors.append(error)

    def _count_up(self) -> None:
        while True:
            held = self.store.get("manifests", "counter")
            assert held is not None
            swapped = {"bulletin_id": "counter", "version": held.source["version"] + 1}
            try:
                self.store.swap("manifests", "counter", swapped, seq_no=held.seq_no)
            except StoreError as error:
                assert "changed" in str(error)
                continue
            with self._lock:
                self.counted += 1
            return

    def _search(self) -> None:
        """Searches are answered throughout, by an index that is whole: what was there at first never goes."""
        body = {"size": 0, "track_total_hits": True, "query": {"term": {"phrase": "stays"}}}
        try:
            while not self.stop.is_set():
                assert self.store.search("penalties", body)["hits"]["total"]["value"] == 500
                assert self.store.get("manifests", "counter") is not None
        except BaseException as error:
            self.errors.append(error)


@pytest.fixture
def filled(make_store: MakeStore) -> ElasticStore:
    store = make_store(*INDICES, shards=2)
    store.create("manifests", "counter", {"bulletin_id": "counter", "version": 0})
    stays = [
        Write("penalties", f"s{n}", 1, {"penalty_id": f"s{n}", "bulletin_id": "s", "phrase": "stays"})
        for n in range(500)
    ]
    store.bulk([*stays, *(penalty(b, part, 1) for b in range(BULLETINS) for part in range(3))])
    store.refresh()
    return store


def contents(store: ElasticStore) -> dict[str, int]:
    store.refresh()
    return {hit["_id"]: hit["_source"].get("amount", 0) for hit in store.scan("penalties", fields=["amount"])}


def test_nothing_is_lost_and_nothing_comes_back_while_workers_write(filled: ElasticStore) -> None:
    wider = changed("penalties", lambda fields: fields.update(extra={"type": "keyword"}))
    manifests = load_mappings()["manifests"]
    truth = {f"s{n}": 0 for n in range(500)}
    truth |= {f"b{b}:p:{part}": 1 for b in range(BULLETINS) for part in range(3)}
    workers = Workers(filled, 3)
    workers.truth |= truth  # before they start: what they do at once must stand in it
    with workers:
        workers.wait_for(20)
        for mapping in (wider, manifests):
            done = migration(filled, mapping).migrate("demo", shards=3, replicas=0)
            print(f"\n{done}, {workers.operations} operations so far", end="")
            workers.wait_for(20)
        back = migration(filled, load_mappings()["penalties"]).roll_back()
        print(f"\n{back}, {workers.operations} operations so far")
        workers.wait_for(20)
    assert workers.errors == []
    assert contents(filled) == workers.truth
    counter = filled.get("manifests", "counter")
    assert counter is not None
    assert counter.source["version"] == workers.counted
    names = [filled.names.physical("penalties", number) for number in (1, 2)]
    assert back.target == names[0]
    assert migration(filled, wider).clean_up() == [names[1]]


def test_a_removed_field_is_left_out(filled: ElasticStore) -> None:
    mapping = changed("penalties", lambda fields: fields.pop("phrase"))
    found = status_of(filled.client, Caller(PATIENCE), filled.names, mapping)
    assert (found.state, found.differences) == ("changed", {"phrase": "is no longer there"})
    done = migration(filled, mapping).migrate("demo", shards=1, replicas=0)
    assert (done.copied, done.waited) == (500 + BULLETINS * 3, 0)
    stored = filled.get("penalties", "b7:p:1")
    assert stored is not None
    assert stored.source == {"penalty_id": "b7:p:1", "bulletin_id": "b7", "amount": 1}
    assert stored.version == 1


def test_what_does_not_fit_leaves_everything_as_it_was(filled: ElasticStore) -> None:
    before = contents(filled)
    mapping = changed("penalties", lambda fields: fields.update(penalty_id={"type": "long"}))
    with pytest.raises(StoreError, match="does not fit"):
        migration(filled, mapping).migrate("demo", shards=1, replicas=0)
    physical = filled.names.physical("penalties", 1)
    assert physical_ones(filled.client, Caller(PATIENCE), filled.names, "penalties") == [physical]
    assert filled.bulk([penalty(1, 1, 2)])[0].result == "updated"
    assert contents(filled) == {**before, "b1:p:1": 2}


def test_a_document_that_came_again_with_a_lower_version(filled: ElasticStore) -> None:
    """Deleted, forgotten after an hour, and made anew at version 1, between two rounds of copying."""
    store = filled
    moving = migration(store, load_mappings()["manifests"])
    copy_round = moving._round

    def with_a_comeback(*given: Any) -> Any:
        reached = copy_round(*given)
        if given[3].rounds == 1:
            held = store.get("manifests", "counter")
            assert held is not None
            store.client.indices.put_settings(index=moving.source, settings={"index.gc_deletes": "0s"})
            store.drop("manifests", "counter", seq_no=held.seq_no)
            time.sleep(1)  # its clock for deleted versions ticks five times a second
            store.client.indices.refresh(index=moving.source)
            anew = store.create("manifests", "counter", {"bulletin_id": "counter", "version": 99})
            assert anew is not None
            assert anew.version < held.version
        return reached

    for version in range(1, 5):
        held = store.get("manifests", "counter")
        assert held is not None
        store.swap("manifests", "counter", {"bulletin_id": "counter", "version": version}, seq_no=held.seq_no)
    moving._round = with_a_comeback  # type: ignore[method-assign]
    moving.migrate("demo", shards=1, replicas=0)
    found = store.get("manifests", "counter")
    assert found is not None
    assert (found.source["version"], found.version) == (99, 1)


def test_a_killed_migration_is_named_and_reset(filled: ElasticStore) -> None:
    mapping = load_mappings()["penalties"]
    dying = migration(filled, mapping)
    dying._finish = dying._undo = _killed  # type: ignore[method-assign,assignment]
    with pytest.raises(_Killed):
        dying.migrate("demo", shards=1, replicas=0)
    with pytest.raises(StoreSetupError, match="reset-migration penalties"):
        migration(filled, mapping).migrate("demo", shards=1, replicas=0)
    assert migration(filled, mapping).reset() == [filled.names.physical("penalties", 2)]
    assert filled.bulk([penalty(1, 1, 2)])[0].result == "updated"
    again = migration(filled, mapping).migrate("demo", shards=1, replicas=0)
    assert again.target == filled.names.physical("penalties", 3), (
        "a number says which index; none is given twice"
    )


class _Killed(BaseException):
    pass


def _killed(*_: object, **__: object) -> None:
    raise _Killed


def test_setup_adds_fields_and_refuses_what_only_a_migration_can_do(
    es_settings: Settings, make_prefix: Callable[..., str]
) -> None:
    prefix = make_prefix("penalties", family="live")
    with connect(es_settings) as client:
        store = ElasticStore(
            client, family="live", index_prefix=prefix, mappings={"penalties": load_mappings()["penalties"]}
        )
        wider = {"penalties": changed("penalties", lambda fields: fields.update(extra={"type": "keyword"}))}
        with pytest.raises(StoreSetupError, match="index setup"):
            ElasticStore(client, family="live", index_prefix=prefix, mappings=wider)
        told = "added extra, is of schema version 2 now"
        assert list(setup(client, store.caller, store.names, wider, "live")) == [("penalties", told)]
        ElasticStore(client, family="live", index_prefix=prefix, mappings=wider)
        assert list(setup(client, store.caller, store.names, wider, "live")) == []
        other = {"penalties": changed("penalties", lambda fields: fields.update(amount={"type": "double"}))}
        with pytest.raises(StoreSetupError, match="index migrate penalties"):
            list(setup(client, store.caller, store.names, other, "live"))
        older = {"penalties": load_mappings()["penalties"]}
        with pytest.raises(StoreSetupError, match="schema version 2"):
            list(setup(client, store.caller, store.names, older, "live"))


def test_added_fields_leave_the_way_back(es_settings: Settings, make_prefix: Callable[..., str]) -> None:
    prefix = make_prefix("penalties", family="live")
    with connect(es_settings) as client:
        store = ElasticStore(
            client, family="live", index_prefix=prefix, mappings={"penalties": load_mappings()["penalties"]}
        )
        anew = changed("penalties", lambda fields: fields.update(amount={"type": "double"}))
        migration(store, anew).migrate("live", shards=1, replicas=0)
        body = copy.deepcopy(dict(anew.body))
        body["mappings"]["_meta"]["version"] += 1
        body["mappings"]["properties"]["extra"] = {"type": "keyword"}
        wider = parse_mapping("penalties", body)
        assert list(setup(client, store.caller, store.names, {"penalties": wider}, "live")) == [
            ("penalties", "added extra, is of schema version 3 now")
        ]
        migration(store, wider).roll_back()
        status = status_of(client, store.caller, store.names, load_mappings()["penalties"])
        assert status.physical == store.names.physical("penalties", 1)
        assert migration(store, anew).clean_up() == [store.names.physical("penalties", 2)]
        third = migration(store, anew).migrate("live", shards=1, replicas=0).target
        assert third == store.names.physical("penalties", 3), "what was removed keeps its number"


def test_of_two_migrations_at_once_one_builds(
    es_settings: Settings, make_prefix: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked before either had begun."""
    prefix = make_prefix("penalties", family="live")
    with connect(es_settings) as client:
        store = ElasticStore(
            client, family="live", index_prefix=prefix, mappings={"penalties": load_mappings()["penalties"]}
        )
        anew = changed("penalties", lambda fields: fields.update(amount={"type": "double"}))
        first, second = migration(store, anew), migration(store, anew)
        before = second._physical()
        monkeypatch.setattr(second, "_unfinished", list)
        monkeypatch.setattr(second, "_physical", lambda: before)
        first.migrate("live", shards=1, replicas=0)
        with pytest.raises(StoreSetupError, match="somebody else"):
            second.migrate("live", shards=1, replicas=0)
