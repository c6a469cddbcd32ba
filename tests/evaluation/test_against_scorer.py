"""The figures are those of the scorer that belongs to the labelled bulletins: on what the classifier finds, and on records
with every mistake that a classifier could make. The scorer was written by others, from the same rules."""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from enrich import load_knowledge
from netdocket.evaluation import (
    Answer,
    Document,
    Half,
    Label,
    classified,
    evaluate,
    load_vocabulary,
    read_labels,
)
from netdocket.evaluation.figures import figures_of
from netdocket.evaluation.labels import check_spans
from netdocket.evaluation.measures import judge
from netdocket.evaluation.results import Figure

Rows = list[dict[str, Any]]
ROUNDS = 60


@pytest.fixture(scope="module")
def gold(shared: Path) -> Path:
    return shared / "gold"


@pytest.fixture(scope="module")
def scorer(gold: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("labelled_scorer", gold / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def labels(gold: Path) -> list[Label]:
    return read_labels([gold / "labels.jsonl", gold / "incidents.jsonl"], load_vocabulary())


@pytest.fixture(scope="module")
def raw(gold: Path) -> Rows:
    return [
        json.loads(line)
        for name in ("labels.jsonl", "incidents.jsonl")
        for line in (gold / name).read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


@pytest.fixture(scope="module")
def found(gold: Path, labels: list[Label]) -> Rows:
    """What the classifier finds, in the exchange form."""
    knowledge = load_knowledge()
    rows: Rows = []
    for name in sorted({label.doc for label in labels}):
        document, text = classified(gold / "docs" / f"{name}.txt", knowledge)
        check_spans(labels, name, text)
        rows += [dict(answer.row) for answer in document.answers]
    return rows


def ours(labels: list[Label], rows: Rows, half: Half) -> dict[str, dict[str, float]]:
    """Our figures in the shape of the scorer's."""
    by_doc: dict[str, list[Answer]] = {}
    for given in rows:
        by_doc.setdefault(given["doc"], []).append(Answer(row=given))
    documents = [Document(name=name, answers=answers) for name, answers in by_doc.items()]
    return shaped(evaluate(labels, documents, half=half, worst=0).figures)


def shaped(figures: Mapping[str, Figure]) -> dict[str, dict[str, float]]:
    out = {}
    for name, figure in figures.items():
        parts = {"value": figure.value}
        if figure.precision is not None and figure.recall is not None:
            parts = {"precision": figure.precision, "recall": figure.recall, "f1": figure.value}
        out[name] = {part: round(value, 3) for part, value in parts.items()} | {"n": figure.n}
    return out


@pytest.mark.parametrize("half", ["all", "even", "odd"])
def test_on_what_the_classifier_finds(
    half: Half, scorer: ModuleType, raw: Rows, labels: list[Label], found: Rows
) -> None:
    kept = [r for r in raw if half == "all" or (int(r["doc"]) % 2 == 0) == (half == "even")]
    assert ours(labels, found, half) == scorer.score(kept, found)


def test_on_nothing(scorer: ModuleType, raw: Rows, labels: list[Label]) -> None:
    assert ours(labels, [], "all") == scorer.score(raw, [])


def test_on_every_mistake(scorer: ModuleType, raw: Rows, labels: list[Label], found: Rows) -> None:
    for seed in range(ROUNDS):
        rows = mistaken(found, random.Random(seed))
        judged = [
            list(judge([one for one in labels if one.doc == doc], answers(rows, doc), load_vocabulary()))
            for doc in sorted({label.doc for label in labels})
        ]
        assert shaped(figures_of(judged, intervals=False)) == scorer.score(raw, rows), f"seed {seed}"


def answers(rows: Rows, doc: str) -> list[Answer]:
    return [Answer(row=given) for given in rows if given["doc"] == doc]


def mistaken(rows: Rows, dice: random.Random) -> Rows:
    """Records with one mistake in two of them, some left out, some told twice, in another order."""
    out: Rows = []
    for given in rows:
        if dice.random() < 0.1:
            continue
        copy = deepcopy(given)
        if dice.random() < 0.5:
            dice.choice(MISTAKES)(copy, dice)
        out.append(copy)
        if dice.random() < 0.1:
            out.append(deepcopy(copy))
    dice.shuffle(out)
    return out


def moved(row: dict[str, Any], dice: random.Random) -> None:
    length = row["char_end"] - row["char_start"]
    row["char_start"] += dice.randint(-length // 2, length // 2)
    row["char_end"] = row["char_start"] + max(1, int(length * dice.uniform(0.3, 1.8)))


def another_kind(row: dict[str, Any], dice: random.Random) -> None:
    row["kind"] = dice.choice([*load_vocabulary().kinds, "CONTAINER"])


def abroad(row: dict[str, Any], dice: random.Random) -> None:
    row["jurisdiction"] = dice.choice(["US", "ZZ", None])


def other_violations(row: dict[str, Any], dice: random.Random) -> None:
    codes = [*load_vocabulary().violations, "NEVER_HEARD_OF"]
    row["violations"] = [*row["violations"], *dice.choices(codes, k=dice.randint(1, 4))]


def other_penalties(row: dict[str, Any], dice: random.Random) -> None:
    codes = [*load_vocabulary().penalties, "RESTORE_FEES", "OTHER"]
    row["penalties"] += [
        {
            "type": dice.choice(codes),
            "target": dice.choice(["entity", "individual", None]),
            "amount_cny": dice.choice([None, 0, 5000, 50000.0, 1e6]),
            "count": dice.choice([None, 1, 3, 250]),
            **({"detail": "combined"} if dice.random() < 0.3 else {}),
        }
        for _ in range(dice.randint(1, 3))
    ]


def changed_penalties(row: dict[str, Any], dice: random.Random) -> None:
    for penalty in row["penalties"]:
        penalty["target"] = dice.choice(["entity", "individual"])
        penalty["count"] = dice.choice([None, 2])
        if penalty["amount_cny"]:
            penalty["amount_cny"] *= dice.choice([1, 10])


def other_citations(row: dict[str, Any], dice: random.Random) -> None:
    roles = ["violated", "basis", "mentioned", None]
    for citation in row["citations"]:
        citation["role"] = dice.choice(roles)
        citation["law"] = dice.choice(
            [citation["law"], f"{citation['law']}-2016", "《中华人民共和国密码法》"]
        )
    articles = ["21", "21(1)[3]", "253-1", None]
    row["citations"] += [{"law": "CSL", "article": dice.choice(articles), "role": dice.choice(roles)}]


def other_authority(row: dict[str, Any], dice: random.Random) -> None:
    row["authority_type"] = dice.choice([*load_vocabulary().authorities, "NDA", None])


def other_dates(row: dict[str, Any], dice: random.Random) -> None:
    days = [None, "2024", "2024-03", "2024-03-05", row["dates"]["published"]]
    row["dates"] = dice.choice([None, {"decision": dice.choice(days), "published": dice.choice(days)}])


def other_development(row: dict[str, Any], dice: random.Random) -> None:
    days = [None, "2024-03", "2024-03-05"]
    row["regulatory"] = dice.choice(
        [
            None,
            {
                "issuer_types": dice.choices(["CAC_NATIONAL", "MIIT", "MPS", "NDA"], k=dice.randint(0, 3)),
                "status": dice.choice([None, "draft", "issued", "amended", "in_force"]),
                "instrument": dice.choice([None, "CSL", "NDSR"]),
                "published": dice.choice(days),
                "effective": dice.choice(days),
                "consultation_until": dice.choice(days),
            },
        ]
    )


def other_incident(row: dict[str, Any], dice: random.Random) -> None:
    row["incident"] = dice.choice(
        [
            None,
            {
                "types": dice.choices(["DATA_BREACH", "RANSOMWARE", "VULN_NOTICE"], k=dice.randint(0, 3)),
                "identifiers": dice.choices(["cve-2024-38812", "CVE-2024-38812", "CNVD-2024-41447"], k=2),
                "scale": [
                    {"what": "records", "value": 399000, "unit": "record"},
                    {"what": "money", "value": dice.choice([None, 2250000]), "unit": "USD"},
                ],
            },
        ]
    )


MISTAKES: list[Callable[[dict[str, Any], random.Random], None]] = [
    moved, another_kind, abroad, other_violations, other_penalties, changed_penalties, other_citations, other_authority,
    other_dates, other_development, other_incident,
]  # fmt: skip
