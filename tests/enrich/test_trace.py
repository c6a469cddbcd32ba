"""The readings that were considered and lost, and why."""

from __future__ import annotations

import msgspec
import pytest

from enrich import classify, load_knowledge
from enrich.trace import REASONS, Lost, considered
from netdocket.intake import Intake, as_bulletin
from netdocket.records import Language
from tests.enrich.bulletins import bulletin_of, names


def lost(text: str, language: Language = "zh", title: str = "") -> dict[tuple[str, str], str]:
    """(field, value) -> why, over all items."""
    found = _considered(text, language, title)
    return {(one.field, one.value): one.why for one in found}


def _considered(text: str, language: Language, title: str) -> list[Lost]:
    knowledge = load_knowledge()
    bulletin = as_bulletin(Intake(title=title, text=text, language=language, published="2024-06-01"))
    classified = classify(bulletin, knowledge)
    items = considered(bulletin, classified, knowledge)
    numbers = [item.record for item in items if item.record is not None]
    assert numbers == list(range(len(classified.records)))
    return [one for item in items for one in item.lost]


def test_a_threatened_penalty_and_one_of_the_past_are_lost_for_their_context() -> None:
    found = lost(
        "南通市公安局网安大队检查发现，某学校未留存网络日志，依法给予警告。该校2022年曾被责令改正。"
        "拒不改正的，可处一万元以上十万元以下罚款。"
    )
    assert found["penalty", "ORDER_RECTIFY"] == "context.past"
    assert found["penalty", "FINE"] in ("context.statutory", "context.hypothetical")
    assert ("penalty", "WARNING") not in found


def test_a_duty_without_its_breach_and_an_authority_that_was_only_told_are_lost() -> None:
    found = lost(
        "近日，常州市网信办约谈某网络公司，责令其限期整改。经查，该公司违规收集个人信息，并向工业和信息化部报告了情况。"
    )
    assert found["authority", "MIIT"] == "does_not_act"


def test_possible_effects_of_a_flaw_are_lost_as_possible() -> None:
    found = lost(
        "关于某网关漏洞的安全公告\n近日，某网关被发现存在远程代码执行漏洞（CVE-2098-11111），攻击者利用该漏洞可能导致邮件数据泄露。请及时升级。",
        title="关于某网关漏洞的安全公告",
    )
    assert found["incident_type", "DATA_BREACH"] == "possible"


def test_another_kind_that_signs_spoke_for_is_named() -> None:
    found = lost(
        "In March 2024, the Ministry of Industry and Information Technology issued the Measures for Data Security in the "
        "Field of Industry. A company that breaks them was fined RMB 50,000 last week.",
        "en",
    )
    kinds = {value for field, value in found if field == "kind"}
    assert kinds


def test_every_reason_is_told_in_words() -> None:
    for text in (
        "近日，常州市网信办约谈某网络公司，责令其限期整改。",
        "2024年3月5日，国家网信办发布《个人信息保护合规审计管理办法》，自2024年5月1日起施行。",
    ):
        assert all(one.why in REASONS for one in _considered(text, "zh", ""))


@pytest.mark.parametrize("title", [None, "以案说法：这些行为要不得"])
def test_the_kind_is_explained_by_the_rule_that_decided(title: str | None) -> None:
    """Also where the title announces an explanation."""
    knowledge = load_knowledge()
    for name in names():
        bulletin = bulletin_of(name)
        if title is not None:
            bulletin = msgspec.structs.replace(bulletin, title=title)
        classified = classify(bulletin, knowledge)
        for item in considered(bulletin, classified, knowledge):
            if item.record is not None:
                found = classified.records[item.record].kind_found
                assert item.why == (found.rule or found.derived), (name, item.start)
