"""Measures imposed that no listed type names become OTHER with their normalised phrase, and nothing else does."""

from __future__ import annotations

import pytest

from enrich import classify
from enrich.penalty_phrases import phrase as normalised_phrase
from netdocket.records import Language
from tests.enrich.bulletins import bulletin

ZH = "2024年5月6日，惠州市网信办依据《数据安全法》第四十五条，对某物流公司给予警告，{}。"
EN = "On 6 May 2024 the Cyberspace Administration of Huizhou warned a logistics company for a data leak. {}"


def others(text: str, language: Language) -> list[str]:
    records = classify(bulletin(text, language=language, published="2024-05-10")).records
    return [p.phrase for r in records if r.case for p in r.case.penalties if p.type == "OTHER"]


@pytest.mark.parametrize(
    ("language", "told", "phrase"),
    [
        ("zh", "并责令其在官网向用户公开道歉", "责令在官网向用户公开道歉"),
        ("zh", "并责令该公司聘请独立机构开展合规审计", "责令聘请独立机构开展合规审计"),
        ("zh", "责令聘请独立机构开展合规审计", "责令聘请独立机构开展合规审计"),
        (
            "en",
            "It was ordered to publish an apology on its home page.",
            "ordered to publish an apology on its home page",
        ),
        (
            "en",
            "The company was also directed to appoint an outside auditor.",
            "ordered to appoint an outside auditor",
        ),
        (
            "en",
            "The office ordered the company to appoint an outside auditor.",
            "ordered to appoint an outside auditor",
        ),
    ],
)
def test_an_unlisted_measure_is_kept_by_its_phrase(language: Language, told: str, phrase: str) -> None:
    assert others((ZH if language == "zh" else EN).format(told), language) == [phrase]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh", "并责令限期改正"),
        ("zh", "责令暂停相关业务"),
        ("zh", "若再次违法，将责令其公开道歉"),
        ("zh", "依法予以行政处罚"),
        ("en", "It was ordered to rectify within ten days."),
        ("en", "It could be ordered to publish an apology."),
        ("en", "The draft says that a company may be ordered to appoint an auditor."),
    ],
)
def test_listed_threatened_and_unnamed_measures_are_none(language: Language, told: str) -> None:
    assert others((ZH if language == "zh" else EN).format(told), language) == []


@pytest.mark.parametrize(
    ("printed", "normalised"),
    [
        ("给予处分", "处分"),
        ("处罚款5万元", "罚款"),
        ("依法予以处罚", "处罚"),
        ("was Warned", "warned"),
        ("beaten", "beaten"),
    ],
)
def test_a_phrase_keeps_the_word_of_its_measure(printed: str, normalised: str) -> None:
    assert normalised_phrase(printed) == normalised
