"""top_hits: a search of its own in the bucket that it stands in."""

from __future__ import annotations

from typing import Any

from index.embedded.aggregations.tree import Context, Deferred, Scope
from index.embedded.body import Part
from index.store import Answer


class TopHits(Deferred):
    def __init__(self, path: str, options: Any) -> None:
        super().__init__(path, {})
        part = Part(options, path)
        known = ("sort", "from", "size", "_source", "highlight", "track_scores")
        self.options = {
            "size": 3,
            "track_total_hits": True,
            **{name: part.pop(name) for name in known if name in part},
        }
        part.done()

    def answer(self, scope: Scope, context: Context) -> Answer:
        return {"hits": context.hits_of(scope.condition, Part(self.options, self.path))}
