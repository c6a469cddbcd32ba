"""Numbers and sums: exact values, spans, ranges, and what is no sum at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrich.money import find_money, yuan
from enrich.numerals import find_numbers, parse_number


def read(text: str) -> list[tuple[str, float]]:
    return [(text[money.start : money.end], float(yuan(money))) for money in find_money(text)]


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("3,470,000", 3470000), ("1.274亿", 127400000), ("叁万", 30000), ("伍拾万", 500000), ("一万五千", 15000),
        ("一万五", 15000), ("两万五", 25000), ("一百零五", 105), ("一千零五", 1005), ("二百余万", 2000000), ("十余万", 100000),
        ("三百万", 3000000), ("2千万", 20000000), ("1亿2000万", 120000000), ("三万亿", 3 * 10**12), ("二〇二三", 2023),
        ("十", 10), ("二十五", 25), ("百万", 1000000), ("一百一十三", 113), ("零", 0),
    ],
)  # fmt: skip
def test_numerals(printed: str, value: int) -> None:
    assert parse_number(printed) == value


@pytest.mark.parametrize("printed", ["", "1,2,3", "1.2.3", "五六七千", "abc", "1,23"])
def test_what_is_no_number(printed: str) -> None:
    assert parse_number(printed) is None if printed else parse_number(printed) == 0


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_chinese_numerals_are_read_back(value: int) -> None:
    assert parse_number(chinese(value)) == value


def chinese(value: int) -> str:
    """The usual way to write an integer below 10^12, built digit by digit."""
    digits, out = "零一二三四五六七八九", ""
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group = value // scale % 10**4
        if not group:
            continue
        if out and group < 1000:
            out += "零"
        zero = False
        for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = group // unit % 10
            if digit:
                out += ("零" if zero else "") + digits[digit] + word
                zero = False
            elif group % unit and group // unit:
                zero = True
        out += name
    return out


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("罚款１２，０００元", []),  # a full-width comma divides clauses, not thousands
        ("罚款１２０００元", [("１２０００元", 12000)]),
        ("没收违法所得3000元，并处罚款人民币5万元整", [("3000元", 3000), ("人民币5万元整", 50000)]),
        ("分别罚款1万和5千元", [("1万", 10000), ("5千元", 5000)]),
        ("罚款5万。", [("5万", 50000)]),
        ("对相关负责人罚款叁仟元人民币", [("叁仟元人民币", 3000)]),
        ("罚没款共计10.5万余元", [("10.5万余元", 105000)]),
        ("fined RMB24,000, its network manager RMB8,000", [("RMB24,000", 24000), ("RMB8,000", 8000)]),
        ("RMB 2 million each", [("RMB 2 million", 2000000)]),
        ("fined ten thousand yuan", [("ten thousand yuan", 10000)]),
        ("USD 1.2 billion (RMB 8.026 billion)", [("RMB 8.026 billion", 8026000000)]),
        ("人民币2.5万元（约合3500美元）", [("人民币2.5万元", 25000)]),
    ],
)
def test_sums_with_their_spans(text: str, wanted: list[tuple[str, float]]) -> None:
    assert [(printed, value) for printed, value in read(text) if wanted] == wanted


@pytest.mark.parametrize(
    "text",
    ["650余万条信息", "3千余条", "抓获40人", "数十万元", "2024年元旦", "一元化", "三元区", "查处案件1.2万起", "百度公司", "罚款5万人次",
     "第21条第5项", "55.6%", "5G网络", "RMB", "万元"],
)  # fmt: skip
def test_what_is_no_sum(text: str) -> None:
    assert find_money(text) == []


def test_foreign_currency_keeps_its_code_where_it_stands_alone() -> None:
    (money,) = find_money("fined US$700,000 in 2020")
    assert (money.currency, money.fen) == ("USD", 70_000_000)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("处一万元以上五万元以下罚款", [(10000, "low"), (50000, "high")]),
        ("处1至5万元罚款", [(10000, "low"), (50000, "high")]),
        ("5000元至1万元", [(5000, "low"), (10000, "high")]),
        ("between RMB 10,000 and RMB 90,000", [(10000, "low"), (90000, "high")]),
        ("from RMB 20,000 to 90,000", [(20000, "low"), (90000, "high")]),
        ("RMB 1 to 5 million", [(1000000, "low"), (5000000, "high")]),
        ("最高可处五十万元罚款", [(500000, "high")]),
        ("up to RMB 1 million", [(1000000, "high")]),
        ("no more than 50 million yuan", [(50000000, "high")]),
        ("罚款1万元、2万元", [(10000, None), (20000, None)]),
        ("RMB 20,000 and RMB 5,000", [(20000, None), (5000, None)]),
    ],
)
def test_ranges_are_told_from_lists(text: str, ends: list[tuple[int, str | None]]) -> None:
    assert [(yuan(money), money.range) for money in find_money(text)] == ends


@pytest.mark.parametrize(
    ("text", "approximate"),
    [("罚款10余万元", True), ("罚款约10万元", True), ("近百万元", True), ("more than RMB 2 million", True),
     ("some RMB410,000", True), ("10万元以上五十万元以下", False), ("罚款10万元", False), ("no more than RMB 5", False)],
)  # fmt: skip
def test_bounds_are_approximate(text: str, approximate: bool) -> None:
    assert find_money(text)[-1].approximate is approximate


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("900余家、约40人", [(900, True), (40, True)]),
        ("more than 300 apps and nine other departments", [(300, True), (9, False)]),
        ("twenty-one apps, 1,200 cases", [(21, False), (1200, False)]),
        ("数千台、几十家", []),
    ],
)
def test_counts(text: str, numbers: list[tuple[int, bool]]) -> None:
    assert [(number.value, number.approximate) for number in find_numbers(text, words=True)] == numbers


def test_fen_are_exact() -> None:
    (money,) = find_money("罚款0.29元")
    assert money.fen == 29
    assert yuan(money) == Decimal("0.29")
