"""Places: names that count, names that do not, and shared names."""

from __future__ import annotations

import pytest

from enrich.catalogue import load_knowledge
from enrich.places import find_places, place_of


def export(text: str, *provinces: str) -> str | None:
    place = place_of(text, load_knowledge(), provinces=provinces)
    return place.export if place else None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("江苏省南京市网信办", "Jiangsu/Nanjing"), ("芜湖网信办", "Anhui/Wuhu"), ("芜湖某小学", "Anhui/Wuhu"),
        ("安徽芜湖", "Anhui/Wuhu"), ("蕪湖市某小學", "Anhui/Wuhu"), ("杭州某科技有限公司", "Zhejiang/Hangzhou"),
        ("武汉长江医院被罚", "Hubei/Wuhan"), ("河南通信管理局", "Henan"), ("江西安福县", "Jiangxi"),
        ("上海市黄浦区", "Shanghai"), ("内蒙古鄂尔多斯警方", "Inner Mongolia/Ordos"), ("延边州公安局", "Jilin/Yanbian"),
        ("湘西州互联网信息办公室", "Hunan/Xiangxi"), ("新疆维吾尔自治区哈密市", "Xinjiang/Hami"), ("莱芜市某公司", "Shandong/Jinan"),
        ("海南省三亚市", "Hainan/Sanya"), ("朝阳市公安局", "Liaoning/Chaoyang"), ("北京市朝阳区人民法院", "Beijing"),
        ("吉林网信办", "Jilin"), ("吉林市公安局", "Jilin/Jilin"), ("海南网信办", "Hainan"), ("海南州公安局", "Qinghai/Hainan"),
        ("Nanjing City", "Jiangsu/Nanjing"), ("A school in Nantong City, Jiangsu Province", "Jiangsu/Nantong"),
        ("Xi’an police", "Shaanxi/Xi'an"), ("Xian police", "Shaanxi/Xi'an"), ("Huaian", "Jiangsu/Huai'an"),
        ("Xi'an, Shanxi", "Shaanxi/Xi'an"), ("Suzhou, Anhui", "Anhui/Suzhou"), ("Taizhou, Zhejiang", "Zhejiang/Taizhou"),
        ("Jilin", "Jilin"), ("Jilin City", "Jilin/Jilin"), ("Hainan", "Hainan"),
        ("Hainan Tibetan Autonomous Prefecture", "Qinghai/Hainan"), ("Yanbian Korean Autonomous Prefecture", "Jilin/Yanbian"),
        ("Inner Mongolia Autonomous Region", "Inner Mongolia"), ("Chaoyang District, Beijing", "Beijing"),
        ("Shanghai Municipal Government", "Shanghai"), ("Ürümqi", "Xinjiang/Urumqi"),
    ],
)  # fmt: skip
def test_places(text: str, wanted: str) -> None:
    assert export(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["东方财富股份有限公司", "中山大学", "来宾请签到", "双河村", "黄山路", "朝阳区", "鼓楼区", "Gulou District", "Chaoyang District", "Li Jian was fined",
     "Ali Cloud", "nanjing", "Bose headphones", "全国", "Suzhou police", "Yichun"],
)  # fmt: skip
def test_words_and_shared_names_alone_are_no_place(text: str) -> None:
    assert export(text) is None


def test_a_shared_name_is_settled_by_the_province_around_it() -> None:
    assert export("Suzhou police", "320000") == "Jiangsu/Suzhou"
    assert export("Suzhou police", "340000") == "Anhui/Suzhou"
    assert export("Jilin", "220000") == "Jilin"
    assert export("Hainan", "632500") == "Qinghai/Hainan"


def test_every_division_is_found_by_its_full_name_in_its_province() -> None:
    knowledge = load_knowledge()
    for entry in knowledge.divisions.values():
        province = knowledge.divisions[entry.province]
        assert (
            export(f"{province.zh}{entry.zh if entry is not province else ''}")
            == knowledge.divisions.place(entry.code).export
        )
        if entry is not province:
            assert export(f"{entry.en}, {province.en} Province") is not None


def test_the_evidence_is_the_name_as_printed() -> None:
    text = "案例一：江蘇省南京市某公司"
    place = place_of(text, load_knowledge(), offset=100)
    assert place is not None
    assert place.evidence is not None
    assert text[place.evidence.start - 100 : place.evidence.end - 100] == "江蘇省南京市"
    assert [text[m.start : m.end] for m in find_places(text, load_knowledge())] == ["江蘇省", "南京市"]
