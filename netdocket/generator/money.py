"""Sums of money as bulletins print them; amounts are whole yuan."""

from __future__ import annotations

from typing import Final

from netdocket.generator.drawing import Draw
from netdocket.generator.numerals import capital_numeral, numeral

_WAN: Final = 10_000
_YI: Final = 100_000_000
_MILLION: Final = 1_000_000
_BILLION: Final = 1_000_000_000


def sum_zh(amount: int, draw: Draw) -> str:
    """5万元, 人民币50000元, 五万元, 伍万元整 and the like."""
    at = draw.random()
    if amount >= _YI:
        return f"{_scaled(amount, _YI)}亿元" if at < 0.6 else f"人民币{_scaled(amount, _YI)}亿元"
    if amount % 100 == 0 and amount >= _WAN:
        if at < 0.6:
            return f"{_scaled(amount, _WAN)}万元"
        if at < 0.78:
            return f"人民币{_scaled(amount, _WAN)}万元"
        if amount % _WAN == 0 and at < 0.86:
            return f"{numeral(amount // _WAN)}万元"
        if amount % _WAN == 0 and at < 0.9:
            return f"人民币{capital_numeral(amount // _WAN)}万元整"
        return f"{amount}元" if at < 0.96 else f"人民币{amount:,}元"
    if at < 0.75:
        return f"{amount}元"
    if amount % 100 == 0 and at < 0.9:
        return f"{numeral(amount)}元"
    return f"人民币{amount}元"


def sum_en(amount: int, draw: Draw) -> str:
    """RMB 50,000, CNY50,000, 50,000 yuan, RMB 2.4 million; now and then with a sum in dollars beside it."""
    at = draw.random()
    mark = "RMB " if at < 0.4 else "RMB" if at < 0.7 else "CNY " if at < 0.85 else ""
    if amount >= _BILLION and amount % (_BILLION // 1000) == 0:
        said = f"{_scaled(amount, _BILLION)} billion"
    elif amount >= _MILLION and amount % (_MILLION // 1000) == 0:
        said = f"{_scaled(amount, _MILLION)} million"
    else:
        said = f"{amount:,}"
    said = f"{mark}{said}" if mark else f"{said} yuan"
    return (
        f"{said} (about USD {round(amount / 7.1, -2):,.0f})"
        if amount >= 100_000 and at % 0.1 < 0.01
        else said
    )


def wan(count: int) -> str:
    """36000 -> 3.6万; below 10,000 as it is."""
    return f"{_scaled(count, _WAN)}万" if count >= _WAN else str(count)


def _scaled(amount: int, scale: int) -> str:
    return f"{amount / scale:.4f}".rstrip("0").rstrip(".")
