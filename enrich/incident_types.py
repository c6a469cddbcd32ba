"""What happened, or what a notice is about: the types of an incident.

A type counts where the text states it; what could follow from a flaw is none. Types that say the same thing once more, or
only the means, are dropped as incidents.yaml says under `vs_type`; that is data in incident_rules.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from enrich.needed import Sought, sought
from enrich.passage import Passage, evidence
from enrich.reading import Cue
from enrich.rulebook import Rulebook
from netdocket.records import Stated


class _Patterns(NamedTuple):
    possible: Sought
    behind: re.Pattern[str]


@lru_cache(maxsize=8)
def _patterns(rules: Rulebook, language: str) -> _Patterns:
    table = rules.table("incident_rules")
    return _Patterns(
        sought(table["possible"][language], re.IGNORECASE),
        re.compile(table["possible_behind"][language], re.IGNORECASE),
    )


def stated(passage: Passage) -> Cue | None:
    """The first statement that an incident took place or that a notice is about one; words of a type alone are none."""
    return min(_told(passage), default=None)


def types(passage: Passage) -> tuple[Stated, ...]:
    """The types, in the order of the text."""
    found: dict[str, list[Cue]] = {}
    for cue in passage.cues("incident_type"):
        if not possible(passage, cue):
            found.setdefault(cue.code, []).append(cue)
    rules = passage.rules.table("incident_rules")
    if not found and passage.has("notice", passage.start, passage.head_end):
        for cue in passage.cues("incident_type", passage.start, passage.head_end):
            found.setdefault(cue.code, []).append(cue)  # what an alert warns of has not happened yet
    for cue in _told(passage):
        found.setdefault(cue.code, []).append(cue)
    kept = _resolved(passage, found, rules)
    return tuple(
        Stated(value=code, evidence=evidence(min(cues)), rule=f"incidents.type.{code}")
        for code, cues in sorted(kept.items(), key=lambda pair: min(pair[1]).start)
    )


def dropped_beside(rules: Rulebook, given: set[str]) -> set[str]:
    """The types that go where those of `given` are found."""
    return {r["code"] for r in rules.table("incident_rules")["drops"] if not given.isdisjoint(r["beside"])}


def possible(passage: Passage, cue: Cue) -> bool:
    """Whether the words tell of what could come or is to be prevented."""
    patterns = _patterns(passage.rules, passage.language)
    if passage.signals.is_quiet(cue.start):
        return True
    if patterns.behind.match(passage.text, cue.end, min(passage.end, cue.end + 12)):
        return True
    return (
        passage.reading.search(patterns.possible, max(passage.start, cue.start - 40), cue.start) is not None
    )


def _told(passage: Passage) -> Iterator[Cue]:
    """Of each frame the first place that tells of what happened."""
    for code, frame in _frames(passage.rules, passage.language):
        for match in passage.reading.matches(frame, passage.start, passage.end):
            cue = Cue(match.start(), match.end(), code)
            if not possible(passage, cue):
                yield cue
                break


@lru_cache(maxsize=16)
def _frames(rules: Rulebook, language: str) -> tuple[tuple[str, Sought], ...]:
    return tuple(
        (frame["code"], sought(frame["pattern"], re.IGNORECASE))
        for frame in rules.table("incident_rules")["frames"]
        if frame["language"] == language
    )


def patterns(rules: Rulebook, language: str) -> tuple[Sought, ...]:
    """All patterns of a language that texts are searched for."""
    return (_patterns(rules, language).possible, *(pattern for _, pattern in _frames(rules, language)))


def _resolved(
    passage: Passage, found: dict[str, list[Cue]], rules: Mapping[str, Any]
) -> dict[str, list[Cue]]:
    """Without what is only the means, the effect or another word of something else."""
    for rule in rules["drops"]:
        if rule["code"] in found and any(beside in found for beside in rule["beside"]):
            if rule.get("unless_first") and _leads(found, rule["code"]):
                continue
            if any(code in found for code in rule.get("not_with", ())):
                continue
            found.pop(rule["code"])
    if len(found) < 2:
        return found
    # Types of the head carry the notice; one told further down counts where it is told as often or has words of its own.
    leading = {code for code, cues in found.items() if min(cues).start < passage.head_end}
    if leading:
        most = max(len(cues) for code, cues in found.items() if code in leading)
        for code in list(found):
            if code not in leading and code not in rules["always"] and 2 * len(found[code]) < most + 1:
                found.pop(code)
    order = sorted(found, key=lambda code: (code not in leading, -len(found[code])))
    return {code: found[code] for code in order[:3]}


def _leads(found: dict[str, list[Cue]], code: str) -> bool:
    first = min(min(cues).start for cues in found.values())
    return min(found[code]).start == first
