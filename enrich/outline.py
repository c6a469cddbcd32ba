"""The tree that headings make, and the items among its nodes.

A node whose children tell of something that happened is a section, and its children are the items; a node whose children
do not (the paragraphs of a notice, the parts of a judgment, the recommendations of an alert) is one item itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from enrich.bounds import SHORTEST
from enrich.headings import Heading
from enrich.items import Item
from enrich.reading import Reading, trimmed
from enrich.section_names import section_named
from enrich.signals import Signals

RUN_ON = frozenset({"label", "runin"})
"""Headings that their paragraph follows in the same line."""
TELLING = frozenset({"regulatory", "enforcement", "court", "industry", "incident", "international"})
"""Sections whose name says what the items below are, unlike a mere topic."""


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


RUNNING = frozenset({"bullet", "runin", "question"})
"""Styles of headings that most paragraphs of a text have, or none."""
SHORTEST_BULLET = 60
MANY = 3
"""So many items of a level make it a series, even where they are only a third of it."""
WHOLE = "whole:"
"""Before the code of a name that opens a section only where it is all of the heading."""
_ABOUT = re.compile(r"\s(?:on|for|of|about|concerning|regarding|under)\s", re.IGNORECASE)
Within = Callable[[_Node], list[_Node]]
"""The nodes that bare headings make inside a section."""


def items_of(
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
        if heading.style in RUN_ON:
            section = None  # **Algorithms.** Since 1 March …: the words of one item
        node = _Node(heading, end, section, foreign, named_section=section is not None)
        style = heading.style
        if section in TELLING and stack and (stack[0][1].section or "").startswith("skip:"):
            # No summary holds the sections of the digest.
            for _, open_node in stack:
                open_node.end = heading.start
            stack = []
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
    listed = {id(n) for n in candidates}
    is_series = len(worthy) >= (1 if in_section else 2) and 2 * len(worthy) >= len(candidates)
    is_series = is_series or (len(worthy) >= MANY and 3 * len(worthy) >= len(candidates))
    # Below the name of a section each numbered or bulleted paragraph is news, whatever words it is told in.
    if in_section and any(n.section in TELLING for n in candidates):
        is_series = True
    # In a series of which most are items, the rest are items too, even if little is said of them.
    whole_series = in_section or (len(worthy) >= MANY and 5 * len(worthy) >= 3 * len(candidates))
    if reading.language == "en" and len(worthy) >= MANY and 5 * len(worthy) >= 2 * len(candidates):
        # What English digests number or label, they tell; bare lines may head parts of one story.
        whole_series = whole_series or all(n.heading.style not in ("bare", "markup") for n in candidates)
    # Below running labels that most paragraphs have, each is an item.
    if is_series and len(worthy) >= 2 and all(n.heading.style in RUNNING for n in candidates):
        whole_series = True
    for node in nodes:
        if node.section and node.section.startswith("skip:"):
            if node.section == "skip:highlights" and _summed_up(node, reading):
                free = [_freed(child) for child in node.children]
                _collect(free, reading, signals, items, within, in_section=False)
            continue
        if node.named_section:
            before = len(items)
            _collect(node.children, reading, signals, items, within, in_section=True)
            if len(items) == before:
                inner = [_inherit(n, node) for n in within(node) if not n.named_section]
                _collect(inner, reading, signals, items, within, in_section=True)
            if len(items) == before and node.section == "explainer":
                items.append(_item(node, reading)._replace(explainer=True))
            elif len(items) == before and (
                (_worthy(node, reading, signals) and node.section != "topic")
                or (node.section in TELLING and node.heading.line > 0 and _long_enough(node, reading))
            ):
                items.append(_item(node, reading))
            continue
        if not is_series:
            # A series that is none may still hold sections or a series further down.
            if any(child.named_section for child in node.children) or id(node) in worthy:
                _descend(node, reading, signals, items, within, keep=False)
            continue
        if id(node) in worthy:
            _descend(node, reading, signals, items, within, keep=True)
        elif whole_series and id(node) in listed and _long_enough(node, reading):
            items.append(_item(node, reading))


def _summed_up(node: _Node, reading: Reading) -> bool:
    """Whether a summary in running text stands below the bare word for it, and bare headings follow, which are no part
    of it."""
    if node.heading.style not in ("bare", "markup") or any(
        child.heading.style not in ("bare", "markup") for child in node.children
    ):
        return False
    first = min((child.start for child in node.children), default=node.end)
    return bool(node.children) and first - node.heading.end >= SHORTEST[reading.language]


def _freed(node: _Node) -> _Node:
    """The node without the section that it had from the one above."""
    if not node.named_section:
        node.section = None
        for child in node.children:
            _freed(child)
    return node


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
    if heading.style in RUNNING:
        least = SHORTEST_BULLET if heading.style == "bullet" else SHORTEST[reading.language]
        return node.end - heading.start >= least
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
    return reading.text[heading.title_end - 1] in "?？" and heading.style != "question"


def section_of(reading: Reading, heading: Heading) -> tuple[str | None, bool]:
    """The code of the section that a heading opens (None: no section), and whether it is about abroad."""
    start, end = heading.title_start, heading.title_end
    size = end - start
    if size <= 0 or size > 60:
        return None, False
    cues = [
        cue._replace(code=cue.code.removeprefix(WHOLE))
        for cue in reading.cues("section", start, end)
        if not cue.code.startswith(WHOLE) or cue.end - cue.start >= 0.85 * size
    ]
    if not cues:
        composed = section_named(reading, start, end)
        return composed, composed == "international"
    named = sum(cue.end - cue.start for cue in cues)
    foreign = reading.has("foreign_words", start, end)
    if foreign:
        named += 2 if reading.language == "zh" else 8
    # Words of a topic stand in the headings of items as well; a section named by topic is nothing but its topic, and one
    # named beside its topic does not say what it is on (Draft rules on personal information).
    topics = sum(cue.code == "topic" for cue in cues)
    if named < (0.85 if topics == len(cues) else 0.6) * size:
        composed = section_named(reading, start, end)
        return composed, foreign or composed == "international"
    if 0 < topics < len(cues) and _ABOUT.search(reading.text, start, end):
        return None, False
    code = next((cue.code for cue in cues if cue.code not in ("topic", "international")), cues[0].code)
    return code, foreign or code == "international"
