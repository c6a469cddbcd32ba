"""The embedded store's answers equal plain Python's, over random bodies of the whole supported subset."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from index.embedded import EmbeddedStore
from index.store import Write
from netdocket.errors import StoreError
from tests.index import bodies
from tests.index.oracle import Doc, Oracle

DOCUMENTS = 600
# tantivy promises percentiles to 1 %; counts are exact up to 3,000 values.
PERCENTILE_BOUND = 0.011
CARDINALITY_BOUND = 0.0
FARTHEST = (2**63 - 1, -(2**63), 2**31 - 1, -(2**31), "Infinity", "-Infinity")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A store with a history: several generations, updates, deletes, refused older writes."""
    rng = random.Random(20)
    store = EmbeddedStore(tmp_path_factory.mktemp("store"), writer=True)
    truth: dict[str, dict[str, Any]] = {}
    for round_ in range(4):
        writes = []
        for number in range(DOCUMENTS):
            if round_ and rng.random() < 0.7:
                continue
            document = bodies.document(rng, number)
            gone = round_ == 2 and rng.random() < 0.2
            writes.append(Write("penalties", document["penalty_id"], round_, None if gone else document))
            truth.pop(document["penalty_id"], None)
            if not gone:
                truth[document["penalty_id"]] = document
        store.bulk(writes)
        store.refresh()
    yield store, list(truth.items())
    store.close()


def test_random_bodies_equal_plain_python(
    filled: tuple[EmbeddedStore, list[Doc]], proof_scale: float
) -> None:
    store, docs = filled
    oracle = Oracle(bodies.FIELDS, docs)
    judge = Judge()
    too_many = 0
    for seed in range(max(200, int(2000 * proof_scale))):
        body = bodies.body(random.Random(seed))
        try:
            answer = store.search("penalties", body)
        except StoreError as error:
            assert "65,000 buckets" in str(error), body
            too_many += 1
            continue
        expected = oracle.search(body)
        judge.hits(answer["hits"], expected, body, f"seed {seed}: {body}")
        if "aggs" in body:
            judge.equal(answer["aggregations"], expected["aggs"], f"seed {seed}: {body}\naggs")
    assert too_many <= 2
    print(f"\n{judge.compared} values; percentiles off by at most {judge.worst_percentile:.4f},", end=" ")
    print(f"cardinality by at most {judge.worst_cardinality:.4f}")


def test_search_after_walks_every_document_once(filled: tuple[EmbeddedStore, list[Doc]]) -> None:
    store, docs = filled
    oracle = Oracle(bodies.FIELDS, docs)
    for seed in range(30):
        rng = random.Random(seed)
        body = {"sort": [*bodies.sort(rng)[:2], {"penalty_id": {"order": "asc"}}], "query": bodies.query(rng)}
        body["sort"] = list({next(iter(key)): key for key in body["sort"]}.values())
        walked: list[str] = []
        after: dict[str, Any] = {}
        while hits := store.search("penalties", {**body, "size": 37, **after})["hits"]["hits"]:
            walked += [hit["_id"] for hit in hits]
            after = {"search_after": hits[-1]["sort"]}
        expected = oracle.hits(
            [doc for doc in docs if oracle.matches(doc, body["query"])], {**body, "size": 10_000}
        )
        assert walked == [id for id, _ in expected], f"seed {seed}: {body}"


def test_composite_pages_are_the_whole_in_pieces(filled: tuple[EmbeddedStore, list[Doc]]) -> None:
    store, docs = filled
    oracle = Oracle(bodies.FIELDS, docs)
    for seed in range(30):
        rng = random.Random(seed)
        composite = bodies.composite(rng)["composite"]
        expected = oracle.a_composite(docs, {**composite, "size": 100_000}, {})["buckets"]
        walked: list[dict[str, Any]] = []
        while True:
            body = {"size": 0, "aggs": {"c": {"composite": {**composite, "size": 7}}}}
            page = store.search("penalties", body)["aggregations"]["c"]
            walked += page["buckets"]
            if not page["buckets"]:
                break
            composite = {**composite, "after": page["after_key"]}
        assert walked == expected, f"seed {seed}"


class Judge:
    """Deep equality, with a bound for what tantivy estimates."""

    def __init__(self) -> None:
        self.compared = 0
        self.worst_percentile = 0.0
        self.worst_cardinality = 0.0

    def hits(self, got: Any, expected: Any, body: Any, where: str) -> None:
        assert got["total"] == {"value": expected["total"], "relation": "eq"}, where
        if body.get("size") and "penalty_id" in str(body["sort"][-1]):
            assert [hit["_id"] for hit in got["hits"]] == [id for id, _ in expected["hits"]], where
        elif body.get("size"):
            # Ties are told apart by the order of writing, which the oracle does not know.
            keys = [[missing(key) for key in hit["sort"]] for hit in got["hits"]]
            assert keys == [keys for _, keys in expected["hits"]], where
        self.compared += 1

    def equal(self, got: Any, expected: Any, where: str) -> None:
        if isinstance(expected, dict):
            if "percentiles_of" in expected:
                return self.percentiles(got, expected, where)
            if "cardinality" in expected:
                return self.cardinality(got, expected, where)
            if "top_hits" in expected:
                assert got["hits"]["total"]["value"] == expected["total"], where
                keys = [[missing(key) for key in hit["sort"]] for hit in got["hits"]["hits"]]
                assert keys == [keys for _, keys in expected["top_hits"]], where
                return None
            assert (isinstance(got, dict) and list(got) == list(expected)) or sorted(got) == sorted(
                expected
            ), where
            for key in expected:
                self.equal(got[key], expected[key], f"{where}.{key}")
            return None
        if isinstance(expected, list):
            assert len(got) == len(expected), f"{where}: {got} is not {expected}"
            for number, (one, other) in enumerate(zip(got, expected, strict=True)):
                self.equal(one, other, f"{where}[{number}]")
            return None
        self.compared += 1
        if isinstance(expected, float) and isinstance(got, int | float):
            assert math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-6), (
                f"{where}: {got} is not {expected}"
            )
        else:
            assert got == expected, f"{where}: {got!r} is not {expected!r}"
        return None

    def percentiles(self, got: Any, expected: Any, where: str) -> None:
        values = expected["percentiles_of"]
        for percent in expected["percents"]:
            value = got["values"][str(percent)]
            if not values:
                assert value is None, where
                continue
            rank = percent / 100 * (len(values) - 1)
            low, high = values[math.floor(rank)], values[math.ceil(rank)]
            far = max(low - value, value - high, 0) / max(abs(low), abs(high), 1e-9)
            self.worst_percentile = max(self.worst_percentile, far)
            assert far <= PERCENTILE_BOUND, (
                f"{where}: {percent} % is {value}, between {low} and {high} is right"
            )

    def cardinality(self, got: Any, expected: Any, where: str) -> None:
        true = expected["cardinality"]
        far = abs(got["value"] - true) / max(true, 1)
        self.worst_cardinality = max(self.worst_cardinality, far)
        assert far <= CARDINALITY_BOUND, f"{where}: {got['value']} is not {true}"


def missing(key: Any) -> Any:
    return None if key in FARTHEST else key
