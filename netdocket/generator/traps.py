"""Sentences with sums, articles and penalties that nobody imposed."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Final

from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import Language, compiled, read
from netdocket.generator.money import sum_en, sum_zh
from netdocket.generator.templates import Given, Template

_SUMS: Final = (10_000, 20_000, 30_000, 50_000, 80_000, 100_000, 200_000)
_LARGER: Final = (300_000, 500_000, 1_000_000, 2_000_000, 5_000_000)


@cache
def _phrases(language: Language) -> tuple[Template, ...]:
    return tuple(phrase for phrases in read("traps")[language].values() for phrase in compiled(phrases))


def trap(draw: Draw, language: Language, day: dt.date, ref: str) -> str:
    """A sentence that must give no penalty; `ref`: what the subject is called."""
    say = sum_zh if language == "zh" else sum_en
    year = day.year - draw.whole(1, 3)
    given = Given(
        sum=say(draw.pick(_SUMS), draw),
        sum2=say(draw.pick(_LARGER), draw),
        ref=ref,
        year=f"{year}年" if language == "zh" else str(year),
    )
    return draw.pick(_phrases(language)).say(draw, given)
