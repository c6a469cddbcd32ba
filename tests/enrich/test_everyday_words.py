"""What a text says without the words of the law: breaches, incidents, plans, and what is no case although it sounds like one."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Language, Record
from tests.enrich.bulletins import bulletin

FINED = {
    "en": "On 12 May 2024 the Nanning police announced the following. {} They imposed a fine of RMB 20,000.",
    "zh": "5月12日，南宁公安机关通报如下。{}公安机关依法对其罚款2万元。",
}
JAILED = {
    "en": "On 12 May 2024 a court in Nanning told of this case. {} He was sentenced to two years' imprisonment.",
    "zh": "5月12日，南宁公安机关通报如下。{}公安机关依法对其刑事拘留。",
}


def one(
    text: str, language: Language = "en", title: str = "Network case", published: str = "2024-06-01"
) -> Record:
    (record,) = classify(bulletin(text, language=language, title=title, published=published)).records
    return record


@pytest.mark.parametrize(
    ("language", "told", "code"),
    [
        ("en", "The website of a driving school was altered to display advertisements for gambling.", "NET_SEC_DUTY"),
        ("en", "The utility skipped the assessment required for a level-3 system.", "MLPS"),
        ("en", "The server's event records had been overwritten after a month.", "LOG_RETENTION"),
        ("en", "Three months after the first notice, the same hole was still there.", "VULN_UNREMEDIED"),
        ("en", "The company waited nine days before telling the police that it had been attacked.", "INCIDENT_HANDLING"),
        ("en", "The database could be queried from the public internet with no credentials whatsoever.", "DATA_SEC_DUTY"),
        ("en", "It handled important data without ever having carried out a risk assessment.", "IMPORTANT_DATA"),
        ("en", "The airline replicated passenger data to an overseas cloud without any of the three mechanisms.", "DATA_EXPORT"),
        ("en", "Users were not told who would receive their data.", "PI_NOTICE"),
        ("en", "The app began uploading the MAC address before the user had agreed.", "PI_CONSENT"),
        ("en", "The scan-to-order page made diners hand over their phone number and birthday.", "PI_EXCESSIVE"),
        ("en", "Closing an account required a handwritten letter by post.", "PI_RIGHTS"),
        ("en", "The express company threw copies of its customers' waybills into a bin in the street.", "PI_SECURITY"),
        ("en", "The forum took no steps against posts that insulted heroes and martyrs.", "CONTENT_MGMT"),
        ("en", "Personalised recommendations could not be turned off.", "PI_AUTOMATED"),
        ("zh", "该医院三级系统已两年没做测评。", "MLPS"),
        ("zh", "该公司服务器日志每30天自动覆盖。", "LOG_RETENTION"),
        ("zh", "停车场要求车主填手机号、关注公众号后才能缴费。", "PI_EXCESSIVE"),
        ("zh", "该单位未按要求保存网络运行日志，时长达不到六个月。", "LOG_RETENTION"),
        ("zh", "用户申请删除信息后，该公司一个多月不答复。", "PI_RIGHTS"),
    ],
)  # fmt: skip
def test_a_breach_told_in_everyday_words(language: Language, told: str, code: str) -> None:
    record = one(FINED[language].format(told), language, "网络案件" if language == "zh" else "Network case")
    assert code in [violation.code for violation in record.violations]


@pytest.mark.parametrize(
    ("language", "told", "code", "never"),
    [
        ("en", "He sold access to a VPN to 300 customers.", "ILLEGAL_CHANNEL", "PI_TRADE"),
        ("en", "His crawler copied 2.1 million CVs from a rival's server.", "HACKING", "PI_TRADE"),
        ("zh", "该团伙收钱帮人删负面帖子。", "WATER_ARMY", "RUMOUR"),
    ],
)
def test_an_offence_told_in_everyday_words(language: Language, told: str, code: str, never: str) -> None:
    record = one(JAILED[language].format(told), language, "网络案件" if language == "zh" else "Network case")
    codes = [violation.code for violation in record.violations]
    assert code in codes and never not in codes


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Files on 160 servers of a hospital had been encrypted. A gang left a note asking for 12 bitcoin.", {"RANSOMWARE"}),
        ("A name server was the target of a denial-of-service attack that peaked at 1.8 Tbps. Sites failed to resolve for 50 minutes.", {"DDOS", "OUTAGE"}),
        ("Researchers found that a logging library in a mirror had been replaced by a version with a back door.", {"SUPPLY_CHAIN"}),
        ("LED panels at a bus terminus displayed slogans and a QR code for a gambling site for eleven minutes.", {"DEFACEMENT"}),
        ("CNNVD issued a notice on 19 August on flaws in the web console of Ruixin gateways (CVE-2026-40718).", {"VULN_NOTICE"}),
        ("The regulator's consumer bureau cautioned the public against callers who pose as customer service staff of lenders.", {"PHISHING_FRAUD"}),
    ],
)  # fmt: skip
def test_incidents_of_english_digests(text: str, types: set[str]) -> None:
    record = one(text)
    assert record.incident is not None, record.kind
    assert {found.value for found in record.incident.types} == types


def test_a_service_that_fails_is_not_suspended_by_an_authority() -> None:
    text = "3月13日上午，智慧停车平台因机房供电故障停止服务，至14时许恢复正常，未发生数据丢失。"
    assert one(text, "zh", "平台瘫痪").case is None


def test_what_a_firm_invites_to_is_no_case() -> None:
    text = "Our webinar on the new Cybersecurity Law takes place on 14 January. Registration closes on 2 January; fines of 2025 are discussed."
    assert one(text).kind == "EXPLAINER"


@pytest.mark.parametrize(
    "notice", ["despite two warnings", "in spite of several warnings", "after two warnings"]
)
def test_an_earlier_warning_is_none_of_the_measures(notice: str) -> None:
    text = f"The Xi'an police fined a network company RMB 20,000. It had left gambling links on its website {notice}."
    record = one(text)
    assert record.case is not None
    assert [penalty.type for penalty in record.case.penalties] == ["FINE"]


TRACKER = """China regulatory tracker
Status as at 30 June 2025

