"""Shapes in which digests set lines with a label, and how many cases each shape holds: told apart in both directions."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Language, Record
from tests.enrich.bulletins import bulletin

GYM = "The Dalian cyberspace administration on 4 March 2025 fined a gym RMB 20,000, as it had leaked the identity cards of its members."
NURSE = "The district court of Wuhu on 5 March 2025 sentenced a nurse to one year in prison, as she had sold the files of 3,000 patients."
DENTIST = "The Jilin police on 6 March 2025 warned a dentist, because hackers had stolen the names of patients from an open server."
FINE, PRISON, WARNING = ["FINE"], ["IMPRISONMENT"], ["WARNING"]
EACH = [FINE, PRISON, WARNING]


def penalties(text: str, language: Language = "en", title: str = "Cyber notes") -> list[list[str]]:
    found = classify(bulletin(text, language=language, title=title, published="2025-04-01")).records
    return [_types(record) for record in found]


def _types(record: Record) -> list[str]:
    return sorted({penalty.type for penalty in record.case.penalties}) if record.case else []


PLACES = ("Dalian: gym fined over a leak", "Wuhu: nurse jailed for selling files", "Jilin: dentist warned")
BODIES = (
    "Regulator: gym fined over a leak",
    "Court: nurse jailed for selling files",
    "Authority: dentist warned",
)
PLAIN = ("Gym fined over a leak", "Nurse jailed for selling files", "Dentist warned after a theft")
NAMES = ("Entity: Silver Gym", "Entity: a nurse", "Entity: a dentist")
SUBJECTS = ("Subject: Silver Gym", "Subject: a nurse", "Subject: a dentist")
PROSE = (GYM, NURSE, DENTIST)


def digest(heads: tuple[str, ...], shape: str, line: str, item: str) -> str:
    return item.join(shape.format(head=head, prose=prose).replace("\n", line) for head, prose in zip(heads, PROSE, strict=True))  # fmt: skip


@pytest.mark.parametrize("opening", ["", "Cyber notes\n\n", "Cyber notes\n\nEnforcement news\n\n"])
@pytest.mark.parametrize(("line", "item"), [("\n", "\n"), ("\n", "\n\n"), ("\n\n", "\n\n")])
@pytest.mark.parametrize(
    ("heads", "shape"),
    [
        (PLACES, "{head}\n{prose}"),
        (BODIES, "{head}\n{prose}"),
        (PLACES, "{head}\n{prose}\nSource: the press"),
        (PLAIN, "{head}\n{prose}\nSource: the press"),
        (PLACES, "{head}\n{prose}\nDate: 9 March 2025"),
        (PLACES, "{head}\n{prose}\nRead more: https://example.org/"),
        (PLACES, "{head}\nPublished: 9 March 2025\n{prose}\nRead more: https://example.org/"),
        (PLACES, "Date: 9 March 2025\n{head}\n{prose}"),
        (PLACES, "{head}\nSource: the press\n{prose}"),
        (PLACES, "{head}\nAuthority: the one below\nPenalty: see below\n{prose}"),
        (PLAIN, "{head}\nAuthority: the one below\nPenalty: see below\n{prose}"),
        (BODIES, "{head}\nDate: 9 March 2025\n{prose}"),
        (NAMES, "{head}\nDate: 9 March 2025\n{prose}"),
    ],
)
def test_each_headline_opens_a_case(
    heads: tuple[str, ...], shape: str, line: str, item: str, opening: str
) -> None:
    assert penalties(opening + digest(heads, shape, line, item)) == EACH


@pytest.mark.parametrize("item", ["\n", "\n\n"])
def test_a_label_that_comes_back_heads_each_case(item: str) -> None:
    assert penalties(digest(SUBJECTS, "{head}\nRegulator: the one below\n{prose}", "\n", item)) == EACH


@pytest.mark.parametrize("item", ["\n", "\n\n"])
@pytest.mark.parametrize("label", ["Case name", "Company"])
def test_a_list_of_nothing_but_fields_is_a_case_for_each_round(label: str, item: str) -> None:
    rounds = (
        f"{label}: Silver Gym\nAuthority: CAC Dalian\nDate: 4 March 2025\nPenalty: fine of 20,000 yuan\nFacts: the identity cards of its members leaked",
        f"{label}: White Dentist\nAuthority: CAC Jilin\nDate: 6 March 2025\nPenalty: warning\nFacts: the names of its patients stood on its website",
    )
    assert penalties(item.join(rounds)) == [FINE, WARNING]


def test_a_list_of_contents_opens_no_case_of_its_own() -> None:
    assert penalties("Contents\n" + "\n".join(BODIES) + "\n\n" + digest(BODIES, "{head}\n{prose}", "\n", "\n\n")) == EACH  # fmt: skip


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "fields",
    [
        "Authority: CAC Dalian",
        "Sector: sport\nAuthority: CAC Dalian\nPenalty: RMB 20,000",
        "Date: 4 March 2025\nAuthority: CAC Dalian\nSector: sport",
        "Penalty: RMB 20,000\nAuthority: CAC Dalian\nLegal basis: Article 66",
    ],
)
def test_fields_below_one_headline_are_one_case(fields: str, gap: str) -> None:
    text = gap.join(("Gym fined over a leak", *fields.split("\n"), GYM))
    assert penalties(text, title="Gym fined over a leak") == [FINE]


GYM_ZH = (
    "大连市网信办2025年3月4日依据《网络安全法》对某健身房罚款二万元，因其泄露会员身份证信息，造成不良影响。"
)
NURSE_ZH = (
    "芜湖市某区法院2025年3月5日以侵犯公民个人信息罪判处护士何某有期徒刑一年，其曾出售三千名患者的个人信息。"
)
DENTIST_ZH = "吉林市公安局2025年3月6日对某口腔诊所给予警告，因其服务器存在弱口令，患者姓名和电话被黑客窃取。"
HEADS_ZH = ("大连：健身房泄露信息被罚款", "芜湖：护士出售患者信息获刑", "吉林：口腔诊所数据泄露被警告")
BODIES_ZH = ("网信：健身房泄露信息被罚款", "法院：护士出售患者信息获刑", "警方：口腔诊所数据泄露被警告")


@pytest.mark.parametrize("heads", [HEADS_ZH, BODIES_ZH])
@pytest.mark.parametrize("source", ["", "\n来源：本报"])
@pytest.mark.parametrize(("line", "item"), [("\n", "\n\n"), ("\n", "\n"), ("\n\n", "\n\n")])
def test_each_chinese_headline_opens_a_case(
    heads: tuple[str, ...], source: str, line: str, item: str
) -> None:
    parts = [f"{head}\n{prose}{source}".replace("\n", line) for head, prose in zip(heads, (GYM_ZH, NURSE_ZH, DENTIST_ZH), strict=True)]  # fmt: skip
    assert penalties("要闻\n" + item.join(parts), "zh", "要闻") == EACH


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize(
    "labels",
    [
        ("违法事实", "处罚结果", "整改情况"),
        ("事件经过", "处置情况", "后续进展"),
        ("案情", "处理结果", "整改结果"),
        ("危害后果", "行政处罚", "整改"),
    ],
)
def test_the_labelled_parts_of_one_chinese_case_are_one_case(labels: tuple[str, ...], gap: str) -> None:
    told = (
        ("会员身份证信息被窃取", "某健身房未履行网络安全保护义务，黑客利用漏洞窃取其会员身份证信息九千条，并在网上出售。"),
        ("健身房被罚款二万元", "大连市网信办2025年3月4日依据《网络安全法》对该健身房罚款二万元，对主管人员罚款五千元。"),
        ("责令限期改正", "大连市网信办责令该健身房限期改正，该健身房已修复漏洞，关闭不必要的端口，并对员工进行了培训。"),
    )  # fmt: skip
    parts = gap.join(f"{label}：{head}\n{prose}" for label, (head, prose) in zip(labels, told, strict=True))
    title = "大连市网信办通报一起案件"
    assert penalties(f"{title}。\n\n{parts}", "zh", title) == [["FINE", "ORDER_RECTIFY"]]
