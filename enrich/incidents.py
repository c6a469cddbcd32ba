"""Incidents and alerts: types, numbers of vulnerabilities, class of the notice, grade, state, extent."""

from __future__ import annotations

import re
from functools import lru_cache

from enrich import incident_types
from enrich.dates import DateExpression
from enrich.incident_products import products, victim
from enrich.incident_scale import scale
from enrich.passage import Passage, evidence
from enrich.reading import Span
from enrich.rulebook import Rulebook
from netdocket.records import DateValue, Incident, IncidentDates, Severity, Stated


def incident(passage: Passage, published: DateValue | None) -> Incident:
    """The incident part of a record."""
    types = incident_types.types(passage)
    state = _state(passage)
    return Incident(
        notice_class=_notice_class(passage, types),
        types=types,
        severity=_severity(passage),
        subject=victim(passage),
        products=products(passage),
        identifiers=identifiers(passage),
        scale=() if state is not None and state.value == "refuted" else scale(passage),
        dates=IncidentDates(
            occurred=_occurred(passage), discovered=_discovered(passage), published=published
        ),
        state=state,
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
    for given in rules.table("incidents")["severity"]["scales"]:
        for level in given["levels"]:
            phrases = level.get("cues_zh") or (level["zh"],)
            if given["scale"] == "vuln":
                phrases = (
                    *phrases,
                    f"“{level['zh']}”",
                    f'"{level["zh"]}"',
                    f"（{level['zh']}）",
                    f"({level['zh']})",
                )
            out.append(
                (
                    given["scale"],
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
    table = passage.rules.table("incident_rules")
    if passage.language == "en":
        order = list(table["severity_en_codes"].values())
        graded = [
            (table["severity_en_codes"][(m["grade"] or m["rated"]).lower()], m)
            for m in re.compile(table["severity_en"], re.IGNORECASE).finditer(
                passage.text, passage.start, passage.end
            )
        ]
        if graded:
            code, match = min(graded, key=lambda pair: order.index(pair[0]))
            return Severity(
                scale="vuln", value=code, evidence=evidence(Span(*match.span())), rule="incidents.severity"
            )
        return None
    for name, code, phrases in _grades(passage.rules):
        for phrase in phrases:
            at = passage.text.find(phrase, passage.start, passage.end)
            if at >= 0 and not passage.text.startswith(("端口", "行为"), at + len(phrase)):
                return Severity(
                    scale=name,
                    value=code,
                    evidence=evidence(Span(at, at + len(phrase))),
                    rule="incidents.severity",
                )
    return None


def _state(passage: Passage) -> Stated | None:
    """What the text says last of how it stands; what was refuted or mended stays so."""
    found = [
        (cue.start, cue.end, cue.code)
        for cue in passage.cues("incident_state")
        if not passage.signals.is_quiet(cue.start)
    ]
    for code, pattern in _states(passage.rules, passage.language):
        found += [
            (m.start(), m.end(), code) for m in pattern.finditer(passage.text, passage.start, passage.end)
        ]
    if not found:
        return None
    order = {code: rank for rank, code in enumerate(passage.rules.table("incident_rules")["state_order"])}
    start, end, code = min(sorted(found), key=lambda hit: order[hit[2]])
    return Stated(value=code, evidence=evidence(Span(start, end)), rule="incidents.state")


@lru_cache(maxsize=16)
def _states(rules: Rulebook, language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (entry["code"], re.compile(entry["pattern"], re.IGNORECASE))
        for entry in rules.table("incident_rules")["states"]
        if entry["language"] == language
    )


OCCURRED_ZH = re.compile(
    r"(?:\d{1,2}(?:时|点)(?:\d{1,2}分)?)?(?:起|以来)?[，,]?[^，。；\n]{0,30}?(?:遭|受到|发生|中断|被入侵|被攻击)"
)
OCCURRED_EN = re.compile(
    r",?\s[^.;\n]{0,80}?\b(?:attacked|hit|broke into|suffered|went down|occurred)\b", re.IGNORECASE
)


def _occurred(passage: Passage) -> DateValue | None:
    """The day or month on which it began: the date in front of what was done to the victim."""
    pattern = OCCURRED_ZH if passage.language == "zh" else OCCURRED_EN
    for expression in passage.dates:
        if pattern.match(passage.text, expression.end, passage.end):
            return passage.date(expression, "incidents.occurred")
    return None


DISCOVERED_ZH = re.compile(
    r"(?:\d{1,2}(?:时|点)(?:\d{1,2}分)?许?)?[，,]?(?P<said>[^，。；\n]{0,24}?)(?P<verb>发现|监测到|接报|接到|捕获)(?!漏洞平台)"
)
_VERBS = r"(?:discovered|noticed|spotted|detected|came to light|come to light)"
DISCOVERED_EN = re.compile(
    rf"\b(?P<said>(?:[\w'’]{{1,12}}\s){{0,3}})(?P<verb>{_VERBS})\s(?:[\w-]{{1,20}}\s){{0,3}}?(?P<day>on|until|till)\s$",
    re.IGNORECASE,
)
UNDISCOVERED_EN = re.compile(
    r"\b(?:undiscovered|undetected|unnoticed|(?:(?:not|n['’]t|fail(?:ed)? to)\s(?:discover|notice|spot|detect)))\s"
    r"(?:[\w-]{1,20}\s){0,5}?(?:until|till)\s$",
    re.IGNORECASE,
)
ONLY_ON = re.compile(r"\b(?:only on|not until)\s$", re.IGNORECASE)
CLEFT = re.compile(
    r"\s(?:did\s[^.;,\n]{0,50}?\b(?:discover|notice|spot|detect)"
    rf"|(?:was|were|had|that|when)\s[^.;,\n]{{0,60}}?\b{_VERBS})\b",
    re.IGNORECASE,
)
"""Only on 9 July did the company notice it; it was not until 9 July that it was discovered."""
DISCOVERED_AFTER = re.compile(rf",?\s(?P<said>[^.;,\n]{{0,60}}?)\b(?P<verb>{_VERBS})\b", re.IGNORECASE)
BY_THEN = re.compile(r"[之以]?前(?![台往来期端述后任]|员工|雇员|同事|高管)")
NEGATED = {
    "zh": re.compile(
        r"(?:未|没有?|无人|不曾)(?:能够?|曾|被|有|予|再|及时|立即|当场|在?第一时间|在[^，。；\n]{1,8}[中内上里]|察觉或?)*$"
        r"|(?:没有|无)(?:任何|一名|一个)?[\u4e00-\u9fff]{0,4}(?:人员|员工|人|用户|部门|单位)$"
    ),
    "en": re.compile(
        r"(?:\b(?:not|never|cannot)|n['’]t)(?:\s(?:yet|even|be|been|have|has|had|\w{1,16}ly|at|first|once|until then)){0,4}\s$"
        r"|\b(?:nobody|no one|none|nothing|neither|nor|(?<!with\s)no\s[\w-]{1,20})(?:\s(?:was|were|had|has|have|been)\b)*"
        r"(?:\s(?!(?:was|were)\b)[\w-]{1,20}){0,3}\s$",
        re.IGNORECASE,
    ),
}
"""In front of the verb: what was not found out. An English verb that was not until a day was on it."""


def _discovered(passage: Passage) -> DateValue | None:
    """The day on which it was found out: in front of the word in Chinese, on either side of it in English."""
    days = [date for date in passage.dates if date.shape == "day"]
    for at, date in enumerate(days):
        if _found_out(passage, date, next(iter(days[at + 1 : at + 2]), None)):
            return passage.date(date, "incidents.discovered")
    return None


def _found_out(passage: Passage, date: DateExpression, following: DateExpression | None) -> bool:
    text = passage.text
    if passage.language == "zh":
        told = DISCOVERED_ZH.match(text, date.end, passage.end)
        return told is not None and not NEGATED["zh"].search(told["said"]) and not BY_THEN.match(told["said"])
    if _verb_before(passage, date) is not None:
        return True
    if ONLY_ON.search(text, max(passage.start, date.start - 12), date.start):
        return CLEFT.match(text, date.end, passage.end) is not None
    told = DISCOVERED_AFTER.match(text, date.end, passage.end)
    if told is None or NEGATED["en"].search(told["said"]):
        return False
    return following is None or _verb_before(passage, following) != told.start("verb")


def _verb_before(passage: Passage, date: DateExpression) -> int | None:
    """Where the verb stands that says, in front of an English date, that it was found out on it."""
    text, floor = passage.text, max(passage.start, date.start - 80)
    unseen = UNDISCOVERED_EN.search(text, floor, date.start)
    if unseen is not None:
        return unseen.start()
    told = DISCOVERED_EN.search(text, floor, date.start)
    if told is None or (NEGATED["en"].search(told["said"]) is not None) != (told["day"].lower() != "on"):
        return None
    return told.start("verb")
