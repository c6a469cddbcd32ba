"""What people have set down: saved views, acknowledged alerts, corrections. Any process may write."""

from __future__ import annotations

import time
from typing import Any, Generic, TypeVar

import msgspec

from index.embedded.database import Database
from netdocket.errors import StorageError

T = TypeVar("T")


class UserState(Generic[T]):
    """One kind of thing, by key. `shape` is a msgspec Struct or any type that msgspec knows."""

    def __init__(self, database: Database, kind: str, shape: type[T]) -> None:
        self._database = database
        self._kind = kind
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(shape)

    def put(self, key: str, value: T) -> None:
        """Durable on return."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO user_state VALUES (?, ?, ?, ?) ON CONFLICT (kind, key) "
                "DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
                (self._kind, key, msgspec.json.encode(value), time.time()),
            )

    def get(self, key: str) -> T | None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT value FROM user_state WHERE kind = ? AND key = ?", (self._kind, key)
            ).fetchone()
        return self._decoded(key, row[0]) if row else None

    def all(self) -> dict[str, T]:
        """In the order of keys."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT key, value FROM user_state WHERE kind = ? ORDER BY key", (self._kind,)
            ).fetchall()
        return {key: self._decoded(key, value) for key, value in rows}

    def remove(self, key: str) -> bool:
        with self._database.writing() as connection:
            gone = connection.execute("DELETE FROM user_state WHERE kind = ? AND key = ?", (self._kind, key))
            return gone.rowcount > 0

    def _decoded(self, key: str, value: Any) -> T:
        try:
            return self._decoder.decode(value)
        except msgspec.MsgspecError as error:
            raise StorageError(f"not what is kept as {self._kind}: {error}", where=key) from error
