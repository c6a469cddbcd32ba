"""What a sentence says of a penalty: only what was imposed counts."""

from __future__ import annotations

import pytest

from enrich.catalogue import load_knowledge
from enrich.context import clause_contexts, context_at, context_of
from enrich.money import find_money


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("对该公司处警告、1.274亿元人民币罚款", "penalty"),
        ("可以由有关部门并处罚款", "statutory"),
        ("operators shall pay a fine of RMB 20,000 to RMB 90,000", "statutory"),
        ("情节严重的，并处十万元以上一百万元以下罚款", "statutory"),
        ("最高可处五十万元罚款", "hypothetical"),
        ("一经查实，将从严处罚", "hypothetical"),
        ("拟处罚款2万元", "hypothetical"),
        ("若及时修补漏洞，本可避免处罚", "hypothetical"),
        ("had it not remedied the flaw, it would have been fined", "hypothetical"),
        ("if it fails to rectify, it will be fined", "hypothetical"),
        ("The company was liable to fines up to RMB 1 million.", "hypothetical"),
        ("此前曾因同类问题被约谈", "past"),
        ("The firm, previously fined RMB 5,000,", "past"),
        ("首违不罚", "none"),
        ("The clinic was not fined.", "none"),
        ("涉案1.5亿元", "not_fine"),
        ("cards worth RMB 2 million", "not_fine"),
        ("police announced that an official had been arrested", "penalty"),  # reported speech is no history
        ("今天天气很好。", None),
    ],
)
def test_one_class_a_sentence(text: str, wanted: str | None) -> None:
    assert context_of(text, load_knowledge()) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("该企业此前曾因同类问题被罚款2万元，此次被依法处罚款5万元。", ["past", "penalty"]),
        ("The company, which had been fined RMB 10,000 in 2018, was fined RMB 20,000.", ["past", "penalty"]),
        ("依据可以并处1万元罚款之规定，对该公司处罚款5万元。", ["hypothetical", "penalty"]),
        ("拒不改正的，处罚款1万元，对直接责任人员处罚款5千元", ["statutory", "statutory"]),
        ("该团伙非法获利30万元，对其作出罚款5万元的处罚。", ["not_fine", "penalty"]),
        ("逾期不改的，将罚款3万元。对某公司罚款5万元。", ["hypothetical", "penalty"]),
    ],
)
def test_each_sum_has_the_class_of_its_clause(text: str, wanted: list[str]) -> None:
    knowledge = load_knowledge()
    assert [context_at(text, money.start, money.end, knowledge) for money in find_money(text)] == wanted


def test_clauses_cover_the_text_without_gaps() -> None:
    text = "近日，某公司被罚款1,000元。 It was fined RMB 2,000, and warned; no fine followed.\n下一条"
    clauses = clause_contexts(text, load_knowledge())
    assert [clause.start for clause in clauses] == [0, *(clause.end for clause in clauses[:-1])]
    assert clauses[-1].end == len(text)
