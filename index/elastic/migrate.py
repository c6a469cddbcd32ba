"""Building an index anew while it is searched and written to, and going back.

    copy       everything into a new index, shard by shard, then what was written meanwhile, and again, until a round
               is short. What was deleted meanwhile is deleted there too.
    block      writes to the old index: who writes now waits (bulk.py tries again), who searches notices nothing
    finish     the last round; the two must hold the same documents
    move       the alias, in one step. The old index stays, blocked, for the way back.

What is new since the last round is found by sequence numbers: every write and every copy of a shard has the next one.
Deletes leave no such trace. After a full copy everything in the old index is in the new one, so that the two are
equal when they hold equally many; where not, the bulletins whose documents differ in number are compared id by id.

A number may be given out before an earlier one can be seen: what is copied goes as far as the checkpoint below which
there is no gap, read before the refresh. What was seen beyond it is copied once more.

Writing to the new index is ours alone, so the last copy of a document is the right one. Only where a document was
deleted and, an hour later, written anew with a lower version, Elasticsearch refuses the lower one; then it is deleted
in the new index first, which forgets deleted versions at once until the alias has moved.

Going back (`roll_back`) is the same with the former index as the new one, from the sequence numbers at which the two
were equal. It is refused where a document written since does not fit the former mapping.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import elasticsearch as es
import msgspec

from index.elastic import indices
from index.elastic.bulk import Operation, bulk
from index.elastic.client import Caller
from index.elastic.names import Names
from index.elastic.physical import Marks, Physical
from index.elastic.scan import point_in_time, scan
from index.mappings import IndexMapping
from netdocket.datadir import Family
from netdocket.errors import StoreError, StoreSetupError

PAGE: Final = 1000
PAGE_BYTES: Final = 32 << 20
PACKED: Final = 4
"""A document in memory is so many times as large as in the index, about."""
SHORT_ROUND: Final = 2000
"""A round of so few documents takes a moment: then writers may be asked to wait."""
MOST_ROUNDS: Final = 20
CONFLICT: Final = 409
GROUP: Final = "bulletin_id"
GROUPS: Final = 1000
UNFINISHED: Final = "unfinished"
MADE_FROM: Final = "made_from"
EQUAL_AT: Final = "equal_at"
HIGHEST: Final = "highest"
"""The highest number that an index of this name has ever had: a number says which index, so none is given twice."""
log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode

Fit = Callable[[Mapping[str, Any]], Mapping[str, Any]]
OnProgress = Callable[[str, int, int], None]
"""What is done, documents so far, documents in all."""


@dataclasses.dataclass(slots=True)
class Migrated:
    """What a migration did. `waited`: documents copied and deleted while writers had to wait, `seconds`: how long
    that was."""

    index: str
    source: str
    target: str
    copied: int = 0
    deleted: int = 0
    rounds: int = 0
    waited: int = 0
    seconds: float = 0.0


def silent(_what: str, _done: int, _of: int) -> None:
    """Reports to nobody."""


class Migration:
    """One index, from the physical index behind its alias into another. One at a time."""

    def __init__(
        self,
        client: es.Elasticsearch,
        caller: Caller,
        names: Names,
        mapping: IndexMapping,
        *,
        on_progress: OnProgress = silent,
    ) -> None:
        """Raises StoreSetupError where the index does not exist."""
        self.client = client
        self.caller = caller
        self.names = names
        self.mapping = mapping
        self.alias = names.alias(mapping.name)
        self.on_progress = on_progress
        self.physical = Physical(client, caller)
        source = indices.behind(client, caller, self.alias)
        if source is None:
            raise StoreSetupError("there is none yet; `netdocket index setup` makes it", where=self.alias)
        self.source = source

    def migrate(self, family: Family, *, shards: int, replicas: int) -> Migrated:
        """Into a new index with the present mapping. Raises StoreError where a document does not fit it; then
        everything is as before. Raises StoreSetupError where another migration is under way, or was killed."""
        if unfinished := self._unfinished():
            raise StoreSetupError(
                f"{unfinished[0]} is being built, or its migration was killed (then: `netdocket index reset-migration "
                f"{self.mapping.name}`)",
                where=self.alias,
            )
        number = self._highest() + 1
        target = self.names.physical(self.mapping.name, number)
        indices.create(
            self.client, self.caller, target, self.mapping, family,
            shards=shards, replicas=replicas, marks={UNFINISHED: True, HIGHEST: number},
        )  # fmt: skip
        return self._run(target, {}, made=True)

    def roll_back(self) -> Migrated:
        """To the index that the present one was made from. Raises StoreSetupError where that is gone, StoreError
        where a document does not fit; then everything is as before."""
        meta = self.physical.meta(self.source)
        former, marks = meta.get(MADE_FROM), meta.get(EQUAL_AT, {})
        if former not in self._physical():
            raise StoreSetupError(
                "was not made from another, or that one has been removed", where=self.source
            )
        target = str(former)
        self.physical.settings(target, {"index.blocks.write": None})
        return self._run(target, {int(shard): mark for shard, mark in marks.items()}, made=False)

    def reset(self) -> list[str]:
        """After a migration or a roll-back that was killed: removes what it built, and lets writers in again, but not to
        former indices. What went."""
        gone = self._unfinished()
        self._remember_numbers()
        for name in gone:
            self.physical.remove(name)
        self.physical.settings(self.source, {"index.blocks.write": None})
        for name in self._physical():
            if name != self.source:
                self.physical.settings(name, self._lasting())
                self.physical.block(name)
        return gone

    def clean_up(self) -> list[str]:
        """Removes former indices: there is no way back then. What went."""
        unfinished = self._unfinished()
        gone = [name for name in self._physical() if name != self.source and name not in unfinished]
        self._remember_numbers()
        for name in gone:
            self.physical.remove(name)
        return gone

    # --- the steps -----------------------------------------------------------------------------------

    def _run(self, target: str, marks: Marks, *, made: bool) -> Migrated:
        done = Migrated(self.mapping.name, self.source, target)
        try:
            # Until the alias moves, nobody but us writes there: no old version can come late.
            self.physical.settings(target, {"index.gc_deletes": "0s", "index.refresh_interval": "-1"})
            fit = _fitter(self.physical.fields(self.source), self.physical.fields(target))
            marks = self._catch_up(target, marks, fit, done)
            began = time.monotonic()
            self.physical.block(self.source)
            before = done.copied + done.deleted
            self._round(target, marks, fit, done)
            self._delete_gone(target, done)
            done.waited = done.copied + done.deleted - before
            self._compare(target)
            self._finish(target)
            done.seconds = round(time.monotonic() - began, 2)
        except BaseException as error:
            self._undo_after(error, target, made=made)
            raise
        return done

    def _undo_after(self, error: BaseException, target: str, *, made: bool) -> None:
        """Where that fails too, the first error is the one that matters, and that writers wait."""
        try:
            self._undo(target, made=made)
        except StoreError as another:
            where = f"{self.alias}: writers are still kept out: `netdocket index reset-migration {self.mapping.name}`"
            log.error("%s (%s)", where, another)  # noqa: TRY400
            if isinstance(error, StoreError):
                raise type(error)(f"{error.what}; {where}", where=error.where) from error

    def _catch_up(self, target: str, marks: Marks, fit: Fit, done: Migrated) -> Marks:
        while done.rounds < MOST_ROUNDS:
            before = done.copied
            marks = self._round(target, marks, fit, done)
            self._delete_gone(target, done)
            if done.copied - before < SHORT_ROUND:
                break
        return marks

    def _round(self, target: str, marks: Marks, fit: Fit, done: Migrated) -> Marks:
        """Copies what was written after `marks`; the marks that are reached."""
        done.rounds += 1
        reached = self.physical.whole(self.source)
        self.physical.refresh(self.source)
        total, page_size = self.physical.count(self.source), self._page()
        for shard in reached:
            query = {"range": {"_seq_no": {"gt": marks.get(shard, -1)}}}
            body = {"query": query, "version": True, "seq_no_primary_term": True, "track_total_hits": False}
            shown = f"_shards:{shard}"
            with point_in_time(self.client, self.caller, self.source, preference=shown) as moment:
                hits = scan(self.client, self.caller, moment, body, page=page_size)
                while page := list(islice(hits, page_size)):
                    self._copy(target, page, fit)
                    done.copied += len(page)
                    self.on_progress(f"{self.source} to {target}", min(done.copied, total), total)
        return reached

    def _copy(self, target: str, hits: Sequence[Mapping[str, Any]], fit: Fit) -> None:
        copies = [
            Operation(
                "index",
                target,
                hit["_id"],
                _encode(fit(hit["_source"])),
                {"version": hit["_version"], "version_type": "external_gte"},
            )
            for hit in hits
        ]
        refused = self._written(copies)
        if not refused:
            return
        # Deleted and written anew with a lower version: see above. It takes a moment to forget a deleted version.
        bulk(self.client, self.caller, [Operation("delete", target, copy.id) for copy in refused])
        waiting = self.caller.waiting()
        while refused := self._written(refused):
            waiting.wait("its version is lower than that of its copy", f"{self.source}/{refused[0].id}")
            self.physical.refresh(target)

    def _written(self, copies: Sequence[Operation]) -> list[Operation]:
        """Those refused for their version. Raises StoreError for one that does not fit."""
        refused = []
        for copy, result in zip(copies, bulk(self.client, self.caller, copies), strict=True):
            if result.status == CONFLICT:
                refused.append(copy)
            elif not result.done:
                raise StoreError(
                    f"does not fit {copy.index}: {result.reason}", where=f"{self.source}/{copy.id}"
                )
        return refused

    def _delete_gone(self, target: str, done: Migrated) -> None:
        """Deletes in `target` what is no longer in the source."""
        for suspects in (self._in_groups_that_differ, _everything):
            self.physical.refresh(self.source)
            self.physical.refresh(target)
            if self.physical.count(target) == self.physical.count(self.source):
                return
            self.on_progress(f"looking for what {self.source} no longer has", 0, 0)
            for query in suspects(target):
                done.deleted += self._delete_unheld(target, query)

    def _delete_unheld(self, target: str, query: Mapping[str, Any]) -> int:
        deleted = 0
        body = {"query": query, "_source": False, "version": True, "track_total_hits": False}
        with point_in_time(self.client, self.caller, target) as moment:
            hits = scan(self.client, self.caller, moment, body, page=PAGE)
            while page := list(islice(hits, PAGE)):
                held = self._held([hit["_id"] for hit in page])
                # As new as the copy, not newer: what is written again with the same version must not be refused.
                deletes = [
                    Operation(
                        "delete",
                        target,
                        hit["_id"],
                        None,
                        {"version": hit["_version"], "version_type": "external_gte"},
                    )
                    for hit in page
                    if hit["_id"] not in held
                ]
                bulk(self.client, self.caller, deletes)
                deleted += len(deletes)
        return deleted

    def _held(self, ids: list[str]) -> set[str]:
        """Which of these the source has now."""
        answer = self.caller.call(
            self.source, lambda: self.client.mget(index=self.source, ids=ids, source=False)
        ).body
        return {document["_id"] for document in answer["docs"] if document.get("found")}

    def _in_groups_that_differ(self, target: str) -> Iterator[dict[str, Any]]:
        """Queries for the documents of bulletins that have more of them in `target` than in the source."""
        if GROUP not in self.mapping.fields:
            return
        after: dict[str, Any] | None = None
        while True:
            source = {"size": GROUPS, "sources": [{GROUP: {"terms": {"field": GROUP}}}]}
            composite = {"composite": source if after is None else {**source, "after": after}}
            answer = self.physical.search(target, {"size": 0, "aggs": {"groups": composite}})["groups"]
            there = {bucket["key"][GROUP]: bucket["doc_count"] for bucket in answer["buckets"]}
            if not there:
                return
            names = list(there)
            terms = {"terms": {"field": GROUP, "size": len(names), "include": names}}
            body = {"size": 0, "query": {"terms": {GROUP: names}}, "aggs": {"groups": terms}}
            here = {
                bucket["key"]: bucket["doc_count"]
                for bucket in self.physical.search(self.source, body)["groups"]["buckets"]
            }
            if more := [name for name in names if there[name] > here.get(name, 0)]:
                yield {"terms": {GROUP: more}}
            after = answer["after_key"]

    def _compare(self, target: str) -> None:
        held, wanted = self.physical.count(target), self.physical.count(self.source)
        if held != wanted:
            raise StoreError(f"holds {held} documents where {wanted} are wanted", where=target)

    def _finish(self, target: str) -> None:
        meta = {key: value for key, value in self.physical.meta(target).items() if key != UNFINISHED}
        top = {str(shard): seq_no for shard, seq_no in self.physical.top(target).items()}
        known = {MADE_FROM: self.source, EQUAL_AT: top, HIGHEST: self._highest()}
        self.physical.set_meta(target, {**meta, **known})
        self.physical.settings(target, self._lasting())
        self.physical.refresh(target)
        indices.point(self.client, self.caller, self.alias, to=target, away_from=self.source)

    def _undo(self, target: str, *, made: bool) -> None:
        """Everything as before, unless the alias has moved: then what was `target` is what people search."""
        if indices.behind(self.client, self.caller, self.alias) != self.source:
            return
        self.physical.settings(self.source, {"index.blocks.write": None})
        if made:
            self.physical.remove(target)
        else:
            self.physical.settings(target, self._lasting())
            self.physical.block(target)

    # --- what Elasticsearch is asked -----------------------------------------------------------------

    def _physical(self) -> list[str]:
        return indices.physical_ones(self.client, self.caller, self.names, self.mapping.name)

    def _unfinished(self) -> list[str]:
        return [name for name in self._physical() if self.physical.meta(name).get(UNFINISHED)]

    def _highest(self) -> int:
        """The highest number there is, or ever was."""
        numbers = [self.names.number(self.mapping.name, name) or 0 for name in self._physical()]
        return max(*numbers, int(self.physical.meta(self.source).get(HIGHEST, 0)))

    def _remember_numbers(self) -> None:
        """Before some of them go."""
        self.physical.set_meta(self.source, {**self.physical.meta(self.source), HIGHEST: self._highest()})

    def _lasting(self) -> dict[str, Any]:
        """Settings of an index that is not being built."""
        ours = self.mapping.body["settings"]["index"]
        return {"index.gc_deletes": ours["gc_deletes"], "index.refresh_interval": indices.REFRESH_INTERVAL}

    def _page(self) -> int:
        """So many documents of the source are about PAGE_BYTES in memory."""
        primaries = self.caller.call(
            self.source, lambda: self.client.indices.stats(index=self.source, metric="docs,store")
        ).body["_all"]["primaries"]
        each = PACKED * primaries["store"]["size_in_bytes"] / max(1, primaries["docs"]["count"])
        return max(1, min(PAGE, int(PAGE_BYTES / max(1.0, each))))


def _everything(_target: str) -> Iterator[dict[str, Any]]:
    yield {"match_all": {}}


def _fitter(source: frozenset[str], target: frozenset[str]) -> Fit:
    """What makes a document fit: fields that the target's mapping no longer has are left out."""
    unknown = source - target
    return (lambda document: _without(document, unknown, "")) if unknown else _as_it_is


def _without(part: Mapping[str, Any], unknown: frozenset[str], prefix: str) -> dict[str, Any]:
    def inner(value: Any, path: str) -> Any:
        if isinstance(value, list):
            return [inner(one, path) for one in value]
        return _without(value, unknown, path + ".") if isinstance(value, Mapping) else value

    return {key: inner(value, prefix + key) for key, value in part.items() if prefix + key not in unknown}


def _as_it_is(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return document
