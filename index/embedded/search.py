"""One search body over one generation, answered as Elasticsearch 8 answers it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from index.embedded.aggregations.reading import read_aggregations
from index.embedded.aggregations.tree import Context, evaluate
from index.embedded.body import Part, malformed
from index.embedded.columns import SEQ
from index.embedded.compiled import Compiler
from index.embedded.conditions import Condition, Everything, InRange, Nothing, both
from index.embedded.documents import Documents
from index.embedded.generation import Searched
from index.embedded.highlight import Highlighter
from index.embedded.native import calling
from index.embedded.queries import Parser
from index.embedded.sorting import BY_ROW, Found, Sorter, after, default_sort, read_sort
from index.embedded.sources import SourceFilter
from index.store import Answer, Body

COUNTED_BY_DEFAULT: Final = 10_000
DEEPEST: Final = 10_000  # Elasticsearch's index.max_result_window
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class RowsGone(Exception):
    """Search found rows that SQLite does not hold: the generation is so old that its replaced documents have been
    swept, or the search index is not what was written."""

    def __init__(self, index: str) -> None:
        super().__init__(index)
        self.index = index


class Search:
    def __init__(self, searched: Searched, documents: Documents) -> None:
        self._searched = searched
        self._documents = documents
        self._parser = Parser(searched.mapping)
        name = searched.mapping.name
        self._compiler = Compiler(searched.mapping, searched.index, lambda ids: documents.seqs(name, ids))
        self._sorter = Sorter(searched, self._compiler, self._load)

    def answer(self, body: Body) -> Answer:
        """Raises MalformedQuery, UnsupportedQuery, StoreError."""
        started = time.perf_counter()
        part = Part(body, "")
        condition = self.condition(part.pop("query"))
        aggregations = {name: part.pop(name) for name in ("aggs", "aggregations") if name in part}
        if len(aggregations) > 1:
            malformed("aggs and aggregations are the same", "aggs")
        nodes = {}
        for name, given in aggregations.items():
            nodes = read_aggregations(given, self._parser, name)
        part.pop("timeout")
        hits = self.hits(condition, part)
        answer: Answer = {
            "took": 0,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": hits,
        }
        if aggregations:
            context = Context(self._searched, self._compiler, self.hits)
            answer["aggregations"] = evaluate(nodes, condition, context)
        answer["took"] = round((time.perf_counter() - started) * 1000)
        return answer

    def condition(self, query: Any) -> Condition:
        return Everything() if query is None else self._parser.parse(query)

    def count(self, condition: Condition) -> int:
        match condition:
            case Everything():
                return self._searched.searcher.num_docs
            case Nothing():
                return 0
        query = self._compiler.query(condition)
        with calling(self._searched):
            return int(self._searched.searcher.search(query, 1, True).count)  # type: ignore[attr-defined]

    def hits(self, condition: Condition, part: Part) -> Answer:
        """The `hits` of an answer; `part` holds sort, from, size and what is to be shown of each."""
        size = part.pop_int("size", 10, most=DEEPEST)
        start = part.pop_int("from", 0)
        if start + size > DEEPEST:
            malformed(f"from + size is over {DEEPEST}; use search_after", part.at("from"))
        counted = part.pop("track_total_hits", COUNTED_BY_DEFAULT)
        part.pop_bool("track_scores", False)
        given = part.pop("sort")
        keys = read_sort(given, self._parser, self._searched.several, part.at("sort")) if given else []
        source = SourceFilter(part.pop("_source", True), part.at("_source"))
        marks = part.pop("highlight")
        highlighter = (
            Highlighter(marks, condition, self._searched.mapping, part.at("highlight")) if marks else None
        )
        found_after = part.pop("search_after")
        part.done()
        wanted = condition
        if found_after is not None:
            if start:
                malformed("from must be 0 with search_after", part.at("from"))
            wanted = both(condition, after(keys, found_after, part.at("search_after")))
        total = _total(counted, lambda: self.count(condition), part.at("track_total_hits"))
        shown = keys or default_sort(condition)
        found = self._sorter.first(wanted, shown, start + size)[start:] if size else []
        scores = [one.score for one in found if one.score is not None]
        plain = 1.0 if isinstance(condition, Everything) else 0.0
        hits = []
        for one in found:
            score = one.score if one.score is not None else (plain if not keys else None)
            hit: Answer = {"_index": self._searched.mapping.name, "_id": one.id, "_score": score}
            if source.wanted:
                hit["_source"] = source.apply(one.document)
            if highlighter is not None and (fragments := highlighter.fragments(one.document)):
                hit["highlight"] = fragments
            if keys:
                hit["sort"] = [key.shown(value) for key, value in zip(keys, one.keys, strict=True)]
            hits.append(hit)
        best = max(scores) if scores else (plain if hits and not keys else None)
        answer: Answer = {"max_score": best, "hits": hits}
        return {"total": total, **answer} if total is not None else answer

    def scan(self, query: Any, fields: Sequence[str] | None, sort: Any, page: int) -> Iterator[Answer]:
        """Every hit, page by page over this one generation, in the order of `sort` (of writing where equal or None)."""
        condition = self.condition(query)
        keys = [*read_sort(sort, self._parser, self._searched.several, "sort"), BY_ROW] if sort else [BY_ROW]
        source = SourceFilter(True if fields is None else list(fields), "_source")
        wanted = condition
        while found := self._sorter.first(wanted, keys, page):
            for one in found:
                yield {
                    "_index": self._searched.mapping.name,
                    "_id": one.id,
                    "_source": source.apply(one.document),
                }
            last = found[-1]
            if sort:
                shown = [key.shown(value) for key, value in zip(keys, last.keys, strict=True)]
                wanted = both(condition, after(keys, shown, "sort"))
            else:
                wanted = both(condition, InRange(SEQ, last.seq, None, False))

    def _load(self, found: Sequence[Found]) -> None:
        rows = self._documents.rows([one.seq for one in found])
        for one in found:
            row = rows.get(one.seq)
            if row is None:
                raise RowsGone(self._searched.mapping.name)
            one.id, _, source = row
            one.document = _decode(source)


def _total(counted: Any, count: Any, path: str) -> Answer | None:
    if counted is False:
        return None
    if counted is not True and (isinstance(counted, bool) or not isinstance(counted, int)):
        malformed("true, false or a whole number is wanted", path)
    value = count()
    if counted is True or value <= counted:
        return {"value": value, "relation": "eq"}
    return {"value": counted, "relation": "gte"}
