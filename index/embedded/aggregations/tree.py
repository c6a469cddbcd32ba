"""How an aggregation tree is answered.

tantivy answers most of Elasticsearch's aggregations itself, nested as they stand, in one pass. A node that it has
says so with a `requests` entry; `shape` then turns its raw answer into Elasticsearch's. A node that it lacks (top_hits,
global, a filter on text) is deferred: it is answered on its own for the documents of the bucket that it stands in,
which every bucket can name as a condition (`Scope`).

tantivy breaks ties as they come, Elasticsearch by key: `terms` therefore asks for more buckets than wanted, and where
a tie still reaches over the end, raises MoreBuckets, upon which the whole tree is asked again with that size.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final

from tantivy import Query

from index.embedded.compiled import Compiler
from index.embedded.conditions import Condition, Nothing, both
from index.embedded.generation import Searched
from index.embedded.native import calling
from index.store import Answer
from netdocket.errors import StoreError

Raw = Mapping[str, Any]
MOST_BUCKETS: Final = 65_000  # tantivy's bound for one answer; Elasticsearch's is 65,536
# What each segment may hand up to a terms aggregation: all it has, so that the counts are exact.
ALL_OF_A_SEGMENT: Final = 2_000_000_000
HitsOf = Callable[[Condition, Any], Answer]


class MoreBuckets(Exception):
    def __init__(self, path: str, size: int) -> None:
        super().__init__(path)
        self.path = path
        self.size = size


@dataclasses.dataclass(slots=True)
class Context:
    """What answering needs: one index at one generation. `sizes`: how many buckets to ask for, by path."""

    searched: Searched
    compiler: Compiler
    hits_of: HitsOf
    sizes: dict[str, int] = dataclasses.field(default_factory=dict)
    _empty: dict[str, Raw] = dataclasses.field(default_factory=dict)

    def aggregate(self, condition: Condition, requests: dict[str, Any]) -> Raw:
        query = Query.empty_query() if isinstance(condition, Nothing) else self.compiler.query(condition)
        with calling(self.searched):
            return self.searched.searcher.aggregate(query, requests)

    def nothing(self, node: Node) -> Raw:
        """The raw answers of a node's parts over no documents."""
        if node.path not in self._empty:
            requests = native_requests(node.parts, self)
            self._empty[node.path] = self.aggregate(Nothing(), requests) if requests else {}
        return self._empty[node.path]


class Scope:
    """The documents that a bucket holds, as a condition made only when somebody asks."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Condition]) -> None:
        self._make = make

    @property
    def condition(self) -> Condition:
        return self._make()

    def within(self, make: Callable[[], Condition]) -> Scope:
        return Scope(lambda: both(self.condition, make()))


NOTHING: Final = Scope(Nothing)


class Node:
    """One named aggregation of a body with those below it (`parts`). `path` is where it stands."""

    def __init__(self, path: str, parts: Mapping[str, Node]) -> None:
        self.path = path
        self.parts = parts

    def below(self, raw: Raw, scope: Scope, context: Context) -> Answer:
        """The answers of the parts in one bucket."""
        return shape_all(self.parts, raw, scope, context)

    def below_nothing(self, context: Context) -> Answer:
        """The answers of the parts in a bucket without documents."""
        return shape_all(self.parts, context.nothing(self), NOTHING, context)

    def with_parts(self, request: dict[str, Any], context: Context) -> dict[str, Any]:
        parts = native_requests(self.parts, context)
        return {**request, "aggs": parts} if parts else request


class Native(Node, ABC):
    """An aggregation that tantivy computes, for all buckets at once."""

    @abstractmethod
    def requests(self, key: str, context: Context) -> dict[str, Any]:
        """What to ask tantivy; every key begins with `key`."""

    @abstractmethod
    def shape(self, raw: Raw, key: str, scope: Scope, context: Context) -> Answer:
        """Elasticsearch's answer from tantivy's answers in the bucket `scope`."""


class Deferred(Node, ABC):
    """An aggregation that is answered on its own, bucket by bucket."""

    @abstractmethod
    def answer(self, scope: Scope, context: Context) -> Answer:
        """The answer over the documents of the bucket."""


def native_requests(nodes: Mapping[str, Node], context: Context) -> dict[str, Any]:
    requests: dict[str, Any] = {}
    for number, node in enumerate(nodes.values()):
        if isinstance(node, Native):
            requests.update(node.requests(f"a{number}", context))
    return requests


def shape_all(nodes: Mapping[str, Node], raw: Raw, scope: Scope, context: Context) -> Answer:
    answers: Answer = {}
    for number, (name, node) in enumerate(nodes.items()):
        match node:
            case Native():
                answers[name] = node.shape(raw, f"a{number}", scope, context)
            case Deferred():
                answers[name] = node.answer(scope, context)
    return answers


def evaluate(nodes: Mapping[str, Node], condition: Condition, context: Context) -> Answer:
    """The `aggregations` of an answer. Raises StoreError where there are too many buckets."""
    while True:
        requests = native_requests(nodes, context)
        raw = context.aggregate(condition, requests) if requests else {}
        try:
            return shape_all(nodes, raw, Scope(lambda: condition), context)
        except MoreBuckets as more:
            if more.size > MOST_BUCKETS:
                raise StoreError(f"more than {MOST_BUCKETS} buckets", where=more.path) from None
            context.sizes[more.path] = more.size
