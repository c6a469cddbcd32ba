"""What is asked of a physical index while it is built, compared and put in place of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import elasticsearch as es

from index.elastic import indices
from index.elastic.client import Caller

Marks = dict[int, int]
"""Shard -> the sequence number up to which everything is copied."""


class Physical:
    """Everything by the index's own name. Raises StoreError and its kinds."""

    def __init__(self, client: es.Elasticsearch, caller: Caller) -> None:
        self._client = client
        self._caller = caller

    def search(self, physical: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._caller.call(
            physical,
            lambda: self._client.search(index=physical, body=body, allow_partial_search_results=False),
        )
        found: dict[str, Any] = answer.body["aggregations"]
        return found

    def count(self, physical: str) -> int:
        return int(self._caller.call(physical, lambda: self._client.count(index=physical)).body["count"])

    def refresh(self, physical: str) -> None:
        self._caller.call(physical, lambda: self._client.indices.refresh(index=physical))

    def mappings(self, physical: str) -> dict[str, Any]:
        answer = self._caller.call(physical, lambda: self._client.indices.get_mapping(index=physical)).body
        found: dict[str, Any] = answer[physical]["mappings"]
        return found

    def meta(self, physical: str) -> dict[str, Any]:
        return dict(self.mappings(physical).get("_meta", {}))

    def fields(self, physical: str) -> frozenset[str]:
        return frozenset(indices.fields(self.mappings(physical)))

    def set_meta(self, physical: str, meta: Mapping[str, Any]) -> None:
        self._caller.call(physical, lambda: self._client.indices.put_mapping(index=physical, meta=meta))

    def settings(self, physical: str, settings: Mapping[str, Any]) -> None:
        self._caller.call(
            physical, lambda: self._client.indices.put_settings(index=physical, settings=settings)
        )

    def block(self, physical: str) -> None:
        """Returns when writes under way are through."""
        self._caller.call(physical, lambda: self._client.indices.add_block(index=physical, block="write"))

    def remove(self, physical: str) -> None:
        self._caller.call(
            physical, lambda: self._client.indices.delete(index=physical, ignore_unavailable=True)
        )

    def top(self, physical: str) -> Marks:
        """Shard -> its highest sequence number."""
        return {
            shard: max(copy["max_seq_no"] for copy in copies)
            for shard, copies in self.sequences(physical).items()
        }

    def whole(self, physical: str) -> Marks:
        """Shard -> the sequence number up to which every copy has everything: after a refresh, all of it is seen."""
        return {
            shard: max(copy["global_checkpoint"] for copy in copies)
            for shard, copies in self.sequences(physical).items()
        }

    def sequences(self, physical: str) -> dict[int, list[dict[str, int]]]:
        """Shard -> what each of its copies says of its sequence numbers."""
        answer = self._caller.call(
            physical,
            lambda: self._client.indices.stats(index=physical, metric="docs", level="shards"),
        ).body
        shards = answer["indices"][physical]["shards"]
        return {int(shard): [copy["seq_no"] for copy in copies] for shard, copies in shards.items()}
