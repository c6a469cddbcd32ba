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


@pytest.mark.parametrize("told", [RULES, STOLEN, FINED])
@pytest.mark.parametrize(
    "asked",
    [
        "RSVP by 7 July 2025: our lawyers will show what to do.",
        "Join us at our webinar on 9 July 2025 to hear more.",
        "Register now for our seminar on 9 July 2025.",
    ],
)
def test_news_may_end_with_an_invitation_and_an_invitation_may_tell_of_news(told: str, asked: str) -> None:
    news = told if told[0].isupper() else f"The ministry told the press that {told}"
    assert kind(f"{news} {asked}") == kind(news) != "EXPLAINER"
    assert kind(f"{asked} What it is about: {told}") == "EXPLAINER"


@pytest.mark.parametrize(
    "opening",
    [
        "RSVP by 7 July 2025: our lawyers will tell how {told}",
        "Our webinar on 9 July 2025: {told}",
        "We will be hosting a talk on 9 July 2025 about this: {told}",
        "Breakfast briefing, 9 July 2025: {told}",
        "We are delighted to tell you that Ms Li has joined our firm. She has seen much: {told}",
    ],
)
@pytest.mark.parametrize(
    "told",
    [
        "hackers stole the files of 400,000 patients from a hospital group.",
        "a gym was fined RMB 20,000 by the Dalian police for a leak.",
        RULES,
    ],
)
def test_what_an_invitation_is_about_has_not_happened_in_it(opening: str, told: str) -> None:
    assert kind(opening.format(told=told)) == "EXPLAINER"


def test_an_invitation_to_comment_is_none() -> None:
    assert (
        kind(f"The ministry invites you to comment. It has been made known that {RULES}") == "REGULATORY_DEV"
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("欢迎报名参加7月3日的线上课程，介绍某公司因泄露个人信息被罚款五十万元的教训。", "EXPLAINER"),
        ("2025年6月7日，某机构因泄露报名参加培训班学员的个人信息，被大连市网信办罚款五万元。", "ENFORCEMENT_CASE"),
        ("我们很高兴向您发送本期简报。2025年6月5日，国家网信办发布《训练数据标识办法（征求意见稿）》，向社会公开征求意见。", "REGULATORY_DEV"),
        ("在一场研讨会上，国家网信办于2025年6月5日发布《训练数据标识办法（征求意见稿）》，向社会公开征求意见。", "REGULATORY_DEV"),
        ("诚邀您参加7月3日的研讨会，共同学习国家网信办发布的《训练数据标识办法（征求意见稿）》，名额有限。", "EXPLAINER"),
    ],
)  # fmt: skip
def test_the_same_in_chinese(text: str, wanted: str) -> None:
    assert kind(text, "zh", "数据简报") == wanted
