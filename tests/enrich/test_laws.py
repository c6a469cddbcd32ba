"""Names of instruments, and which text of a law is meant."""

from __future__ import annotations

import datetime as dt

import pytest

from enrich.catalogue import load_knowledge
from enrich.laws import Laws


@pytest.fixture(scope="module")
def laws() -> Laws:
    return load_knowledge().laws


def test_every_printed_name_leads_back_to_its_law(laws: Laws) -> None:
    for law in laws.values():
        for name in law.names:
            assert law.id in laws.candidates(name), name
            assert law.id in laws.candidates(f"《{name}》")
            if name in law.en:
                assert law.id in laws.candidates(f"the {name.upper()} of the People's Republic of China")


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("網絡安全法", "CSL"),
        ("《中华人民共和国 网络安全法》", "CSL"),
        ("PRC Cyber Security Law", "CSL"),
        ("China's cyber-security law", "CSL"),
        ("Network Security Law", "CSL"),
        (
            "“Measures on Security Examination for Online Products and Services (Trial Implementation)”",
            "CRM2017",
        ),
        ("汽车数据安全管理若干规定", "AUTODATA"),
        ("Automotive Data Security Provisions", "AUTODATA"),
        ("网络安全法（修正草案征求意见稿）", "CSL"),
        ("AI-Generated Content Labeling Measures", "AILABEL"),
        # freely translated titles: the same words, whatever the order and the form
        ("Regulation on the Protection of Minors Online", "MINORNET"),
        ("Measures for the Management of Generative Artificial Intelligence Services (draft)", "GENAI"),
        ("Regulations on Management of Network Data Security", "NDSR"),
        ("Measures for the Security Protection of Critical Information Infrastructure", "CIIR"),
        ("Rules on Personal Information Protection Compliance Audits", "PIAUDIT"),
        ("Anti-Telecommunications and Online Fraud Law", "ATF"),
        # a word more or less, or a law where the catalogue has a rule, is another instrument
        ("Data Security Regulations", None),
        ("Personal Information Protection Regulations", None),
        ("Personal Information Security Specification", None),
        ("Minors Online Protection Law", None),
        ("Guide on the Establishment of the Network Data Security Standard System", None),
        ("Cybercrime Prevention Act", None),
        ("网络安全法实施细则", None),
    ],
)
def test_names(laws: Laws, name: str, id: str | None) -> None:
    assert laws.match(name) == id


@pytest.mark.parametrize(
    ("day", "id"),
    [
        ("2020-05-07", "CRM2020"),
        ("2021-12-27", "CRM2020"),
        ("2022-03-01", "CRM2021"),
        ("2019-01-01", "CRM2020"),
    ],
)
@pytest.mark.parametrize(
    "name", ["网络安全审查办法", "Measures for Cyber Security Review", "Cybersecurity Review Measures"]
)
def test_one_name_two_instruments(laws: Laws, name: str, day: str, id: str) -> None:
    assert laws.match(name, dt.date.fromisoformat(day)) == id


@pytest.mark.parametrize(
    ("articles", "decided", "violations", "version", "derived"),
    [
        (["59"], "2025-06-01", [], "CSL-2016", "date"),
        (["23", "61"], "2026-03-01", [], "CSL-2025", "article pair"),
        (["21", "59(1)"], "2026-03-01", [], "CSL-2016", "article pair"),
        (["25", "59"], "2026-03-01", [], "CSL-2016", "article pair"),
        (["24(1)", "61"], "2026-03-01", [], "CSL-2016", "article pair"),
        (["26(1)", "64"], "2026-03-01", [], "CSL-2025", "article pair"),
        (["47", "68"], "2026-03-01", [], "CSL-2016", "article pair"),
        (
            ["49", "69"],
            "2026-03-01",
            [],
            "CSL-2025",
            "date",
        ),  # a pair of either text: 49 with 69[2], 49 with 69(1)
        (["41", "64(1)"], "2026-03-01", [], "CSL-2016", "article pair"),
        (["64"], "2026-01-15", [], "CSL-2025", "date"),
        (["64"], "2026-01-15", ["PI_CONSENT"], "CSL-2016", "article and violation"),
        (["64"], "2026-01-15", ["REAL_NAME"], "CSL-2025", "article and violation"),
        (["80"], "2026-02-01", [], "CSL-2025", "only this text has the article"),
        (["80"], "2020-02-01", [], "CSL-2016", "date"),  # no such article then: reported, never corrected
        ([], "2026-05-01", [], "CSL-2025", "date"),
        (["21", "59"], None, [], "CSL-2016", "article pair"),
        (["64"], None, [], None, "neither date nor article pair"),
    ],
)
def test_versions_of_the_cybersecurity_law(
    laws: Laws,
    articles: list[str],
    decided: str | None,
    violations: list[str],
    version: str | None,
    derived: str,
) -> None:
    day = dt.date.fromisoformat(decided) if decided else None
    choice = laws.version("CSL", articles, decided=day, violations=violations)
    assert (choice.version, choice.derived) == (version, derived)


def test_a_pair_is_surer_than_a_lone_colliding_article(laws: Laws) -> None:
    day = dt.date(2026, 3, 1)
    lone = laws.version("CSL", ["64"], decided=day).confidence
    by_violation = laws.version("CSL", ["64"], decided=day, violations=["REAL_NAME"]).confidence
    pair = laws.version("CSL", ["26", "64"], decided=day).confidence
    assert lone < by_violation < pair


def test_conduct_before_the_new_text(laws: Laws) -> None:
    choice = laws.version("CSL", ["63"], decided=dt.date(2026, 2, 1), conduct=dt.date(2025, 10, 1))
    assert choice.version == "CSL-2016"
    assert choice.confidence <= 0.5


@pytest.mark.parametrize(
    ("law", "version", "article", "exists"),
    [
        ("CSL", "CSL-2016", "79", True), ("CSL", "CSL-2016", "80", False), ("CSL", "CSL-2025", "81", True),
        ("CSL", "CSL-2025", "82", False), ("PIPL", None, "74", True), ("PIPL", None, "75", False),
        ("CL", None, "253-1", None), ("CSL", None, "80", None),
    ],
)  # fmt: skip
def test_article_existence(
    laws: Laws, law: str, version: str | None, article: str, exists: bool | None
) -> None:
    assert laws[law].has_article(article, version) is exists


def test_other_laws_and_unknown_ones_have_no_version(laws: Laws) -> None:
    assert laws.version("DSL", ["45"], decided=dt.date(2022, 1, 1)).version is None
    assert laws.version("食品安全法", ["45"]).version is None
    assert laws.version("PSAPL", ["29"], decided=dt.date(2025, 12, 31)).version == "PSAPL-2012"
    assert laws.version("PSAPL", ["33"], decided=dt.date(2026, 1, 1)).version == "PSAPL-2025"


def test_the_concordance_of_the_taxonomy_agrees_with_the_catalogue(laws: Laws) -> None:
    """`CSL:21>23` in the taxonomy and 21 -> 23 in the concordance are the same statement made twice."""
    concordance = laws["CSL"].entry["concordance_2016_to_2025"]
    for violation in load_knowledge().tables["taxonomy"]["violation_types"]:
        for reference in violation["articles"]:
            old, _, new = reference.removeprefix("CSL:").partition(">")
            if reference.startswith("CSL:") and old.isdigit() and new.isdigit():
                assert concordance[old].split(" ")[0].split(";")[0].split("(")[0] == new, reference
