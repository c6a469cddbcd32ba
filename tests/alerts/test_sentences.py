"""An alert about a sum quotes the sentence of that sum."""

from __future__ import annotations

from streams.alerts.documents import of_record
from streams.alerts.rules import Amount, Text

TEXT = "甲公司被罚款五万元。乙公司被罚款一百万元。"


def test_the_second_fine_is_not_told_with_the_sentence_of_the_first() -> None:
    fines = [
        {"id": f"r:p:{n}", "type": "FINE", "phrase": "罚款", "evidence": {"start": at, "end": at + 2}}
        for n, at in enumerate((104, 114), 1)
    ]
    document = {
        "record_id": "r",
        "fetched_at": "2026-11-20T06:30:00Z",
        "text": TEXT,
        "record": {"span": {"start": 100, "end": 100 + len(TEXT)}, "case": {"penalties": fines}},
    }
    rule = Amount(id="large", title=Text(en="x", zh="x"), penalty_types=("FINE",), at_least_yuan=1.0)
    told = [
        of_record(
            rule, document, index="cases", thing="amount:r", dimension="penalty", value="FINE",
            reason={"en": "", "zh": ""}, penalty_id=fine["id"],
        )["sentence"]
        for fine in fines
    ]  # fmt: skip
    assert told == ["甲公司被罚款五万元。", "乙公司被罚款一百万元。"]
