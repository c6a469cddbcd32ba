"""Digests that set news of several sorts side by side, without sections, and what stands around the news."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Record
from tests.enrich.bulletins import bulletin

NEWS = [
    "The Wuhan police fined a hotel RMB 20,000 on 3 May for keeping no logs. It had been told twice that six months are required.",
    "An online game was hammered by junk traffic of 900 Gbps on the day of its launch. Who was behind it could not be found out.",
    "The CAC published draft measures on data labelling on 5 May; comments close on 4 June. They apply to all who sell training data.",
    "An excavator severed a fibre cable in Foshan, leaving 20,000 households without broadband. Repairs went on until the evening.",
    "The Ningbo CAC warned a retailer on 6 May because its app collected contacts without consent. It was given ten days to rectify.",
    "The home page of a county government carried gambling adverts for several hours on Sunday. It has been restored since then.",
    "CNVD lists a high-risk hole in a popular content management system; users should update to version 5.2 without further delay.",
]
KINDS = [
    "ENFORCEMENT_CASE",
    "INCIDENT",
    "REGULATORY_DEV",
    "INCIDENT",
    "ENFORCEMENT_CASE",
    "INCIDENT",
    "INCIDENT",
]


def records(text: str, title: str = "China cyber notes") -> tuple[Record, ...]:
    return tuple(classify(bulletin(text, language="en", title=title, published="2025-12-01")).records)


@pytest.mark.parametrize(
    "style", ["{n}. {head}\n{news}", "**{head}.** {news}", "{n}) {head}. {news}", "- {news}"]
)
def test_incidents_among_cases_and_rules_are_items_of_their_own(style: str) -> None:
    heads = ["Banks", "Games", "Labels", "Roads", "Shops", "Counties", "Pages"]
    parts = [
        style.format(n=n, head=f"News on {head.lower()}", news=news)
        for n, (head, news) in enumerate(zip(heads, NEWS, strict=True), 1)
    ]
    found = records("China cyber notes\n\n" + "\n\n".join(parts))
    assert [record.kind for record in found] == KINDS


def test_the_comment_below_the_story_of_one_case_is_no_part_of_it() -> None:
    story = (
        "On 16 September 2025 the public security bureau of Yantai reported that it had fined a software company RMB 200,000. "
        "The company had left a database of patients open to the internet for a year, and nobody had noticed the copies made of it. "
        "Its general manager was fined RMB 20,000 under Article 45 of the Data Security Law."
    )
    comment = "Earlier cases stopped at one party. Organisations should make sure that ports are scanned from outside, and by whom."
    case, said = records(f"Case note\n\n{story}\n\nComment\n\n{comment}\n", title="Case note")
    assert (case.kind, said.kind) == ("ENFORCEMENT_CASE", "EXPLAINER")
    assert case.case is not None
    assert sorted(p.amount or 0 for p in case.case.penalties) == [2_000_000, 20_000_000]


def test_a_label_s_day_is_that_of_the_measure_or_of_the_naming() -> None:
    text = (
        "Notes of November 2025\n\n"
        "- Tianjin police, 13 November. The Heping sub-bureau warned the operator of a printing app which asked for contacts on opening.\n"
        "- Hebei police, 14 November. A hotel was fined RMB 10,000 because it had kept no logs of its guests' Wi-Fi for half a year.\n"
    )
    days = [r.case.dates.decision.value for r in records(text) if r.case and r.case.dates.decision]
    assert days == ["2025-11-13", "2025-11-14"]


def test_the_day_of_a_judgment_stands_before_its_verb() -> None:
    text = "The Beijing Internet Court on 5 December 2025 sentenced a clerk to two years in prison for selling personal data."
    (record,) = records(text, title="Court")
    assert record.case is not None and record.case.dates.decision is not None
    assert record.case.dates.decision.value == "2025-12-05"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (
            "Qingfeng DNS, a provider of name resolution, was the target of a denial-of-service attack.",
            "Qingfeng DNS",
        ),
        ("University of Leeds was hit by ransomware and its servers were encrypted.", "University of Leeds"),
        ("A hospital in Xi'an was hit by ransomware and its servers were encrypted.", "a hospital in Xi"),
    ],
)
def test_victims_are_as_printed(text: str, who: str) -> None:
    (record,) = records(text, title="Incident")
    assert record.incident is not None and record.incident.subject is not None
    subject = record.incident.subject
    assert subject.value == who
    assert (
        subject.evidence is not None
        and text[subject.evidence.start : subject.evidence.end].lower() == who.lower()
    )


def test_the_day_on_which_an_incident_was_discovered() -> None:
    text = "Researchers discovered on 24 August 2025 that a logging library in a mirror had been replaced by a version with a back door."
    (record,) = records(text, title="Incident")
    assert record.incident is not None and record.incident.dates.discovered is not None
    assert record.incident.dates.discovered.value == "2025-08-24"


@pytest.mark.parametrize(
    ("law", "article", "codes"),
    [
        ("个人信息保护法", "第五十七条", {"INCIDENT_HANDLING", "PI_SECURITY"}),
        # 35 is of infrastructure in the new text and of reviews in the old one.
        ("网络安全法", "第三十五条", set()),
    ],
)
def test_an_article_of_two_breaches_stands_for_both(law: str, article: str, codes: set[str]) -> None:
    text = f"网信部门通报：该公司违反《中华人民共和国{law}》{article}规定，依法给予警告。"
    (record,) = classify(bulletin(text, title="网络数据案件")).records
    cited = [v for v in record.violations if v.rule and v.rule.startswith("violations.cited")]
    assert {v.code for v in cited} == codes
    assert {v.confidence for v in cited} <= {0.5}
