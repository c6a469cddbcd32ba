"""What one run of text tells beside its case: the figures of a campaign or of a report, in paragraphs of their own.

A story is told first and figures follow ("in the year, 11,000 cases were solved …"), or a report is quoted. Such a
paragraph and what comes after it is an item of its own: cases and figures are never added up together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from enrich.bounds import SHORTEST
from enrich.kind_signs import campaign_in
from enrich.needed import sought
from enrich.passage import Facts, Passage
from enrich.reading import Span, trimmed
from enrich.segment import Item

QUOTED = re.compile(
    r"(?:据|根据)[^，。；\n]{2,24}(?:报道|统计|报告|数据|显示)|\b[Aa]ccording to (?:a|the)\b[^.;\n]{0,60}\b(?:report|survey|statistics|study)\b"
)
COMPARED = sought(
    r"同比|环比|较20\d\d年|较上年|较去年|增长了?\d|下降了?\d|\b(?:up|down|increase of|rise of|decrease of)\s\d{1,3}(?:\.\d{1,2})?(?:%| per ?cent)"
)
NUMBERS = 2


def told_apart(facts: Facts, item: Item) -> list[tuple[Item, str | None]]:
    """The item, cut where figures begin; with each part what it is (`figures`, `report`) or None."""
    if item.explainer:
        return [(item, None)]
    cuts = list(_cuts(facts, item))
    if not cuts:
        return [(item, None)]
    out: list[tuple[Item, str | None]] = []
    start, what = item.span.start, None
    for at, next_what in [*cuts, (item.span.end, "")]:
        part = trimmed(facts.reading.text, start, at)
        own = item._replace(span=part) if start == item.span.start else item._replace(span=part, heading=None)
        out.append((own, what))
        start, what = at, next_what
    return out


def _cuts(facts: Facts, item: Item) -> Iterator[tuple[int, str]]:
    """Where a paragraph of figures begins, below a case that has been told."""
    reading, signals = facts.reading, facts.signals
    first = True
    for line in reading.lines_in(*item.span):
        if first:
            first = False
            continue
        if line.end - line.start < SHORTEST[reading.language]:
            continue
        told = signals.any_imposed(item.span.start, line.start)
        if not told or signals.is_quiet(line.start):
            continue
        sentence = reading.sentence_at(line.start)
        passage = Passage(facts, Item(Span(line.start, line.end)), "", "")
        if campaign_in(passage):
            yield line.start, "figures"
        elif (
            QUOTED.match(reading.text, sentence.start, sentence.end)
            and reading.search(COMPARED, line.start, line.end)
            and len(passage.numbers) >= NUMBERS
            and not signals.imposed_in(line.start, line.end)
        ):
            yield line.start, "report"
