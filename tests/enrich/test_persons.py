"""Persons: who is found, who is not, and that masking hides without moving anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.catalogue import load_knowledge
from enrich.persons import PersonName, find_persons, mask, occurrences

KNOWLEDGE = load_knowledge()


def masked(text: str) -> str:
    return mask(text, find_persons(text, KNOWLEDGE))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("犯罪嫌疑人李小强被抓获，李小强供述", "犯罪嫌疑人李某某被抓获，李某某供述"),
        ("嫌疑人李强在某地被抓", "嫌疑人李某在某地被抓"),
        ("被告人欧阳小强非法获取", "被告人欧阳某某非法获取"),
        ("被告人阿卜杜拉·买买提犯", "被告人阿某某某·某某某犯"),
        ("嫌疑人张三、李四、王五等5人", "嫌疑人张某、李某、王某等5人"),
        ("依法对李某强处以行政拘留", "依法对李某某处以行政拘留"),
        ("曹某栋、网络安全负责人", "曹某某、网络安全负责人"),
        ("王小明（时任某银行行长）被警告", "王某某（时任某银行行长）被警告"),
        ("当事人王丽因发布不实信息被行政拘留5日", "当事人王某因发布不实信息被行政拘留5日"),
        ("陳小明（男，24歲）", "陳某某（男，24歲）"),
        ("Li Xiaoqiang was sentenced. Later Xiaoqiang", "Li XXXXXXXXX was sentenced. Later XXXXXXXXX"),
        ("a man named Wang Wei sold", "a man named Wang XXX sold"),
        ("Zhang Xiao-ming, a 24-year-old", "Zhang XXXX-XXXX, a 24-year-old"),
        ("Xiaoqiang Li was arrested", "XXXXXXXXX XX was arrested"),
    ],
)
def test_names_are_masked_wherever_they_stand(text: str, wanted: str) -> None:
    assert masked(text) == wanted
    assert masked(wanted) == wanted


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("警方对张某某等3人采取措施", ["张某某"]), ("徐某（男，24岁，某市人）", ["徐某"]), ("陈某通过一个群", ["陈某"]),
        ("从舒某某处购买", ["舒某某"]), ("店主管杜某、责任人员苏某分别", ["杜某", "苏某"]), ("李某明知他人利用", ["李某"]),
    ],
)  # fmt: skip
def test_anonymised_persons_are_found_as_printed(text: str, names: list[str]) -> None:
    assert [name.name for name in find_persons(text, KNOWLEDGE)] == names


@pytest.mark.parametrize(
    "text",
    [
        "西安某公司", "我市某互联网公司", "永顺县某网络科技公司", "南宁某客货服务有限责任公司", "于某日对某公司罚款", "对和某公司处罚",
        "时任某银行行长", "某科技有限公司未履行义务", "于某社交平台发布", "我国某先进材料设计研究单位",
        "局长王大明表示，将对此处罚", "记者李小明报道", "网民应当遵守", "当事人应依法申报，否则警告", "对石油公司处以罚款", "居民身份证号码",
        "公司被公安机关处罚", "一名姓李的男子", "an individual surnamed Li", "Ping An was fined", "Didi Global was fined",
        "Beijing Police were sentenced", "spokesperson Wang Wei said",
    ],
)  # fmt: skip
def test_bodies_words_and_officials_are_no_persons(text: str) -> None:
    assert find_persons(text, KNOWLEDGE) == []


NAMES = st.sampled_from([
    PersonName("李小强", "李", "full"), PersonName("李小", "李", "full"), PersonName("王某强", "王", "part"),
    PersonName("欧阳明", "欧阳", "full"), PersonName("Li Xiaoqiang", "Li ", "full"), PersonName("张某", "张", "anonymous"),
    PersonName("阿·买", "阿", "full"),
])  # fmt: skip


@given(
    st.lists(st.sampled_from("李小强王某欧阳明张，。 Li Xiaoqiang阿·买陳"), max_size=60).map("".join),
    st.lists(NAMES, max_size=5),
)
def test_masking_keeps_every_place_and_hides_every_name(text: str, names: list[PersonName]) -> None:
    hidden = mask(text, names)
    assert len(hidden) == len(text)
    assert mask(hidden, names) == hidden
    inside = [False] * len(text)
    for start, end, name in occurrences(text, names):
        for position in range(start + len(name.surname), end):
            inside[position] = True
    # Outside of the hidden parts nothing changes.
    assert all(a == b for a, b, hides in zip(text, hidden, inside, strict=True) if not hides)
    for start, end, name in occurrences(hidden, names):
        assert hidden[start:end] == name.masked


@given(st.text(alphabet="李王张某小强明在的对被（男，）·犯罪嫌疑人等 Li Wei was fined", max_size=120))
def test_masking_what_was_found_leaves_nothing_in_full(text: str) -> None:
    once = masked(text)
    assert len(once) == len(text)
    for name in find_persons(text, KNOWLEDGE):
        if name.masked != name.name and not name.name.isascii():
            assert name.name not in once
