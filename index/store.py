"""The port between netdocket and whatever keeps its documents: Elasticsearch bodies in, Elasticsearch answers out.

Index names are the short ones (`cases`, `penalties`, ...: one file each in `index/schemas`); a store puts its
prefix before them. Versions are external ones (`external_gte`): an older write is refused, an equal one accepted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")

Body = Mapping[str, Any]
Answer = dict[str, Any]
MOST_HIGHLIGHTED: Final = 1_000_000
"""Characters of a text that highlighting looks at: Elasticsearch's index.highlight.max_analyzed_offset."""


@dataclasses.dataclass(frozen=True, slots=True)
class Write:
    """One operation of a bulk: write `document`, or delete it where that is None."""

    index: str
    id: str
    version: int
    document: Body | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What became of one operation. `stale`: the store holds a newer version. `refused`: the document does not fit
    its mapping, `reason` says why and where; it will not fit the next time either."""

    index: str
    id: str
    result: Literal["created", "updated", "deleted", "not_found", "stale", "refused"]
    reason: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Swap:
    """One compare-and-swap of several: writes `document` where the stored sequence number is `seq_no` (None: where
    nothing is stored)."""

    id: str
    document: Body
    seq_no: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Stored:
    """A document as it is now (realtime, not as of the last refresh). `seq_no` is what a compare-and-swap asks for."""

    index: str
    id: str
    version: int
    seq_no: int
    source: dict[str, Any]


class Store(Protocol):
    """Raises StoreError and its kinds (netdocket.errors); UnsupportedQuery and MalformedQuery name the part of
    the body."""

    def search(self, index: str, body: Body) -> Answer:
        """Elasticsearch's answer to `POST <index>/_search`."""
        ...

    def msearch(self, searches: Sequence[tuple[str, Body]]) -> list[Answer]:
        """Several searches over one generation of the data."""
        ...

    def count(self, index: str, query: Body | None = None) -> int: ...

    def get(self, index: str, id: str) -> Stored | None: ...

    def mget(self, index: str, ids: Iterable[str]) -> list[Stored]: ...

    def bulk(self, writes: Sequence[Write]) -> list[Written]:
        """Per-item results in the order given. On return everything not `refused` or `stale` is durable."""
        ...

    def create(self, index: str, id: str, document: Body) -> Stored | None:
        """Atomic create; None where the id exists."""
        ...

    def swap(self, index: str, id: str, document: Body, *, seq_no: int | None) -> Stored:
        """Compare-and-swap: writes where the stored sequence number is `seq_no` (None: where nothing is stored),
        else raises VersionConflict."""
        ...

    def swap_many(self, index: str, swaps: Sequence[Swap]) -> list[Stored | None]:
        """Several compare-and-swaps, each for itself, in the order given and durable together: what is stored now,
        None where the sequence number was another."""
        ...

    def drop(self, index: str, id: str, *, seq_no: int) -> bool:
        """Deletes where the stored sequence number is still `seq_no`."""
        ...

    def refresh(self) -> int:
        """Makes every confirmed write visible to `search`; the generation now searched."""
        ...

    def generation(self) -> int:
        """Rises with every visible change: a key for caches."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Scanner(Protocol):
    """A store that can hold still while somebody walks over all of an index."""

    def scan(
        self,
        index: str,
        query: Body | None = None,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[Body] | None = None,
        page: int = 1000,
    ) -> Iterator[Answer]:
        """Every hit of `query` as of one moment, in the order of `sort` or in any; of the documents only `fields`."""
        ...


@runtime_checkable
class Keeper(Protocol):
    """A store that keeps what people set down, beside what was harvested."""

    def user_state(self, kind: str, shape: type[T]) -> Kept[T]: ...


class Kept(Protocol[T]):
    """One kind of thing, by key."""

    def put(self, key: str, value: T) -> None:
        """Durable on return."""
        ...

    def get(self, key: str) -> T | None: ...

    def all(self) -> dict[str, T]:
        """In the order of keys."""
        ...

    def remove(self, key: str) -> bool:
        """Whether it was there."""
        ...
