"""Who acted: the authority of a case, the issuers of an instrument, the publisher of a report.

An authority is one that acts, not one whose rule is applied: "根据中央网信办、工信部发布的公告" and bodies that were told or
asked are none. Order: who takes the measure, else who is named in heading or lead, else the bulletin's title, else the
publisher.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from enrich.needed import sought
from enrich.passage import Passage, evidence
from enrich.reading import Cue, Reading, Span
from netdocket.records import Authority, SourceRole

RULE_OF = sought(r"(?:根据|依据|按照|依照|贯彻|落实|执行)[^。；\n，]{0,30}$")
TOLD = sought(r"(?:向|报|移送|移交|配合|协助|报告|转交|提请|欺骗|假冒|冒充|仿冒)[^，。；\n]{0,8}$")
ISSUED_TOGETHER = re.compile(
    r"[^。；\n，]{0,30}?(?:联合|等[一二三四五六七八九十\d]+部门|发布的|印发的|公布的|制定的)"
)
TOLD_EN = sought(
    r"\b(?:to|with|by|under|before|from|against|notify|inform|cooperate with|reported to|filed with|registered with|approved by|pretending to be|impersonat\w+)\s(?:the\s)?(?:local\s)?$",
    re.IGNORECASE,
)
LED = re.compile(r"[^，。；\n]{0,12}(?:指导|会同|联合|责成|部署)")
RECEIVED = sought(
    r"\b(?:received|receives|got|was given|were given|was handed|fine|fines|warning|order|penalty|caution|notice|summons|sanction)\b[^.;]{0,200}\bfrom\s(?:the\s)?(?:local\s)?$",
    re.IGNORECASE,
)
"""Of a measure that came from an authority the authority acts; of data taken from one it does not."""
BY = sought(r"\bby\s(?:the\s)?(?:local\s)?(?:[A-Z][\w']+\s){0,4}$")
NAME_START = re.compile(r"[\u4e00-\u9fffA-Za-z]{0,14}\Z")
NOT_IN_NAME = re.compile(
    r".{0,120}(?:我国|指导|会同|联合|组织|近日|日前|今日|由|被|经|在|向|和|与|及|对|据|是|了|的|日|月|年|消息|获悉|来自|根据|依据|按照|随后|其中|同时|目前|该|，|、|：|等|为|于|请|将|已|后|并|并对|至|从|到|案|人)"
)
NO_NAME = re.compile(r"(?:(?:On|In|The|At|By|As|And|When|After|Under|Both|Article|Articles)\s)+")
CN_PART = re.compile(r"[A-Z][\w'’]*(?:\s(?:[A-Z][\w'’]*|of|the|and))*\s?$")


class Publisher(NamedTuple):
    """What is known of who published a bulletin."""

    role: SourceRole
    authority: str | None
    name: str | None


def publisher(table: Mapping[str, Any], *, source: str, url: str | None, name: str | None) -> Publisher:
    """By source code, else by host, else by the publisher's printed name (publishers.yaml)."""
    known = table["sources"].get(source)
    if known:
        return Publisher(known["role"], known.get("authority"), known.get("name") or name)
    host = re.sub(r"^https?://|[/:?#].*$", "", url or "").lower()
    for entry in table["hosts"] if host else ():
        if host == entry["host"] or host.endswith("." + entry["host"]):
            return Publisher(entry["role"], entry.get("authority"), entry.get("name") or name)
    for entry in table["names"] if name else ():
        printed = name or ""
        if any(m.lower() in printed.lower() for m in entry["match"]) and not any(
            e in printed for e in entry.get("except", ())
        ):
            return Publisher(entry["role"], entry.get("authority"), name)
    return Publisher(table["default_role"], None, name)


def of_case(
    passage: Passage, lead: Span, title_reading: Reading | None, by: Publisher
) -> tuple[Authority, ...]:
    """The authority of a case or campaign: at most one, the one that acted."""
    acting = _acting(passage)
    if acting is not None and acting.code in BEFORE_COURT and _sentenced(passage):
        court = [
            c
            for c in passage.cues("authority")
            if c.code == "COURT" and _acts(passage.reading, c, passage.start)
        ]
        acting = next(iter(court), acting)
    if acting is not None:
        return (_authority(passage, acting, "authorities.acting"),)
    named = [cue for cue in passage.cues("authority") if _acts(passage.reading, cue, passage.start)]
    if named:
        return (_authority(passage, named[0], "authorities.named"),)
    meant = _meant(passage)
    if meant is not None:
        return (_authority(passage, meant, "authorities.referred"),)
    in_lead = [
        cue for cue in passage.reading.cues("authority", *lead) if _acts(passage.reading, cue, lead.start)
    ]
    if in_lead:
        return (_authority(passage, in_lead[0], "authorities.lead"),)
    if title_reading is not None:
        in_title = title_reading.cues("authority")
        if in_title:
            name = passage.shown_title[_name_start(title_reading, in_title[0]) : in_title[0].end]
            return (Authority(name=name, type=in_title[0].code, derived="title"),)
    if by.authority is not None:
        return (Authority(name=by.name or by.authority, type=by.authority, derived="publisher"),)
    return ()


