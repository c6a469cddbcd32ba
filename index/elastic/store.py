"""The port on Elasticsearch.

Writes are durable on return (the translog is synced for each request), searchable after a refresh, and tried again
while Elasticsearch is away, up to `patience` seconds. Answers come from all shards or not at all: a figure that lacks
a shard would be wrong in silence.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import elasticsearch as es
import msgspec

from index.elastic.answers import as_asked
from index.elastic.bulk import Operation, Result, bulk
from index.elastic.client import Caller, connect, search_failure
from index.elastic.fitting import Fitting
from index.elastic.indices import family_held, require_current
from index.elastic.names import Names, Position
from index.elastic.scan import KEEP_ALIVE, point_in_time, scan
from index.elastic.user_state import UserState
from index.mappings import IndexMapping, load_mappings
from index.store import MOST_HIGHLIGHTED, Answer, Body, Stored, Swap, Write, Written
from netdocket.datadir import Family
from netdocket.errors import MixedOriginError, StoreError, StoreSetupError, VersionConflict
from netdocket.settings import Settings

T = TypeVar("T")
CONFLICT: Final = 409
NOT_FOUND: Final = 404
MOST_IDS: Final = 1000
GENERATION_PATHS: Final = (
    "indices.*.shards.*.refresh.external_total,indices.*.shards.*.routing.node,"
    "indices.*.shards.*.seq_no.max_seq_no,indices.*.shards.*.routing.primary"
)
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class ElasticStore:
    """`family`: live or demonstration data, which have indices of their own. The indices are made beforehand
    (index.elastic.indices.setup). Thread-safe."""

    def __init__(
        self,
        client: es.Elasticsearch,
        *,
        family: Family,
        index_prefix: str = "netdocket",
        patience: float = 30.0,
        mappings: Mapping[str, IndexMapping] | None = None,
    ) -> None:
        """`patience`: seconds. Raises MixedOriginError, StoreSetupError, StoreUnavailable."""
        self.client = client
        self.names = Names.of(index_prefix, family)
        self.caller = Caller(patience)
        self._mappings = load_mappings() if mappings is None else mappings
        self._fitting = Fitting(self._mappings, family, self.names.prefix)
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()
        self._generation = 0
        self._fingerprint: Any = None
        held = family_held(client, self.caller, self.names, self._mappings)
        if held is None:
            raise StoreSetupError(
                "has no indices yet; `netdocket index setup` makes them", where=self.names.prefix
            )
        if held != family:
            raise MixedOriginError(f"holds {held} data, not {family}", where=self.names.prefix)
        require_current(client, self.caller, self.names, self._mappings)

    @classmethod
    def from_settings(
        cls, settings: Settings, family: Family, *, patience: float | None = None
    ) -> ElasticStore:
        """`patience`: that of the settings' es_give_up unless given."""
        return cls(
            connect(settings),
            family=family,
            index_prefix=settings.index_prefix,
            patience=settings.es_give_up if patience is None else patience,
        )

    # --- searching -----------------------------------------------------------------------------------

    def search(self, index: str, body: Body) -> Answer:
        alias = self._alias(index)
        answer = self.caller.call(
            index,
            lambda: self.client.search(index=alias, body=_bounded(body), allow_partial_search_results=False),
        )
        return as_asked(answer.body, body, index)

    def msearch(self, searches: Sequence[tuple[str, Body]]) -> list[Answer]:
        """Each index as of one moment, however many searches ask it."""
        if len(searches) == 1:
            return [self.search(*searches[0])]
        return self.caller.call("msearch", lambda: self._msearch(searches)) if searches else []

    def _msearch(self, searches: Sequence[tuple[str, Body]]) -> list[Answer]:
        moments: dict[str, str] = {}
        try:
            for index in dict.fromkeys(index for index, _ in searches):
                opened = self.client.open_point_in_time(
                    index=self._alias(index), keep_alive=KEEP_ALIVE, allow_partial_search_results=False
                )
                moments[index] = opened.body["id"]
            lines: list[Mapping[str, Any]] = []
            for index, body in searches:
                at = {"pit": {"id": moments[index], "keep_alive": KEEP_ALIVE}}
                lines += [{"allow_partial_search_results": False}, {**_bounded(body), **at}]
            answers = self.client.msearch(searches=lines).body["responses"]
        finally:
            for moment in moments.values():
                _close(self.client, moment)
        for (index, _), answer in zip(searches, answers, strict=True):
            if failure := search_failure(answer, index):
                raise failure
        return [
            as_asked(answer, body, index, tie_broken=True)
            for (index, body), answer in zip(searches, answers, strict=True)
        ]

    def count(self, index: str, query: Body | None = None) -> int:
        body = {} if query is None else {"query": dict(query)}
        alias = self._alias(index)
        answer = self.caller.call(index, lambda: self.client.count(index=alias, body=body))
        return int(answer.body["count"])

    def scan(
        self,
        index: str,
        query: Body | None = None,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[Body] | None = None,
        page: int = 1000,
    ) -> Iterator[Answer]:
        """Every hit of `query` as of one moment, in the order of `sort` or in any; of the documents only `fields`.
        Raises StoreUnavailable where Elasticsearch has restarted in between: then begin again."""
        body: dict[str, Any] = {
            "query": dict(query) if query else {"match_all": {}},
            "track_total_hits": False,
        }
        if fields is not None:
            body["_source"] = list(fields)
        if sort is not None:
            body["sort"] = list(sort)
        with point_in_time(self.client, self.caller, self._alias(index)) as moment:
            for hit in scan(self.client, self.caller, moment, body, page=page):
                yield {**hit, "_index": index}

    def refresh(self) -> int:
        aliases = [self.names.alias(index) for index in self._mappings]
        self.caller.call("refresh", lambda: self.client.indices.refresh(index=aliases))
        return self.generation()

    def generation(self) -> int:
        """Elasticsearch has no such number. Ours rises whenever any shard has refreshed, moved or been replaced."""
        aliases = [self.names.alias(index) for index in self._mappings]
        found = self.caller.call(
            "stats",
            lambda: self.client.indices.stats(
                index=aliases, metric="refresh", level="shards", filter_path=GENERATION_PATHS
            ),
        ).body
        with self._lock:
            if found != self._fingerprint:
                self._fingerprint = found
                self._generation += 1
            return self._generation

    def refresh_index(self, index: str) -> None:
        """As `refresh`, of one index."""
        alias = self._alias(index)
        self.caller.call(index, lambda: self.client.indices.refresh(index=alias))

    # --- documents -----------------------------------------------------------------------------------

    def get(self, index: str, id: str) -> Stored | None:
        return next(iter(self.mget(index, [id])), None)

    def mget(self, index: str, ids: Iterable[str]) -> list[Stored]:
        alias = self._alias(index)
        wanted = list(dict.fromkeys(ids))
        found: list[Stored] = []
        for start in range(0, len(wanted), MOST_IDS):
            page = wanted[start : start + MOST_IDS]
            answer = self.caller.call(index, lambda page=page: self.client.mget(index=alias, ids=page))  # type: ignore[misc]
            for document in answer.body["docs"]:
                if "error" in document:
                    raise StoreError(
                        document["error"].get("reason", "cannot be read"), where=f"{index}/{document['_id']}"
                    )
                if document["found"]:
                    found.append(self._stored(index, document))
        return found

    def bulk(self, writes: Sequence[Write]) -> list[Written]:
        written: dict[int, Written] = {}
        operations: dict[int, Operation] = {}
        for number, write in enumerate(writes):
            operation = self._external(write)
            if isinstance(operation, str):
                written[number] = Written(write.index, write.id, "refused", operation)
            else:
                operations[number] = operation
        results = bulk(self.client, self.caller, list(operations.values()))
        for number, result in zip(operations, results, strict=True):
            written[number] = _written(writes[number], result)
        return [written[number] for number in range(len(writes))]

    def create(self, index: str, id: str, document: Body) -> Stored | None:
        return self.swap_many(index, [Swap(id, document, None)])[0]

    def swap(self, index: str, id: str, document: Body, *, seq_no: int | None) -> Stored:
        stored = self.swap_many(index, [Swap(id, document, seq_no)])[0]
        if stored is None:
            raise VersionConflict("changed since it was read", where=f"{index}/{id}")
        return stored

    def swap_many(self, index: str, swaps: Sequence[Swap]) -> list[Stored | None]:
        sources = [self._fitting.fitted(index, swap.document) for swap in swaps]
        operations = [
            self._compared(index, swap.id, swap.seq_no, source)
            for swap, source in zip(swaps, sources, strict=True)
        ]
        results = bulk(self.client, self.caller, operations, moved=lambda name: self._moved(index, name))
        return [
            self._swapped(index, swap, source, result)
            for swap, source, result in zip(swaps, sources, results, strict=True)
        ]

    def drop(self, index: str, id: str, *, seq_no: int) -> bool:
        operation = self._compared(index, id, seq_no, None)
        (result,) = bulk(self.client, self.caller, [operation], moved=lambda name: self._moved(index, name))
        if result.done and result.status != NOT_FOUND:
            return True
        if result.status in (CONFLICT, NOT_FOUND):
            # Carried out in an attempt that brought no answer: then it is gone, and it was as we wanted it.
            return result.unsure and self.get(index, id) is None
        raise StoreError(result.reason or "refused", where=f"{index}/{id}")

    def user_state(self, kind: str, shape: type[T]) -> UserState[T]:
        """What people have set down: `store.user_state("saved_views", SavedView)`."""
        return UserState(self, kind, shape)

    def stop(self) -> None:
        """Ends all waiting: whatever waits for Elasticsearch raises StoreUnavailable. For a process that is to end."""
        self.caller.stop()

    def close(self) -> None:
        self.client.close()

    def __enter__(self) -> ElasticStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- operations and results ----------------------------------------------------------------------

    def _alias(self, index: str) -> str:
        self._fitting.mapping(index)
        return self.names.alias(index)

    def _external(self, write: Write) -> Operation | str:
        """The operation of a write, or why its document does not fit."""
        options = {"version": write.version, "version_type": "external_gte", "require_alias": True}
        alias = self._alias(write.index)
        if write.document is None:
            # A delete knows no require_alias.
            del options["require_alias"]
            return Operation("delete", alias, write.id, None, options)
        source = self._fitting.fit(write.index, write.document)
        return source if isinstance(source, str) else Operation("index", alias, write.id, source, options)

    def _compared(self, index: str, id: str, seq_no: int | None, source: bytes | None) -> Operation:
        """A write (a delete without `source`) where the stored sequence number is `seq_no`."""
        alias = self._alias(index)
        if seq_no is None:
            return Operation("create", alias, id, source, {"require_alias": True})
        position = Position.unpacked(seq_no)
        options = {"if_seq_no": position.seq_no, "if_primary_term": position.term}
        physical = self.names.physical(index, position.number)
        return Operation("delete" if source is None else "index", physical, id, source, options)

    def _swapped(self, index: str, swap: Swap, source: bytes, result: Result) -> Stored | None:
        if result.done:
            position = Position(self._number(index, result.index), result.term, result.seq_no)
            return Stored(index, swap.id, result.version, position.packed(), _decode(source))
        if result.status == CONFLICT:
            # After an attempt without an answer, what is in our way may be what we wrote.
            if result.unsure and (held := self.get(index, swap.id)) and held.source == _decode(source):
                return held
            return None
        raise StoreError(result.reason or "refused", where=f"{index}/{swap.id}")

    def _stored(self, index: str, document: Mapping[str, Any]) -> Stored:
        position = Position(
            self._number(index, document["_index"]), document["_primary_term"], document["_seq_no"]
        )
        return Stored(index, document["_id"], document["_version"], position.packed(), document["_source"])

    def _number(self, index: str, physical: str) -> int:
        number = self.names.number(index, physical)
        if number is None:
            raise StoreSetupError("is not one of ours; `netdocket index status` shows them", where=physical)
        return number

    def _moved(self, index: str, physical: str) -> bool:
        """Whether the alias has gone from `physical` to another index."""
        alias = self.names.alias(index)
        if physical == alias:
            return False
        held = self.caller.call(alias, lambda: self.client.indices.get_alias(name=alias))
        return physical not in held.body


def _written(write: Write, result: Result) -> Written:
    if result.done:
        # An index operation says created or updated, a delete deleted or not_found.
        return Written(write.index, write.id, result.result)  # type: ignore[arg-type]
    if result.status == CONFLICT:
        return Written(write.index, write.id, "stale", result.reason)
    return Written(write.index, write.id, "refused", result.reason)


def _bounded(body: Body) -> dict[str, Any]:
    """The body with highlighting of the first part of a long text; Elasticsearch would refuse the search."""
    if "highlight" not in body:
        return dict(body)
    return {**body, "highlight": {"max_analyzed_offset": MOST_HIGHLIGHTED, **body["highlight"]}}


def _close(client: es.Elasticsearch, moment: str) -> None:
    try:
        client.close_point_in_time(id=moment)
    except (es.ApiError, es.TransportError):
        return  # it ends by itself; the answer matters more
