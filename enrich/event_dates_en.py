"""What happened on a date of an English text, by the words in front of it.

"a decision dated June 14 and posted June 21", "had 14 apps pulled on 6 December": English sets the date behind the verb as
often as in front of the sentence, so the nearest word that tells before it is read first.
"""

from __future__ import annotations

import re

from enrich.dates import DateExpression
from enrich.passage import Passage
from enrich.reading import Span

FLAGS = re.IGNORECASE
_ON = r"(?:\s(?:the\s)?(?:date\sof\s)?|,\s)?(?:on\s|of\s|from\s|as of\s)?(?:the\s)?"
DECIDED = re.compile(
    r"\b(?:(?:decision|judg(?:e)?ment|ruling|verdict|order|penalty|notice of penalty|sentence|measure)s?(?:\s(?:itself|letter|notice))?"
    r"\s?(?:,\s)?(?:(?:is|was|are|were)\s)?(?:dated|of|from|taken|made|handed down|given|rendered|signed|carries the date|bears the date)"
    r"|decided|ruled|handed down|dated|carries the date|bears the date)" + _ON + r"$",
    FLAGS,
)
POSTED = re.compile(
    r"\b(?:post(?:ed)?|published|publici[sz]ed|announced|announcement|reported|released|disclosed|revealed|listed|named|placed on (?:its|the) (?:web)?site|"
    r"made public|made known|let it be known|put (?:out|online|up)|said|told (?:the press|reporters|journalists)|confirmed|press conference|press release|statement|bulletin|notice|list|table|report|post|according to)"
    r"(?:\s(?:by|held by|from|in|to)\s[^.;,\n]{1,40}?)?" + _ON + r"$",
    FLAGS,
)
TOLD = re.compile(
    r"\b(?:told (?:the press|reporters|journalists)|announced|reported|said|says|made public|made known|let it be known|disclosed|revealed|confirmed|posted|published|publici[sz]ed|released|put out|listed|named|according to|circulated)\b",
    FLAGS,
)
SOURCE_LINE = re.compile(r"\b(?:date|published|posted|released)\s?:\s*$", FLAGS)
TOLD_OF_DATE = re.compile(
    r"\b(?:report|post|notice|bulletin|announcement|statement|article|list)\s(?:is|was|bears|carries)\s(?:dated|the date(?: of)?)\s$",
    FLAGS,
)
"""The report is dated 21 June: of what tells of a case, not of its decision."""
CONDUCT = re.compile(
    r"\b(?:notice|notices|reminder|warning letter|draft|complain\w*|inspect\w*|check\w*|test\w*|hearing|reported to|hijack\w*|attack\w*|discover\w*|found|noticed|until|by|before|after|since|from|between)\s(?:of\s|on\s)?$",
    FLAGS,
)
PAID = re.compile(r"\b(?:payment|paid)\b[^.;\n]{0,24}$", FLAGS)
OUTCOME = re.compile(
    r"\b(?:dismiss(?:ed|es)|upheld|rejected|sentenced|convicted|found guilty|indicted|acquitted|pronounced|"
    r"(?:called|invited|summoned|brought|hauled)\b[^.;\n]{0,60}?\b(?:in|talk|meeting|interview)|called in|invited|summoned|met the|took action|acted against|"
    r"arrest(?:ed)?|caught|in (?:criminal |administrative )?detention|withdrew|withdrawn|revoked|warned|fined|imposed|removed|pulled|gone|taken (?:down|off)|held (?:liable|responsible))\b",
    FLAGS,
)
NO_SITTING = r"(?!\s(?:(?:an?|the|its|open|public|closed|online)\s){0,2}(?:\w+\s)?(?:hearings?|trials?|sessions?|sittings?|meetings?|press|briefings?|conferences?|forums?|events?)\b)"
"""Behind "held": no hearing or meeting, which decides nothing."""
ORDERED = re.compile(r"\bordered\b", FLAGS)
HELD = re.compile(r"\b(?:court|tribunal|judges?)\s(?:\w+\s){0,3}?held\son\s$", FLAGS)
HELD_WHAT = re.compile(r",?\s(?:that|in favou?r|for|against|both|it|the\s\w+\s(?:liable|guilty))\b", FLAGS)
"""Behind the day on which a court held something."""
COURT_ON = re.compile(r"\b(?:court|tribunal|judges?)(?:\s\w+){0,3}?,?\son\s$", FLAGS)
COURT_DID = re.compile(rf",?\s(?:\w+\s){{0,2}}?(?:ordered|held{NO_SITTING})\b", FLAGS)
"""The court on 5 December ordered …"""
PASSIVE = re.compile(r"\b(?:was|were|been|being|is|are)\s(?:\w+\s)?$", FLAGS)
BODY = re.compile(
    r"\b(?:court|tribunal|judges?|police|prosecutors?|regulators?|authorit(?:y|ies)|bureau|ministry)\b", FLAGS
)
BODY_ITSELF = re.compile(
    r"(?<!\bof the\s)(?<!\bof a\s)\b(?:court|tribunal|judges?|police|prosecutors?|regulators?|authorit(?:y|ies)|bureau|ministry)\s"
    r"(?:(?!(?:had|who|which|that|and)\b)\w+\s){0,2}$",
    FLAGS,
)
TO_DO = re.compile(r"[^.;\n]{0,80}?(?<!\bfrom)\sto\s(?!an?\b|the\b|his\b|her\b|its\b|their\b|\d)", FLAGS)
"""Behind "ordered" somebody: what he has to do."""
WINDOW = 110
LABELS = frozenset({"bullet", "runin", "label"})


