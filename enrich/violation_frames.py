"""Breaches told in everyday words: frames of concepts that stand together in one sentence (violation_frames.yaml)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
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
    needed: frozenset[str]
    """The concepts, as a set."""
    within: int
    bearer: str | None
    unless: tuple[str, ...]


@lru_cache(maxsize=8)
def frames(rules: Rulebook) -> tuple[Frame, ...]:
    """Raises KnowledgeError for a frame of a concept or a bearer that is none."""
    table = rules.table("violation_frames")
    return tuple(_frame(entry, table["concepts"]) for entry in table["frames"])


@lru_cache(maxsize=8)
def _concepts(rules: Rulebook) -> frozenset[str]:
    return frozenset(concept for frame in frames(rules) for concept in frame.concepts)


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
            bears = bearer if isinstance(bearer, str) else None
            return Frame(code, named, frozenset(named), within, bears, _codes(entry))
    raise KnowledgeError("wants code, all and within", where=f"violation_frames.yaml {entry}")


def _codes(entry: Mapping[str, object]) -> tuple[str, ...]:
    unless = entry.get("unless", ())
    return tuple(map(str, unless)) if isinstance(unless, tuple) else ()


def framed(
    passage: Passage, found: Container[str], told: Callable[[Cue], bool], *, criminal: bool
) -> Iterator[tuple[str, Cue]]:
    """Codes with the words that tell them, of codes not in `found`. `told`: whether a word tells of this case."""
    here = passage.reading.groups & _concepts(passage.rules)
    share = CHINESE_SHARE if passage.language == "zh" else 1.0
    other_bearer = "operator" if criminal else "offender"
    new: set[str] = set()
    for frame in frames(passage.rules):
        if not frame.needed <= here or frame.bearer == other_bearer:
            continue
        if any(code in found or code in new for code in (frame.code, *frame.unless)):
            continue
        if not all(map(passage.has, frame.concepts)):
            continue
        cue = _met(passage, frame, int(frame.within * share), told)
        if cue is not None:
            new.add(frame.code)
            yield frame.code, cue


def _met(passage: Passage, frame: Frame, within: int, told: Callable[[Cue], bool]) -> Cue | None:
    """The span of the frame's words around the first anchor that the others stand near to. Linear in the anchors: of the
    others only those next to it are looked at."""
    first, *others = frame.concepts
    reading = passage.reading
    for anchor in passage.cues(first):
        sentence = reading.sentence_at(anchor.start)
        start, end = max(sentence.start, passage.start), min(sentence.end, passage.end)
        chosen = [anchor]
        for concept in others:
            near = nearest(reading.cues(concept), anchor, chosen, start, end)
            if near is None:
                break
            chosen.append(near)
        else:
            cue = Cue(min(cue.start for cue in chosen), max(cue.end for cue in chosen), frame.code)
            if cue.end - cue.start <= within and all(map(told, chosen)):
                return cue
    return None


def nearest(cues: Sequence[Cue], anchor: Cue, taken: Sequence[Cue], start: int, end: int) -> Cue | None:
    """Of `cues`, in order and apart, the one within [start, end) that is nearest to the anchor, the left one of two
    alike, and stands in none of the words taken, of which the anchor is one."""
    at = bisect_left(cues, (anchor.start,))
    left = right = None
    for index in range(at - 1, -1, -1):
        cue = cues[index]
        if cue.start < start:
            break
        if cue.end <= end and _apart(cue, taken):
            left = cue
            break
    for index in range(at, len(cues)):
        cue = cues[index]
        if cue.end > end:
            break
        if cue.start >= start and _apart(cue, taken):
            right = cue
            break
    if left is None or right is None:
        return left or right
    return left if anchor.start - left.end <= right.start - anchor.end else right


def _apart(cue: Cue, taken: Sequence[Cue]) -> bool:
    return all(cue.end <= other.start or cue.start >= other.end for other in taken)
