"""Whole numbers in Chinese numerals, common and financial."""

from __future__ import annotations

from typing import Final

_COMMON: Final = ("零一二三四五六七八九", "十百千")
_CAPITAL: Final = ("零壹贰叁肆伍陆柒捌玖", "拾佰仟")
_SCALES: Final = ("", "万", "亿")


def numeral(number: int) -> str:
    """12 -> 十二, 250 -> 二百五十."""
    said = _spelled(number, *_COMMON)
    return said[1:] if said.startswith("一十") else said


def capital_numeral(number: int) -> str:
    """12 -> 壹拾贰."""
    return _spelled(number, *_CAPITAL)


def _spelled(number: int, digits: str, units: str) -> str:
    if number == 0:
        return digits[0]
    groups: list[str] = []
    scale, gap = 0, False
    while number:
        number, low = divmod(number, 10_000)
        if low:
            groups.append(_group(low, digits, units) + _SCALES[scale] + (digits[0] if gap else ""))
        gap = bool(number) and 0 < low < 1000
        scale += 1
    return "".join(reversed(groups))


def _group(number: int, digits: str, units: str) -> str:
    said, zero = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit:
            said += (digits[0] if zero and said else "") + digits[digit] + (units[power - 1] if power else "")
            zero = False
        else:
            zero = True
    return said
