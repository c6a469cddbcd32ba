"""The text as given names persons: none of it stays in memory, also where a bulletin cannot be classified."""

from __future__ import annotations

import pytest

from enrich import classify, load_knowledge, persons, phrases, pipeline
from enrich.rulebook import rulebook
from enrich.tables import beginnings
from tests.enrich.bulletins import bulletin

TOLD = bulletin("犯罪嫌疑人李小强因非法获取公民个人信息被抓获，被处罚款5万元。")


def remembered() -> list[object]:
    knowledge = load_knowledge()
    return [
        rulebook(knowledge).cues._kept.body,
        beginnings(knowledge)._kept.body,
        persons._names.cache_info().currsize,
        persons._folded.cache_info().currsize,
        phrases._folded.cache_info().currsize,
    ]


def test_nothing_of_a_bulletin_is_remembered() -> None:
    assert classify(TOLD).records
    assert not any(remembered())


def test_nothing_is_remembered_of_a_bulletin_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def fail(whole: object) -> None:
        seen.extend(remembered())
        raise ValueError("no record")

    monkeypatch.setattr(pipeline, "items_of", fail)
    with pytest.raises(ValueError, match="no record"):
        classify(TOLD)
    assert any(seen)
    assert not any(remembered())
