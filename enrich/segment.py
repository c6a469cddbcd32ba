"""Cutting a bulletin into its items.

A bulletin is one item, or a series of them: numbered cases (案例一, 一、, （一）, 1., 01), numbered or bare headings below
section headings ("Regulatory developments"), decimal outlines (1.2.3.), or paragraphs that each open with a date.
Headings make a tree by the order in which their styles first appear. A node of the tree whose children tell of
something that happened is a section, and its children are the items; a node whose children do not (the paragraphs of a
notice, the parts of a judgment, the recommendations of an alert) is one item itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from enrich.bounds import SHORTEST, body_of, closing_start, content_start, tail_start
from enrich.field_lines import is_field
from enrich.headings import Heading, headings
from enrich.items import Item, Segments
from enrich.labelled_headlines_zh import heads_story
from enrich.outline import items_of, section_of
from enrich.reading import Reading, Span, trimmed
from enrich.signals import Signals
from enrich.unheaded import dated_paragraphs, forms, table_rows

__all__ = ["Item", "Segments", "segment"]

_ARTICLE = re.compile(r"第[一二三四五六七八九十百\d]{1,5}条|Article \d{1,3}[.:\s]")
LEAST_ARTICLES = 5
COARSER = 1.6
"""By so much must fewer items cover more text to be preferred to more of them."""


def segment(reading: Reading, signals: Signals, title: str) -> Segments:
    """The items of a text, in order; they do not overlap. An empty text has none."""
    body = body_of(reading)
    if body.start >= body.end:
        return Segments(Span(0, 0), ())
    statute = _is_statute(reading)
    found = [] if statute else _below_title(headings(reading), reading, title)
    content = content_start(reading, body, title)
    tail = tail_start(reading, signals, body)
    best: list[Item] = []
    bare = _any_style(found, reading)
    for kept in (_numbered(found, reading), bare):
        items = items_of(reading, signals, kept, bare, tail)
        wider = 1.2 if len(items) >= len(best) else COARSER
        if len(items) > 1 and _covered(items) > wider * _covered(best):
            best = items
    dated = dated_paragraphs(reading, signals, body, tail, title)
    if len(dated) > 1 and _covered(dated) > 1.2 * _covered(best):
        best = dated
    rows = table_rows(reading)
    for made in (rows, forms(reading, tail)):
        if len(made) > 1 and _covered(made) > _covered(best) / (COARSER if len(made) > len(best) else 1):
            best = made
    if len(best) > 1 and (
        _introduces_text(reading, content, best[0].span.start)
        or _one_alert(reading, lines_above=best[0].span.start, items=best)
    ):
        best = []
    if len(best) < 2:
        whole = trimmed(reading.text, content, tail)
        best = [Item(whole)] if whole.start < whole.end else []
        if best and not statute and reading.language == "en":
            best = _with_commentary(reading, found, best, tail)
        cut = best if statute else _with_closings(reading, signals, best)
        return Segments(Span(whole.start, whole.start), tuple(cut), content, statute)
    best = _told_first(reading, signals, found, content, _with_commentary(reading, found, best, tail))
    first = best[0].span.start
    lead = trimmed(reading.text, content, first) if content < first else Span(first, first)
    cut_items = tuple(_with_closings(reading, signals, best))
    single = sum(not item.explainer for item in cut_items) < 2
    return Segments(lead, cut_items, min(content, first), single=single)


LONGEST_LEAD = 300
"""A longer text above the first item that tells a measure with its day is an item itself."""


def _told_first(
    reading: Reading, signals: Signals, found: Sequence[Heading], content: int, items: list[Item]
) -> list[Item]:
    """With the story that an English bulletin tells above the first heading, where it is one: as long as what follows on
    an average, with an authority, its measure and a day. A summary under its own heading is no part of it."""
    summed_up = False
    for heading in found:
        if heading.start >= items[0].span.start:
            break
        if (section_of(reading, heading)[0] or "").startswith("skip:"):
            summed_up = True
        elif summed_up and heading.style in ("bare", "markup", "num", "roman", "letter"):
            content, summed_up = max(content, heading.start), False
    if summed_up:
        return items
    start, end = trimmed(reading.text, content, items[0].span.start)
    size = end - start
    if reading.language != "en" or size < max(LONGEST_LEAD, 0.8 * _covered(items) / len(items)):
        return items
    named = any(cue.code != "OTHER" for cue in signals.imposed_in(start, end))
    if not (named and reading.has("authority", start, end) and _DAY.search(reading.text, start, end)):
        return items
    return [Item(Span(start, end)), *items]


_DAY = re.compile(
    r"\b(?:\d{1,2}\s(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d{1,2})\b"
)


def _with_commentary(reading: Reading, found: Sequence[Heading], items: list[Item], tail: int) -> list[Item]:
    """With the last words of a digest, under a heading of their own, as an explanation; the last item ends before them."""
    named = [h for h in found if _is_commentary(reading, h)]
    if len(named) != 1 or named[0].start < items[-1].span.start:
        return items
    at, last = named[0].start, items[-1]
    rest = trimmed(reading.text, at, tail)
    if rest.end - rest.start < SHORTEST[reading.language]:
        return items
    if last.span.start == at:
        return [*items[:-1], last._replace(explainer=True)]
    told = trimmed(reading.text, last.span.start, min(at, last.span.end))
    return [*items[:-1], last._replace(span=told), Item(rest, named[0], explainer=True)]


def _is_commentary(reading: Reading, heading: Heading) -> bool:
    start, end = heading.title_start, heading.title_end
    cues = reading.cues("commentary", start, end)
    return bool(cues) and sum(cue.end - cue.start for cue in cues) >= 0.7 * (end - start)


def _below_title(found: list[Heading], reading: Reading, title: str) -> list[Heading]:
    """The headings without the bulletin's title, where its words (… in brief) would make all below it a summary."""
    first = found[0] if found else None
    if first is None or first.line or reading.text[first.title_start : first.title_end] != title:
        return found
    return found[1:] if (section_of(reading, first)[0] or "").startswith("skip:") else found


