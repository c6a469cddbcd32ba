"""What a subject did or left undone, as codes of violation_types.

Cues that name duty and breach in one count by themselves; words of a duty count with a breach verb before them in their
clause. What stands in appeals, statute quotes and the legal grounds of the measure does not count.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from enrich.needed import Sought, sought
from enrich.passage import Passage, evidence
from enrich.reading import Cue, Span
from enrich.rulebook import Rulebook
from enrich.violation_frames import CRIME, CRIMES, framed
from netdocket.records import Violation

BASIS_ZH = re.compile(r"(?:依据|根据|依照|按照)[^，。；\n]{0,4}《")
STOPS = {"zh": r"[，。；：]|《", "en": r"[.;:]|\bin accordance with\b"}
BEHIND = {"zh": 10, "en": 60}
"""How far behind a duty the word of its breach may end."""
REACH = {"zh": 36, "en": 110}
"""How far before a duty its breach verb may stand, in characters."""
# What is said of duties to come, of the authority's own work, of what the law is about.
NOT_TOLD = sought(
    r"(?:可导致|可能|易导致|足以|防止|防范|避免|打击|严厉打击|加强|开展|聚焦|维护|保护|提升|切实|进一步|严防|杜绝|依法打击|从严|整治|(?<![按被])要求(?!用户|顾客|车主|消费者|客户|家长|学生|业主|会员|客人|乘客|旅客|提供|填|扫|注册|授权|绑定|手持)|应当|涉嫌的|为(?:维护|规范|加强)|专项)[^，。；\n]{0,16}$"
)
NOT_TOLD_EN = sought(
    r"\b(?:to prevent|preventing|(?<!steps )(?<!action )(?<!nothing )against|combat(?:ing)?|crack(?:ing)? down on|strengthen(?:ing)?|protect(?:ing)? against|avoid(?:ing)?|in order to|must|shall|should)\b[^.;,]{0,40}$",
    re.IGNORECASE,
)


def violations(passage: Passage) -> tuple[Violation, ...]:
    """The violations of an item, each code once, with the words it was first found in."""
    found: dict[str, Cue] = {}
    strength: dict[str, float] = {}
    for cue in passage.cues("breach_cue"):
        if _told(passage, cue):
            found.setdefault(cue.code, cue)
            strength[cue.code] = 0.9
    for cue in passage.cues("breach_topic"):
        if cue.code in found or not _told(passage, cue):
            continue
        verb = _breach_before(passage, cue)
        if verb is not None:
            found[cue.code] = Cue(min(verb.start, cue.start), max(verb.end, cue.end), cue.code)
            strength[cue.code] = 0.75
    for cue in passage.cues("breach_generic"):
        if _told(passage, cue) and not any(code.startswith(("PI_", "DATA_")) for code in found):
            found[cue.code] = cue
            strength[cue.code] = 0.7
    words: dict[str, list[Cue]] = {}
    for cue in passage.cues("frame"):
        words.setdefault(cue.code, []).append(cue)
    for frame in passage.rules.table("violations")["frames"] if len(words) > 1 else ():
        one, other = (words.get(word) for word in frame["words"])
        if one is None or other is None or frame["code"] in found:
            continue
        if any(code in found for code in frame["unless"]):
            continue
        pair = _framed(passage, one, other, frame["within"])
        if pair is not None:
            found[frame["code"]] = pair._replace(code=frame["code"])
            strength[frame["code"]] = 0.7
    criminal = passage.has(CRIME) or any(cue.code in CRIMES for cue in passage.imposed)
    told = cache(partial(_told_in_frame, passage))
    for code, cue in framed(passage, found, told, criminal=criminal):
        found[code] = cue
        strength[code] = 0.6
    if len(found) > 1:
        for rule in passage.rules.table("violations")["not_beside"]:
            _drop(passage, found, rule)
    if len(found) > 1:
        found.pop("OTHER", None)
    return tuple(
        Violation(code=code, confidence=strength[code], evidence=evidence(cue), rule=f"violations.{code}")
        for code, cue in sorted(found.items(), key=lambda pair: (pair[1].start, pair[0]))
    )


def _framed(passage: Passage, cues: Sequence[Cue], others: Sequence[Cue], within: int) -> Cue | None:
    """Two words of a frame near each other in one sentence; the span from the first to the last. Only those of `others`
    that are near enough are looked at."""
    for cue in cues:
        most = within + cue.end - cue.start
        sentence: Span | None = None
        for index in range(bisect_left(others, (cue.end - most,)), len(others)):
            near = others[index]
            if near.start > cue.start + most:
                break
            start, end = min(cue.start, near.start), max(cue.end, near.end)
            if end - start > most:
                continue
            sentence = sentence or passage.reading.sentence_at(cue.start)
            if sentence.start <= start and end <= sentence.end:
                if _told(passage, cue):
                    return Cue(start, end, cue.code)
                break
    return None


def _told(passage: Passage, cue: Cue) -> bool:
    """Whether the words tell of this case, not of the law, a campaign's aim or a reminder."""
    if passage.signals.is_quiet(cue.start):
        return False
    if passage.signals.context_at(cue.start) in ("statutory", "hypothetical") and not _fact(passage, cue):
        return False
    if _suffered(passage, cue) or _at_risk(passage, cue):
        return False
    pattern = NOT_TOLD if passage.language == "zh" else NOT_TOLD_EN
    return passage.reading.search(pattern, max(passage.start, cue.start - 50), cue.start) is None


