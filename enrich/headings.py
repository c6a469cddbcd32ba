"""Headings of a text: which lines carry an enumerator or stand alone above what they head."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from enrich.field_lines import is_field
from enrich.reading import Reading

_CN = "一二三四五六七八九十百"
# One alternative a style; the name of the group is the style. Decimal numbers get a style for each depth.
_ENUMERATOR = re.compile(
    rf"""(?:[\#>*_\s【\[]{{0,6}})(?:
    (?P<case>(?:典型)?案例\s?(?:[{_CN}]{{1,4}}|\d{{1,3}})(?:[\s:：、.]|$|】|\])|案[{_CN}]{{1,3}}[\s:：、]|第[{_CN}\d]{{1,3}}[例起案][\s:：、]|case\s(?:study\s)?(?:\d{{1,3}}|one|two|three|four|five|six|seven|eight|nine|ten)\b[\s:.)–-]?)
    |(?P<part>part\s?\.?\s?(?:\d{{1,2}}|one|two|three|four|five|six|[ivx]{{1,4}})\b|第[{_CN}]{{1,3}}部分)
    |(?P<cn>[{_CN}]{{1,4}}[、.:：]|[{_CN}]{{1,3}}\s)
    |(?P<paren_cn>[(（][{_CN}]{{1,4}}[)）])
    |(?P<decimal>\d{{1,2}}(?:\.\d{{1,2}}){{1,3}}(?:[.、\s]|(?=[^\d.%\s])))
    |(?P<paren>[(（]\d{{1,2}}[)）])
    |(?P<paren_letter>[(](?:[a-h]|[ivx]{{1,4}})[)](?=\s))
    |(?P<item>(?-i:No\.|Item|Story|Update|News)\s?\d{{1,2}}[.:)]?(?=\s))
    |(?P<roman>[IVX]{{1,5}}\s?[.、)])
    |(?P<zero>0\d(?:[.、\s]|(?=[\u4e00-\u9fff《"“])|$))
    |(?P<num>\d{{1,3}}(?:[.、)]|\s?[—–-](?=\s))(?!\d))
    |(?P<lettered>(?-i:[A-H])(?:\.\d{{1,2}}(?:\.\d{{1,2}})?[.):]?|\d{{1,2}}[.):])(?=\s))
    |(?P<question>(?-i:Q)\.?\s?\d{{1,2}}[.):]?(?=\s))
    |(?P<letter>[A-H][.)](?=\s))
    |(?P<circle>[①-⑳❶-❿])
    )[*\s】\]]*""",
    re.VERBOSE | re.IGNORECASE,
)
# A bold label at the head of a paragraph: **Fine for clinic** – The police fined …
_LABEL = re.compile(r"(?:[-*•]\s{1,3})?\*\*(?P<title>[^*\n]{3,160})\*\*\s{0,2}[:：–—-]?\s")
# The same in brackets, in Chinese: 【网吧未实名被罚】3月22日，…
_BRACKETED = re.compile(r"\s{0,4}【(?P<title>[^【】\n]{4,60})】[:：]?(?=\S)")
_BULLET = re.compile(r"[-–—•·●▪■◆►▲☆★*‣○o]\s{1,4}(?=\S)")
# A label that runs on into its paragraph: "Fine for a clinic. On 3 May, …", "- Data export: The ministry …".
_LABEL_STOP = re.compile(r"(?<=[^\s.:])(?:[.:]|\s[–—-])\s(?=[\"“']?[A-Z0-9])")
_RUNS_ON = 60
_NO_LABEL = re.compile(
    r"(?:On|In|As of|At|According to|Under|By|From|The|This|These)\s[^\n]{0,108}?(?:,|\b(?:was|were|has|have|had|is|are|will|said|announced|issued|released|published|fined|ordered|opened|found)\b)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:No|Nos|Art|Arts|Co|Ltd|Inc|Corp|Mr|Ms|Mrs|Dr|St|vs|v|U\.S|e\.g|i\.e)|\b[A-Z])$"
)
LONGEST_LABEL = 110
_MARKUP = re.compile(r"(?:\#{1,6}\s+|\*\*|__)")
_SENTENCE_END = tuple("。.;；!！,，、:：")
_CLOSERS = "*_#=】] \t"
LONGEST_BARE = {"zh": 60, "en": 180}
LONGEST_TITLE = {"zh": 80, "en": 260}


class Heading(NamedTuple):
    """`start`, `end`: the line. `title_start`, `title_end`: the words of the heading without number and marks; where the
    line is running text they are empty and stand where that begins."""

    line: int
    start: int
    end: int
    title_start: int
    title_end: int
    style: str


def headings(reading: Reading) -> list[Heading]:
    """All lines that may head something, in order."""
    found = []
    paragraphs = _paragraph_heads(reading)
    for number, (start, end) in enumerate(reading.lines):
        heading = (
            paragraphs.get(number)
            or _enumerated(reading, number, start, end)
            or _labelled(reading, number, start, end)
            or _bare(reading, number, start, end)
        )
        if heading:
            found.append(heading)
    return _asked(found, reading)


LEAST_QUESTIONS = 3


def _asked(found: list[Heading], reading: Reading) -> list[Heading]:
    """The headings, those of an English text that asks its way through the news marked as `question`."""
    if reading.language != "en":
        return found
    asked = {
        h.line
        for h in found
        if h.style == "question"
        or (h.style in ("bare", "markup") and reading.text[h.title_end - 1 : h.title_end] == "?")
    }
    if len(asked) < LEAST_QUESTIONS:
        return found
    return [h._replace(style="question") if h.line in asked else h for h in found]


def _enumerated(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    text = reading.text
    match = _ENUMERATOR.match(text, start, end)
    if match is None:
        return None
    style = match.lastgroup or ""
    if style == "decimal":
        style += str(match.group("decimal").rstrip(".、 ").count(".") + 1)
    title_start, title_end = _stripped(text, match.end(), end)
    while style == "part" and title_start < title_end and text[title_start] in ":：.–—- ":
        title_start += 1
    if style in (
        "case",
        "num",
        "cn",
        "paren_cn",
        "paren",
        "zero",
        "roman",
        "letter",
        "lettered",
        "question",
        "paren_letter",
        "item",
        "circle",
    ) and (
        title_end - title_start > LONGEST_TITLE[reading.language]
        or (text[title_end - 1 : title_end] in _SENTENCE_END and title_end - title_start > 30)
    ):
        title_end = title_start
    return Heading(number, start, end, title_start, title_end, style)


def _labelled(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    label = _BRACKETED if reading.language == "zh" else _LABEL
    match = label.match(reading.text, start, end) or _LABEL.match(reading.text, start, end)
    if match is None or end - match.end() < 20:
        return None
    return Heading(number, start, end, match.start("title"), match.end("title"), "label")


def _paragraph_heads(reading: Reading) -> dict[int, Heading]:
    """Of an English digest whose paragraphs are its items, each opened by a bullet, by a label that runs on or by cells:
    these openings by line. Empty unless most long lines are of that form. Labels that come back (What happened: …) name
    parts of items."""
    if reading.language != "en":
        return {}
    heads: dict[int, Heading] = {}
    longer = parts = 0
    for number, (start, end) in enumerate(reading.lines):
        bulleted = _BULLET.match(reading.text, start, end) is not None
        if end - start < (_SHORT_BULLET if bulleted else LONGEST_LABEL // 2 + _RUNS_ON):
            continue
        longer += 1
        heading = _cell_head(reading, number, start, end) or _paragraph_head(reading, number, start, end)
        if heading and heading.style == "runin" and _PART_LABEL.match(reading.text, heading.title_start):
            parts += 1
        elif heading:
            heads[number] = heading
    labels = Counter(_label_of(reading, heading) for heading in heads.values())
    kept = {n: h for n, h in heads.items() if h.style == "bullet" or labels[_label_of(reading, h)] == 1}
    return kept if len(kept) >= 2 and len(heads) + parts >= PARAGRAPHS * longer else {}


PARAGRAPHS = 0.6
LONGEST_CELL = 60
_SHORT_BULLET = 60
_PART_LABEL = re.compile(
    r"(?:What|Why|How|Who|When|Where|Comment|Our (?:view|comment|take)|Takeaway|Note)\b[^?\n]{0,40}[.:]\s"
)
"""A label that asks what part of the story follows, and opens none."""


def _label_of(reading: Reading, heading: Heading) -> str:
    return reading.text[heading.title_start : heading.title_end].lower()


def _cell_head(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    """A paragraph behind one or two short cells: "Harbin | police | Two students …"."""
    text = reading.text
    cells = list(re.finditer(r"[^|]+", text[start:end]))
    if not 2 <= len(cells) <= 4 or end - start - cells[-1].start() < _RUNS_ON:
        return None
    if any(len(cell.group().strip()) > LONGEST_CELL or not cell.group().strip() for cell in cells[:-1]):
        return None
    title_start, title_end = _stripped(text, start, start + cells[0].end())
    return Heading(number, start, end, title_start, title_end, "runin")


def _paragraph_head(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    text = reading.text
    bullet = _BULLET.match(text, start, end)
    at = bullet.end() if bullet else start
    if text.startswith("**", at) or _ENUMERATOR.match(text, at, end):
        return None
    found = None
    for match in _LABEL_STOP.finditer(text, at + 4, min(end, at + LONGEST_LABEL)):
        if _ABBREVIATION.search(text, max(at, match.start() - 4), match.start()) is None:
            found = match
            break
    if found is not None and end - found.end() >= _RUNS_ON and not _NO_LABEL.match(text, at, found.start()):
        title_end = _label_end(text, at, found, end)
        return Heading(number, start, end, at, title_end, "bullet" if bullet else "runin")
    return Heading(number, start, end, at, at, "bullet") if bullet else None


def _label_end(text: str, at: int, found: re.Match[str], end: int) -> int:
    """Of "Enforcement in Ezhou: a case concerning a clinic: The clinic …" the end of the second part, where one follows."""
    further = re.compile(r"\s?[^\n.:]{3,70}:\s(?=[A-Z])").match(
        text, found.end(), min(end, at + LONGEST_LABEL + 20)
    )
    if text[found.start()] == ":" and further and end - further.end() >= _RUNS_ON:
        return further.end() - 2
    return found.start()


def _bare(reading: Reading, number: int, start: int, end: int) -> Heading | None:
    """A short line without a full stop that something longer follows."""
    text = reading.text
    markup = _MARKUP.match(text, start, end)
    title_start, title_end = _stripped(text, start, end)
    size = title_end - title_start
    if not 3 <= size <= LONGEST_BARE[reading.language] or text[title_end - 1] in _SENTENCE_END:
        return None
    if text[title_start] in "•·●-—–▲►■◆☆★(（\"'" or text.startswith(
        ("http://", "https://", "www."), title_start
    ):
        return None
    if text.find("\t", title_start, title_end) >= 0 or is_field(reading, number):
        return None  # a row of a table, a line of fields
    return Heading(number, start, end, title_start, title_end, "markup" if markup else "bare")


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _CLOSERS + "[【":
        start += 1
    while end > start and text[end - 1] in _CLOSERS:
        end -= 1
    return start, end
