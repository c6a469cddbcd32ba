"""How far an instrument has come at the bulletin's date."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from enrich.issuing import Event
from enrich.passage import Passage, evidence
from enrich.reading import Cue, Span
from netdocket.records import DateValue, Stated

IN_FORCE_PAST = re.compile(
    r"took effect|came into|entered into force|became effective|has been|have been|in force since|已",
    re.IGNORECASE,
)

FINAL = re.compile(
    r"\b(?:final(?:ised|ized)?|officially|formally|promulgated|adopted|enacted|passed|come into force|take effect|took effect|came into)\b|正式|审议通过|表决通过|施行",
    re.IGNORECASE,
)
PLAN = re.compile(
    r"list|legislat|work plan|begin|drafting|will draft|formulate|立法|立项|拟制定", re.IGNORECASE
)
"""Words of a plan to make a rule; of others (said it would …) the title has to be on an instrument."""
DRAFT_TITLE = re.compile(r"\bdraft|征求意见|草案|consult", re.IGNORECASE)
CONSULTED = re.compile(r"征求意见稿|consultation|public comment", re.IGNORECASE)
SENTENCES = 4
"""How many of the first sentences are looked at."""


def status_of(passage: Passage, event: Event, effective: DateValue | None, until: DateValue | None) -> Stated:
    """Draft while it is consulted on, planned where it stands in a plan, in force where the bulletin's date or the text
    shows it, amended or repealed where the title says no more, else issued."""
    reading = passage.reading
    start = passage.heading.start if passage.heading else passage.start
    title = passage.title_line or Span(start, passage.body_start)
    later = [s for s in passage.sentences[:SENTENCES] if s != event.sentence]
    found = _by_code(passage, title, event.sentence, later)
    in_title = {cue.code: cue for cue in reading.cues("release", *title)}
    if until is not None:
        return Stated(value="draft", evidence=until.evidence, rule="regulatory.status.consultation")
    draft = found.get("draft")
    if draft is not None and not _is_history(passage, title, event.sentence, draft):
        return _stated("draft", draft)
    planned = found.get("planned")
    if planned is not None and (in_title or PLAN.search(passage.text, planned.start, planned.end)):
        return _stated("planned", planned)
    applies = _applies(passage, effective, found.get("in_force"))
    if applies is not None:
        return applies
    for code in ("amended", "repealed"):
        if code in in_title and "issued" not in in_title:
            return _stated(code, in_title[code])
    if "amended" in found and "issued" not in found:
        return _stated("amended", found["amended"])
    issued = found.get("issued") or event.verb
    if issued.start == issued.end:  # the text of a rule says nothing of its own release
        return Stated(value="issued", derived="text of the rule")
    return _stated("issued", issued)


def _by_code(passage: Passage, title: Span, issuing: Span, later: Sequence[Span]) -> dict[str, Cue]:
    """The first cue of each status; of later sentences only those that bear on the same instrument."""
    found: dict[str, Cue] = {}
    for span in (title, issuing, *later):
        for cue in passage.reading.cues("release", *span):
            if span in (title, issuing) or cue.code in ("draft", "in_force"):
                found.setdefault(cue.code, cue)
    return found


def _applies(passage: Passage, effective: DateValue | None, cue: Cue | None) -> Stated | None:
    """In force: the day of effect lies behind the bulletin's date, or, without such a date, the text says so."""
    text, anchor = passage.text, passage.facts.anchor
    if effective is not None and effective.precision == "day" and effective.evidence is not None:
        span = effective.evidence
        said = IN_FORCE_PAST.search(text, max(0, span.start - 40), span.end + 12) is not None
        past = dt.date.fromisoformat(effective.value) <= anchor if anchor is not None else said
        return Stated(value="in_force", evidence=span, rule="regulatory.status.in_force") if past else None
    if cue is not None and cue.start < passage.head_end and IN_FORCE_PAST.search(text, cue.start, cue.end):
        return _stated("in_force", cue)
    return None


def _is_history(passage: Passage, title: Span, issuing: Span, draft: Cue) -> bool:
    """Whether the draft came before: the title or the issuing sentence says that the final text is out."""
    text = passage.text
    if DRAFT_TITLE.search(text, *title):
        return False
    if issuing.start <= draft.start < issuing.end:
        return FINAL.search(text, *issuing) is not None and CONSULTED.search(text, *issuing) is None
    return not title.start <= draft.start < title.end and draft.start > issuing.end


def _stated(code: str, cue: Cue) -> Stated:
    return Stated(value=code, evidence=evidence(cue), rule=f"regulatory.status.{code}")
