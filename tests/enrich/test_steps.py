"""Single steps, each on sentences of its own: kinds, authorities, breaches, regulatory dates, abroad, apps, incidents."""

from __future__ import annotations

from typing import Any

import pytest

from enrich import classify
from netdocket.exchange import exchange_row
from netdocket.records import Record
from tests.enrich.bulletins import bulletin


def one(text: str, language: str = "zh", **known: Any) -> Record:
    """The only record of a text."""
    (record,) = classify(bulletin(text, language="en" if language == "en" else "zh", **known)).records
    return record


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("某市公安局对某公司网站未落实网络安全等级保护制度的行为给予警告。", "ENFORCEMENT_CASE"),
        ("某区人民法院以侵犯公民个人信息罪判处张某某有期徒刑一年。", "COURT_CASE"),
        ("今年以来，全省网信系统累计约谈网站平台120家，警告85家，下架应用36款。", "CAMPAIGN_STATS"),
        ("工信部通报26款侵害用户权益行为的APP，涉及超范围收集个人信息。", "APP_LIST"),
        ("3月2日，国家网信办公布《网络示例管理办法》，自2027年5月1日起施行。", "REGULATORY_DEV"),
        ("近日监测发现，某办公软件存在远程代码执行漏洞，漏洞已被用于网络攻击。", "INCIDENT"),
        ("中国互联网络信息中心发布第99次统计报告，显示我国网民规模持续增长。", "INDUSTRY_REPORT"),
        ("问：什么是个人信息？答：个人信息是以电子方式记录的信息。", "EXPLAINER"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert one(text, published="2027-03-05").kind == kind


def test_what_is_not_of_the_field_is_no_case() -> None:
    text = "某市市场监管局对某火锅店使用过期食品的行为依据《食品安全法》罚款一万元。"
    assert classify(bulletin(text)).records == ()


def test_an_advertisement_is_no_record() -> None:
    text = "某公司的数据泄露防护产品可检测勒索病毒、木马与后门，欢迎联系试用，助力企业构建防线。"
    assert classify(bulletin(text)).records == ()


@pytest.mark.parametrize(
    ("text", "language", "code", "name"),
    [
        ("根据中央网信办、公安部联合发布的公告，示范市网信办对某网站予以警告。", "zh", "CAC_LOCAL", "示范市网信办"),
        ("美国国家安全局称某软件存在漏洞。我国国家互联网应急中心监测发现该漏洞已被利用于网络攻击。", "zh", "CNCERT", "国家互联网应急中心"),
        ("The Shanghai Cyberspace Administration warned a website for spreading rumours.", "en", "CAC_LOCAL", "Shanghai Cyberspace Administration"),
        ("Police in Suzhou, Jiangsu warned a website operator for keeping no network logs.", "en", "POLICE_LOCAL", "Police"),
    ],
)  # fmt: skip
def test_the_authority_is_the_one_that_acts(text: str, language: str, code: str, name: str) -> None:
    (authority,) = one(text, language).authorities
    assert (authority.type, authority.name) == (code, name)


def test_a_publisher_s_own_account_is_official_and_acts_where_nobody_is_named() -> None:
    result = classify(bulletin("对某网站未履行网络安全保护义务予以警告。", publisher="网信示例"))
    assert result.source_role == "official"
    (authority,) = result.records[0].authorities
    assert (authority.type, authority.derived) == ("CAC_LOCAL", "publisher")
    assert classify(bulletin("对某网站予以警告。", publisher="安全内参")).source_role == "secondary"


@pytest.mark.parametrize(
    ("text", "language", "codes"),
    [
        ("市公安局查明，某公司网络日志留存不足六个月，给予警告。", "zh", {"LOG_RETENTION"}),
        ("市公安局给予某公司警告，要求其加强网络安全防护，防止数据泄露。", "zh", set()),
        ("某公司官网被篡改为赌博信息，未制定内部安全管理制度，被市公安局警告。", "zh", {"NET_SEC_DUTY"}),
        ("某平台未对用户发布的违法信息及时处置，被市网信办约谈。", "zh", {"CONTENT_MGMT"}),
        ("Police warned a hotel whose guest records had been leaked from an unprotected database.", "en", {"DATA_SEC_DUTY", "PI_SECURITY"}),
        ("The operator was warned for failing to verify the identities of its users.", "en", {"REAL_NAME"}),
        ("Police reminded operators of the network to keep logs and warned one website.", "en", set()),
    ],
)  # fmt: skip
def test_breaches(text: str, language: str, codes: set[str]) -> None:
    found = {violation.code for violation in one(text, language, title="网络安全").violations}
    assert codes <= found or found == codes
    assert not found - codes - {"PI_SECURITY", "DATA_SEC_DUTY"}


def test_the_dates_of_a_consultation_and_of_effect() -> None:
    draft = one(
        "国家数据局就《数据示例办法》公开征求意见，征求意见时间为2026年11月28日至12月12日。",
        published="2026-12-01",
    ).regulatory
    assert draft is not None and draft.status is not None and draft.status.value == "draft"
    assert draft.published is not None and draft.published.value == "2026-11-28"
    assert draft.consultation_until is not None and draft.consultation_until.value == "2026-12-12"
    issued = one(
        "On 3 May 2024 the MIIT issued the Sample Data Measures, which take effect on the same day.", "en"
    ).regulatory
    assert issued is not None and issued.effective is not None and issued.effective.value == "2024-05-03"


def test_an_instrument_applies_once_the_bulletin_s_date_is_past_its_day_of_effect() -> None:
    text = "On 3 May 2024 the MIIT issued the Sample Data Measures, which come into force on 1 July 2024."
    for published, status in (("2024-06-01", "issued"), ("2024-08-01", "in_force")):
        regulatory = one(text, "en", published=published).regulatory
        assert regulatory is not None and regulatory.status is not None and regulatory.status.value == status


def test_bodies_counted_and_not_named() -> None:
    text = (
        "On 3 May 2024 the MIIT and nine other departments jointly issued guidelines on industrial networks."
    )
    regulatory = one(text, "en").regulatory
    assert regulatory is not None
    assert (regulatory.issuer_types, regulatory.co_issuer_count) == (("MIIT",), 9)


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("韩国个人信息保护委员会对一家电信公司因用户数据泄露罚款2亿韩元。", "zh", "KR"),
        ("境外黑客组织攻击我国某高校邮件服务器，窃取科研数据，警方已立案侦查。", "zh", "CN"),
        ("The European Commission adopted guidelines on data transfers.", "en", "EU"),
        (
            "The Cyberspace Administration of China fined a US chipmaker for unlawful data exports.",
            "en",
            "CN",
        ),
    ],
)
def test_what_is_reported_from_abroad(text: str, language: str, code: str) -> None:
    assert one(text, language).jurisdiction == code


