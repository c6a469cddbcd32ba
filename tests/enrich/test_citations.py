"""Citations: articles, the law they belong to, their role, their span."""

from __future__ import annotations

import datetime as dt

import pytest

from enrich.catalogue import load_knowledge
from enrich.citations import PrintedCitation, find_citations
from enrich.law_mentions import find_aliases

DAY = dt.date(2020, 5, 1)


def cited(text: str) -> list[PrintedCitation]:
    return find_citations(text, load_knowledge(), on=DAY)


def short(text: str) -> list[tuple[str, str | None, str]]:
    return [(citation.law, citation.article_string, citation.role) for citation in cited(text)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("违反《数据安全法》第二十七条，依据该法第四十五条处罚",
         [("DSL", "27", "violated"), ("DSL", "45", "basis")]),
        ("依据《密码法》《电子商务法》等规定", [("CRYPTO", None, "basis"), ("ECL", None, "basis")]),
        ("违反網絡安全法第２１條，依據第五十九條第一款",
         [("CSL", "21", "violated"), ("CSL", "59(1)", "basis")]),
        ("违反《个人信息保护法》第四十四至四十七条", [("PIPL", str(n), "violated") for n in (44, 45, 46, 47)]),
        ("依据《治安管理处罚法》第二十九条第（一）、（三）项", [("PSAPL", "29[1]", "basis"), ("PSAPL", "29[3]", "basis")]),
        ("依据《电信条例》第七十条第一项至第三项", [("TELECOM", f"70[{n}]", "basis") for n in (1, 2, 3)]),
        ("违反《反恐怖主义法》第二十一、八十六条", [("CTL", "21", "violated"), ("CTL", "86", "violated")]),
        ("触犯《刑法》第二百八十七条之一、之二", [("CL", "287-1", "violated"), ("CL", "287-2", "violated")]),
        ("涉嫌《刑法》第二百五十三条之一第一款", [("CL", "253-1(1)", "violated")]),
        ("违反《中华人民共和国网络安全法》（以下简称《网安法》）第二十一条，依据《网安法》第五十九条",
         [("CSL", "21", "violated"), ("CSL", "59", "basis")]),
        ("根据《中华人民共和国反不正当竞争法》（2025年修订）第九条",
         [("中华人民共和国反不正当竞争法", "9", "basis")]),
        ("违反《甲办法》第三条。该办法第五条、《乙法》第六条，依据该办法第七条",
         [("甲办法", "3", "violated"), ("甲办法", "5", "mentioned"), ("乙法", "6", "mentioned"), ("甲办法", "7", "basis")]),
        ("未落实制度（《网络安全法》第二十一条），给予警告（《网络安全法》第五十九条）",
         [("CSL", "21", "violated"), ("CSL", "59", "basis")]),
        ("以侵犯公民个人信息罪判处有期徒刑", [("CL", None, "violated")]),
        ("因犯非法控制计算机信息系统罪被判刑", [("CL", None, "violated")]),
        ("加强《网络安全法》的学习", [("CSL", None, "mentioned")]),
        ("Articles 21 and 59 CSL", [("CSL", "21", "mentioned"), ("CSL", "59", "mentioned")]),
        ("in violation of Article 21(5) of the Cyber Security Law", [("CSL", "21[5]", "violated")]),
        ("pursuant to Article 45(1) of the Data Security Law", [("DSL", "45(1)", "basis")]),
        ("relying on Article 59(1) of the Cybersecurity Law and Article 66 of the PIPL",
         [("CSL", "59(1)", "basis"), ("PIPL", "66", "basis")]),
        ("breached Article 21 of the CSL and, under Article 59 of that law, was warned",
         [("CSL", "21", "violated"), ("CSL", "59", "basis")]),
        ("failed to perform its duties under Article 21 of the Cybersecurity Law", [("CSL", "21", "violated")]),
        ("was fined under Article 59 of the Cybersecurity Law", [("CSL", "59", "basis")]),
        ("violated Articles 44 to 46 of the PIPL", [("PIPL", str(n), "violated") for n in (44, 45, 46)]),
        ("violated Articles 44-46 of the PIPL", [("PIPL", str(n), "violated") for n in (44, 45, 46)]),
        ("violated Article 253(1) of the PRC Criminal Law", [("CL", "253-1", "violated")]),
        ("Article 285(2) of the Criminal Law", [("CL", "285(2)", "mentioned")]),
        ("the second paragraph of Article 9 of the DSL", [("DSL", "9(2)", "mentioned")]),
        ("under the Cybersecurity Law (Article 21)", [("CSL", "21", "basis")]),
        ("as to the meaning of Article 9 of the Management Measures on the Blockchain Information Service, which provides",
         [("BLOCK", "9", "mentioned")]),
        ("Article 14 of the Graded Protection Rules by the police", [("Graded Protection Rules", "14", "mentioned")]),
        ("in violation of the Personal Information Protection Law", [("PIPL", None, "violated")]),
    ],
)  # fmt: skip
def test_law_article_and_role(text: str, wanted: list[tuple[str, str | None, str]]) -> None:
    assert short(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "依法对该公司处罚", "根据相关法律法规，依据有关规定", "under relevant laws and regulations", "第七十条第一项",
        "第二条 本办法所称网络数据", "网络运营者不履行本法第二十一条规定的义务", "《测试商城法》（版本1.1.1，360手机助手）",
        "Article 5 of the agreement", "第三项目", "第十条例外", "案例一：第三人", "he may act under law",
    ],
)  # fmt: skip
def test_what_is_no_citation(text: str) -> None:
    assert cited(text) == []


