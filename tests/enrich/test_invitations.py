"""A firm's invitation tells of nothing; news in which a polite phrase of such letters stands is news."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Language
from tests.enrich.bulletins import bulletin

RULES = "on 5 June 2025 the Cyberspace Administration of China released the draft Measures for the Labelling of Training Data for public comment."
STOLEN = "Hackers stole the files of 400,000 patients from the servers of a hospital group on 6 June 2025. It has told the police."
FINED = "On 7 June 2025 the Dalian police fined a gym RMB 20,000 because it had leaked the identity cards of its members."
FIGURES = "In the campaign the police solved 320 cases, detained 410 suspects, fined 75 companies and shut down 260 websites."


def kind(text: str, language: Language = "en", title: str = "Notes") -> str:
    (record,) = classify(bulletin(text, language=language, title=title, published="2025-06-30")).records
    return record.kind


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"We are pleased to send you our notes of June. First, {RULES}", "REGULATORY_DEV"),
        (f"During a panel discussion in Shenzhen it was said that {RULES}", "REGULATORY_DEV"),
        (f"At a webinar for the press, {RULES}", "REGULATORY_DEV"),
        (f"The victim is ranked in the top ten of its trade. {STOLEN}", "INCIDENT"),
        (f"The group had only just taken on a new partner. {STOLEN}", "INCIDENT"),
        (f"We are delighted to report a quick case. {FINED}", "ENFORCEMENT_CASE"),
        (f"The ministry will be hosting a fair in the autumn. {FIGURES}", "CAMPAIGN_STATS"),
    ],
)
def test_news_stays_news_beside_a_polite_phrase(text: str, wanted: str) -> None:
    assert kind(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        f"Join us for a breakfast seminar on training data in Beijing on 3 July 2025. We shall look back: {RULES}",
        "You are invited to our seminar on fines for leaks of data. RSVP by 1 July 2025 with the name of your company.",
        "Save the date: our lawyers speak on incident reporting in Shanghai on 10 July 2025, and on what regulators want to hear.",
        "Our webinar looks at what companies should do when their data is stolen, from the first hour to the report.",
        "We are pleased to tell you that Ms Li is our new partner for data protection. She advises banks on their systems.",
    ],
)
def test_an_invitation_or_a_firm_s_own_news_tells_of_nothing(text: str) -> None:
    assert kind(text) == "EXPLAINER"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("我们很高兴向您发送本期简报。2025年6月5日，国家网信办发布《训练数据标识办法（征求意见稿）》，向社会公开征求意见。", "REGULATORY_DEV"),
        ("在一场研讨会上，国家网信办于2025年6月5日发布《训练数据标识办法（征求意见稿）》，向社会公开征求意见。", "REGULATORY_DEV"),
        ("诚邀您参加7月3日的研讨会，共同学习国家网信办发布的《训练数据标识办法（征求意见稿）》，名额有限。", "EXPLAINER"),
    ],
)  # fmt: skip
def test_the_same_in_chinese(text: str, wanted: str) -> None:
    assert kind(text, "zh", "数据简报") == wanted