def _is_statute(reading: Reading) -> bool:
    """Whether the text is that of a rule: article below article."""
    return sum(bool(_ARTICLE.match(reading.text, *line)) for line in reading.lines) >= LEAST_ARTICLES


def _numbered(found: Sequence[Heading], reading: Reading) -> list[Heading]:
    """Enumerated headings, and bare ones that name a section."""
    return [h for h in found if h.style not in ("bare", "markup") or section_of(reading, h)[0]]


def _any_style(found: Sequence[Heading], reading: Reading) -> list[Heading]:
    """Bare headings and sections; enumerated lines only where they carry a heading of their own."""
    bare = [
        h for h in found if h.style in ("bare", "markup") or h.style == "part" or section_of(reading, h)[0]
    ]
    lines = reading.lines
    kept = []
    heads = {h.line for h in bare}
    for h in bare:
        if reading.language == "zh" and not _tells(reading, h):
            continue
        below = lines[h.line + 1] if h.line + 1 < len(lines) else None
        if section_of(reading, h)[0] or (
            below
            and h.line + 1 not in heads
            and (below.end - below.start > h.title_end - h.title_start or is_field(reading, h.line + 1))
        ):
            kept.append(h)
    return kept


def _tells(reading: Reading, heading: Heading) -> bool:
    """Whether a bare Chinese line says that something happened; unlike English digests, Chinese ones set many short
    lines (names, keywords, captions) that head nothing."""
    start, end = heading.title_start, heading.title_end
    if section_of(reading, heading)[0]:
        return True
    if end - start < 8:
        return False
    if "：" in reading.text[start : start + 8] and not heads_story(reading, heading.line):
        return False
    return reading.text[end - 1] == "案" or any(
        reading.has(group, start, end) for group in ("release", "penalty", "incident", "court_outcome")
    )


def _covered(items: Sequence[Item]) -> int:
    return sum(item.span.end - item.span.start for item in items)


_TEXT_FOLLOWS = re.compile(r"(?:内容|全文|通知|公告|规定|要求|意见)如下\s{0,2}[:：。]?\s{0,2}$")


def _introduces_text(reading: Reading, content: int, first: int) -> bool:
    """Whether the lines above the first heading announce the text of an instrument (印发《…通知》，内容如下)."""
    above = [line for line in reading.lines if content <= line.start < first]
    if not above or not _TEXT_FOLLOWS.search(
        reading.text, max(above[-1].start, above[-1].end - 12), above[-1].end
    ):
        return False
    sentence = reading.sentence_at(above[-1].end - 1)
    return reading.has("release", *sentence) and (
        reading.has("instrument_noun", *sentence) or reading.text.find("《", *sentence) >= 0
    )


ALERT_LEAD = 400
"""More text than this above the first heading, and the lead is no mere announcement of an alert."""


def _one_alert(reading: Reading, *, lines_above: int, items: Sequence[Item]) -> bool:
    """Whether headings below the title of an alert (预警报告, 安全公告) are its parts: one notice is one record. Measures in
    the parts speak against it."""
    if lines_above > ALERT_LEAD or any(item.section for item in items):
        return False
    if any(
        item.heading is None or item.heading.style not in ("cn", "bare", "num", "markup") for item in items
    ):
        return False
    alert = reading.has("notice", 0, lines_above) and reading.has("incident", 0, lines_above)
    return alert and not any(reading.has("court_outcome", *item.span) for item in items)


def _with_closings(reading: Reading, signals: Signals, items: Sequence[Item]) -> list[Item]:
    """Each item cut before a statute quoted at its end, an appeal under a heading of its own or a firm's praise of its
    products, which becomes an item of its own."""
    out: list[Item] = []
    for item in items:
        cut = closing_start(reading, signals, item.span)
        if cut is None:
            out.append(item)
            continue
        case = trimmed(reading.text, item.span.start, cut)
        if case.end > case.start:
            out.append(item._replace(span=case))
        out.append(Item(trimmed(reading.text, cut, item.span.end), explainer=True))
    return out