def test_rows_of_an_app_list() -> None:
    text = (
        "示范省通信管理局通报2款侵害用户权益行为的APP。\n"
        "序号\t应用名称\t应用开发者\t应用来源\t应用版本\t所涉问题\n"
        "1\t河畔记账\t示例科技有限公司\t应用宝\t3.2.0\t违规收集个人信息\n"
        "\t\t\t\t\t强制索取权限\n"
        "2\t云朵相机\t样品软件有限公司\t华为应用市场\t1.0.5\t超范围收集个人信息\n"
    )
    case = one(text).case
    assert case is not None
    assert [(a.name, a.developer, a.version, a.store, a.problems) for a in case.apps] == [
        ("河畔记账", "示例科技有限公司", "3.2.0", "应用宝", ("违规收集个人信息", "强制索取权限")),
        ("云朵相机", "样品软件有限公司", "1.0.5", "华为应用市场", ("超范围收集个人信息",)),
    ]


def test_numbers_of_vulnerabilities_are_read_behind_chinese_characters() -> None:
    text = "近日监测发现示例网关存在漏洞，对应CVE－2099－20011的漏洞已有攻击利用，漏洞编号CNVD-2099-10234。"
    row = exchange_row(one(text), "x")
    assert row["incident"]["identifiers"] == ["CVE-2099-20011", "CNVD-2099-10234"]


def test_a_case_under_investigation_is_open_and_has_no_penalty() -> None:
    record = one("示范市公安局对某公司网站数据泄露一案立案调查，案件正在进一步办理中。")
    assert record.case is not None and record.case.status is not None
    assert (record.kind, record.case.status.value, record.case.penalties) == ("ENFORCEMENT_CASE", "open", ())