In force

Facial Recognition Technology Security Measures
Issuer: CAC, MPS (Order No. 19)
Released: 21 March 2025. Effective: 1 June 2025.
What it does: alternative means of verification must be offered to those who do not want their faces to be read.

Under consultation

Measures for the Security of Imaginary Networks
Issuer: CAC
Released: 28 March 2025. Comments until: 27 April 2025.
What it does: aligns the duties of operators; fines of up to RMB 10 million are provided for.

On the horizon

Administrative Measures for Internet Information Services (revision)
Listed in the State Council's 2025 legislative work plan, which was published on 14 May 2025. No text is available.
"""


def test_a_tracker_of_blocks_of_fields_below_their_status() -> None:
    records = classify(bulletin(TRACKER, language="en", published="2025-06-30")).records
    read = [
        (
            [body.type for body in r.regulatory.issuers],
            r.regulatory.status and r.regulatory.status.value,
            r.regulatory.effective and r.regulatory.effective.value,
            r.regulatory.consultation_until and r.regulatory.consultation_until.value,
            r.regulatory.instrument and r.regulatory.instrument.value,
        )
        for r in records
        if r.regulatory is not None
    ]
    assert read == [
        (["CAC_NATIONAL", "MPS"], "in_force", "2025-06-01", None, "FRT"),
        (["CAC_NATIONAL"], "draft", None, "2025-04-27", None),
        (["STATE_COUNCIL"], "planned", None, None, "IIS"),
    ]


def test_the_name_of_a_status_beside_that_of_a_law_heads_an_item() -> None:
    text = (
        "Weekly\n\nMAINLAND CHINA\n\nData Security Law adopted\n\nThe Standing Committee of the National People's Congress adopted "
        "the Data Security Law on 10 June 2021. It will take effect on 1 September 2021.\n\nInternet cafe closed for three days\n\n"
        "Police in Beijing warned an internet cafe and fined it RMB 10,000 because it had failed to verify identities.\n"
    )
    kinds = [r.kind for r in classify(bulletin(text, language="en", published="2021-06-14")).records]
    assert kinds == ["REGULATORY_DEV", "ENFORCEMENT_CASE"]


def test_a_ministry_seated_abroad_is_none_of_china() -> None:
    text = "Vietnam opens consultation on data law\n\nThe Ministry of Public Security in Hanoi has begun to consult on a Data Law."
    assert one(text).jurisdiction == "VN"


def test_a_centre_for_reports_is_a_body_of_its_own() -> None:
    text = (
        "近期，公安部组织打击整治网络谣言，案例如下。\n"
        "1、有网民发布“大桥垮塌”图片。经南省互联网举报中心核实，相关图片均为AI制作生成的虚假图片，相关账号已被依法依约关闭。\n"
        "2、西城公安网安部门查明，赵某民使用AI软件捏造不实火情发布于网络，公安机关依法对赵某民处以行政处罚。\n"
    )
    first, *_ = classify(bulletin(text, published="2025-05-01")).records[-2:]
    assert [body.type for body in first.authorities] == ["SECTOR_OTHER"]


def test_a_row_on_who_answers_for_the_row_above_is_of_the_same_field() -> None:
    text = (
        "序号\t当事人\t决定书文号\t违法行为类型\t处罚内容\t作出决定机关\t日期\n"
        "1\t某农村商业银行\t海银罚决字〔2025〕21号\t1.违反数据安全管理规定；2.违反网络安全管理规定\t警告，罚款60万元\t中国人民银行海陵省分行\t2025年11月12日\n"
        "2\t陈某（时任某农村商业银行部门负责人）\t海银罚决字〔2025〕22号\t对上述第2项违法行为负有责任\t罚款3万元\t中国人民银行海陵省分行\t2025年11月12日\n"
    )
    assert len(classify(bulletin(text, title="行政处罚信息公示表", published="2025-11-20")).records) == 2
