"""Walking over all hits of a search as of one moment: a point in time, and pages cut by search_after."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any, Final

import elasticsearch as es

from index.elastic.client import Caller

KEEP_ALIVE: Final = "2m"
"""How long Elasticsearch keeps the moment between two pages."""


@dataclasses.dataclass(slots=True)
class Moment:
    """`id`: of a point in time, as Elasticsearch said it last; it may change with each answer."""

    id: str


@contextlib.contextmanager
def point_in_time(
    client: es.Elasticsearch, caller: Caller, index: str, *, preference: str | None = None
) -> Iterator[Moment]:
    """`preference`: of which copies or shards (`_shards:0`)."""
    opened = caller.call(
        index,
        lambda: client.open_point_in_time(
            index=index, keep_alive=KEEP_ALIVE, allow_partial_search_results=False, preference=preference
        ),
    )
    moment = Moment(opened.body["id"])
    try:
        yield moment
    finally:
        with contextlib.suppress(es.ApiError, es.TransportError):  # it ends by itself
            client.close_point_in_time(id=moment.id)


def scan(
    client: es.Elasticsearch, caller: Caller, moment: Moment, body: Mapping[str, Any], *, page: int
) -> Iterator[dict[str, Any]]:
    """Hits with `_id`, `_source` and what else `body` asks for."""
    asked: dict[str, Any] = {"sort": [{"_shard_doc": "asc"}], **body, "size": page}
    while True:
        asked["pit"] = {"id": moment.id, "keep_alive": KEEP_ALIVE}
        answer = caller.call("scan", functools.partial(client.search, body=asked)).body
        moment.id = answer.get("pit_id", moment.id)
        hits = answer["hits"]["hits"]
        yield from hits
        if len(hits) < page:
            return
        asked = {**asked, "search_after": hits[-1]["sort"]}
