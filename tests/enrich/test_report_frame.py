"""Campaign, period and place of a report's figures, each with the words it was read from."""

from __future__ import annotations

import pytest

from enrich import classify
from netdocket.records import Figure, Language, Report
from tests.enrich.bulletins import bulletin


def report_of(text: str, language: Language = "zh") -> Report:
    (record,) = classify(bulletin(text, language=language, published="2024-08-01")).records
    assert record.report is not None
    return record.report


def words(text: str, found: object) -> str:
    evidence = getattr(found, "evidence", None)
    assert evidence is not None
    return text[evidence.start : evidence.end]


@pytest.mark.parametrize(
    ("language", "text", "campaign"),
    [
        ("zh", "“清朗·直播乱象整治”专项行动中，共约谈网站平台46家次，责令整改31家，处置违规账号2700余个。", "清朗·直播乱象整治"),
        ("zh", "净网2024专项行动以来，全省公安机关共侦破网络案件1830余起，抓获犯罪嫌疑人4100余名。", "净网2024"),
        ("en", 'In the "Clean Net 2024" campaign, police in Hebei handled 2,310 cases, warned 1,420 network operators and fined 212 of them.', "Clean Net 2024"),
        ("zh", "上半年，全省网信系统共约谈网站平台46家次，责令整改31家，处置违规账号2700余个。", None),
    ],
)  # fmt: skip
def test_a_campaign_is_read_by_its_name(language: Language, text: str, campaign: str | None) -> None:
    report = report_of(text, language)
    assert report.campaign == campaign
    if campaign is not None:
        assert words(text, report.campaign_found) == campaign


@pytest.mark.parametrize(
    ("text", "printed", "start", "end"),
    [
        ("今年1月至6月，全省网信系统共约谈网站平台46家次，责令整改31家，处置违规账号2700余个。", "今年1月至6月", "2024-01", "2024-06"),
        ("2024年以来，全省网信系统共约谈网站平台46家次，责令整改31家，处置违规账号2700余个。", "2024年", "2024", "2024-08-01"),
    ],
)  # fmt: skip
def test_the_period_is_what_was_told_before_the_first_figure(
    text: str, printed: str, start: str, end: str
) -> None:
    report = report_of(text)
    assert report.period is not None
    assert (report.period.start, report.period.end) == (start, end)
    assert words(text, report.period_found) == printed


def test_a_figure_has_the_place_that_its_own_clause_names() -> None:
    text = "今年以来，全省公安机关共侦破网络案件1830余起，抓获犯罪嫌疑人4100余名，其中苏州市抓获230名。"
    figures: dict[float, Figure] = {figure.value: figure for figure in report_of(text).figures}
    assert figures[4100].metric == "ARREST"
    assert figures[4100].approximate
    assert figures[4100].place is None
    place = figures[230].place
    assert place is not None and place.export == "Jiangsu/Suzhou"
