"""Incidents and alerts: types, numbers of vulnerabilities, class of the notice, grade, state, extent."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich.passage import Passage, evidence
from enrich.reading import Span
from enrich.rulebook import Rulebook
from netdocket.records import DateValue, Incident, IncidentDates, Severity, Stated

POSSIBLE_ZH = re.compile(
    r"(?:可能|可被|可导致|可利用|防范|防止|避免|风险|警惕|如果|若|以防|谨防|能够|可以|可用于|企图|以达到|进而)[^，。；\n]{0,16}$"
)
POSSIBLE_EN = re.compile(
    r"\b(?:could|may|might|can|would|to prevent|against|risk of|potential(?:ly)?|avoid)\b[^.;,\n]{0,40}$",
    re.IGNORECASE,
)
TYPE_LIMIT = 3
EXCLUDES = {
    "EXPLOITED_VULN": ("VULN_NOTICE",),
    "DATA_BREACH": ("EXPOSED_DATA",),
    "RANSOMWARE": ("MALWARE",),
    "DEFACEMENT": ("INTRUSION",),
}


def incident(passage: Passage, published: DateValue | None) -> Incident:
    """The incident part of a record."""
    types = _types(passage)
    return Incident(
        notice_class=_notice_class(passage, types),
        types=types,
        severity=_severity(passage),
        identifiers=identifiers(passage),
        dates=IncidentDates(published=published),
        state=_state(passage),
    )


def identifiers(passage: Passage) -> tuple[Stated, ...]:
    """Numbers of vulnerabilities, normalised, each once, in the order of the text."""
    found: list[tuple[int, int, str]] = []
    for pattern, norm in _identifier_patterns(passage.rules):
        for match in pattern.finditer(passage.text, passage.start, passage.end):
            value = match.expand(norm) if norm else match.group().upper()
            found.append((match.start(), match.end(), value.upper()))
    seen: dict[str, Stated] = {}
    for start, end, value in sorted(found):
        seen.setdefault(
            value, Stated(value=value, evidence=evidence(Span(start, end)), rule="incidents.identifier")
        )
    return tuple(seen.values())


@lru_cache(maxsize=8)
def _identifier_patterns(rules: Rulebook) -> tuple[tuple[re.Pattern[str], str | None], ...]:
    entries = [e for e in rules.table("incidents")["identifiers"] if e.get("regex") and e["code"] != "CNTA"]
    return tuple((re.compile(e["regex"]), e.get("norm")) for e in entries)


def _types(passage: Passage) -> tuple[Stated, ...]:
    """Types that the text says happened or are what the notice is about; those of the title first."""
    text = passage.text
    pattern = POSSIBLE_ZH if passage.language == "zh" else POSSIBLE_EN
    weight: dict[str, float] = {}
    first: dict[str, Span] = {}
    for cue in passage.cues("incident_type"):
        if pattern.search(text, max(passage.start, cue.start - 30), cue.start):
            continue
        early = 3.0 if cue.start < passage.head_end else 1.0
        weight[cue.code] = weight.get(cue.code, 0.0) + early
        first.setdefault(cue.code, Span(cue.start, cue.end))
    for code, others in EXCLUDES.items():
        if code in weight and (code != "RANSOMWARE" or weight[code] >= weight.get("MALWARE", 0)):
            for other in others:
                weight.pop(other, None)
    if not weight:
        return ()
    top = max(weight.values())
    kept = [
        code
        for code, value in weight.items()
        if value >= max(1.0, 0.34 * top) and (value >= 3.0 or top < 3.0)
    ]
    kept.sort(key=lambda code: (-weight[code], first[code].start))
    kept = sorted(kept[:TYPE_LIMIT], key=lambda code: first[code].start)
    return tuple(
        Stated(value=code, evidence=evidence(first[code]), rule=f"incidents.type.{code}") for code in kept
    )


def _notice_class(passage: Passage, types: tuple[Stated, ...]) -> Stated | None:
    codes = {t.value for t in types}
    if codes & {"VULN_NOTICE", "EXPLOITED_VULN"}:
        return Stated(value="VULNERABILITY", derived="types")
    notice = passage.reading.first("notice", passage.start, passage.head_end)
    if notice is not None:
        return Stated(value="THREAT_ALERT", evidence=evidence(notice), rule="incidents.notice")
    return Stated(value="INCIDENT_REPORT", derived="types") if codes else None


@lru_cache(maxsize=8)
def _grades(rules: Rulebook) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    out = []
    for scale in rules.table("incidents")["severity"]["scales"]:
        for level in scale["levels"]:
            phrases = level.get("cues_zh") or (level["zh"],)
            if scale["scale"] == "vuln":
                phrases = (
                    *phrases,
                    f"“{level['zh']}”",
                    f'"{level["zh"]}"',
                    f"（{level['zh']}）",
                    f"({level['zh']})",
                )
            out.append(
                (
                    scale["scale"],
                    level["code"],
                    tuple(
                        p.replace("“", '"').replace("”", '"').replace("（", "(").replace("）", ")")
                        for p in phrases
                    ),
                )
            )
    return tuple(out)


def _severity(passage: Passage) -> Severity | None:
    """The highest grade printed."""
    for scale, code, phrases in _grades(passage.rules):
        for phrase in phrases:
            at = passage.text.find(phrase, passage.start, passage.end)
            if at >= 0 and not passage.text.startswith(("端口", "行为"), at + len(phrase)):
                return Severity(
                    scale=scale,
                    value=code,
                    evidence=evidence(Span(at, at + len(phrase))),
                    rule="incidents.severity",
                )
    return None


def _state(passage: Passage) -> Stated | None:
    cues = passage.cues("incident_state")
    if not cues:
        return None
    cue = cues[-1] if cues[-1].code in ("refuted", "fixed") else cues[0]
    return Stated(value=cue.code, evidence=evidence(cue), rule="incidents.state")
