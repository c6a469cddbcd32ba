"""A re-classification tells what became different of a record, not what is only better accounted for."""

from __future__ import annotations

import copy
from typing import Any

from streams.record_changes import changes

FOUND = {"evidence": {"start": 3, "end": 5}, "rule": "subjects.sector"}
RECORD: dict[str, Any] = {
    "kind": "ENFORCEMENT_CASE",
    "sector": {"value": "BANKING", **FOUND},
    "case": {"subjects": [{"name": "某银行", "kind": "ENTITY_ANON", "sector": "BANKING"}]},
}


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    key = ("cases", "r1")
    return [
        name
        for change in changes("b1", {key: {"record": before}}, {key: {"record": after}})
        for name in change.fields
    ]


def test_a_warrant_that_was_missing_is_no_change() -> None:
    after = copy.deepcopy(RECORD)
    after["case"]["subjects"][0]["sector_found"] = FOUND
    assert told(RECORD, after) == []


def test_another_sector_is_one() -> None:
    after = copy.deepcopy(RECORD)
    after["case"]["subjects"][0]["sector"] = "INSURANCE"
    assert told(RECORD, after) == ["case.subjects"]
