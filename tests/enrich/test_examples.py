"""The constructed examples of the field notes, one by one: text and what a reader makes of it.

They lie beside the checkout, in ../shared/domain; without that folder these tests are skipped (fixture `shared`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from enrich.catalogue import load_knowledge
from enrich.citations import find_citations
from enrich.context import context_of
from enrich.dates import find_dates
from enrich.money import find_money, yuan
from enrich.persons import find_persons


def money(text: str) -> list[Decimal]:
    return [yuan(money) for money in find_money(text)]


def citations(text: str) -> list[list[Any]]:
    """[law as printed, [article strings]], one entry a run of articles; nothing around the text to resolve 该法 with."""
    out: list[list[Any]] = []
    last = -1
    for citation in find_citations(text, load_knowledge(), resolve=False):
        if citation.run != last:
            out.append([citation.law_name, []])
        last = citation.run
        if citation.article_string is not None:
            out[-1][1].append(citation.article_string)
    return out


def dates(text: str) -> list[str]:
    return [text[date.start : date.end] for date in find_dates(text)]


def persons(text: str) -> list[str]:
    return [name.masked for name in find_persons(text, load_knowledge())]


READERS: dict[str, Callable[[str], Any]] = {
    "money_zh": money, "money_en": money, "cites_zh": citations, "cites_en": citations,
    "ctx": lambda text: context_of(text, load_knowledge()), "date_zh": dates, "date_en": dates, "subj_zh": persons,
}  # fmt: skip


@pytest.mark.parametrize("function", READERS)
def test_examples(shared: Path, function: str) -> None:
    lines = (shared / "domain" / "pattern_examples.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [row for row in map(json.loads, lines) if row["f"] == function]
    assert examples
    wrong = {}
    for row in examples:
        want = row["want"]
        if function == "subj_zh":
            # Names of bodies are read elsewhere; here no body may be taken for a person.
            want = [name for name in want if not any(word in name for word in ("公司", "小学"))]
        got = READERS[function](row["text"])
        if got != want:
            wrong[row["text"]] = (got, want)
    assert not wrong
