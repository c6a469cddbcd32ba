"""Cutting a bulletin into its items.

A bulletin is one item, or a series of them: numbered cases (案例一, 一、, （一）, 1., 01), numbered or bare headings below
section headings ("Regulatory developments"), decimal outlines (1.2.3.), or paragraphs that each open with a date.
Headings make a tree by the order in which their styles first appear. A node of the tree whose children tell of
something that happened is a section, and its children are the items; a node whose children do not (the paragraphs of a
notice, the parts of a judgment, the recommendations of an alert) is one item itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from enrich.bounds import SHORTEST, body_of, closing_start, content_start, tail_start
from enrich.headings import Heading, headings
from enrich.reading import Reading, Span, trimmed
from enrich.signals import Signals

_DATED = {
    "zh": re.compile(r"[^\n。]{0,12}?(?:(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|近日|日前)"),
    "en": re.compile(r"(?:On|In|As of|Recently|Earlier|Effective)\b[^\n.]{0,30}?(?:\d{4}|\d{1,2}|,)"),
}
_ARTICLE = re.compile(r"第[一二三四五六七八九十百\d]{1,5}条|Article \d{1,3}[.:\s]")
LEAST_ARTICLES = 5
TELLING = frozenset({"regulatory", "enforcement", "court", "industry", "incident", "international"})
"""Sections whose name says what the items below are, unlike a mere topic."""


class Item(NamedTuple):
    """One item: its span, its heading (or None), the code of the section it stands in, whether that section is about
    abroad, whether the item is a quoted statute or other explanation."""

    span: Span
    heading: Heading | None = None
    section: str | None = None
    foreign: bool = False
    explainer: bool = False


class Segments(NamedTuple):
    """`lead`: the text before the first of several items; empty where the bulletin is one item. `content`: where the
    text proper begins, after title and byline. `statute`: the text is that of a rule, article below article. `single`: the
    bulletin is one item, explanations beside it not counted."""

    lead: Span
    items: tuple[Item, ...]
    content: int = 0
    statute: bool = False
    single: bool = True


@dataclass
class _Node:
    heading: Heading
    end: int
    section: str | None = None
    foreign: bool = False
    named_section: bool = False
    children: list[_Node] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.heading.start


Within = Callable[[_Node], list[_Node]]
"""The nodes that bare headings make inside a section."""


def segment(reading: Reading, signals: Signals, title: str) -> Segments:
    """The items of a text, in order; they do not overlap. An empty text has none."""
    body = body_of(reading, title)
    if body.start >= body.end:
        return Segments(Span(0, 0), ())
    statute = _is_statute(reading)
    found = [] if statute else headings(reading)
    content = content_start(reading, body, title)
    tail = tail_start(reading, signals, body)
    best: list[Item] = []
    bare = _any_style(found, reading)
    for kept in (_numbered(found, reading), bare):
        items = _items(reading, signals, kept, bare, tail)
        if len(items) > 1 and _covered(items) > 1.2 * _covered(best):
            best = items
    dated = _dated_paragraphs(reading, signals, body, tail, title)
    if len(dated) > 1 and _covered(dated) > 1.2 * _covered(best):
        best = dated
    rows = _table_rows(reading)
    if len(rows) > 1 and _covered(rows) > _covered(best):
        best = rows
    if len(best) > 1 and (
        _introduces_text(reading, content, best[0].span.start)
        or _one_alert(reading, lines_above=best[0].span.start, items=best)
    ):
        best = []
    if len(best) < 2:
        whole = trimmed(reading.text, content, tail)
        best = [Item(whole)] if whole.start < whole.end else []
        cut = best if statute else _with_closings(reading, signals, best)
        return Segments(Span(whole.start, whole.start), tuple(cut), content, statute)
    first = best[0].span.start
    lead = trimmed(reading.text, content, first) if content < first else Span(first, first)
    cut_items = tuple(_with_closings(reading, signals, best))
    single = sum(not item.explainer for item in cut_items) < 2
    return Segments(lead, cut_items, min(content, first), single=single)


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
            below and h.line + 1 not in heads and below.end - below.start > h.title_end - h.title_start
        ):
            kept.append(h)
    return kept


def _tells(reading: Reading, heading: Heading) -> bool:
    """Whether a bare Chinese line says that something happened; unlike English digests, Chinese ones set many short
    lines (names, keywords, captions) that head nothing."""
    start, end = heading.title_start, heading.title_end
    if section_of(reading, heading)[0]:
        return True
    if end - start < 8 or "：" in reading.text[start : start + 8]:
        return False
    return reading.text[end - 1] == "案" or any(
        reading.has(group, start, end) for group in ("release", "penalty", "incident", "court_outcome")
    )


def _items(
    reading: Reading, signals: Signals, found: Sequence[Heading], bare: Sequence[Heading], tail: int
) -> list[Item]:
    """The items that these headings give; below a section without numbered ones, those that bare headings give."""
    items: list[Item] = []

    def within(node: _Node) -> list[_Node]:
        return _tree([h for h in bare if node.start < h.start < node.end], reading, node.end)

    roots = _tree([h for h in found if h.start < tail], reading, tail)
    _collect(roots, reading, signals, items, within, in_section=False)
    return items


def _tree(found: Iterable[Heading], reading: Reading, end: int) -> list[_Node]:
    roots: list[_Node] = []
    stack: list[tuple[str, _Node]] = []
    for heading in found:
        section, foreign = section_of(reading, heading)
        node = _Node(heading, end, section, foreign, named_section=section is not None)
        style = heading.style
        if heading.style == "part" or (section and style in ("bare", "markup")):
            style = "part" if heading.style == "part" else "section"
            keep = 1 if style == "section" and stack and stack[0][0] == "part" else 0
            closed, stack = stack[keep:], stack[:keep]
        else:
            at = next((i for i, (s, _) in enumerate(stack) if s == style), len(stack))
            closed, stack = stack[at:], stack[:at]
        for _, open_node in closed:
            open_node.end = heading.start
        if stack:
            parent = stack[-1][1]
            parent.children.append(node)
            node.section = node.section or parent.section
            node.foreign = node.foreign or parent.foreign
        else:
            roots.append(node)
        stack.append((style, node))
    return roots


def _collect(
    nodes: Sequence[_Node],
    reading: Reading,
    signals: Signals,
    items: list[Item],
    within: Within,
    *,
    in_section: bool,
) -> None:
    """Adds the items among `nodes`, siblings of one level."""
    candidates = [
        n
        for n in nodes
        if not n.named_section
        and not _is_part(reading, n)
        and (n.heading.style not in ("bare", "markup") or _long_enough(n, reading))
    ]
    worthy = {
        id(n)
        for n in candidates
        if _worthy(n, reading, signals) or _headline(n, reading, in_section=in_section)
    }
    is_series = len(worthy) >= (1 if in_section else 2) and 2 * len(worthy) >= len(candidates)
    # Below the name of a section each numbered or bulleted paragraph is news, whatever words it is told in.
    if in_section and any(n.section in TELLING for n in candidates):
        is_series = True
    # In a series of which most are items, the rest are items too, even if little is said of them.
    whole_series = in_section or (len(worthy) >= 3 and 5 * len(worthy) >= 3 * len(candidates))
    for node in nodes:
        if node.section and node.section.startswith("skip:"):
            continue
        if node.named_section:
            before = len(items)
            _collect(node.children, reading, signals, items, within, in_section=True)
            if len(items) == before:
                inner = [_inherit(n, node) for n in within(node) if not n.named_section]
                _collect(inner, reading, signals, items, within, in_section=True)
            if len(items) == before and node.section == "explainer":
                items.append(_item(node, reading)._replace(explainer=True))
            elif len(items) == before and _worthy(node, reading, signals) and node.section != "topic":
                items.append(_item(node, reading))
            continue
        if not is_series:
            # A series that is none may still hold sections or a series further down.
            if any(child.named_section for child in node.children) or id(node) in worthy:
                _descend(node, reading, signals, items, within, keep=False)
            continue
        if id(node) in worthy:
            _descend(node, reading, signals, items, within, keep=True)
        elif node in candidates and whole_series and _long_enough(node, reading):
            items.append(_item(node, reading))


def _inherit(node: _Node, section: _Node) -> _Node:
    node.section = node.section or section.section
    node.foreign = node.foreign or section.foreign
    for child in node.children:
        _inherit(child, node)
    return node


def _descend(
    node: _Node, reading: Reading, signals: Signals, items: list[Item], within: Within, *, keep: bool
) -> None:
    """The items below a node, or, where there are none, the node itself."""
    below: list[Item] = []
    if node.children:
        _collect(node.children, reading, signals, below, within, in_section=False)
    if len(below) > 1:
        items.extend(below)
    elif keep:
        items.append(_item(node, reading))


def _item(node: _Node, reading: Reading) -> Item:
    return Item(trimmed(reading.text, node.start, node.end), node.heading, node.section, node.foreign)


def _worthy(node: _Node, reading: Reading, signals: Signals) -> bool:
    return _long_enough(node, reading) and signals.is_item(node.start, node.end)


def _headline(node: _Node, reading: Reading, *, in_section: bool) -> bool:
    """Whether the heading by itself is that of an item: …案, or, below a section's name, news."""
    start, end = node.heading.title_start, node.heading.title_end
    if end <= start or node.heading.style in ("bare", "markup"):
        return False
    if reading.text[end - 1] == "案":
        return True
    return in_section and any(
        reading.has(group, start, end)
        for group in ("penalty", "release", "report_noun", "incident", "court_outcome")
    )


