"""Whole bulletins in, records out: each text of `texts/` against what a reader finds in it (the .yaml beside it).

A text without a .yaml gets one written and fails, asking for review.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from enrich import classify
from netdocket.exchange import exchange_row
from tests.enrich.bulletins import TEXTS, bulletin_of, names


def readable(row: dict[str, Any], text: str) -> dict[str, Any]:
    """A record as a reader would note it: no ids and places of characters, nothing empty."""
    own = " ".join(text[row["char_start"] : row["char_end"]].split())
    regulatory = row["regulatory"] or {}
    incident = row["incident"] or {}
    noted = {
        "kind": row["kind"],
        "begins": own[:60],
        "ends": own[-30:],
        "title": row["title"],
        "jurisdiction": row["jurisdiction"],
        "authority": row["authority_type"],
        "region": row["region"],
        "subject_kind": row["subject_kind"],
        "violations": row["violations"],
        "penalties": [penalty(p) for p in row["penalties"]],
        "citations": [
            " ".join(str(c[k]) for k in ("law", "article", "role") if c[k]) for c in row["citations"]
        ],
        "decision": row["dates"]["decision"],
        "published": row["dates"]["published"],
        "regulatory": {k: v for k, v in regulatory.items() if v and k != "published"},
        "incident": {
            k: incident.get(k) for k in ("notice_class", "types", "severity", "identifiers", "state")
        },
        "figures": [f"{f['metric']} {f['value']} {f['unit'] or ''}".strip() for f in row["figures"]],
    }
    noted["incident"] = {k: v for k, v in noted["incident"].items() if v}
    return {k: v for k, v in noted.items() if v}


def penalty(p: dict[str, Any]) -> str:
    words = [
        p["type"],
        p["target"],
        p["amount_cny"],
        f"x{p['count']}" if p["count"] else None,
        p.get("detail"),
    ]
    return " ".join(str(word) for word in words if word is not None)


@pytest.mark.parametrize("name", names())
def test_records_of_a_text(name: str) -> None:
    bulletin = bulletin_of(name)
    rows = [readable(exchange_row(record, name), bulletin.text) for record in classify(bulletin).records]
    golden = TEXTS / f"{name}.yaml"
    if not golden.exists():
        golden.write_text(
            yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8"
        )
        pytest.fail(f"{golden.name} was missing and has been written: review it")
    assert rows == yaml.safe_load(golden.read_text(encoding="utf-8"))
