"""What all figures of a report are about: the campaign they belong to, the period they cover, the place of each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from enrich.passage import Passage, evidence, within
from enrich.periods import find_periods
from enrich.places import PlaceMention, settle
from enrich.reading import Span
from netdocket.records import Figure, Found, Period, Place

CAMPAIGNS = {
    "zh": re.compile(
        r"[“\"](?P<quoted>[^“”\"\n]{2,30})[”\"](?:系列|专项|集中|整治|打击|治理|执法|统一){0,4}行动"
        r"|(?P<bare>(?:净网|护网|清朗|护苗|断卡|剑网|云剑)(?:[—\-·]{0,2}20\d\d)?(?:[—\-·]{1,2}[\u4e00-\u9fff]{2,20})?)(?:系列|专项|集中|整治){0,3}(?:行动|战役)"
    ),
    "en": re.compile(
        r"[\"“](?P<quoted>[^“”\"\n]{3,40})[\"”]\s(?:\w+\s){0,2}?(?:campaigns?|operations?|actions?|crackdown)\b"
        r"|\b(?:campaign|operation|crackdown)\s(?:named|called|dubbed)?\s?[\"“](?P<named>[^“”\"\n]{3,40})[\"”]"
        r"|[\"“]?\b(?P<bare>(?:Clean Net|Jingwang|Qinglang|Huwang|Clear and Bright)(?:\s20\d\d)?)\b"
    ),
}
"""A campaign by its name: what stands in quotation marks before or after the word, or one of the names used for years."""


class Frame(NamedTuple):
    campaign: str | None = None
    campaign_found: Found | None = None
    period: Period | None = None
    period_found: Found | None = None


def frame_of(passage: Passage, figures: Sequence[Figure], anchor: dt.date | None) -> Frame:
    """Campaign and period of a report's figures. The period is the last one told before the first figure, else the
    first after it in the same sentence; without figures there is none."""
    start = passage.heading.start if passage.heading else passage.start
    match = CAMPAIGNS[passage.language].search(passage.text, start, passage.end)
    campaign = found = None
    if match is not None and match.lastgroup is not None:
        span = Span(*match.span(match.lastgroup))
        campaign = passage.shown(*span)
        found = Found(evidence=evidence(span), rule="reports.campaign")
    period, period_found = _period(passage, figures, anchor)
    return Frame(campaign, found, period, period_found)


def _period(
    passage: Passage, figures: Sequence[Figure], anchor: dt.date | None
) -> tuple[Period | None, Found | None]:
    first = next((figure.evidence for figure in figures if figure.evidence is not None), None)
    if first is None:
        return None, None
    sentence = passage.reading.sentence_at(first.start)
    told = find_periods(passage.text[passage.start : sentence.end], anchor)
    before = [p for p in told if passage.start + p.end <= first.start]
    after = [p for p in told if passage.start + p.start >= first.start]
    chosen = before[-1] if before else next(iter(after), None)
    if chosen is None:
        return None, None
    span = Span(passage.start + chosen.start, passage.start + chosen.end)
    return chosen.period, Found(evidence=evidence(span), rule="reports.period")


def placed(passage: Passage, figures: Sequence[Figure], places: Sequence[PlaceMention]) -> tuple[Figure, ...]:
    """The figures with the place that their own clause names, where it names one."""
    return tuple(
        figure if (place := _place(passage, figure, places)) is None else replace(figure, place=place)
        for figure in figures
    )


def _place(passage: Passage, figure: Figure, places: Sequence[PlaceMention]) -> Place | None:
    if figure.evidence is None:
        return None
    at = figure.evidence.start
    if passage.language == "en":  # In Suzhou, 35 persons were detained
        clause = Span(passage.reading.sentence_at(at).start, at)
    else:
        clause = Span(*passage.reading.clause(at, passage.start, passage.end))
    named = [place for place in within(places, *clause) if not place.weak]
    return settle(named[-1:], passage.rules.knowledge) if named else None
