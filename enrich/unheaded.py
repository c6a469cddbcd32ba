"""Items without headings: paragraphs that each open with a date, and the rows of a table of penalties."""

from __future__ import annotations

import re

from enrich.bounds import SHORTEST
from enrich.headings import Heading
from enrich.items import Item
from enrich.reading import Reading, Span, trimmed
from enrich.signals import Signals

DATED = {
    "zh": re.compile(r"[^\n。]{0,12}?(?:(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|近日|日前)"),
    "en": re.compile(r"(?:On|In|As of|Recently|Earlier|Effective)\b[^\n.]{0,30}?(?:\d{4}|\d{1,2}|,)"),
}
DECLARED = re.compile(r"([二两三四五六])(?:起|家|例|件|个|款|名)")
NUMERALS = {"二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}


def _declared(reading: Reading, title: str, body: Span) -> int | None:
    """How many events title or first lines announce (两起…事件)."""
    match = DECLARED.search(title + "\n" + reading.text[body.start : body.start + 120])
    return NUMERALS[match.group(1)] if match else None


def dated_paragraphs(reading: Reading, signals: Signals, body: Span, tail: int, title: str) -> list[Item]:
    """Paragraphs that each open with a date and tell of something: a digest without headings. Two are enough where two
    are announced."""
    lines = [line for line in reading.lines if line.start >= body.start and line.end <= tail]
    long_lines = [
        _without_bullet(reading, line)
        for line in lines
        if line.end - line.start >= SHORTEST[reading.language]
    ]
    pattern = DATED[reading.language]
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


TABLE_HEAD = re.compile(
    r"处罚|处理结果|\b(?:penalt(?:y|ies)|sanctions?|outcome|fines?|measures?|decision|results?|action|amount|consequence)\b",
    re.IGNORECASE,
)
TABLE_PARTY = re.compile(
    r"当事人|单位名称|企业名称|机构名称|相对人|被处罚|姓名"
    r"|\b(?:subject|party|company|entity|operator|organi[sz]ation|respondent|who|target|defendant|addressee|recipient|offender|name|bank|matter|case)\b",
    re.IGNORECASE,
)
ROW_START = re.compile(r"(?:\|\s{0,3})?\d{1,4}\s{0,3}[\t|]")
NUMBERED_ROW = re.compile(r"\d{1,3}\s{1,4}(?P<party>\S[^\n]{1,80}?)\s\S{0,12}?罚决?字?\s?[〔\[（(]20\d\d")
"""A row whose cells have lost their bounds: number, party, number of the decision."""
FORM_PARTY = re.compile(r"(?:当事人|相对人)(?:姓名|名称|姓名或名称)?\s?[：:\t]\s?(?P<who>[^\n]{2,60})")
FORM_START = re.compile(r"\s{0,4}(?:行政)?处罚决定(?:书)?(?:文号|编号|文书号)\s?[：:\t]")
RULE = re.compile(r"[|\s:+-]+")
LEAST_CELLS = 3


def table_rows(reading: Reading) -> list[Item]:
    """The rows of a table of penalties, each a case: below a header that names party and penalty, each line that begins
    with a number or has as many cells as the header, with the lines that go on. Cells end with a tab or a bar."""
    aligned = _aligned_rows(reading)
    if aligned:
        return aligned
    items: list[Item] = []
    header: list[str] = []
    for line in reading.lines:
        text = reading.text[line.start : line.end]
        cells = _cells(text)
        spaced = NUMBERED_ROW.match(text) if "\t" not in text and "|" not in text else None
        if spaced:
            party = trimmed(
                reading.text, line.start + spaced.start("party"), line.start + spaced.end("party")
            )
            items.append(Item(line, Heading(0, line.start, line.end, *party, "row")))
        elif header and (ROW_START.match(text) or len(cells) == len(header)):
            if not RULE.fullmatch(text):
                items.append(Item(line, _party(reading, line, header)))
        elif header and items and len(cells) > 1:
            items[-1] = Item(Span(items[-1].span.start, line.end))
        elif len(cells) >= LEAST_CELLS and TABLE_HEAD.search(text) and TABLE_PARTY.search(text):
            header = cells
        elif header and items:
            header = []
    return items


_GAP = re.compile(r" {2,}")


def _aligned_rows(reading: Reading) -> list[Item]:
    """The rows of an English table whose columns are set with spaces: below a header of party and penalty each line that
    begins at the margin, with those that are set in below it; the table ends where a line at the margin has one cell."""
    if reading.language != "en":
        return []
    items: list[Item] = []
    columns = 0
    for line in reading.lines:
        if not columns and (line.end - line.start >= 160 or reading.text.find("  ", *line) < 0):
            continue  # no header
        text = reading.text[line.start : line.end]
        set_in = reading.text[line.start - 1 : line.start] in (" ", "\t")
        cells = _GAP.split(text)
        if not columns:
            if len(cells) >= LEAST_CELLS and TABLE_HEAD.search(text) and TABLE_PARTY.search(text):
                columns = len(cells)
        elif re.fullmatch(r"[-=_ ]+", text):
            continue
        elif items and (set_in or len(cells) < min(columns - 1, 3)) and (set_in or len(cells) > 1):
            items[-1] = items[-1]._replace(span=Span(items[-1].span.start, line.end))
        elif len(cells) >= min(columns - 1, 3):
            first = line.start + len(cells[0])
            items.append(Item(line, Heading(0, line.start, line.end, line.start, first, "row")))
        elif items:
            break
    return items if len(items) > 1 else []


def forms(reading: Reading, tail: int) -> list[Item]:
    """Decisions in the form of fields, one below another: each from the field of its number to the next."""
    starts = [line.start for line in reading.lines if FORM_START.match(reading.text, *line)]
    ends = [*starts[1:], tail]
    spans = [trimmed(reading.text, *span) for span in zip(starts, ends, strict=False) if span[0] < span[1]]
    return [Item(span, _form_heading(reading.text, span)) for span in spans]


def _form_heading(text: str, span: Span) -> Heading:
    """Whom the form is about, else its first line."""
    party = FORM_PARTY.search(text, *span)
    newline = text.find("\n", *span)
    start, end = party.span("who") if party else (span.start, newline if newline > 0 else span.end)
    return Heading(0, start, end, start, end, "row")


def _cells(text: str) -> list[str]:
    """The cells of a line; those that a bar before the first or behind the last would make are none."""
    if "\t" not in text and "|" not in text:
        return [text]
    return re.split(r"\t|\s?\|\s?", text.strip("| "))


def _party(reading: Reading, line: Span, header: list[str]) -> Heading:
    """The cell that the header names as whom it is about, else the second, as the row's heading."""
    column = next((i for i, name in enumerate(header) if TABLE_PARTY.search(name)), 1)
    text = reading.text
    start = line.start + (reading.text[line.start] == "|")
    for _ in range(column):
        ends = [at for at in (text.find("\t", start, line.end), text.find("|", start, line.end)) if at >= 0]
        if not ends:
            break
        start = min(ends) + 1
    ends = [at for at in (text.find("\t", start, line.end), text.find("|", start, line.end)) if at >= 0]
    start, end = trimmed(text, start, min(ends, default=line.end))
    return Heading(0, line.start, line.end, start, end, "row")


def _without_bullet(reading: Reading, line: Span) -> Span:
    start = line.start
    while start < line.end and reading.text[start] in "•·●-—–▲►■◆☆★*> \t":
        start += 1
    return Span(start, line.end)
