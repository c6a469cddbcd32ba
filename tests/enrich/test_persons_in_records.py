"""Persons in whole records: no name that was found stands anywhere in what a record says, and a subject's place is its
own."""

from __future__ import annotations

import pytest

from enrich import classify, load_knowledge
from enrich.persons import find_persons
from netdocket.records import Language, encode
from tests.enrich.bulletins import bulletin

KNOWLEDGE = load_knowledge()
APPS = (
    "工信部通报2款侵害用户权益行为的APP。\n序号\t应用名称\t开发者\t应用来源\t版本\t所涉问题\n"
    "1\t李小强记账\t李小强工作室\t李小强商店\t1.2\t嫌疑人李小强违规收集个人信息\n"
    "2\t示范天气\t示范公司\t示范商店\t2.0\t超范围收集个人信息"
)


@pytest.mark.parametrize(
    ("text", "language", "title", "publisher"),
    [
        ("被告人李小强南京市中级人民法院判处有期徒刑三年，其侵犯公民个人信息。", "zh", "", None),
        ("李小强南京市中级人民法院判处有期徒刑三年。嫌疑人李小强侵犯公民个人信息。", "zh", "", None),
        ("嫌疑人李小强侵犯公民个人信息被行政拘留5日。", "zh", "嫌疑人李小强示范市公安局查处", "李小强工作室"),
        (
            "依据《关于李小强侵犯公民个人信息案的处罚决定》第三条，某市公安局对违法行为人李小强行政拘留5日。",
            "zh", "", None,
        ),
        (APPS, "zh", "关于下架APP的通报", None),
        ("工信部通报2款侵害用户权益行为的APP：《李小强》（版本1.2，李小强商店）。嫌疑人李小强被罚。", "zh", "", None),
        (
            "The suspect Li Xiaoqiang was sentenced. Li Xiaoqiang Nanjing Intermediate People's Court sentenced him to "
            "three years in prison for infringing on citizens' personal information under the Li Xiaoqiang Case Rules.",
            "en", "", None,
        ),
    ],
)  # fmt: skip
def test_no_name_found_stands_in_what_is_written(
    text: str, language: Language, title: str, publisher: str | None
) -> None:
    given = bulletin(text, language=language, title=title, publisher=publisher)
    names = [n.name for n in find_persons(f"{title}\n{text}", KNOWLEDGE) if n.form == "full"]
    assert names
    classified = classify(given, KNOWLEDGE)
    assert classified.records
    written = encode(classified).decode()
    assert [name for name in names if name in written] == []


def test_rows_of_an_app_list_are_shown_masked() -> None:
    (record,) = classify(bulletin(APPS, title="关于下架APP的通报")).records
    assert record.case is not None
    row = record.case.apps[0]
    said = (row.name, row.developer, row.store, row.version, row.problems)
    assert said == ("李某某记账", "李某某工作室", "李某某商店", "1.2", ("嫌疑人李某某违规收集个人信息",))


def test_the_name_of_a_body_begins_behind_a_person() -> None:
    (record,) = classify(
        bulletin("被告人李小强南京市中级人民法院判处有期徒刑三年，其侵犯公民个人信息。")
    ).records
    assert [authority.name for authority in record.authorities] == ["南京市中级人民法院"]


@pytest.mark.parametrize(
    ("text", "language", "province"),
    [
        ("北京市网信办对上海某科技有限公司未履行网络安全保护义务的行为给予警告。", "zh", "Shanghai"),
        ("北京市网信办对某科技有限公司未履行网络安全保护义务的行为给予警告。", "zh", None),
        ("北京市公安局对违法行为人王某某侵犯公民个人信息的行为处以行政拘留5日。", "zh", None),
        ("The Beijing Cyberspace Administration warned a company in Shanghai for keeping no network logs.", "en", "Shanghai"),
        ("The Beijing Cyberspace Administration warned a company for keeping no network logs.", "en", None),
    ],
)  # fmt: skip
def test_a_subject_has_the_place_of_its_own_words(
    text: str, language: Language, province: str | None
) -> None:
    (record,) = classify(bulletin(text, language=language)).records
    assert record.place is not None and record.place.province is not None
    assert record.place.province.en == "Beijing"
    assert record.case is not None
    own = record.case.subjects[0].place
    assert (own.province.en if own and own.province else None) == province
