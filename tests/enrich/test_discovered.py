"""The day on which an incident was found out, and the days on which nobody found out anything."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Language
from tests.enrich.bulletins import bulletin

ENTERED = "Hackers broke into the servers of a chain of hotels and stole the data of 300,000 guests. "


def discovered(text: str, language: Language = "en") -> str | None:
    title = "安全事件" if language == "zh" else "An attack"
    (record,) = classify(bulletin(text, language=language, title=title, published="2025-12-20")).records
    assert record.incident is not None
    day = record.incident.dates.discovered
    return day.value if day else None


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("The theft was discovered on 9 July 2025.", "2025-07-09"),
        ("The theft was noticed by a guest on 9 July 2025.", "2025-07-09"),
        ("On 9 July 2025 the company discovered the theft.", "2025-07-09"),
        ("On 9 July 2025 an engineer who had not slept noticed the theft.", "2025-07-09"),
        ("The theft began on 2 March 2025 and was not discovered until 9 July 2025.", "2025-07-09"),
        ("The attackers, who had come in on 2 March 2025, were not noticed until 9 July 2025.", "2025-07-09"),
        ("It began on 2 March 2025 and was discovered on 9 July 2025.", "2025-07-09"),
        ("The theft went unnoticed until 9 July 2025.", "2025-07-09"),
        ("The theft was only discovered on 9 July 2025.", "2025-07-09"),
        ("Nobody noticed the theft until 9 July 2025.", "2025-07-09"),
        ("The company did not notice the theft until 9 July 2025.", "2025-07-09"),
        ("It failed to detect the thieves until 9 July 2025.", "2025-07-09"),
        ("Only on 9 July 2025 did the company notice the theft.", "2025-07-09"),
        ("It was not until 9 July 2025 that the theft was discovered.", "2025-07-09"),
        ("It was not until 9 July 2025 that an auditor noticed it.", "2025-07-09"),
        ("Not until 9 July 2025 was the theft detected.", "2025-07-09"),
        ("Only on 9 July 2025 was the theft spotted by a guest.", "2025-07-09"),
        ("It was only on 9 July 2025 that the owners discovered it.", "2025-07-09"),
        ("On 9 July 2025 clerks with no special training noticed it.", "2025-07-09"),
        ("On 9 July 2025 a visitor without any account discovered it.", "2025-07-09"),
        ("The flaw that nobody patched was discovered on 9 July 2025.", "2025-07-09"),
        ("Until 9 July 2025 nothing had been discovered.", None),
        ("Before 9 July 2025 nothing was noticed.", None),
        ("The company did not notice any misuse on 9 July 2025.", None),
        ("As of 9 July 2025 those behind it have not been discovered.", None),
        ("On 9 July 2025 the company said that it had never detected any misuse.", None),
        ("On 9 July 2025 no misuse had been detected.", None),
        ("It wasn't discovered on 9 July 2025, as was said before.", None),
    ],
)
def test_in_english(told: str, day: str | None) -> None:
    assert discovered(ENTERED + told) == day


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("2025年7月9日，该公司发现客户数据被窃取。", "2025-07-09"),
        ("2025年3月2日起遭到入侵，直到2025年7月9日才被发现。", "2025-07-09"),
        ("2025年7月9日，未授权访问被监测到。", "2025-07-09"),
        ("该公司未能在2025年7月9日前发现入侵。", None),
        ("2025年7月9日前台员工发现系统异常。", "2025-07-09"),
        ("2025年7月9日，前员工发现数据在网上出售。", "2025-07-09"),
        ("2025年7月9日，没有值班人员发现入侵。", None),
        ("2025年7月9日，该公司并未在第一时间发现入侵。", None),
        ("截至2025年7月9日，该公司未在日志中发现异常。", None),
        ("截至2025年7月9日，未发现数据被滥用。", None),
        ("2025年7月9日，公司称尚未监测到数据被滥用。", None),
        ("2025年7月9日，值班人员没有及时发现入侵。", None),
    ],
)
def test_in_chinese(told: str, day: str | None) -> None:
    assert discovered("黑客入侵某酒店集团服务器，窃取30万名客人数据。" + told, "zh") == day
