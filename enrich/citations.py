"""Citations: which articles of which instruments a text names, and in what role.

    find_citations("违反《数据安全法》第二十七条，依据该法第四十五条", knowledge)
    # DSL 27 violated; DSL 45 basis (该法 resolved to the law named before it)

The law of a run of articles is the one printed beside it; else one that a word stands for (该法, "that law", a name
defined in brackets); else the nearest named before it in the paragraph, with confidence 0.5. Citations that name no
instrument (依法, 相关法律法规) give none. Which version of a law is meant is `Laws.version`'s to say.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from enrich.articles import Article, Run, chinese_runs, english_runs
from enrich.catalogue import Knowledge
from enrich.cited_behind import said_behind
from enrich.law_mentions import HAN, LawMention, find_laws
from enrich.laws import Law
from enrich.lazily import lazily
from enrich.normalise import normalise
from enrich.phrases import Phrases
from netdocket.records import Role

# What may stand between a law's name and its articles, and the other way round.
GAP_ZH = re.compile(
    r"[》]?\s{0,2}(?:[(][^()\n]{0,80}[)])?[”\"]?\s{0,2}(?:规定的|所规定的|中的?|的|之|第[〇零一二三四五六七八九十\d]{1,3}章)?\s{0,2}"
)
GAP_EN_AFTER = re.compile(r"\s{0,2}(?:,\s)?(?:of|in|under|from|to)?\s{0,2}(?:the\s{1,2})?", re.IGNORECASE)
GAP_EN_BEFORE = re.compile(
    r"(?:'s|\")?\s{0,2}(?:,|\(|:|-)?\s{0,2}(?:in\s|under\s|at\s|its\s)?(?:the\s)?", re.IGNORECASE
)
SENTENCE_END = re.compile(
    r"[。！？；;\n.](?:(?<!\.)|(?<!Art\.)(?<!Arts\.)(?<!No\.)(?<!Nos\.)(?<!para\.)(?<!Co\.)(?<!Ltd\.)(?=[\"')]?\s+[A-Z\"(]))"
)
HEADING_ZH = re.compile(r"第\s?[〇零一二三四五六七八九十百千\d]{1,9}\s?条(?:之[一二三四五六七八九十])?[\s　]")
OWN_TEXT = re.compile(
    r"(?:本法|本条例|本办法|本规定|本细则|本解释|this (?:Law|Regulation|Measure)s?)\s{0,2}$", re.IGNORECASE
)
BRACKETED = re.compile(r"[(]\s?$")
OF_WHAT = re.compile(r"\s?(?:规定的|的规定|之规定)")
MAX_ROLE_DISTANCE = 240
MAX_LOOK_BACK = 40  # laws named before a reference


@dataclass(frozen=True, kw_only=True)
class PrintedCitation:
    """One article (or, with `article` None, an instrument as a whole) as printed.

    `start`, `end`: span of the article's own words, or of the law's name; `law_start`, `law_end`: of the words that name
    the law, both -1 where none stand beside it. `law`: id of the catalogue, else the printed name without brackets;
    `known` tells which. `run`: citations of one run of articles share a number. `found_by`: `printed`, `alias`,
    `reference` (该法), `nearest`, `crime` (an offence named by its name), or `unresolved` (only with resolve=False).
    """

    start: int
    end: int
    law: str
    known: bool
    law_name: str
    law_start: int
    law_end: int
    article: str | None
    paragraph: str | None
    item: str | None
    role: Role
    cued: bool
    confidence: float
    found_by: str
    run: int

    @property
    def article_string(self) -> str | None:
        """`21`, `21(1)`, `21[5]`, `21(1)[3]`, `253-1`."""
        if self.article is None:
            return None
        paragraph = f"({self.paragraph})" if self.paragraph else ""
        return f"{self.article}{paragraph}{f'[{self.item}]' if self.item else ''}"


def find_citations(
    text: str,
    knowledge: Knowledge,
    *,
    on: dt.date | None = None,
    default_role: Role = "mentioned",
    aliases: Mapping[str, str] | None = None,
    resolve: bool = True,
    laws: list[LawMention] | None = None,
) -> list[PrintedCitation]:
    """All citations of a text, left to right, with spans in it. Linear in the text.

    `on`: day of the text, which tells apart instruments of one name; `default_role`: of an article without a cue
    (`basis` for the bare list of grounds in a case; an instrument merely named is `mentioned`); `aliases`: short names defined elsewhere in the bulletin
    (`enrich.law_mentions.find_aliases`); `resolve=False` leaves 该法 as it is printed and drops articles without a law.
    """
    text = normalise(text)
    if laws is None:
        laws = find_laws(text, knowledge, on=on, aliases=aliases)
    runs: list[tuple[Run, bool]] = [(run, False) for run in english_runs(text)]
    if HAN.search(text):
        runs += [(run, True) for run in chinese_runs(text)]
    runs.sort(key=lambda pair: pair[0].start)
    reader = _Reader(text, knowledge, laws, default_role, resolve=resolve)
    out: list[PrintedCitation] = []
    for run, chinese in runs:
        out += reader.read(run, chinese=chinese)
    out += reader.whole_laws()
    out += reader.crimes()
    return sorted(out, key=lambda citation: (citation.start, citation.end))


class _Reader:
    """The laws, role cues and sentence ends of one text, ready for look-up by position."""

    def __init__(
        self, text: str, knowledge: Knowledge, laws: list[LawMention], default_role: Role, *, resolve: bool
    ) -> None:
        self.text = text
        self.knowledge = knowledge
        self.laws = laws
        self.starts = [law.start for law in laws]
        self.named = [index for index, law in enumerate(laws) if law.kind != "reference"]
        self.default_role = default_role
        self.resolve = resolve
        self.used: set[int] = set()
        self.count = 0
        self.cues = role_cues(knowledge).find(text)
        self.cue_starts = [cue.start for cue in self.cues]

    def read(self, run: Run, *, chinese: bool) -> list[PrintedCitation]:
        """The citations of one run of articles."""
        index, beside = self._beside(run, chinese=chinese)
        if index is not None:
            self.used.add(index)
            law = self.laws[index]
            if law.kind == "reference" and self.resolve:
                return self._resolved(run, law, index)
            return self._citations(
                run, law, law.confidence, "unresolved" if law.kind == "reference" else law.kind
            )
        if not self.resolve or beside == "own" or self._is_heading(run):
            return []
        nearest = self._nearest(run.start)
        if nearest is None:
            return []
        return self._citations(run, replace(nearest, start=-1, end=-1), 0.5, "nearest")

    def whole_laws(self) -> list[PrintedCitation]:
        """Instruments named without an article beside them."""
        out: list[PrintedCitation] = []
        for index, law in enumerate(self.laws):
            if index in self.used or law.kind == "reference" or not law.whole:
                continue
            self.count += 1
            role, cued = self._role(law.start, law.end)
            role = role if cued else "mentioned"  # a law in passing is no ground
            out.append(
                PrintedCitation(
                    start=law.start, end=law.end, law=law.value, known=law.id is not None, law_name=law.name,
                    law_start=law.start, law_end=law.end, article=None, paragraph=None, item=None, role=role, cued=cued,
                    confidence=law.confidence, found_by=law.kind, run=self.count,
                )
            )  # fmt: skip
        return out

    def crimes(self) -> list[PrintedCitation]:
        """Offences named by their name in the law (侵犯公民个人信息罪): the law that defines them, without article."""
        out: list[PrintedCitation] = []
        for hit in crime_names(self.knowledge).find(self.text):
            self.count += 1
            out.append(
                PrintedCitation(
                    start=hit.start, end=hit.end, law=hit.values[0], known=True, law_name=hit.phrase, law_start=hit.start,
                    law_end=hit.end, article=None, paragraph=None, item=None, role="violated", cued=True, confidence=0.9,
                    found_by="crime", run=self.count,
                )
            )  # fmt: skip
        return out

    def _beside(self, run: Run, *, chinese: bool) -> tuple[int | None, str | None]:
        """The index of the law printed right before or after the run."""
        before = bisect_right(self.starts, run.start) - 1
        while before >= 0 and self.laws[before].end > run.start:
            before -= 1
        if OWN_TEXT.search(self.text, max(0, run.start - 20), run.start):
            return None, "own"
        if chinese:
            if before >= 0 and GAP_ZH.fullmatch(self.text, self.laws[before].end, run.start):
                return before, None
            return None, None
        after = before + 1
        while after < len(self.laws) and self.laws[after].start < run.end:
            after += 1
        if after < len(self.laws) and self._follows(run.end, self.laws[after].start):
            return after, None
        if before >= 0 and self._precedes(self.laws[before].end, run.start):
            return before, None
        return None, None

    def _follows(self, end: int, start: int) -> bool:
        return start - end < 24 and GAP_EN_AFTER.fullmatch(self.text, end, start) is not None

    def _precedes(self, end: int, start: int) -> bool:
        return start - end < 20 and GAP_EN_BEFORE.fullmatch(self.text, end, start) is not None

    def _resolved(self, run: Run, law: LawMention, index: int) -> list[PrintedCitation]:
        named = self._nearest(law.start, ending=law.name, before=index)
        if named is None:
            return []
        return self._citations(run, replace(named, start=law.start, end=law.end), 0.9, "reference")

    def _nearest(
        self, position: int, *, ending: str | None = None, before: int | None = None
    ) -> LawMention | None:
        """The nearest law named before a position in its paragraph; with `ending` (该办法) the nearest of that sort."""
        floor = self.text.rfind("\n", 0, position) + 1
        at = (
            bisect_right(self.named, (bisect_right(self.starts, position) if before is None else before) - 1)
            - 1
        )
        nearest: LawMention | None = None
        for index in reversed(self.named[max(0, at + 1 - MAX_LOOK_BACK) : at + 1]):
            law = self.laws[index]
            if law.start < floor:
                break
            if law.end <= position:
                nearest = nearest or law
                if ending is None or law.is_a(ending):
                    return law
        return nearest

    def _is_heading(self, run: Run) -> bool:
        """第二条 at the head of a line, with a space after it, is the text of a rule and no citation."""
        line = self.text.rfind("\n", 0, run.start) + 1
        if self.text[line : run.start].strip():
            return False
        return HEADING_ZH.match(self.text, run.start) is not None or self.text[run.end : run.end + 1] in (
            "",
            "\n",
        )

    def _citations(
        self, run: Run, law: LawMention, confidence: float, found_by: str
    ) -> list[PrintedCitation]:
        self.count += 1
        start = min(law.start, run.start) if law.start >= 0 else run.start
        role, cued = self._role(start, run.end)
        entry = self.knowledge.laws.get(law.id) if law.id else None
        out: list[PrintedCitation] = []
        for article in run.articles:
            paragraph, item = article.paragraph, article.item
            if article.bracket is not None:
                only_items = entry is not None and entry.only_items(article.article)
                paragraph, item = (paragraph, article.bracket) if only_items else (article.bracket, item)
            number = _inserted(article, entry, paragraph)
            if number is not None:
                paragraph = None
            out.append(
                PrintedCitation(
                    start=article.start, end=article.end, law=law.value, known=law.id is not None, law_name=law.name,
                    law_start=law.start, law_end=law.end, article=number or article.article, paragraph=paragraph,
                    item=item, role=role, cued=cued, confidence=confidence, found_by=found_by, run=self.count,
                )
            )  # fmt: skip
        return out

    @lazily
    def sentence_ends(self) -> list[int]:
        return [match.end() for match in SENTENCE_END.finditer(self.text)]

    def _role(self, start: int, end: int) -> tuple[Role, bool]:
        """The role of a citation at [start, end), and whether a cue gave it."""
        behind = said_behind(self.text, end)
        if behind is not None:
            return behind, True
        index = bisect_right(self.sentence_ends, start) - 1
        floor = max(self.sentence_ends[index] if index >= 0 else 0, start - MAX_ROLE_DISTANCE)
        at = bisect_right(self.cue_starts, start) - 1
        while at >= 0 and self.cue_starts[at] >= floor:
            values = self.cues[at].values
            if "weak" in values:
                return ("violated" if self._breach_before(self.cues[at].start, floor) else "basis"), True
            for role in ROLES:
                if role in values:
                    return role, True
            at -= 1
        if BRACKETED.search(self.text, max(0, start - 2), start):
            # In brackets after the conduct it is what was breached, after the measure its ground.
            measure, breach = self._last("measure", start, floor), self._last("breach", start, floor)
            if measure != breach:
                return ("basis" if measure > breach else "violated"), True
        return self.default_role, False

    def _breach_before(self, position: int, floor: int) -> bool:
        return self._last("breach", position, floor) > max(self._last("measure", position, floor), -1)

    def _last(self, value: str, position: int, floor: int) -> int:
        at = bisect_right(self.cue_starts, position - 1) - 1
        while at >= 0 and self.cue_starts[at] >= floor:
            values = self.cues[at].values
            # "breached Article 21 and, under Article 59": the first verb has its own article already.
            if value in values and "violated" not in values:
                return self.cue_starts[at]
            at -= 1
        return -1


ROLES: tuple[Role, ...] = ("violated", "basis", "mentioned")


def _inserted(article: Article, law: Law | None, paragraph: str | None) -> str | None:
    """The number of an article that was inserted later and is printed with a bracket in English: Article 253(1) of the
    Criminal Law is 253-1 when the catalogue lists that article."""
    if law is None or article.bracket is None or paragraph is None:
        return None
    number = f"{article.article}-{paragraph}"
    return number if any(crime.get("a") == number for crime in law.entry.get("crimes", ())) else None


@lru_cache(maxsize=8)
def crime_names(knowledge: Knowledge) -> Phrases[str]:
    """Names of offences, whole and in their parts (非法控制计算机信息系统罪), to the id of their law."""
    entries: list[tuple[str, str]] = []
    for law in knowledge.laws.values():
        for crime in law.entry.get("crimes", ()):
            name = crime.get("zh_crime", "")
            parts = (part if part.endswith("罪") else f"{part}罪" for part in name.split("、"))
            entries += [(printed, law.id) for printed in (name, *parts) if len(printed) > 3]
    return Phrases(entries)


@lru_cache(maxsize=8)
def role_cues(knowledge: Knowledge) -> Phrases[str]:
    """Cues of roles, breach verbs and measures, from the taxonomy."""
    taxonomy = knowledge.tables["taxonomy"]
    entries: list[tuple[str, str]] = []
    for role in taxonomy["citation_roles"]:
        entries += [(cue, role["code"]) for cue in (*role.get("cues_zh", ()), *role.get("cues_en", ()))]
        entries += [(cue, "weak") for cue in role.get("weak_en", ())]
    meta = taxonomy["meta"]
    entries += [(verb, "breach") for verb in (*meta["breach_verbs_zh"], *meta["breach_verbs_en"])]
    for penalty in taxonomy["penalty_types"]:
        entries += [(cue, "measure") for cue in (*penalty.get("cues_zh", ()), *penalty.get("cues_en", ()))]
    return Phrases(entries, pairs=knowledge.spelling_pairs)
