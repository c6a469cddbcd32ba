"""Sums of money as printed: 3万元, RMB 3.47 million, 50,000 yuan, 一万元以上五万元以下.

Every sum is found, whatever it is (fine, gain, price): what the sentence says of it is `enrich.context`. A sum in
foreign currency that only renders a sum in CNY beside it ("CNY5 million (about USD 700,000)") is left out.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from enrich.normalise import normalise
from enrich.numerals import Number, about_before, find_numbers

FEN: Final = 100
CNY: Final = "CNY"
Range = Literal["low", "high"]

# Names of currencies before and after a number. ¥ is the yuan: in these texts the yen is written out.
_BEFORE = {
    CNY: r"人民币|RMB|CNY|CN¥|Rmb|renminbi|¥|元",
    "USD": r"US\$|USD|US dollars?|美元|\$",
    "HKD": r"HK\$|HKD|港币|港元",
    "EUR": r"EUR|€|欧元",
    "GBP": r"GBP|£|英镑",
    "JPY": r"JPY|JP¥|日元",
    "KRW": r"KRW|₩",
    "SGD": r"S\$|SGD",
    "AUD": r"A\$|AUD",
    "TWD": r"NT\$|TWD|新台币",
}
_AFTER = {
    CNY: r"元人民币|人民币元|人民币|元整|元(?![旦素宵年月件音组区化])|圆整?|块钱|yuan|RMB|CNY|renminbi|Chinese yuan",
    "USD": r"美元|美金|US dollars?|U\.S\. dollars?|USD|dollars?",
    "HKD": r"港元|港币|Hong Kong dollars?|HKD",
    "EUR": r"欧元|euros?|EUR",
    "GBP": r"英镑|pounds?(?: sterling)?|GBP",
    "JPY": r"日元|yen|JPY",
    "KRW": r"韩元|韩币|won|KRW",
    "SGD": r"新加坡元|新元|Singapore dollars?|SGD",
    "AUD": r"澳元|澳大利亚元|Australian dollars?|AUD",
    "TWD": r"新台币|台币|TWD",
    "CHF": r"瑞士法郎|Swiss francs?|CHF",
    "BTC": r"比特币|bitcoins?|BTC",
    "USDT": r"泰达币|USDT",
}
BEFORE = re.compile("|".join(rf"(?P<{code}>{names})" for code, names in _BEFORE.items()), re.IGNORECASE)
BEFORE_AT_END = re.compile(
    rf"(?<![A-Za-z])(?:{BEFORE.pattern})\s{{0,2}}(?P<yuan>yuan|元)?\s{{0,2}}$", re.IGNORECASE
)
AFTER = re.compile(
    r"\s{0,2}(?:" + "|".join(rf"(?P<{code}>{names})" for code, names in _AFTER.items()) + r")(?![A-Za-z])",
    re.IGNORECASE,
)
AFTER_STARTS = frozenset("元人圆块美港欧英日韩新澳瑞比泰台yrcudhepgjwksabt" + "YRCUDHEPGJWKSABT")
"""What a currency behind a number begins with: the pattern is dear."""
CURRENCY_ENDS = (
    *("币", "元", "镑", "¥", "$", "€", "£", "₩", "rmb", "cny", "renminbi", "yuan"),
    *("usd", "dollar", "dollars", "hkd", "eur", "gbp", "jpy", "krw", "sgd", "aud", "twd"),
)
"""What a currency before a number ends with."""
# 处罚款5万。 - a sum of a fine whose 元 was left out; it must have a scale and no measure word of its own.
FINE_BEFORE = re.compile(r"(?:罚款|罚金|罚没|没收违法所得|违法所得)(?:共计|合计|人民币|共|各|计)?\s{0,2}$")
MEASURE_AFTER = re.compile(r"\s{0,2}[人家起件条款个次名户部台张余多元美港欧万亿千%]")
SCALED = re.compile(r"[万亿千]$")
JOIN = re.compile(r"\s{0,2}(?P<range>至|到|-|~|—|to|and)\s{0,2}$|\s{0,2}[和及与、,]\s{0,2}$", re.IGNORECASE)
BETWEEN = re.compile(
    r"(?:\bbetween|\bfrom|\branging from|介于|从|处)\s{0,2}(?:a fine of\s|fines of\s)?$", re.IGNORECASE
)
LOW_AFTER = re.compile(r"\s{0,2}(?:\(含\))?(?:以上|or more|起(?![诉案]))", re.IGNORECASE)
HIGH_AFTER = re.compile(r"\s{0,2}(?:\(含\))?(?:以下|以内|or less)", re.IGNORECASE)
HIGH_BEFORE = re.compile(
    r"(?:不超过|不高于|最高(?:可(?:处|罚款?|达)?|处|达)?|上限为?|\bup to|\bno more than|\bnot exceeding|\bnot more than|"
    r"\ba maximum(?: fine)? of|\bcapped at|\bless than)\s{0,2}$",
    re.IGNORECASE,
)
BOUND_STARTS = frozenset("以(oO起")
BOUND_ENDS = (
    "过",
    "于",
    "高",
    "可",
    "处",
    "罚",
    "款",
    "达",
    "限",
    "为",
    "to",
    "than",
    "exceeding",
    "of",
    "at",
    "least",
)
"""What the words of a bound begin and end with: the patterns are dear."""
LOW_BEFORE = re.compile(r"(?:不低于|不少于|\bnot less than|\bno less than|\bat least)\s{0,2}$", re.IGNORECASE)
# Between a sum and its rendering in another currency.
RENDERED = re.compile(
    r"\s{0,2}[(,，]?\s{0,2}(?:约合|折合|约|合|about|approximately|approx\.?|around|some|roughly|or|or about|equivalent to|"
    r"equal to|i\.e\.|≈)?\s{0,2}$",
    re.IGNORECASE,
)


class Money(NamedTuple):
    """A sum: half-open span with its currency's name, amount in hundredths of the currency (fen), ISO code of the
    currency, whether a bound only (余, "more than"), and which end of a range it is, if one."""

    start: int
    end: int
    fen: int
    currency: str
    approximate: bool
    range: Range | None


def find_money(text: str, numbers: list[Number] | None = None) -> list[Money]:
    """All sums of a text, left to right. Spans hold in the text as given; linear in the text. `numbers`: what
    `find_numbers` with `words` gave for this text already."""
    text = normalise(text)
    if numbers is None:
        numbers = find_numbers(text, words=True)
    sums: list[Money] = []
    for index, number in enumerate(numbers):
        earlier = numbers[index - 1] if index else None
        money = _as_sum(text, number, earlier)
        if money is None:
            continue
        if earlier is not None and (not sums or sums[-1].end <= earlier.start):
            sums.extend(_without_currency(text, earlier, number, money))
        sums.append(money)
    return _without_renderings(text, _carried_on(text, numbers, sums))


def yuan(money: Money) -> Decimal:
    """The amount in whole units of its currency."""
    return Decimal(money.fen) / FEN


def _as_sum(text: str, number: Number, earlier: Number | None) -> Money | None:
    lower = max(0, number.start - 24, earlier.end if earlier else 0)
    before = None
    if text[lower : number.start].rstrip().lower().endswith(CURRENCY_ENDS):
        before = BEFORE_AT_END.search(text, lower, number.start)
    if before is not None and before.lastgroup == "yuan" and before.start() == before.start("yuan"):
        before = None
    after = (
        AFTER.match(text, number.end)
        if text[number.end : number.end + 3].lstrip()[:1] in AFTER_STARTS
        else None
    )
    if before is not None and _code(before) == CNY and before[0].strip() == "元":
        before = None  # "10000元 5000": the 元 belongs to the number before
    if after is not None:
        code = _code(after)
    elif before is not None:
        code = _code(before)
    elif (
        text[number.start : number.end].rstrip("余多").endswith(("万", "亿", "千"))
        and FINE_BEFORE.search(text[max(0, number.start - 12) : number.start])
        and not MEASURE_AFTER.match(text, number.end)
    ):
        code = CNY
    else:
        return None
    start = before.start() if before is not None else number.start
    end = after.end() if after is not None else number.end
    approximate = number.approximate or about_before(text, start)
    return Money(start, end, _fen(number.value), code, approximate, _range(text, start, end))


def _code(match: re.Match[str]) -> str:
    return next(code for code, group in match.groupdict().items() if group is not None and code != "yuan")


def _fen(value: Decimal) -> int:
    return int((value * FEN).to_integral_value())


def _range(text: str, start: int, end: int) -> Range | None:
    before = text[max(0, start - 20) : start]
    bound_before = before.rstrip().lower().endswith(BOUND_ENDS)
    bound_after = text[end : end + 3].lstrip()[:1] in BOUND_STARTS
    if (bound_after and HIGH_AFTER.match(text, end)) or (bound_before and HIGH_BEFORE.search(before)):
        return "high"
    if (bound_after and LOW_AFTER.match(text, end)) or (bound_before and LOW_BEFORE.search(before)):
        return "low"
    return None


def _without_currency(text: str, earlier: Number, number: Number, money: Money) -> list[Money]:
    """The number before a sum, when it shares its currency: 1万和5千元, 1至5万元, "between 10,000 and 50,000 yuan"."""
    between = text[earlier.end : money.start]
    join = JOIN.fullmatch(between) if len(between) <= 8 else None
    if join is None or earlier.value == 0:
        return []
    printed, value = text[earlier.start : earlier.end], earlier.value
    ranged = join["range"] is not None and join["range"].lower() != "and"
    if join["range"] and join["range"].lower() == "and":
        ranged = BETWEEN.search(text[max(0, earlier.start - 16) : earlier.start]) is not None
    scaled = SCALED.search(printed) is not None
    if not ranged and not scaled:
        return []
    if ranged and not scaled and value < 1000:
        value *= _scale_of(text[number.start : number.end])
    if ranged and _fen(value) > money.fen:
        return []
    return [
        Money(
            earlier.start,
            earlier.end,
            _fen(value),
            money.currency,
            earlier.approximate,
            "low" if ranged else None,
        )
    ]


def _scale_of(printed: str) -> int:
    for word, scale in (
        ("亿", 10**8),
        ("万", 10**4),
        ("billion", 10**9),
        ("million", 10**6),
        ("thousand", 10**3),
    ):
        if word in printed:
            return scale
    return 1


def _carried_on(text: str, numbers: list[Number], sums: list[Money]) -> list[Money]:
    """Adds the second end of "RMB 20,000 to 90,000", and marks both ends of every range."""
    out: list[Money] = []
    by_start = {number.start: index for index, number in enumerate(numbers)}
    for index, money in enumerate(sums):
        following = sums[index + 1] if index + 1 < len(sums) else None
        if following is not None and _is_range(text, money, following.start):
            out.append(money._replace(range="low"))
            sums[index + 1] = following._replace(range="high")
            continue
        out.append(money)
        inside = next((by_start[p] for p in range(money.start, money.end) if p in by_start), None)
        number = numbers[inside + 1] if inside is not None and inside + 1 < len(numbers) else None
        if number is None or (following is not None and number.start >= following.start):
            continue
        if _is_range(text, money, number.start):
            low_scale = _scale_of(text[money.start : money.end])
            high_scale = _scale_of(text[number.start : number.end])
            high = _fen(number.value * (low_scale if high_scale == 1 and number.value < 1000 else 1))
            low = money.fen * (high_scale if low_scale == 1 and money.fen < 1000 * FEN else 1)
            if high > low:
                out[-1] = money._replace(fen=low, range="low")
                out.append(Money(number.start, number.end, high, money.currency, False, "high"))
    return out


def _is_range(text: str, money: Money, start: int) -> bool:
    between = text[money.end : start]
    if len(between) > 8 or money.range == "high":
        return False
    between = re.sub(r"^\s?以上", "至", between) if between.strip() == "以上" else between
    join = JOIN.fullmatch(between)
    if join is None or join["range"] is None:
        return False
    return (
        join["range"].lower() != "and"
        or BETWEEN.search(text[max(0, money.start - 24) : money.start]) is not None
    )


def _without_renderings(text: str, sums: list[Money]) -> list[Money]:
    """Without sums in foreign currency that render the sum in CNY right before or after them."""
    dropped: set[int] = set()
    for index in range(1, len(sums)):
        one, other = sums[index - 1], sums[index]
        if (one.currency == CNY) == (other.currency == CNY) or other.start - one.end > 24:
            continue
        if RENDERED.fullmatch(text[one.end : other.start]) and text[one.end : other.start].strip():
            dropped.add(index - 1 if other.currency == CNY else index)
    return [money for index, money in enumerate(sums) if index not in dropped]
