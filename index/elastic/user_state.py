"""What people have set down (saved views, acknowledged alerts, corrections), and what workers note for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec

from index.store import Swap
from netdocket.errors import StorageError, StoreError
from netdocket.records import utc_now

if TYPE_CHECKING:
    from index.elastic.store import ElasticStore

T = TypeVar("T")
INDEX: Final = "user-state"
ATTEMPTS: Final = 100


class UserState(Generic[T]):
    """One kind of thing, by key; as index.embedded.user_state. `shape` is a msgspec Struct or any type it knows."""

    def __init__(self, store: ElasticStore, kind: str, shape: type[T]) -> None:
        self._store = store
        self._kind = kind
        self._shape = shape

    def put(self, key: str, value: T) -> None:
        """Durable on return; of two who put at the same moment the later one stays. Raises StoreError."""
        document = {
            "schema": "netdocket.user-state/1",
            "kind": self._kind,
            "key": key,
            "value": msgspec.to_builtins(value),
            "changed_at": utc_now(),
        }
        for _ in range(ATTEMPTS):
            held = self._store.get(INDEX, self._id(key))
            swap = Swap(self._id(key), document, held.seq_no if held else None)
            if self._store.swap_many(INDEX, [swap])[0] is not None:
                return
        raise StoreError("another process changes it all the time", where=f"{INDEX}/{self._id(key)}")

    def get(self, key: str) -> T | None:
        held = self._store.get(INDEX, self._id(key))
        return self._decoded(key, held.source["value"]) if held else None

    def all(self) -> dict[str, T]:
        """In the order of keys."""
        self._store.refresh_index(INDEX)
        query = {"term": {"kind": self._kind}}
        hits = self._store.scan(INDEX, query, sort=[{"key": "asc"}])
        found = (hit["_source"] for hit in hits)
        return {one["key"]: self._decoded(one["key"], one["value"]) for one in found}

    def remove(self, key: str) -> bool:
        for _ in range(ATTEMPTS):
            held = self._store.get(INDEX, self._id(key))
            if held is None:
                return False
            if self._store.drop(INDEX, held.id, seq_no=held.seq_no):
                return True
        raise StoreError("another process changes it all the time", where=f"{INDEX}/{self._id(key)}")

    def _id(self, key: str) -> str:
        return f"{self._kind}/{key}"

    def _decoded(self, key: str, value: Any) -> T:
        try:
            return msgspec.convert(value, self._shape)
        except msgspec.ValidationError as error:
            raise StorageError(f"not what is kept as {self._kind}: {error}", where=key) from error