def role_before(passage: Passage, date: DateExpression, start: int) -> str | None:
    """The role of a date by what stands before it from `start` (the sentence, or the date before) on; None where that
    says nothing. `other` where it says that the day is that of conduct, a complaint, a term or a payment."""
    text = passage.text
    before = text[max(start, date.start - WINDOW) : date.start]
    clause = re.split(r"[.;:(]\s|\n", before)[-1]
    if SOURCE_LINE.search(clause) or TOLD_OF_DATE.search(clause):
        return "published"
    if DECIDED.search(clause) or _court_did(passage, clause, date.end):
        return "decision"
    if PAID.search(clause):
        return "other"
    if POSTED.search(clause) and not re.search(
        r"\b(?:ministry|authority|its|'s|earlier|previous) notice of $", clause, FLAGS
    ):
        return "published"
    if CONDUCT.search(clause):
        return None
    if re.search(r"\bon\s$|\bon\sthe\s$|,\s$", clause) is None:
        return None
    return _nearest(passage, clause, date)


def _nearest(passage: Passage, clause: str, date: DateExpression) -> str | None:
    """Of the measures, judgments and words of telling in front of "on 6 December" the nearest."""
    start = date.start - len(clause)
    imposed = [
        cue.start - start
        for cue in passage.signals.imposed_in(start, date.start)
        if cue.code != "PUBLIC_NAMING"
    ]
    decided = [
        *imposed,
        *(match.start() for match in OUTCOME.finditer(clause)),
        *(
            match.start()
            for match in ORDERED.finditer(clause)
            if _by_body(passage, clause, match.start(), date)
        ),
    ]
    told = [match.start() for match in TOLD.finditer(clause)]
    if not decided and not told:
        return None
    return "decision" if max(decided, default=-1) > max(told, default=-1) else "published"


def _court_did(passage: Passage, before: str, end: int) -> bool:
    """Whether the words around a date say that a court held or ordered something on it."""
    text = passage.text
    held = HELD.search(before) and HELD_WHAT.match(text, end, passage.end)
    return bool(held or (COURT_ON.search(before) and COURT_DID.match(text, end, passage.end)))


def _by_body(passage: Passage, clause: str, at: int, date: DateExpression) -> bool:
    """Whether "ordered" at `at` of the clause in front of a date is what a court or an authority did: it stands right
    behind one, or somebody was ordered to do something, or is told to by one of the clause. Anybody else's order is a
    purchase."""
    before = clause[:at]
    if BODY_ITSELF.search(before):
        return True
    behind = clause[at + len("ordered") :] + "…" + passage.text[date.end : min(passage.end, date.end + 80)]
    if TO_DO.match(behind) is None:
        return False
    start = date.start - len(clause)
    named = BODY.search(before) or passage.reading.has("authority", start, start + at)
    return bool(named or PASSIVE.search(before))


def headed_day(passage: Passage) -> DateExpression | None:
    """The day with which an item of a list by date begins, or with which its label ends: 8 August - Guilin; MIIT, 10
    November."""
    label = passage.heading if passage.item.heading and passage.item.heading.style in LABELS else None
    for date in passage.facts.dates:
        begins = passage.start <= date.start <= passage.start + 3
        if date.shape == "day" and (
            begins or (label and label.start <= date.start and 0 <= date.end - label.end <= 1)
        ):
            return date
    return None


def clause_start(sentence: Span, before: DateExpression | None) -> int:
    """Where what is said of a date begins: at its sentence, or behind the date before it."""
    return (
        before.end if before is not None and sentence.start <= before.end < sentence.end else sentence.start
    )
