"""The constructed examples of the domain folder that are about items, figures and app lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from enrich import load_knowledge
from enrich.apps import batches, named_apps, problems
from enrich.figures import figures
from enrich.normalise import normalise
from enrich.passage import Passage
from enrich.reading import Span
from enrich.rulebook import rulebook
from enrich.segment import Item
from enrich.whole import read_whole
from tests.enrich.bulletins import bulletin

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "domain" / "pattern_examples.jsonl"
FUNCTIONS = ("rollup_zh", "rollup_en", "split_zh", "split_en", "apps", "section", "batch")


def examples() -> list[dict[str, Any]]:
    if not EXAMPLES.is_file():
        return []
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    return [example for line in lines if (example := json.loads(line))["f"] in FUNCTIONS]


def answer(function: str, text: str) -> Any:
    if function == "apps":
        return [[name, version, store] for _, name, version, store in named_apps(normalise(text))]
    if function == "section":
        return [[problem.label, problem.declared] for problem in problems(normalise(text))]
    if function == "batch":
        return [list(batch) for batch in batches(normalise(text))]
    whole = read_whole(
        bulletin(text, language="zh" if function.endswith("zh") else "en"), rulebook(load_knowledge())
    )
    if function.startswith("rollup"):
        passage = Passage(whole.facts, Item(Span(0, len(text))), "", "")
        return {figure.metric: figure.value for figure in figures(passage)}
    items = whole.segments.items
    if function == "split_zh":
        return len(items)
    return [[i.section, text[i.heading.title_start : i.heading.title_end]] for i in items if i.heading]


@pytest.mark.skipif(
    not EXAMPLES.is_file(), reason="the folder ../shared (domain examples) is not beside this checkout"
)
def test_there_are_examples_of_every_function() -> None:
    assert {example["f"] for example in examples()} == set(FUNCTIONS)


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example['f']}: {example['text'][:24]}")
def test_example(example: dict[str, Any]) -> None:
    assert answer(example["f"], example["text"]) == example["want"]
