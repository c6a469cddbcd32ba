"""The exchange form: one flat object a record, sums in yuan, a campaign's figures also as penalties."""

from __future__ import annotations

import json

from enrich import classify, load_knowledge
from netdocket.exchange import METRICS, ON_INDIVIDUALS, exchange_row
from tests.enrich.bulletins import bulletin_of, names


def test_every_record_of_every_text_becomes_json() -> None:
    for name in names():
        for record in classify(bulletin_of(name)).records:
            row = exchange_row(record, name)
            assert json.loads(json.dumps(row, ensure_ascii=False)) == row
            assert (row["doc"], row["kind"], row["char_end"]) == (name, record.kind, record.span.end)


def test_a_campaign_s_measures_are_penalties_with_their_number_and_its_sums_are_combined() -> None:
    campaign = classify(bulletin_of("batch_zh")).records[0]
    rows = exchange_row(campaign, "x")["penalties"]
    assert {"type": "WARNING", "target": "entity", "amount_cny": None, "count": 152} in rows
    assert {"type": "ADMIN_DETENTION", "target": "individual", "amount_cny": None, "count": 27} in rows
    sums = [row for row in rows if row["amount_cny"]]
    assert sums == [
        {"type": "FINE", "target": "entity", "amount_cny": 315000.0, "count": None, "detail": "combined"}
    ]
    assert not [row for row in rows if row["type"] in METRICS]


def test_a_case_keeps_yuan_versions_and_article_strings() -> None:
    case = next(r for r in classify(bulletin_of("batch_zh")).records if r.kind == "ENFORCEMENT_CASE")
    row = exchange_row(case, "x")
    assert {"type": "FINE", "target": "individual", "amount_cny": 5000, "count": None} in row["penalties"]
    assert {"law": "CSL", "version": "CSL-2016", "article": "59(1)", "role": "basis"} in row["citations"]
    assert row["region"] == "Guangdong/Chaozhou"


def test_who_can_be_hit_is_what_the_taxonomy_says() -> None:
    entries = load_knowledge().tables["taxonomy"]["penalty_types"]
    assert {entry["code"] for entry in entries if entry["target"] == "individual"} == ON_INDIVIDUALS
    assert {entry["code"] for entry in load_knowledge().tables["taxonomy"]["figure_metrics"]} == METRICS
