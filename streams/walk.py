"""Walking over all documents of an index, page by page, as of the last refresh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from index.keys import OWN_KEY
from index.store import Scanner, Store


def walk(
    store: Store, index: str, *, fields: Sequence[str] | None = None, page: int = 500
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(id, document) of everything in the index, ordered by its own key; `fields`: only these. A store that can hold
    still while it is walked over is asked to."""
    if isinstance(store, Scanner):
        for hit in store.scan(index, fields=fields, sort=[{OWN_KEY[index]: "asc"}], page=page):
            yield hit["_id"], hit["_source"]
        return
    body: dict[str, Any] = {"query": {"match_all": {}}, "sort": [{OWN_KEY[index]: "asc"}], "size": page}
    if fields is not None:
        body["_source"] = list(fields)
    while hits := store.search(index, body)["hits"]["hits"]:
        for hit in hits:
            yield hit["_id"], hit["_source"]
        body["search_after"] = hits[-1]["sort"]