BEFORE_COURT = frozenset({"POLICE_LOCAL", "MPS", "PROCURATORATE"})


def _sentenced(passage: Passage) -> bool:
    """Whether a sentence is told: the court has acted then, whoever caught the defendant."""
    return any(cue.code in ("IMPRISONMENT", "CRIM_FINE") for cue in passage.imposed) and passage.has(
        "court_outcome"
    )


def _meant(passage: Passage) -> Cue | None:
    """The body that "the ministry" or "the regulator" stands for: the nearest such one named before."""
    reading = passage.reading
    for reference in passage.cues("authority_ref"):
        wanted = passage.rules.table("publishers")["refers_to"][reference.code]
        before = [cue for cue in reading.cues("authority", 0, reference.start) if cue.code in wanted]
        if before:
            return before[-1]
    return None


def _acting(passage: Passage) -> Cue | None:
    """The authority in a sentence that takes a measure, nearest before the first one."""
    reading = passage.reading
    courts = reading.has("court_outcome", passage.start, passage.end)
    best: Cue | None = None
    for cue in passage.imposed:
        if cue.start < passage.body_start:
            continue
        sentence = reading.sentence_at(cue.start)
        start = max(sentence.start, passage.body_start)
        candidates = [
            c
            for c in reading.cues("authority", start, min(sentence.end, passage.end))
            if _acts(reading, c, start)
        ]
        before = [c for c in candidates if c.end <= cue.start]
        while len(before) > 1 and LED.match(reading.text, before[-2].end, before[-1].start):
            before.pop()
        chosen = before[-1] if before else (candidates[0] if candidates else None)
        if chosen is not None and (
            best is None or (courts and chosen.code == "COURT" and best.code != "COURT")
        ):
            best = chosen
            if not courts or best.code == "COURT":
                break
    return best


def _acts(reading: Reading, cue: Cue, start: int) -> bool:
    text = reading.text
    floor = max(start, cue.start - 40)
    if reading.language == "zh":
        if reading.search(RULE_OF, floor, cue.start) and (
            ISSUED_TOGETHER.match(text, cue.end) or text.startswith(("《", "、", "关于"), cue.end)
        ):
            return False
        return not reading.search(TOLD, floor, cue.start) and text[cue.end : cue.end + 1] != "》"
    if (
        cue.code == "COURT"
        and text[cue.start : cue.end].islower()
        and text[cue.start : cue.end] in ("court", "courts")
    ):
        return True
    if reading.search(RECEIVED, max(start, cue.start - 240), cue.start):
        return True
    return not reading.search(TOLD_EN, floor, cue.start) or reading.search(BY, floor, cue.start) is not None


def issuers(passage: Passage, sentence: Span, verb: int) -> tuple[Authority, ...]:
    """The bodies that the issuing sentence names as issuers, in its order, each type and name once.

    `verb`: where the issuing verb begins. Active: the bodies before it, up to the start of the sentence; passive: the
    bodies after "by" or 由."""
    reading = passage.reading
    cues = reading.cues("authority", sentence.start, sentence.end)
    chosen = [cue for cue in cues if cue.end <= verb and _issues(reading, cue, sentence.start)]
    if not chosen:
        chosen = [cue for cue in cues if cue.start > verb and _by(reading.text, cue, verb)]
        if chosen:
            chosen = _row(reading.text, cues, chosen[0])
    seen: dict[tuple[str, str], Authority] = {}
    for cue in chosen:
        authority = _authority(passage, cue, "authorities.issuer")
        seen.setdefault((authority.type, authority.name), authority)
    return tuple(seen.values())


PART_OF_NAME = re.compile(r"[\u4e00-\u9fff]{0,14}?(?:联盟|协会|学会|研究院|杂志|报社|出版社|基金会|促进会)")


