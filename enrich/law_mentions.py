"""Where a text names an instrument: 《…》, a known name without brackets, an English title, a short name defined in
brackets, or a word that stands for one named before (该法, "that law")."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from enrich.catalogue import Knowledge
from enrich.normalise import normalise
from enrich.overlaps import is_inside
from enrich.phrases import Phrases

Kind = Literal["printed", "alias", "reference"]

HAN = re.compile(r"[\u3400-\u9fff]")
TITLE_ZH = re.compile(r"《([^《》\n]{2,90})》")
LAW_LIKE = re.compile(r"(?:法典?|条例|规定|办法|细则|解释|规则|决定)(?:[(][^()]{1,20}[)])?$")
CITABLE = re.compile(
    r"(?:法典?|条例|规定|办法|细则|解释|规则|决定|准则|规范|标准|通知|意见|公告|规程|制度|公约|协议|章程|指南|要求)(?:[(][^()]{1,20}[)])?$"
)
APP_AFTER = re.compile(r"\s?[(](?:版本|[Vv]\s?\d|\d{1,4}\.\d)")
REFERENCE_ZH = re.compile(
    r"(?:该|同|此|上述|前述)(?:部)?(?P<sort>法律|法规|法(?![院律规人定])|条例|办法|规定|细则|解释)(?!.{0,1}的?情形)"
)
NO_NAME_AFTER = frozenset("治律规院庭人官制定令学案")
SHORT_ZH = re.compile(
    r"\s?[(](?:以下|下文|以下统一?|下)?(?:简称|称)(?:为)?[:：]?\s?[\"《]?(?P<alias>[^\"《》()\n]{2,20})[\"》]?[)]"
)
SHORT_EN = re.compile(
    r"\s?[(](?:hereinafter|hereafter)?,?\s?(?:referred to as|collectively,?|together,?|or)?\s?(?:the\s)?\"(?:the\s)?(?P<alias>[^\"\n()]{2,50})\"[^()\n]{0,30}[)]"
    r"|\s?[(](?:the\s)?(?P<bare>[A-Z][A-Za-z-]{1,11})[)]"
)
HEADS = "Laws?|Code|Acts?|Regulations?|Rules|Measures|Provisions|Decision|Interpretations?|Guidelines?|Specifications?|Order|Notice|Circular|Opinions|Standards?|Methods|Ordinance|Statute|Statutes"
# The words come first, so that the search can skip to their letters; no letter may stand before them (`_heads`).
HEAD_EN = re.compile(rf"(?:{HEADS})(?![A-Za-z])")
WORD_LEFT = re.compile(r"(?:[A-Z][A-Za-z0-9'/&.-]{0,40}|and|&|\([A-Z][A-Za-z ]{1,30}\))\s$")
WORD_RIGHT = re.compile(
    r"\s(?P<word>[A-Z][A-Za-z0-9'/&-]{0,40}|\([A-Z][A-Za-z ]{1,40}\)|[0-9]{1,4}(?![0-9%,.]))|\s(?P<link>of|on|for|the|and|in|against|concerning|regarding|governing|to|over|by|from|with)(?=\s)"
)
FIRST_LINK = frozenset(("of", "on", "for", "concerning", "regarding", "governing", "against"))
NOT_IN_TITLE = re.compile(
    r"(?:Articles?|Arts?|In|On|Under|The|This|That|An?|Paragraphs?|Items?|Chapter|Section|And)\s?$"
)
REFERENCE_EN = re.compile(
    rf"(?<![A-Za-z])(?:(?:that|this|the same|such|the said|the aforementioned)\s(?P<that>law|statute|regulations?|measures|rules|provisions|code|act)"
    rf"|[Tt]he\s(?P<the>{HEADS}|Draft)(?!\s(?:of|on|for|concerning|regarding|governing)\s|\s[A-Z])|(?P<thereof>thereof))(?![A-Za-z])",
)
REFERRING = ("th", "such", "Th")
PREFIX_EN = re.compile(r"(?:(?:PRC|P\.R\.C\.|China's|Chinese|People's Republic of China's?)\s)$")
SUFFIX_EN = re.compile(
    r"\s(?:of|in)\s(?:the\s)?(?:PRC|P\.R\. China|People's Republic of China|China)(?![A-Za-z'])"
)


@dataclass(frozen=True, kw_only=True)
class LawMention:
    """Words that name an instrument: half-open span with 《》, the name as printed without them, its id when the
    catalogue has it. `whole`: it counts as a citation by itself, also without an article."""

    start: int
    end: int
    name: str
    id: str | None
    kind: Kind
    whole: bool
    confidence: float

    @property
    def value(self) -> str:
        """Id, else the printed name."""
        return self.id or self.name

    def is_a(self, sort: str) -> bool:
        """Whether the instrument is of the sort that a reference names (该办法, "the Measures")."""
        word = sort.lstrip("该同此上述前部").strip().lower()
        if word in ("法", "法律", "law", "thereof", "draft", "statute", ""):
            return word in ("thereof", "draft", "") or bool(
                re.search(r"法|\blaw\b|[A-Z]{2}", self.name, re.IGNORECASE)
            )
        return word.rstrip("s") in self.name.lower()


class Alias(NamedTuple):
    """A short name defined in a text, from `start` on."""

    start: int
    end: int
    alias: str
    name: str


def find_laws(
    text: str, knowledge: Knowledge, *, on: dt.date | None = None, aliases: Mapping[str, str] | None = None
) -> list[LawMention]:
    """All mentions of instruments in a text, left to right; none overlaps another. Linear in the text."""
    text = normalise(text)
    mentions = list(_english(text, knowledge, on))
    if HAN.search(text):
        mentions += _chinese(text, knowledge, on)
    named = _disjoint(mentions)
    defined = [*((Alias(-1, -1, a, name)) for a, name in (aliases or {}).items()), *_aliases(text, named)]
    return _with_aliases(text, knowledge, on, named, defined)


def find_aliases(text: str, knowledge: Knowledge) -> dict[str, str]:
    """Short names that a text defines in brackets after an instrument's name, to that name. Give them to
    `find_citations` for the parts of the same bulletin."""
    text = normalise(text)
    mentions = list(_english(text, knowledge, None))
    if HAN.search(text):
        mentions += _chinese(text, knowledge, None)
    return {alias.alias: alias.name for alias in _aliases(text, _disjoint(mentions))}


def _disjoint(mentions: list[LawMention]) -> list[LawMention]:
    """Left to right; of overlapping ones a known instrument wins, then the longer."""
    out: list[LawMention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -(m.end - m.start))):
        if out and mention.start < out[-1].end:
            if out[-1].id is None and mention.id is not None and out[-1].kind == mention.kind == "printed":
                out[-1] = mention
            continue
        out.append(mention)
    return out


def _chinese(text: str, knowledge: Knowledge, on: dt.date | None) -> Iterator[LawMention]:
    for match in TITLE_ZH.finditer(text):
        name = match[1].strip()
        id = knowledge.laws.match(name, on)
        if id is None and (not CITABLE.search(name) or APP_AFTER.match(text, match.end())):
            continue
        if id is not None and APP_AFTER.match(text, match.end()) and not LAW_LIKE.search(name):
            continue
        confidence = 1.0 if id is not None else 0.8
        yield LawMention(
            start=match.start(), end=match.end(), name=name, id=id, kind="printed",
            whole=id is not None or LAW_LIKE.search(name) is not None, confidence=confidence,
        )  # fmt: skip
    for hit in law_names(knowledge).find(text):
        if not HAN.search(hit.phrase) or text[hit.end : hit.end + 1] in NO_NAME_AFTER:
            continue
        if text[hit.start - 1 : hit.start] == "《" or text[hit.end : hit.end + 1] == "》":
            continue
        name = text[hit.start : hit.end]
        yield LawMention(
            start=hit.start, end=hit.end, name=name, id=knowledge.laws.match(name, on), kind="printed",
            whole=len(name) >= 5, confidence=0.95,
        )  # fmt: skip
    for match in REFERENCE_ZH.finditer(text):
        yield LawMention(
            start=match.start(),
            end=match.end(),
            name=match[0],
            id=None,
            kind="reference",
            whole=False,
            confidence=0.9,
        )


def _english(text: str, knowledge: Knowledge, on: dt.date | None) -> Iterator[LawMention]:
    for hit in law_names(knowledge).find(text):
        if HAN.search(hit.phrase):
            continue
        start, end = hit.start, hit.end
        printed = text[start:end]
        if "acronym" in hit.values and "name" not in hit.values and not printed.isupper():
            continue
        prefix = PREFIX_EN.search(text, max(0, start - 30), start)
        if prefix is not None:
            start = prefix.start()
        suffix = SUFFIX_EN.match(text, end)
        if suffix is not None:
            end = suffix.end()
        yield LawMention(
            start=start, end=end, name=text[start:end], id=knowledge.laws.match(printed, on), kind="printed",
            whole=any(c.isupper() for c in printed), confidence=1.0 if printed[0].isupper() else 0.9,
        )  # fmt: skip
    for head in _heads(text):
        mention = _title(text, head, knowledge, on)
        if mention is not None:
            yield mention
    for match in REFERENCE_EN.finditer(text) if any(word in text for word in REFERRING) else ():
        name = match["that"] or match["the"] or match["thereof"]
        yield LawMention(
            start=match.start(),
            end=match.end(),
            name=name,
            id=None,
            kind="reference",
            whole=False,
            confidence=0.9,
        )


def _heads(text: str) -> Iterator[re.Match[str]]:
    for match in HEAD_EN.finditer(text):
        before = text[match.start() - 1] if match.start() else ""
        if not (before.isascii() and before.isalpha()):
            yield match


def _title(text: str, head: re.Match[str], knowledge: Knowledge, on: dt.date | None) -> LawMention | None:
    """An English title around one of its head words, whether the catalogue has it or not."""
    start, end = head.span()
    for _ in range(12):
        word = WORD_LEFT.search(text, max(0, start - 42), start)
        if word is None or NOT_IN_TITLE.fullmatch(word[0].strip()):
            break
        start = word.start()
    while text[start:].startswith(("and ", "& ")):
        start = text.index(" ", start) + 1
    last, linked = end, False
    for _ in range(24):
        step = WORD_RIGHT.match(text, end)
        if step is None or (step["word"] and NOT_IN_TITLE.fullmatch(step["word"])):
            break
        if step["link"] and not linked and step["link"] not in FIRST_LINK:
            break
        if step["word"] and not linked and not step["word"].startswith("("):
            break
        end = step.end()
        linked = linked or bool(step["link"])
        last = end if step["word"] else last
    if start == head.start() and last == head.end():
        return None  # "the Measures" alone is a reference
    name = text[start:last]
    id = knowledge.laws.match(name, on)
    return LawMention(
        start=start,
        end=last,
        name=name,
        id=id,
        kind="printed",
        whole=id is not None,
        confidence=1.0 if id else 0.7,
    )


def _aliases(text: str, mentions: list[LawMention]) -> list[Alias]:
    out: list[Alias] = []
    for mention in mentions:
        if mention.kind == "reference":
            continue
        end = mention.end + (text[mention.end : mention.end + 1] == '"')
        match = SHORT_ZH.match(text, end) or SHORT_EN.match(text, end)
        if match is None:
            continue
        group = match.re.groupindex
        alias = match["alias"] or (match["bare"] if "bare" in group else None)
        if alias is not None and not re.fullmatch(r"Trial|Draft|Revised|Interim|Amendment", alias):
            out.append(Alias(match.start(), match.end(), alias.strip(), mention.name))
    return out


def _with_aliases(
    text: str, knowledge: Knowledge, on: dt.date | None, named: list[LawMention], defined: list[Alias]
) -> list[LawMention]:
    if not defined:
        return named
    inside = [(alias.start, alias.end) for alias in defined if alias.start >= 0]
    named = [mention for mention in named if not is_inside(inside, mention.start)]
    by_alias: dict[str, list[Alias]] = {}
    for alias in sorted(defined):
        by_alias.setdefault(alias.alias, []).append(alias)
    found: list[LawMention] = []
    for hit in Phrases(((alias, alias) for alias in by_alias), case_sensitive=True).find(text):
        if is_inside(inside, hit.start):
            continue
        definitions = by_alias[hit.values[0]]
        at = bisect_right([definition.start for definition in definitions], hit.start) - 1
        if at < 0:
            continue
        name = definitions[at].name
        start, end = hit.start, hit.end
        if text[start - 1 : start] in ("《", '"') and text[end : end + 1] in ("》", '"'):
            start, end = start - 1, end + 1
        id = knowledge.laws.match(name, on)
        found.append(
            LawMention(
                start=start, end=end, name=name, id=id, kind="alias", whole=id is not None, confidence=0.95
            )
        )
    starts = [mention.start for mention in found]

    def covered(mention: LawMention) -> bool:
        at = bisect_right(starts, mention.end - 1) - 1
        return (
            at >= 0 and found[at].end > mention.start and (mention.kind == "reference" or mention.id is None)
        )

    kept = [mention for mention in named if not covered(mention)]
    return _disjoint([*kept, *found])


@lru_cache(maxsize=8)
def law_names(knowledge: Knowledge) -> Phrases[str]:
    """All printed names of the catalogue; values tell acronyms from names."""
    entries: list[tuple[str, str]] = []
    for law in knowledge.laws.values():
        for name in law.names:
            for form in {name, re.sub(r"[(（][^()（）]{1,20}[)）]$", "", name).strip()}:
                entries.append((form, "acronym" if form.isupper() and len(form) <= 6 else "name"))
    return Phrases(entries, pairs=knowledge.spelling_pairs)
