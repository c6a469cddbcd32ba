"""A wrong label file is one line that says file, line and what to mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from netdocket.evaluation import LabelError, check_spans, load_vocabulary, read_labels

GOOD = {"doc": "002", "kind": "enforcement_case", "char_start": 3, "char_end": 9, "span_start_text": "警方"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"kind": "enforcment_case"},
            "kind: 'enforcment_case' is no label of vocabulary.yaml; enforcement_case?",
        ),
        (
            {"violation_types": ["data_leek"]},
            "violation_types: 'data_leek' is no label of vocabulary.yaml; data_leak?",
        ),
        ({"penalties": [{"type": "fined"}]}, "penalties: 'fined' is no label of vocabulary.yaml; fine?"),
        ({"penalties": [{"type": "fine", "amount_cny": "much"}]}, "$.penalties[0].amount_cny"),
        ({"char_end": 3}, "char_start 3, char_end 3: no span"),
        ({"doc": None}, "$.doc"),
    ],
)
def test_a_wrong_label_names_file_line_and_field(
    change: dict[str, object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD | change)}\n", encoding="utf-8")
    with pytest.raises(LabelError) as caught:
        read_labels([path], load_vocabulary())
    assert caught.value.where == f"{path}:3"
    assert said in caught.value.what


def test_a_file_without_labels_or_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(LabelError, match="no label"):
        read_labels([path], load_vocabulary())
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LabelError, match="cannot be read"):
        read_labels([path], load_vocabulary())


def test_labels_of_another_version_of_the_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(GOOD), encoding="utf-8")
    labels = read_labels([path], load_vocabulary())
    check_spans(labels, "002", "近日，警方通报一起案件。")
    with pytest.raises(LabelError, match="another version"):
        check_spans(labels, "002", "日前，有关警方通报一起案件。")
    with pytest.raises(LabelError, match="behind the end"):
        check_spans(labels, "002", "近日，警方")


def test_the_vocabulary_knows_every_code_of_the_taxonomy() -> None:
    """A code without a label would silently be wrong wherever it is right."""
    from enrich import load_knowledge

    knowledge, vocabulary = load_knowledge(), load_vocabulary()
    assert set(knowledge.codes("violation_types")) == set(vocabulary.violations)
    assert set(vocabulary.penalties) <= set(knowledge.codes("penalty_types"))
    assert set(vocabulary.authorities) <= set(knowledge.codes("authority_types"))
    assert set(knowledge.codes("record_kinds")) == {*vocabulary.kinds, "CONTAINER"}
