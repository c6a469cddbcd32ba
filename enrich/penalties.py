"""Measures imposed, who they hit, and how much.

Each sentence that tells of measures is read by itself (measures_zh, measures_en); here the readings become the penalties of
a case: each once, without what only came before a judgment, with the naming that a list of apps is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from enrich import measures_en, measures_zh
from enrich.measures import Aims, Measure, aims, imposed, matched, tokens
from enrich.needed import sought
from enrich.passage import Passage, evidence
from enrich.penalty_phrases import is_open, phrase
from enrich.reading import Span
from netdocket.records import Penalty, Target

GENERIC = frozenset({"OTHER"})
SHARED = sought(
    r"[二两三四五六七八九十\d]{1,6}项违法行为|\b(?:two|three|four|five|six|seven|eight|nine|ten|\d{1,2}) violations\b",
    re.IGNORECASE,
)
"""One amount for several grounds, as in the penalty tables of banks' regulators."""
CERTAIN = 0.9


def penalties(passage: Passage, default: Target, *, app_list: bool = False) -> tuple[Penalty, ...]:
    """The penalties of a case. `default`: whom a measure hits where the sentence does not say. `app_list`: the case is
    a list of apps, and to be on it is a measure."""
    read = measures_en.read if passage.language == "en" else measures_zh.read
    targets = aims(passage.rules)
    found: list[Measure] = []
    by_pattern = matched(passage, Span(passage.body_start, passage.end))
    near = [(start, end) for start, end, _ in by_pattern]
    if passage.heading is not None:
        near.append(passage.heading)
    for sentence in _sentences(passage, by_pattern):
        found += read(passage.text, tokens(passage, sentence, near), default, targets)
    _on_persons(passage, found, targets)
    found = _merged(passage, found)
    if app_list:
        found = _named(passage, found)
    if any(measure.code == "IMPRISONMENT" for measure in found):
        for measure in found:
            if measure.code == "FINE":  # imposed by the court beside a sentence
                measure.code, measure.target = "CRIM_FINE", "individual"
    shared = any(measure.money for measure in found) and passage.search(SHARED) is not None
    return tuple(_penalty(passage, measure, n, shared) for n, measure in enumerate(found, 1))


def _on_persons(passage: Passage, found: Sequence[Measure], targets: Aims) -> None:
    """Beside a measure that only persons can bear, what else may hit either hits the person too, unless the sentences
    name a body."""
    if not any(measure.code in targets.individual for measure in found):
        return
    spans = {passage.reading.sentence_at(measure.start) for measure in found}
    if any(c.code == "entity" for span in spans for c in passage.reading.cues("target", *span)):
        return
    for measure in found:
        if measure.code in targets.either:
            measure.target = "individual"


def _sentences(passage: Passage, by_pattern: Sequence[tuple[int, int, str]]) -> list[Span]:
    """Sentences that tell of measures: of the running text, or, where it tells of none, the heading."""
    places = [cue.start for cue in passage.imposed if cue.start >= passage.body_start]
    places += [start for start, _, _ in imposed(passage, by_pattern)]
    spans = set()
    for place in places:
        sentence = passage.reading.sentence_at(place)
        spans.add(Span(max(sentence.start, passage.body_start), min(sentence.end, passage.end)))
    if not spans and passage.heading and passage.signals.imposed_in(*passage.heading):
        spans.add(passage.heading)
    return sorted(spans)


def _named(passage: Passage, found: list[Measure]) -> list[Measure]:
    """With the naming of the apps, unless the list is one of removals only."""
    if any(m.code == "PUBLIC_NAMING" for m in found):
        return found
    cues = [cue for cue in passage.cues("naming") if not passage.signals.is_quiet(cue.start)]
    if passage.language == "en":
        cues = [cue for cue in cues if cue.start >= passage.body_start] or cues
    removal = any(m.code == "APP_REMOVAL" for m in found)
    if removal:  # what was asked for before and not done
        found = [m for m in found if m.code != "ORDER_RECTIFY"]
    if not cues:
        where = passage.heading or (passage.sentences[0] if passage.sentences else None)
        return found if removal or where is None else [Measure(*where, "PUBLIC_NAMING", "entity"), *found]
    if removal and "下架" in passage.shown_title:  # named on an earlier day
        return found
    if removal and passage.language == "zh" and "侵害" not in passage.text[passage.start : passage.end]:
        return found
    return [Measure(cues[0].start, cues[0].end, "PUBLIC_NAMING", "entity"), *found]


def _open(passage: Passage, found: Sequence[Measure]) -> list[Measure]:
    """Measures of no listed type, each phrase once."""
    out: dict[str, Measure] = {}
    for measure in found:
        printed = passage.facts.masked[measure.start : measure.end]
        if measure.code in GENERIC and is_open(printed):
            out.setdefault(phrase(printed), measure)
    return list(out.values())


BEFORE_JUDGMENT = frozenset({"ARREST", "PROSECUTION", "CRIM_DETENTION", "CRIM_COERCIVE"})


def _merged(passage: Passage, found: Sequence[Measure]) -> list[Measure]:
    """Each measure once: told again without its amount, or in other words, it is the same one. Where a judgment is
    told, capture and prosecution before it are history."""
    if passage.has("court_outcome", passage.body_start) and passage.has("court"):
        found = [m for m in found if m.code not in BEFORE_JUDGMENT]
    named = [m for m in found if m.code not in GENERIC or is_open(passage.text[m.start : m.end])]
    open_ones = _open(passage, named)
    out: list[Measure] = []
    for measure in named or found:
        if measure.code in GENERIC and measure in open_ones:
            out.append(measure)
            continue
        key = (measure.code, measure.target)
        amount = measure.money.fen if measure.money else None
        twin = next(
            (
                m
                for m in out
                if (m.code, m.target) == key and (amount is None or m.money is None or m.money.fen == amount)
            ),
            None,
        )
        if twin is None:
            out.append(measure)
        elif twin.money is None and measure.money is not None:
            at = out.index(twin)
            out[at] = measure
        elif twin.money is not None and measure.money is not None and measure.start != twin.start:
            same_sentence = passage.reading.sentence_at(twin.start) == passage.reading.sentence_at(
                measure.start
            )
            if same_sentence:
                twin.count = (twin.count or 1) + (measure.count or 1)
    # The court's fine is told as 罚金; a 罚款 without an amount beside it in the same case is the same one.
    if any(m.code == "CRIM_FINE" for m in out):
        out = [m for m in out if m.code != "FINE" or m.money is not None]
    return out


def _penalty(passage: Passage, measure: Measure, ordinal: int, shared: bool) -> Penalty:
    money = measure.money
    amount = money.fen if money else None
    currency = money.currency if money else None
    total = None
    if amount is not None and currency == "CNY":
        total = amount if measure.combined else amount * (measure.count or 1)
    start = min(measure.start, money.start) if money else measure.start
    end = max(measure.end, money.end) if money else measure.end
    printed = passage.facts.masked[measure.start : measure.end]
    return Penalty(
        id=f"p:{ordinal}",
        type=measure.code,
        phrase=phrase(printed),
        target=measure.target,
        amount=amount,
        currency=currency,
        approximate=bool(money and money.approximate),
        count=measure.count,
        combined=measure.combined or "罚没" in printed,
        shared=shared and money is not None,
        total=total,
        confidence=CERTAIN,
        evidence=evidence(Span(start, end)),
        rule=f"penalties.{measure.code}",
    )
