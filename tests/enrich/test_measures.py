"""Who is hit by what, and for how much: sentences as bulletins write them."""

from __future__ import annotations

import pytest

from enrich import classify
from tests.enrich.bulletins import bulletin

ZH = [
    ("市网信办对某公司给予警告，并处罚款5万元。", ["WARNING entity", "FINE entity 50000"]),
    (
        "区公安分局对某学校罚款2.4万元，对其信息中心主任罚款8千元。",
        ["FINE entity 24000", "FINE individual 8000"],
    ),
    (
        "市公安局依法对某公司及其负责人周某分别处罚款1万元和5千元。",
        ["FINE entity 10000", "FINE individual 5000"],
    ),
    ("县网信办对两家公司分别给予警告，并各处5万元罚款。", ["WARNING entity x2", "FINE entity 50000 x2"]),
    ("市网信办责令某平台整改，并予以警告、罚款。", ["ORDER_RECTIFY entity", "WARNING entity", "FINE entity"]),
    ("市公安局对某酒店作出处警告、1.2万元罚款的行政处罚。", ["WARNING entity", "FINE entity 12000"]),
    ("某科技公司被市网信办警告，并被罚没114.5万元。", ["WARNING entity", "FINE entity 1145000 combined"]),
    (
        "市公安局没收某网站违法所得5.4万元，并处罚款10.8万元。",
        ["CONFISCATE entity 54000", "FINE entity 108000"],
    ),
    ("市网信办对某网站处以警告。逾期不改正的，将依法处以十万元罚款。", ["WARNING entity"]),
    ("市公安局对某医院予以警告，该医院此前曾因同类问题被罚款2万元。", ["WARNING entity"]),
    ("因首次违法且及时改正，市网信办决定对某公司不予行政处罚。", []),
    ("市公安局对某公司给予警告。该公司表示，将按照要求立即整改。", ["WARNING entity"]),
    ("该案涉案金额300余万元，市公安局对某公司罚款3万元。", ["FINE entity 30000"]),
]
EN = [
    (
        "Wuhu police fined a school RMB 24,000 and its network manager RMB 8,000.",
        ["FINE entity 24000", "FINE individual 8000"],
    ),
    (
        "A website operator was fined RMB 30,000, and the person directly responsible was fined RMB 10,000.",
        ["FINE entity 30000", "FINE individual 10000"],
    ),
    (
        "The regulator imposed a fine of RMB 6 billion on the company and of RMB 2 million each on two directors.",
        ["FINE entity 6000000000", "FINE individual 2000000 x2"],
    ),
    ("The internet company was warned and ordered to rectify within 15 days.", ["WARNING entity", "ORDER_RECTIFY entity"]),
    ("Police fined an app operator CNY 50,000 (about USD 7,000) over a data leak.", ["FINE entity 50000"]),
    ("The network operator may be fined up to RMB 1 million.", []),
    ("No administrative penalty was imposed on the website operator.", []),
    ("The website was warned; had it rectified in time, it would not have been fined RMB 10,000.", ["WARNING entity"]),
    ("Police arrested two suspects who had made a profit of RMB 410,000 from selling personal data.", ["ARREST individual"]),
]  # fmt: skip


def read(text: str, language: str) -> list[str]:
    title = "Network security cases" if language == "en" else "网络安全执法案例"
    source = bulletin(text, language="en" if language == "en" else "zh", title=title)
    out = []
    for record in classify(source).records:
        for p in record.case.penalties if record.case else ():
            amount = p.amount // 100 if p.amount is not None else None
            words = [
                p.type,
                p.target,
                amount,
                f"x{p.count}" if p.count else None,
                "combined" if p.combined else None,
            ]
            out.append(" ".join(str(word) for word in words if word is not None))
    return out


@pytest.mark.parametrize(("text", "want"), ZH)
def test_chinese_sentences(text: str, want: list[str]) -> None:
    assert sorted(read(text, "zh")) == sorted(want)


@pytest.mark.parametrize(("text", "want"), EN)
def test_english_sentences(text: str, want: list[str]) -> None:
    assert sorted(read(text, "en")) == sorted(want)


def test_the_total_is_amount_times_count_and_of_a_combined_sum_the_sum() -> None:
    (record,) = classify(
        bulletin("县网信办依法对甲、乙两家科技公司各处罚款2万元，两公司网站存在数据泄露。")
    ).records
    assert record.case is not None
    (fine,) = record.case.penalties
    assert (fine.amount, fine.count, fine.total) == (2_000_000, 2, 4_000_000)