def _issues(reading: Reading, cue: Cue, start: int) -> bool:
    text = reading.text
    if PART_OF_NAME.match(text, cue.end):
        return False
    floor = max(start, cue.start - 40)
    if reading.language == "zh":
        if reading.search(RULE_OF, floor, cue.start) or text[cue.end : cue.end + 1] in ("》", "关"):
            return False
        # Inside 《…》 a body is part of a name.
        return text.rfind("《", start, cue.start) <= text.rfind("》", start, cue.start)
    if re.search(
        r"\b(?:under|of|to|at|with|meeting of|session of)\s(?:the\s)?$",
        text[floor : cue.start],
        re.IGNORECASE,
    ):
        return (
            re.search(
                r"(?:Office|Department|Bureau|Committee|Commission|Administration|Institute|Centre|Center) of\s(?:the\s)?$"
                r"|[A-Z][\w-]{2,20}(?:\s\([^()]{2,20}\))? of\s(?:the\s)?$",  # the … Provisions of the CAC
                text[floor : cue.start],
            )
            is not None
        )
    return True


def _by(text: str, cue: Cue, verb: int) -> bool:
    before = text[max(verb, cue.start - 60) : cue.start]
    return (
        re.search(r"\b(?:by|from|of)\b[^.;,]{0,55}$", before, re.IGNORECASE) is not None
        or "由" in before[-12:]
    )


def _row(text: str, cues: Sequence[Cue], first: Cue) -> list[Cue]:
    """The bodies listed together with `first`: joined by commas, and, 、, 和."""
    row = [first]
    for cue in cues:
        if cue.start <= first.start:
            continue
        between = text[row[-1].end : cue.start]
        if len(between) <= 30 and re.fullmatch(
            r"[\s,、，()\w'\"’“”]{0,30}?(?:,|and|、|和|及|会同|联合)[\s\w'\"“”()]{0,30}", between
        ):
            row.append(cue)
    return row


NATIONAL = frozenset(
    {"", "central", "state", "the", "china's", "china’s", "china", "national", "chinese", "beijing-based"}
)
PARTY_OFFICE = re.compile(r"[省市区县州盟旗]委(?:网络安全|网信)")
"""The office of a province's or city's committee: 中共某市委网络安全和信息化委员会办公室."""
OF_PLACE = re.compile(r"\sof\s(?!China\b|the\b)[A-Z]")
WITHOUT_COUNTRY = frozenset(
    {"cac", "cyberspace administration", "cyberspace affairs commission", "cyberspace affairs office"}
)


def _authority(passage: Passage, cue: Cue, rule: str) -> Authority:
    reading = passage.reading
    start = passage.after_persons(_name_start(reading, cue), cue.start)
    while reading.text[start].isspace():
        start += 1
    code = cue.code
    if code == "CAC_NATIONAL" and PARTY_OFFICE.search(reading.text, start, cue.end):
        code = "CAC_LOCAL"
    if code == "CAC_NATIONAL" and reading.text[cue.start : cue.end].lower() in WITHOUT_COUNTRY:
        # The Shanghai Cyberspace Administration, the Cyberspace Administration of Zhejiang.
        before = re.split(r"\n|\band\b|,", reading.text[start : cue.start])[-1].strip().lower()
        before = re.sub(
            r"^.*\b(?:information|measures|provisions|rules|regulations|guidelines|guide|standard|standards|notice|law) of(?: the)?$",
            "",
            before,
        )
        if before not in NATIONAL or OF_PLACE.match(reading.text, cue.end):
            code = "CAC_LOCAL"
    return Authority(
        name=passage.shown(start, cue.end), type=code, evidence=evidence(Span(start, cue.end)), rule=rule
    )


def _name_start(reading: Reading, cue: Cue) -> int:
    """Where the printed name begins: with the place before it (南京市|公安局, Nanjing Municipal|Public Security Bureau)."""
    text = reading.text
    if "\u4e00" <= text[cue.start] <= "\u9fff":
        match = NAME_START.search(text, max(0, cue.start - 14), cue.start)
        before = match.group() if match else ""
        stop = NOT_IN_NAME.match(before)
        kept = before[stop.end() :] if stop else before
        return cue.start - len(kept)
    match = CN_PART.search(text, max(0, cue.start - 40), cue.start)
    if match is None:
        return cue.start
    first = NO_NAME.match(text, match.start(), cue.start)
    return min(first.end() if first else match.start(), cue.start)
