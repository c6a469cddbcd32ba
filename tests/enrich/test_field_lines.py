"""Blocks of fields are one case; headlines of the same form (Court: …) are one each."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Record
from tests.enrich.bulletins import bulletin

JAILED = (
    "The Internet Court of Hangzhou on 6 March 2025 sentenced a courier to two years in prison and a fine of RMB 40,000, as he "
    "had sold the addresses of 90,000 customers to a gang of callers."
)
FINED = (
    "The Jinan police on 7 March 2025 fined a car park RMB 30,000 and ordered it to rectify, because its payment page leaked the "
    "names and number plates of all who had parked there since the spring."
)
HACKED = (
    "The district court of Fuzhou on 8 March 2025 sentenced two students to one year in prison, because they had hacked into the "
    "computer system of a bus company and shut it down for a day."
)


def records(text: str, title: str = "China cyber notes") -> tuple[Record, ...]:
    return tuple(classify(bulletin(text, language="en", title=title, published="2025-04-01")).records)


def penalties(record: Record) -> list[str]:
    return [penalty.type for penalty in record.case.penalties] if record.case else []


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "opening", ["", "China cyber notes\n\n", "China cyber notes\n\nEnforcement news\n\n"]
)
def test_headlines_with_prose_behind_are_a_case_each(opening: str, gap: str) -> None:
    text = opening + "\n\n".join(
        f"{headline}{gap}{prose}"
        for headline, prose in (
            ("Court: courier jailed for selling addresses", JAILED),
            ("Regulator: car park fined for leak", FINED),
            ("Court: students sentenced for hacking", HACKED),
        )
    )
    assert [penalties(record) for record in records(text)] == [
        ["IMPRISONMENT", "CRIM_FINE"],
        ["FINE", "ORDER_RECTIFY"],
        ["IMPRISONMENT"],
    ]


@pytest.mark.parametrize(
    "fields",
    [
        "Regulator: Jinan police\nPenalty: RMB 30,000",
        "Date: 7 March 2025\n\nRegulator: Jinan police\n\nPenalty: RMB 30,000",
        "Penalty: RMB 30,000\nAuthority: Jinan police\nLegal basis: Article 66",
        "Authority: Jinan police",
    ],
)
def test_a_block_of_fields_is_one_case(fields: str) -> None:
    (record,) = records(f"Car park fined over a leak\n\n{fields}\n\n{FINED}\n")
    assert set(penalties(record)) == {"FINE", "ORDER_RECTIFY"}


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_cases_that_carry_a_block_of_fields_each_keep_their_own(gap: str) -> None:
    parts = [
        ("Courier jailed for selling addresses", "Hangzhou Internet Court", "two years", JAILED),
        ("Car park fined over a leak", "Jinan police", "RMB 30,000", FINED),
        ("Students sentenced for hacking", "Fuzhou district court", "one year", HACKED),
    ]
    text = "China cyber notes\n\n" + "\n\n".join(
        gap.join((head, f"Authority: {who}", f"Outcome: {what}", prose)) for head, who, what, prose in parts
    )
    found = records(text)
    assert [record.title for record in found] == [head for head, *_ in parts]
    assert [record.kind for record in found] == ["COURT_CASE", "ENFORCEMENT_CASE", "COURT_CASE"]


def test_a_label_above_the_fields_of_an_item_is_its_headline() -> None:
    text = (
        "China cyber notes\n\nUnder consultation\n\n"
        "Measures for the Labelling of Training Data\nIssuer: CAC\nReleased: 3 March 2025. Comments until 2 April 2025.\nWhat is new: {new}.\n\n"
        "National standard: methods for testing whether the labels of training data can be read by machines\n"
        "Issuer: TC260\nReleased: 5 March 2025. Comments until 4 May 2025.\nWhat is new: {new}.\n\n"
        "National standard: terms of the trade in training data and in models that have been trained on them\n"
        "Issuer: TC260\nReleased: 6 March 2025. Comments until 5 May 2025.\nWhat is new: {new}.\n"
    ).replace("{new}", "sellers of data have to say where it comes from and keep the proof for three years")
    assert [record.title.split(":")[0] for record in records(text)] == [
        "Measures for the Labelling of Training Data",
        "National standard",
        "National standard",
    ]


ZH = [
    ("法院：外卖员出售地址获刑", "嘉兴市某区法院2025年3月6日以侵犯公民个人信息罪判处外卖员沈某有期徒刑二年，并处罚金四万元，其曾将九万条住址卖给推销团伙。"),
    ("监管：停车场因数据泄露被处罚", "淄博市公安局2025年3月7日对某停车场罚款三万元，并责令改正，因其缴费页面泄露了春季以来所有停车人的姓名和车牌号等个人信息。"),
    ("法院：两名学生入侵系统获刑", "三明市某区法院2025年3月8日判处两名学生有期徒刑一年，两人非法侵入某公交公司计算机信息系统，致使该系统停运一整天。"),
]  # fmt: skip


def chinese(text: str, title: str) -> tuple[Record, ...]:
    return tuple(classify(bulletin(text, title=title, published="2025-04-01")).records)


def test_chinese_headlines_with_a_label_are_a_case_each() -> None:
    found = chinese(
        "三月网安要闻\n\n" + "\n\n".join(f"{head}\n{prose}" for head, prose in ZH), "三月网安要闻"
    )
    assert [record.title for record in found] == [head for head, _ in ZH]
    assert [penalties(record) for record in found] == [
        ["IMPRISONMENT", "CRIM_FINE"],
        ["FINE", "ORDER_RECTIFY"],
        ["IMPRISONMENT"],
    ]


@pytest.mark.parametrize(
    "fields", ["执法机关：淄博市公安局\n处罚结果：罚款三万元\n处罚日期：3月7日", "处罚结果：罚款三万元"]
)
def test_a_chinese_block_of_fields_is_one_case(fields: str) -> None:
    title = "某停车场因数据泄露被处罚"
    (record,) = chinese(f"{title}\n\n{fields}\n\n{ZH[1][1]}", title)
    assert record.title == title
    assert set(penalties(record)) == {"FINE", "ORDER_RECTIFY"}
