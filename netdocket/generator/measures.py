"""What a case ends with: the measures imposed, with their sums and terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from netdocket.generator.drawing import Draw, Weighted
from netdocket.generator.lexicon import read

Target = Literal["entity", "individual"]


@dataclass(frozen=True, slots=True)
class Measure:
    """`amount` in yuan; `count`: on so many alike, each; `combined`: one sum for fine and confiscation; `days`, `months`,
    `years` of a detention, a sentence, a ban."""

    type: str
    target: Target
    amount: int | None = None
    count: int | None = None
    combined: bool = False
    days: int = 0
    months: int = 0
    years: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`on_officer`: what hit the person in charge besides the subject. `open`: investigated, nothing imposed yet."""

    measures: tuple[Measure, ...] = ()
    on_officer: tuple[Measure, ...] = ()
    open: bool = False


_SMALL: Final = (3000, 5000, 8000, 10_000, 12_000, 15_000, 18_000, 20_000, 24_000, 30_000, 35_000)
_MIDDLE: Final = (
    50_000,
    50_000,
    60_000,
    80_000,
    100_000,
    100_000,
    120_000,
    150_000,
    200_000,
    250_000,
    300_000,
)
_LARGE: Final = (500_000, 600_000, 800_000, 1_000_000, 1_500_000, 2_000_000, 3_470_000, 5_000_000)
_HUGE: Final = (8_026_000_000, 1_182_000_000, 127_400_000, 50_000_000, 36_500_000, 612_300_000)
_PERSON: Final = (1000, 2000, 3000, 5000, 8000, 10_000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000)
_SPEECH: Final = (100, 200, 300, 500)
_ON_PERSONS: Final = frozenset(
    ["ADMONISH", "ADMIN_DETENTION", "CRIM_COERCIVE", "CRIM_DETENTION", "ARREST", "IMPRISONMENT", "CAREER_BAN", "DISCIPLINARY"]
)  # fmt: skip
_ON_ENTITIES: Final = frozenset(
    ["ACCOUNT_ACTION", "CONTENT_REMOVAL", "CLOSE_SITE_APP", "APP_REMOVAL", "SUSPEND_UPDATE"]
)


@cache
def _sets() -> Mapping[str, Weighted[tuple[str, ...]]]:
    return {
        group: Weighted([(tuple(option["of"]), option["often"]) for option in options])
        for group, options in read("measures").items()
    }


def outcome(draw: Draw, group: str, *, person: bool, national: bool, count: int | None, step: int) -> Outcome:
    """An outcome for a case of `group`. `count`: so many subjects are treated alike. `step` moves sums of money: an
    amended page prints other ones."""
    drawn = draw.weighted(_sets()[group])
    if drawn == ("OPEN",):
        return Outcome(open=True)
    main = tuple(
        _measure(draw, code, group, person=person, national=national, count=count, step=step)
        for code in drawn
        if code[0] != "+"
    )
    officer = tuple(
        _measure(draw, code[1:], group, person=True, national=False, count=None, step=step)
        for code in drawn
        if code[0] == "+"
    )
    return Outcome(main, officer)


def _measure(
    draw: Draw, code: str, group: str, *, person: bool, national: bool, count: int | None, step: int
) -> Measure:
    target: Target = (
        "individual" if code in _ON_PERSONS or (person and code not in _ON_ENTITIES) else "entity"
    )
    if code == "COMBINED":
        return Measure(
            "FINE", target, amount=_sum(draw, _MIDDLE, step) + draw.whole(1, 900) * 100, combined=True
        )
    if code == "FINE":
        amount = (
            None if draw.chance(0.06) else _fine(draw, group, person=person, national=national, step=step)
        )
        return Measure(code, target, amount=amount, count=count)
    if code == "CONFISCATE":
        amount = None if draw.chance(0.3) else _sum(draw, _SMALL, step) + draw.whole(0, 99) * 10
        return Measure(code, target, amount=amount)
    if code == "CRIM_FINE":
        return Measure(
            code, target, amount=draw.pick((2000, 5000, 8000, 10_000, 20_000, 30_000)) + 1000 * step
        )
    if code == "ADMIN_DETENTION":
        return Measure(code, target, days=draw.pick((3, 5, 5, 7, 8, 10, 10, 12, 15)))
    if code == "IMPRISONMENT":
        return Measure(code, target, months=draw.pick((6, 8, 10, 12, 14, 18, 24, 30, 36, 39, 42, 48, 60)))
    if code == "CAREER_BAN":
        return Measure(code, target, years=draw.pick((2, 3, 5, 10)))
    return Measure(
        code, target, count=count if count and code in ("WARNING", "ORDER_RECTIFY", "INTERVIEW") else None
    )


def _fine(draw: Draw, group: str, *, person: bool, national: bool, step: int) -> int:
    if person:
        return _sum(draw, _SPEECH if group == "speech" else _PERSON, step)
    if national:
        return _sum(draw, _HUGE if draw.chance(0.4) else _LARGE, step)
    if group == "fin":
        return _sum(draw, draw.pick((_MIDDLE, _MIDDLE, _LARGE)), step) + draw.whole(0, 99) * 1000
    return _sum(draw, draw.pick((_SMALL, _SMALL, _SMALL, _MIDDLE, _MIDDLE, _LARGE)), step)


def _sum(draw: Draw, amounts: Sequence[int], step: int) -> int:
    amount = draw.pick(amounts)
    unit = 100 if amount < 1000 else 1000 if amount < 100_000 else 10_000 if amount < 10_000_000 else 100_000
    return amount + unit * step
