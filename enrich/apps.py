"""Rows of app lists: 《name》（version, store）in running text, tables row by row, the problem that a group of rows shares,
and the number of a batch.

A name in 《》 is an app where a version or a store follows it in brackets, whatever it ends with; without those it may be a
law.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from enrich.numerals import parse_number
from enrich.passage import Passage, evidence
from enrich.reading import Span
from netdocket.records import AppRow

NAMED = re.compile(r"[《\"](?P<name>[^《》\"\n]{1,40})[》\"]\s?\((?P<inside>[^()\n]{2,80})\)")
VERSION = re.compile(
    r"(?:版本号?|[Vv]er(?:sion)?\.?)\s?[:：]?\s?(?P<named>[\w.\-]{1,20})|^\s?[Vv]?(?P<bare>\d{1,4}(?:\.\d{1,6}){1,5})\s?$"
)
PROBLEM = re.compile(
    r"(?:^|\n)\s?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[、.]\s?(?P<label>[^。\n]{4,80}?)。\s?(?:涉及|共涉及|包括)\s?(?P<count>\d{1,4}|[一二三四五六七八九十百]{1,5})\s?(?:款|个)"
)
BATCH = re.compile(
    r"\((?P<year>20\d{2})年第(?P<batch>\d{1,3}|[一二三四五六七八九十]{1,3})批(?:[，,、]?\s?总第(?P<total>\d{1,4})批)?\)"
)
FILING = re.compile(r"[\u4e00-\u9fff]ICP备\d{6,14}号(?:-\d{1,4}[A-Z]?)?")


class Problem(NamedTuple):
    """The problem that a group of apps shares: its words and the number of apps that the text declares."""

    start: int
    end: int
    label: str
    declared: int


class Batch(NamedTuple):
    """The number of a list in its year, and since the beginning; digits as printed."""

    year: str
    batch: str
    total: str | None


def batches(text: str) -> list[Batch]:
    """The batch numbers of a normalised text."""
    found = []
    for match in BATCH.finditer(text):
        number = parse_number(match["batch"])
        found.append(
            Batch(match["year"], str(int(number)) if number is not None else match["batch"], match["total"])
        )
    return found


def problems(text: str, start: int = 0, end: int | None = None) -> list[Problem]:
    """The headings that name a problem and how many apps have it."""
    found = []
    for match in PROBLEM.finditer(text, start, len(text) if end is None else end):
        number = parse_number(match["count"])
        if number is not None:
            found.append(Problem(match.start("label"), match.end(), match["label"], int(number)))
    return found


def named_apps(
    text: str, start: int = 0, end: int | None = None
) -> Iterator[tuple[Span, str, str | None, str | None]]:
    """Apps named in running text: span, name, version, store."""
    for match in NAMED.finditer(text, start, len(text) if end is None else end):
        version, store = _inside(match["inside"])
        if version is not None:
            yield Span(match.start(), match.end()), match["name"], version, store


def app_rows(passage: Passage) -> tuple[AppRow, ...]:
    """The rows of an app list, each with the problem of the group that it stands in; empty where they stand in an
    attachment that was not read."""
    text = passage.facts.masked
    groups = problems(text, passage.start, passage.end)
    rows = list(_tabled(passage))
    for span, name, version, store in named_apps(text, passage.start, passage.end):
        above = [group for group in groups if group.start < span.start]
        rows.append(
            AppRow(
                id=f"a:{len(rows) + 1}",
                name=name,
                version=version,
                store=store,
                problems=(above[-1].label,) if above else (),
                evidence=evidence(span),
                rule="apps.named",
            )
        )
    return tuple(rows)


def _inside(printed: str) -> tuple[str | None, str | None]:
    """Version and store from what stands in the brackets."""
    version = store = None
    for part in re.split(r"[，,、;；]", printed):
        match = VERSION.search(part)
        if match and version is None:
            version = match["named"] or match["bare"]
        elif part.strip():
            store = store or part.strip()
    return version, store


def _tabled(passage: Passage) -> Iterator[AppRow]:
    """Rows of tables rendered line by line, cells parted by tabs. A row without a number goes on the one before."""
    text = passage.facts.masked
    heads = passage.rules.table("apps")["columns"]
    columns: dict[int, str] = {}
    row: dict[str, str] = {}
    where = Span(0, 0)
    count = 0
    for line in passage.reading.lines_in(passage.start, passage.end):
        first = text.rfind("\n", 0, line.start) + 1  # empty cells at the head of a row are white space
        cells = text[first : line.end].split("\t")
        header = _header(cells, heads)
        if header:
            columns = header
            continue
        if not columns or len(cells) < 2:
            continue
        values = {columns[i]: cell.strip() for i, cell in enumerate(cells) if i in columns and cell.strip()}
        if row and not values.get("name"):
            row["problems"] = f"{row.get('problems', '')}\n{values.get('problems', '')}".strip()
            where = Span(where.start, line.end)
            continue
        if row:
            count += 1
            yield _row(row, where, count)
        row, where = (values, line) if values.get("name") else ({}, line)
    if row:
        yield _row(row, where, count + 1)


def _header(cells: Sequence[str], columns: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """What each column holds, when the cells are a table's head: a name and at least one other column. A header takes
    the longest name that it contains (apps.yaml)."""
    found: dict[int, str] = {}
    for index, cell in enumerate(cells):
        printed = cell.strip().lower()
        fits = [(len(head), code) for code, heads in columns.items() for head in heads if head in printed]
        if fits and len(printed) <= 24:
            found[index] = max(fits)[1]
    return found if "name" in found.values() and len(found) >= 2 else {}


def _row(values: Mapping[str, str], where: Span, number: int) -> AppRow:
    filing = values.get("filing") or next(iter(FILING.findall(" ".join(values.values()))), None)
    return AppRow(
        id=f"a:{number}",
        name=values["name"],
        developer=values.get("developer"),
        version=values.get("version"),
        store=values.get("store"),
        filing_number=filing,
        problems=tuple(part for part in re.split(r"[\n；;]", values.get("problems", "")) if part.strip()),
        evidence=evidence(where),
        rule="apps.table",
    )