def _long_enough(node: _Node, reading: Reading) -> bool:
    heading = node.heading
    if heading.style in ("bullet", "runin"):
        return node.end - heading.start >= SHORTEST[reading.language]
    start = heading.title_end if heading.title_end > heading.title_start else heading.start
    return node.end - start >= SHORTEST[reading.language]


def _is_part(reading: Reading, node: _Node) -> bool:
    """Whether the heading is one of those that name a part of an item."""
    heading = node.heading
    size = heading.title_end - heading.title_start
    if size <= 0:
        return False
    cues = reading.cues("part_titles", heading.title_start, heading.title_end)
    if any(cue.end - cue.start >= 0.6 * size for cue in cues):
        return True
    return reading.text[heading.title_end - 1] in "?？"


def section_of(reading: Reading, heading: Heading) -> tuple[str | None, bool]:
    """The code of the section that a heading opens (None: no section), and whether it is about abroad."""
    start, end = heading.title_start, heading.title_end
    size = end - start
    if size <= 0 or size > 60:
        return None, False
    cues = reading.cues("section", start, end)
    if not cues:
        return None, False
    named = sum(cue.end - cue.start for cue in cues)
    foreign = reading.has("foreign_words", start, end)
    if foreign:
        named += 2 if reading.language == "zh" else 8
    # Words of a topic stand in the headings of items as well; a section named by topic is nothing but its topic.
    if named < (0.85 if all(cue.code == "topic" for cue in cues) else 0.6) * size:
        return None, False
    code = next((cue.code for cue in cues if cue.code not in ("topic", "international")), cues[0].code)
    return code, foreign or code == "international"


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


