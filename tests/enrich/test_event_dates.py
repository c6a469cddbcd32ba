"""Which day of a judgment or an order is that of the decision, and which is that of the conduct before it."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Language
from tests.enrich.bulletins import bulletin


def decided(text: str, language: Language = "en") -> str | None:
    title = "法院案件" if language == "zh" else "A case in court"
    (record,) = classify(bulletin(text, language=language, title=title, published="2025-12-20")).records
    assert record.case is not None
    return record.case.dates.decision.value if record.case.dates.decision else None


SENTENCED = " On 9 June 2025 the court sentenced him to two years in prison for selling personal information."


@pytest.mark.parametrize(
    "conduct",
    [
        "On 4 May 2024 the defendant held the files of 60,000 pupils and offered them to tutors.",
        "On 4 May 2024 Mr Gao ordered the telephone numbers of 60,000 patients from a seller abroad.",
        "Mr Gao ordered the telephone numbers of 60,000 patients on 4 May 2024 and sold them again.",
        "A fair for such lists was held on 4 May 2024.",
        "The fair was held from 4 May 2024 to 7 May 2024, and there he found buyers.",
        "On 4 May 2024 the court held a hearing, at which he denied it all.",
        "The numbers of 60,000 patients were ordered on 4 May 2024 from a seller abroad.",
        "A clerk of the authority ordered the numbers of 60,000 patients on 4 May 2024.",
        "Its clerk heard that the police had seized phones that he had ordered on 4 May 2024.",
    ],
)
def test_what_anybody_holds_or_orders_is_no_decision(conduct: str) -> None:
    assert decided(f"The court in Zibo told of the case of Mr Gao. {conduct}{SENTENCED}") == "2025-06-09"


@pytest.mark.parametrize(
    "ruling",
    [
        "On 9 June 2025 the Zibo court held that the company had sold the personal information of its customers.",
        "The Zibo court held on 9 June 2025 that the company had sold the personal information of its customers.",
        "On 9 June 2025 the Zibo court also ordered the company to pay RMB 60,000 for the sale of personal information.",
        "The Zibo court ordered the company on 9 June 2025 to pay RMB 60,000 for the sale of personal information.",
        "The Zibo court on 9 June 2025 ordered the company to pay RMB 60,000 for the sale of personal information.",
        "On 9 June 2025 it ordered the company to pay RMB 60,000 for the sale of personal information.",
        "On 9 June 2025 the company was ordered to pay RMB 60,000 for the sale of personal information.",
        "On 9 June 2025, the company was held liable for the sale of personal information.",
        "On 9 June 2025 the Court (Zibo) ordered the company to pay RMB 60,000 for the sale of personal information.",
        "The company was ordered on 9 June 2025 by the Zibo court to pay RMB 60,000 for the sale of personal information.",
    ],
)
def test_what_a_court_holds_or_orders_is_its_decision(ruling: str) -> None:
    before = "A customer went to court over the sale of his personal information by a chain of shops in 2024."
    assert decided(f"{before} {ruling} The court found that nobody had been asked.") == "2025-06-09"


@pytest.mark.parametrize(
    ("conduct", "day"),
    [
        ("2024年5月4日，高某与他人的债务经法院判决清偿后，开始出售公民个人信息。", "2025-06-09"),
        ("2024年5月4日，高某开始出售公民个人信息六万条。", "2025-06-09"),
        ("2024年5月4日，法院判决高某败诉。", "2024-05-04"),
    ],
)
def test_what_follows_a_judgment_is_not_its_day(conduct: str, day: str) -> None:
    text = (
        f"淄博市某区法院近日公布一起案件。{conduct}2025年6月9日，高某因侵犯公民个人信息罪被判处有期徒刑二年。"
    )
    assert decided(text, "zh") == day


@pytest.mark.parametrize(
    "ruling",
    [
        "法院判决被告于判决生效后十日内赔礼道歉，并赔偿原告因泄露个人信息造成的损失五千元。",
        "法院判决被告三日后赔偿原告因泄露个人信息造成的损失。",
        "法院判决公司在今后不得再收集原告个人信息，并赔礼道歉。",
        "法院判决生效后十日内被告赔偿原告因泄露个人信息造成的损失五千元。",
    ],
)
def test_what_is_to_be_done_after_a_judgment_leaves_it_its_day(ruling: str) -> None:
    assert decided(f"2025年6月9日，淄博市某区{ruling}", "zh") == "2025-06-09"
