"""The issuing sentence of a regulatory development: the one that says that something was released, adopted, opened for
comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from enrich.passage import Passage, within
from enrich.reading import Cue, Span

VERBS = re.compile(
    r"(?:jointly\s)?(?:issued?|issues|releas|publish|promulgat|adopt|approv|unveil|announc|launch|introduc|enact|pass|circulat|consult|submit|clarif|solicit|seek|invit|印发|发布|公布|出台|颁布|下发|通过|征求|起草|审议|推出|制定)",
    re.IGNORECASE,
)

ISSUER_FIELD = re.compile(
    r"(?:Issu(?:er|ers|ed by|ing (?:authority|authorities|body|bodies))|Authority|Authorities|Body|Bodies|Regulators?)\s?:\s"
    r"|(?:发布|发文|制定|印发)(?:机关|单位|机构|部门)\s?[:：]",
    re.IGNORECASE,
)
"""A line of fields that names the issuers and tells of no event."""


class Event(NamedTuple):
    """The issuing sentence and the verb in it."""

    sentence: Span
    verb: Cue


def issuing_event(passage: Passage) -> Event | None:
    """The first sentence of the body that tells of a release with a body or a date; else any release."""
    reading = passage.reading
    best: tuple[int, Event] | None = None
    for number, sentence in enumerate(passage.sentences[:12]):
        cues = reading.cues("release", *sentence)
        if not cues or ISSUER_FIELD.match(passage.text, *sentence):
            continue
        verb = _verb(passage, sentence, cues)
        authority = reading.has("authority", *sentence)
        dated = bool(within(passage.dates, *sentence))
        noun = (
            reading.has("instrument_noun", *sentence) or "《" in passage.text[sentence.start : sentence.end]
        )
        score = 4 * authority + 2 * dated + 2 * noun - number
        if best is None or score > best[0]:
            best = score, Event(sentence, verb)
    if best is None and passage.heading:
        cues = reading.cues("release", *passage.heading)
        if cues:
            return Event(passage.heading, cues[0])
    return best[1] if best else None


def _verb(passage: Passage, sentence: Span, cues: Sequence[Cue]) -> Cue:
    """The first release cue that is a verb; "draft" before a noun is none."""
    for cue in cues:
        if VERBS.match(passage.text, cue.start):
            return cue
    match = VERBS.search(passage.text, sentence.start, sentence.end)
    return Cue(match.start(), match.end(), cues[0].code) if match else cues[0]