DECLARED = re.compile(r"([二两三四五六])(?:起|家|例|件|个|款|名)")
_NUMERALS = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}


def _declared(reading: Reading, title: str, body: Span) -> int | None:
    """How many events title or first lines announce (两起…事件)."""
    match = DECLARED.search(title + "\n" + reading.text[body.start : body.start + 120])
    return _NUMERALS[match.group(1)] if match else None


def _dated_paragraphs(reading: Reading, signals: Signals, body: Span, tail: int, title: str) -> list[Item]:
    """Paragraphs that each open with a date and tell of something: a digest without headings. Two are enough where two
    are announced."""
    lines = [line for line in reading.lines if line.start >= body.start and line.end <= tail]
    long_lines = [
        _without_bullet(reading, line)
        for line in lines
        if line.end - line.start >= SHORTEST[reading.language]
    ]
    pattern = _DATED[reading.language]
    dated = [
        line
        for line in long_lines
        if pattern.match(reading.text, line.start, line.end) and signals.is_item(line.start, line.end)
    ]
    if len(dated) != _declared(reading, title, body) and (
        len(dated) < 3 or len(dated) < 0.7 * len(long_lines)
    ):
        return []
    if len(dated) < 2:
        return []
    ends = [line.start for line in dated[1:]] + [tail]
    return [Item(trimmed(reading.text, line.start, end)) for line, end in zip(dated, ends, strict=True)]


TABLE_HEAD = re.compile(r"处罚")
TABLE_PARTY = re.compile(r"当事人|单位名称|企业名称|机构名称|相对人|被处罚|姓名")
ROW_START = re.compile(r"\d{1,4}\t")


def _table_rows(reading: Reading) -> list[Item]:
    """The rows of a table of penalties, each a case: below a header that names party and penalty, each line that begins
    with a number, with the lines that go on."""
    items: list[Item] = []
    in_table = False
    for line in reading.lines:
        text = reading.text[line.start : line.end]
        if (
            "\t" in text
            and TABLE_HEAD.search(text)
            and TABLE_PARTY.search(text)
            and not ROW_START.match(text)
        ):
            in_table = True
        elif in_table and ROW_START.match(text):
            items.append(Item(line, _party(reading, line)))
        elif in_table and items and "\t" in text:
            items[-1] = Item(Span(items[-1].span.start, line.end))
        elif in_table and items:
            in_table = False
    return items


def _party(reading: Reading, line: Span) -> Heading:
    """The row's second cell, whom it is about, as its heading."""
    text = reading.text
    first = text.index("\t", line.start) + 1
    last = text.find("\t", first, line.end)
    start, end = trimmed(text, first, line.end if last < 0 else last)
    return Heading(0, line.start, line.end, start, end, "row")


def _without_bullet(reading: Reading, line: Span) -> Span:
    start = line.start
    while start < line.end and reading.text[start] in "•·●-—–▲►■◆☆★*> \t":
        start += 1
    return Span(start, line.end)


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
