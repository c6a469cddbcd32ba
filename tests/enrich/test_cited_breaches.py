"""What a bare citation says of the breach, in the text of the law that was in force."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Record
from tests.enrich.bulletins import bulletin


def case(article: str, year: int, law: str = "网络安全法") -> Record:
    text = f"{year}年5月6日，襄阳市网信办通报，某公司的行为违反《{law}》第{article}条规定，被依法给予警告。"
    (record,) = classify(bulletin(text, title="网信执法", published=f"{year}-05-20")).records
    return record


def english(article: int, year: int) -> Record:
    text = (
        f"On 6 May {year} the Xiangyang cyberspace administration warned a company because what it did was in violation of "
        f"Article {article} of the Cybersecurity Law."
    )
    (record,) = classify(
        bulletin(text, language="en", title="Network case", published=f"{year}-05-20")
    ).records
    return record


def codes(record: Record) -> set[str]:
    return {violation.code for violation in record.violations}


@pytest.mark.parametrize(
    ("article", "number", "year", "wanted"),
    [
        ("四十四", 44, 2024, {"PI_TRADE"}),  # the same number is about the security of personal information in the new text
        ("四十六", 46, 2026, {"PI_TRADE"}),
        ("四十六", 46, 2024, {"ILLEGAL_SITE_GROUP"}),
        ("三十七", 37, 2024, {"DATA_EXPORT"}),
        ("三十七", 37, 2026, {"CYBER_REVIEW"}),
        ("二十五", 25, 2026, {"PRODUCT_CERT"}),
        ("二十六", 26, 2026, {"REAL_NAME"}),
        ("三十三", 33, 2026, set()),  # of the old text only; on its own subject in the new one
    ],
)  # fmt: skip
def test_a_number_says_what_it_says_in_the_text_in_force(
    article: str, number: int, year: int, wanted: set[str]
) -> None:
    assert codes(case(article, year)) == wanted
    assert codes(english(number, year)) == wanted


@pytest.mark.parametrize(
    ("article", "year"), [("二十一", 2024), ("二十三", 2026), ("五十九", 2024), ("九", 2024)]
)
def test_an_article_of_general_duties_says_nothing(article: str, year: int) -> None:
    assert codes(case(article, year)) <= {"OTHER"}


def test_without_a_day_only_what_all_texts_say_counts() -> None:
    text = "某公司的行为违反《网络安全法》第{}条规定，被网信办依法给予警告。"
    for article, wanted in (
        ("四十四", set()),
        ("二十八", set()),
        ("四十八", set()),
        ("五十", {"CONTENT_MGMT"}),
    ):
        (record,) = classify(bulletin(text.format(article), title="网信执法")).records
        assert codes(record) - {"OTHER"} == wanted
