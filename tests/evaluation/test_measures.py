"""The rules by which labels and records are compared, one at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netdocket.evaluation import Answer, Document, evaluate, load_vocabulary, read_labels
from netdocket.evaluation.results import Figure
from tests.evaluation.conftest import row

FINE = {"type": "fine", "target": "entity", "amount_cny": 50000, "count": None}
CASE: dict[str, Any] = {
    "doc": "010", "kind": "enforcement_case", "char_start": 0, "char_end": 100, "authority_type": "police",
    "violation_types": ["failure_mlps_duty", "no_security_management_system"], "penalties": [FINE],
    "articles": [{"law": "CSL", "article": "21", "role": "violated"}], "dates": {"decision": "2024-03", "published": None},
}  # fmt: skip
NEWS: dict[str, Any] = {
    "doc": "010", "kind": "regulatory_development", "char_start": 100, "char_end": 200,
    "reg": {"issuer_types": ["CAC_NATIONAL"], "status": "issued", "status_may": ["amended"], "effective": "2024-06-01"},
}  # fmt: skip


def figures(tmp_path: Path, labels: list[dict[str, Any]], rows: list[dict[str, Any]]) -> dict[str, Figure]:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(label) for label in labels), encoding="utf-8")
    answers = [Answer(row=given) for given in rows]
    read = read_labels([path], load_vocabulary())
    return dict(evaluate(read, [Document(name="010", answers=answers)]).figures)


def counts(figure: Figure) -> tuple[int, int, int]:
    return figure.right, figure.missed, figure.invented


def test_perfect_records_are_right_everywhere(tmp_path: Path) -> None:
    found = figures(tmp_path, [CASE, NEWS], [row(CASE), row(NEWS)])
    assert {figure.value for figure in found.values()} == {1.0}
    assert found["items"].n == 2
    assert found["article_roles"].n == 1


def test_one_code_stands_for_all_labels_it_covers_and_others_are_wrong(tmp_path: Path) -> None:
    given = row(CASE, violations=["NET_SEC_DUTY", "MINORS", "MLPS"])
    # NET_SEC_DUTY covers both labels; MLPS says one of them again and is not judged; MINORS is wrong.
    assert counts(figures(tmp_path, [CASE], [given])["violations"]) == (2, 0, 1)


def test_a_code_for_other_is_wrong_unless_other_is_labelled(tmp_path: Path) -> None:
    given = row(CASE, violations=["NET_SEC_DUTY", "APP_DARK_PATTERN"])
    assert counts(figures(tmp_path, [CASE], [given])["violations"]) == (2, 0, 1)
    label = CASE | {"violation_types": [*CASE["violation_types"], "other"]}
    assert counts(figures(tmp_path, [label], [given])["violations"]) == (2, 0, 0)


def test_a_fine_counts_as_often_as_it_was_imposed_and_a_combined_one_once(tmp_path: Path) -> None:
    label = CASE | {"penalties": [FINE | {"count": 3}]}
    single = [{"type": "FINE", "target": "entity", "amount_cny": 50000, "count": None}] * 3
    assert counts(figures(tmp_path, [label], [row(label, penalties=single)])["fine_amounts"]) == (3, 0, 0)
    combined = [{"type": "FINE", "target": "entity", "amount_cny": 50000, "count": 3, "detail": "combined"}]
    assert counts(figures(tmp_path, [label], [row(label, penalties=combined)])["fine_amounts"]) == (1, 2, 0)
    assert counts(figures(tmp_path, [label], [row(label, penalties=combined)])["penalty_entries"]) == (
        1,
        0,
        0,
    )


def test_the_target_of_an_interview_is_not_compared_that_of_a_warning_is(tmp_path: Path) -> None:
    for kind, code, right in (("interview", "INTERVIEW", 1), ("warning", "WARNING", 0)):
        label = CASE | {"penalties": [{"type": kind, "target": "entity"}]}
        given = row(label, penalties=[{"type": code, "target": "individual"}])
        assert figures(tmp_path, [label], [given])["penalty_entries"].right == right
        assert figures(tmp_path, [label], [given])["penalty_types"].right == 1


def test_articles_are_compared_without_version_paragraph_and_item(tmp_path: Path) -> None:
    cited = [
        {"law": "CSL-2016", "article": "21(1)[3]", "role": "basis"},
        {"law": "DSL", "article": "1", "role": "mentioned"},
    ]
    found = figures(tmp_path, [CASE], [row(CASE, citations=cited)])
    assert counts(found["articles"]) == (1, 0, 0)
    assert counts(found["article_roles"]) == (0, 1, 1)


def test_a_date_may_be_more_precise_than_its_label_not_less(tmp_path: Path) -> None:
    for day, right in (("2024-03-17", 1), ("2024-03", 1), ("2024", 0), (None, 0)):
        given = row(CASE, dates={"decision": day, "published": "2024-04-01"})
        assert figures(tmp_path, [CASE], [given])["case_dates"].right == right


def test_an_accepted_further_value_is_right_and_the_days_nobody_labelled_are_invented(tmp_path: Path) -> None:
    given = row(NEWS, regulatory=NEWS["reg"] | {"status": "amended", "consultation_until": "2024-05-01"})
    found = figures(tmp_path, [NEWS], [given])
    assert counts(found["reg_status"]) == (1, 0, 0)
    assert counts(found["reg_dates"]) == (1, 0, 1)


def test_published_of_an_instrument_is_judged_only_where_it_is_labelled(tmp_path: Path) -> None:
    given = row(NEWS, regulatory=NEWS["reg"] | {"published": "2024-05-01"})
    assert counts(figures(tmp_path, [NEWS], [given])["reg_dates"]) == (1, 0, 0)


def test_a_missed_case_loses_all_its_values_and_an_invented_one_invents_its_own(tmp_path: Path) -> None:
    missed = figures(tmp_path, [CASE], [])
    assert [counts(missed[name]) for name in ("items", "violations", "fine_amounts", "case_dates")] == [
        (0, 1, 0), (0, 2, 0), (0, 1, 0), (0, 1, 0),
    ]  # fmt: skip
    assert missed["authority_type_accuracy"].value == 0.0
    assert missed["span_overlap"].value == 0.0
    invented = figures(tmp_path, [NEWS], [row(NEWS), row(CASE)])
    assert [counts(invented[name]) for name in ("items", "violations", "fine_amounts", "case_dates")] == [
        (1, 0, 1), (0, 0, 1), (0, 0, 1), (0, 0, 0),
    ]  # fmt: skip
    assert invented["no_penalty_invented"].value == 0.5


def test_a_quiet_item_fails_when_any_record_with_a_penalty_covers_it(tmp_path: Path) -> None:
    over = row(CASE, char_start=100, char_end=200)
    assert figures(tmp_path, [NEWS], [row(NEWS), over])["no_penalty_invented"].right == 0
    unscored = over | {"penalties": [{"type": "ADMONISH", "target": "entity"}]}
    assert figures(tmp_path, [NEWS], [row(NEWS), unscored])["no_penalty_invented"].right == 1


def test_what_lies_abroad_counts_only_as_kept_out(tmp_path: Path) -> None:
    label = CASE | {"foreign": True}
    for given, right in (
        (None, 1),
        (row(CASE, jurisdiction="US"), 1),
        (row(CASE), 0),
        (row(CASE, kind="EXPLAINER"), 1),
    ):
        found = figures(tmp_path, [label, NEWS], [row(NEWS), *([given] if given else [])])
        assert found["foreign_kept_out"].right == right
        assert counts(found["items"]) == (1, 0, 0)
    # A domestic item taken for one from abroad is missed.
    assert counts(figures(tmp_path, [CASE], [row(CASE, jurisdiction="US")])["items"]) == (0, 1, 0)


@pytest.mark.parametrize("mark", [{"foreign": "unclear"}, {"unscored": True}])
def test_what_is_marked_unscored_counts_nowhere(mark: dict[str, Any], tmp_path: Path) -> None:
    found = figures(tmp_path, [CASE | mark, NEWS], [row(CASE), row(NEWS)])
    assert found["items"].n == 1
    assert found["foreign_kept_out"].n == 0


def test_outside_the_domain_no_case_and_no_penalty_is_right(tmp_path: Path) -> None:
    label = CASE | {"out_of_domain": True}
    news = row(NEWS, char_start=0, char_end=100)
    for given, right in (
        (news, 1),
        (row(CASE, penalties=[]), 0),
        (news | {"penalties": row(CASE)["penalties"]}, 0),
    ):
        assert figures(tmp_path, [label], [given])["foreign_kept_out"].right == right


def test_the_record_with_the_larger_common_share_answers_and_half_of_the_shorter_is_enough(
    tmp_path: Path,
) -> None:
    close, far = row(CASE, char_end=90), row(CASE, char_start=40, char_end=160, penalties=[])
    found = figures(tmp_path, [CASE], [far, close])
    assert counts(found["items"]) == (1, 0, 1)
    assert counts(found["fine_amounts"]) == (1, 0, 0)
    assert counts(figures(tmp_path, [CASE], [row(CASE, char_start=50, char_end=150)])["items"]) == (1, 0, 0)
    assert counts(figures(tmp_path, [CASE], [row(CASE, char_start=51, char_end=151)])["items"]) == (0, 1, 1)
