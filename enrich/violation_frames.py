"""Breaches told in everyday words: frames of concepts that stand together in one sentence (violation_frames.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from enrich.passage import Passage
from enrich.reading import Cue
from enrich.rulebook import CONCEPT, Rulebook
from netdocket.errors import KnowledgeError

CHINESE_SHARE: Final = 0.4
"""A Chinese sentence says the same in so much fewer characters."""
CRIMES: Final = frozenset(
    {"IMPRISONMENT", "CRIM_DETENTION", "ARREST", "PROSECUTION", "CRIM_FINE", "CRIM_COERCIVE"}
)
"""Measures that only an offence brings about."""
CRIME: Final = CONCEPT + "crime"
BEARERS: Final = ("operator", "offender", None)


class Frame(NamedTuple):
    code: str
    concepts: tuple[str, ...]
    within: int
    bearer: str | None
    unless: tuple[str, ...]


@lru_cache(maxsize=8)
def frames(rules: Rulebook) -> tuple[Frame, ...]:
    """Raises KnowledgeError for a frame of a concept or a bearer that is none."""
    table = rules.table("violation_frames")
    return tuple(_frame(entry, table["concepts"]) for entry in table["frames"])


def _frame(entry: Mapping[str, object], concepts: Container[str]) -> Frame:
    match entry:
        case {"code": str(code), "all": tuple(words), "within": int(within)}:
            bearer = entry.get("bearer")
            unknown = [word for word in words if word not in concepts]
            if unknown or bearer not in BEARERS:
                raise KnowledgeError(
                    f"unknown: {', '.join(map(str, unknown)) or bearer}",
                    where=f"violation_frames.yaml {code}",
                )
            named = tuple(CONCEPT + str(word) for word in words)
            return Frame(code, named, within, bearer if isinstance(bearer, str) else None, _codes(entry))
    raise KnowledgeError("wants code, all and within", where=f"violation_frames.yaml {entry}")


def _codes(entry: Mapping[str, object]) -> tuple[str, ...]:
    unless = entry.get("unless", ())
    return tuple(map(str, unless)) if isinstance(unless, tuple) else ()


def framed(
    passage: Passage, found: Container[str], told: Callable[[Cue], bool], *, criminal: bool
) -> Iterator[tuple[str, Cue]]:
    """Codes with the words that tell them, of codes not in `found`. `told`: whether a word tells of this case."""
    share = CHINESE_SHARE if passage.language == "zh" else 1.0
    new: set[str] = set()
    for frame in frames(passage.rules):
        if (
            frame.code in found
            or frame.code in new
            or frame.bearer == ("operator" if criminal else "offender")
        ):
            continue
        if any(code in found or code in new for code in frame.unless):
            continue
        if not all(passage.has(concept) for concept in frame.concepts):
            continue
        cue = _met(passage, frame, int(frame.within * share), told)
        if cue is not None:
            new.add(frame.code)
            yield frame.code, cue


def _met(passage: Passage, frame: Frame, within: int, told: Callable[[Cue], bool]) -> Cue | None:
    first, *others = (passage.cues(concept) for concept in frame.concepts)
    for anchor in first:
        if not told(anchor):
            continue
        sentence = passage.reading.sentence_at(anchor.start)
        chosen = [anchor]
        for cues in others:
            near = _nearest(cues, anchor, chosen, sentence.start, sentence.end)
            if near is None or not told(near):
                break
            chosen.append(near)
        else:
            start, end = min(cue.start for cue in chosen), max(cue.end for cue in chosen)
            if end - start <= within:
                return Cue(start, end, frame.code)
    return None


def _nearest(cues: list[Cue], anchor: Cue, taken: list[Cue], start: int, end: int) -> Cue | None:
    """The cue within [start, end) that is nearest to the anchor and stands in none of the words taken."""
    best, distance = None, end - start + 1
    for cue in cues:
        if cue.start < start or cue.end > end:
            continue
        away = max(anchor.start - cue.end, cue.start - anchor.end)
        if away < distance and all(cue.end <= other.start or cue.start >= other.end for other in taken):
            best, distance = cue, away
    return best