def _told_in_frame(passage: Passage, cue: Cue) -> bool:
    """The same of a word of a frame. In English could be opened by anyone, a deadline for, told to are no doubt cast on a
    breach, as they would be on a measure."""
    if passage.language != "en":
        return _told(passage, cue)
    if passage.signals.is_quiet(cue.start) or passage.signals.context_at(cue.start) == "statutory":
        return False
    return passage.reading.search(NOT_TOLD_EN, max(passage.start, cue.start - 50), cue.start) is None


@lru_cache(maxsize=8)
def _turns(
    rules: Rulebook, language: str
) -> tuple[frozenset[str], Any, frozenset[str], tuple[str, ...], Any]:
    """Codes and pattern of `suffered`; codes, words and pattern of `at_risk`."""
    suffered, risk = rules.table("violations")["suffered"], rules.table("violations")["at_risk"]
    return (
        frozenset(suffered["codes"]),
        sought(suffered[language], re.IGNORECASE),
        frozenset(risk["codes"]),
        tuple(risk["words"]),
        re.compile(risk[language], re.IGNORECASE),
    )


def patterns(rules: Rulebook, language: str) -> tuple[Sought, ...]:
    """All patterns of a language in the knowledge that texts are searched for."""
    return (_turns(rules, language)[1],)


def _suffered(passage: Passage, cue: Cue) -> bool:
    codes, pattern, _, _, _ = _turns(passage.rules, passage.language)
    return (
        cue.code in codes
        and passage.reading.search(pattern, max(passage.start, cue.start - 40), cue.start) is not None
    )


def _at_risk(passage: Passage, cue: Cue) -> bool:
    _, _, codes, words, pattern = _turns(passage.rules, passage.language)
    printed = passage.text[cue.start : cue.end].lower()
    return (
        cue.code in codes
        and any(word in printed for word in words)
        and pattern.match(passage.text, cue.end, min(passage.end, cue.end + 16)) is not None
    )


def _fact(passage: Passage, cue: Cue) -> bool:
    return passage.has("found", max(passage.start, cue.start - 60), cue.start)


def _breach_before(passage: Passage, cue: Cue) -> Cue | None:
    sentence = passage.reading.sentence_at(cue.start)
    floor = max(sentence.start, passage.start, cue.start - REACH[passage.language])
    verbs = passage.reading.cues("breach_verb", floor, cue.start)
    if not verbs or re.search(STOPS[passage.language], passage.text[verbs[-1].end : cue.start]):
        return _breach_after(passage, cue, sentence.end)
    return verbs[-1]


def _breach_after(passage: Passage, cue: Cue, end: int) -> Cue | None:
    """A breach told behind the duty: 管理制度不完善."""
    after = passage.reading.first(
        "breach_after", cue.end, min(end, passage.end, cue.end + BEHIND[passage.language])
    )
    if after is None or re.search(STOPS[passage.language], passage.text[cue.end : after.start]):
        return None
    return Cue(cue.start, after.end, cue.code)


def _drop(passage: Passage, found: dict[str, Cue], rule: Mapping[str, Any]) -> None:
    if rule["code"] not in found or rule["beside"] not in found:
        return
    text = passage.text[passage.start : passage.end].lower()
    if any(word.lower() in text for word in rule["with"]):
        found.pop(rule["code"])
