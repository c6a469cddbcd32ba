"""A small labelled set of our own, and records made from labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from enrich import load_knowledge
from netdocket.evaluation import Document, Label, classified, load_vocabulary, read_labels

SET = Path(__file__).parent / "set"


@pytest.fixture(scope="session")
def labelled() -> tuple[list[Label], list[Document]]:
    labels = read_labels([SET / "labels.jsonl"], load_vocabulary())
    knowledge = load_knowledge()
    names = sorted({label.doc for label in labels})
    return labels, [classified(SET / "docs" / f"{name}.txt", knowledge)[0] for name in names]


def row(label: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The record that a careful reader of `label` would write, in the exchange form, with `changes`."""
    vocabulary = load_vocabulary()

    def code(table: dict[str, Any], wanted: str) -> str:
        return next(c for c, stands in table.items() if wanted == stands or wanted in tuple(stands))

    made = {
        "doc": label["doc"],
        "kind": code(vocabulary.kinds, label["kind"]),
        "char_start": label["char_start"],
        "char_end": label["char_end"],
        "jurisdiction": "FR" if label.get("foreign") else "CN",
        "authority_type": code(vocabulary.authorities, label["authority_type"])
        if label.get("authority_type")
        else None,
        "violations": [code(vocabulary.violations, v) for v in label.get("violation_types", ())],
        "penalties": [
            {**p, "type": code(vocabulary.penalties, p["type"])} for p in label.get("penalties", ())
        ],
        "citations": list(label.get("articles", ())),
        "dates": label.get("dates"),
        "regulatory": label.get("reg"),
        "incident": label.get("incident"),
    }
    return made | changes