def test_spans_hold_in_the_text_as_given() -> None:
    text = "违反《網絡安全法》第２１條第（五）項，依據該法第五十九條。"
    one, other = cited(text)
    assert (text[one.start : one.end], text[one.law_start : one.law_end]) == (
        "第２１條第（五）項",
        "《網絡安全法》",
    )
    assert (text[other.start : other.end], text[other.law_start : other.law_end]) == ("第五十九條", "該法")


def test_an_article_without_a_law_takes_the_nearest_of_its_paragraph_with_half_the_confidence() -> None:
    first, second = cited("违反《网络安全法》第二十一条规定。依据第五十九条处罚。")
    assert (second.law, second.found_by, second.confidence) == ("CSL", "nearest", 0.5)
    assert (first.found_by, first.confidence) == ("printed", 1.0)
    assert [c.article for c in cited("违反《网络安全法》第二十一条。\n依据第五十九条处罚。")] == ["21"]


def test_a_short_name_defined_in_brackets_is_known_from_there_on_and_elsewhere() -> None:
    text = "It released the “Cybersecurity Review Measures” (the “Measures”).\nArticle 2 of the “Measures” prescribes it."
    assert ("CRM2020", "2") in [(c.law, c.article) for c in cited(text)]
    aliases = find_aliases(text, load_knowledge())
    assert aliases == {"Measures": "Cybersecurity Review Measures"}
    (citation,) = find_citations("Article 5 of the Measures", load_knowledge(), on=DAY, aliases=aliases)
    assert (citation.law, citation.article, citation.found_by) == ("CRM2020", "5", "alias")


def test_one_name_means_the_instrument_of_its_day() -> None:
    text = "依据《网络安全审查办法》第五条"
    for day, law in ((dt.date(2020, 7, 1), "CRM2020"), (dt.date(2023, 7, 1), "CRM2021")):
        assert [c.law for c in find_citations(text, load_knowledge(), on=day)] == [law]


def test_without_a_cue_the_caller_says_the_role() -> None:
    text = "处罚种类：警告\n《网络安全法》第五十九条"
    for role in ("basis", "mentioned"):
        (citation,) = find_citations(text, load_knowledge(), default_role=role)  # type: ignore[arg-type]
        assert (citation.role, citation.cued) == (role, False)


def test_a_wide_range_is_not_written_out() -> None:
    assert [c.article for c in cited("《网络安全法》第一条至第九百条")] == ["1", "900"]
