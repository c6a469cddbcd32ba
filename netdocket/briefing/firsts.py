"""Kinds of penalty that official sources have for the first time in the period.

A kind is a type of the taxonomy, or, where none fits, the phrase of the text. It is new where the earliest official
record that has it, of all that are stored, is dated in the period: what a back-fill brings later may still be earlier.
A record known by its year or month alone may be as early as the first day of it: with one that may lie before the
period a kind is not called new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from enrich import Knowledge
from index.store import Store
from netdocket.briefing.blocks import Block, Heading, Paragraph, Table, Text
from netdocket.briefing.period import Period
from netdocket.briefing.searches import IMPOSED, TOTAL, Body, counted_body, period_body, read, source_number

UNLISTED: Final = "OTHER"
LOOKED_AT: Final = 1000
"""Kinds of one period that are looked at, the most frequent first."""
AT_ONCE: Final = 100


def new_penalties(store: Store, knowledge: Knowledge, period: Period, sources: list[str]) -> list[Block]:
    kinds, left_out = _kinds(store, period)
    rows: list[list[Any]] = []
    for clauses, first in _firsts(store, period, kinds):
        phrase = first.get("phrase") if len(clauses) > 1 else None
        words = knowledge.label("penalty_types", first["penalty_type"])
        rows.append([
            Text(phrase or words.en, phrase or words.zh),
            first["event_date"],
            first.get("title", ""),
            f"[{source_number(sources, first.get('url'))}]",
        ])  # fmt: skip
    if not rows:
        return []
    rows.sort(key=lambda row: (row[1], row[0].en))
    head = [
        Text("Penalty or measure", "处罚与措施"),
        Text("Dated", "日期"),
        Text("Case", "案例"),
        Text("Source", "来源"),
    ]
    title = Text("Kinds of penalty first seen", "首次出现的处罚种类")
    blocks: list[Block] = [Heading(title), Table("new-penalties", head, rows)]
    if left_out:
        blocks.append(
            Paragraph(
                Text(
                    f"Only the {LOOKED_AT} most frequent unlisted measures of the period were looked at.",
                    f"仅核查本期最常见的 {LOOKED_AT} 种未列措施。",
                )
            )
        )
    return blocks


def _kinds(store: Store, period: Period) -> tuple[list[list[Body]], int]:
    """The clauses of each kind of penalty of the period, and of how many penalties the kinds were left out."""
    types = {"kinds": {"terms": {"field": "penalty_type", "size": LOOKED_AT}}}
    phrases = {"kinds": {"terms": {"field": "phrase", "size": LOOKED_AT}}}
    unlisted = {"term": {"penalty_type": UNLISTED}}
    by_type, by_phrase = (
        answer["aggregations"]["kinds"]
        for answer in store.msearch(
            [
                ("penalties", period_body(period, IMPOSED, aggs=types)),
                ("penalties", period_body(period, unlisted, aggs=phrases)),
            ]
        )
    )
    found = [[{"term": {"penalty_type": b["key"]}}] for b in by_type["buckets"] if b["key"] != UNLISTED]
    found += [[unlisted, {"term": {"phrase": b["key"]}}] for b in by_phrase["buckets"]]
    return found, by_phrase["sum_other_doc_count"]


def _firsts(
    store: Store, period: Period, kinds: list[list[Body]]
) -> Iterator[tuple[list[Body], dict[str, Any]]]:
    """Each kind of which no official penalty may be dated before the period, with the earliest that is dated in it."""
    before: Body = {"range": {"event_date": {"lt": period.since.isoformat()}}}
    earliest: Body = {"size": 1, "sort": [{"event_date": {"order": "asc"}}, {"penalty_id": "asc"}]}
    for start in range(0, len(kinds), AT_ONCE):
        some = kinds[start : start + AT_ONCE]
        known = store.msearch([("penalties", counted_body(before, *clauses)) for clauses in some])
        new = [clauses for clauses, answer in zip(some, known, strict=True) if not read(answer, TOTAL)]
        if not new:
            continue
        answers = store.msearch([("penalties", period_body(period, *clauses, **earliest)) for clauses in new])
        for clauses, answer in zip(new, answers, strict=True):
            for hit in answer["hits"]["hits"]:
                yield clauses, hit["_source"]
