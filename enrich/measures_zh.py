"""Measures of a Chinese sentence. Who is hit stands before, behind 对, 给予 or 责令; several amounts behind 分别 go to several
subjects in their order; 各 and 分别 with one amount give it to each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from enrich.measures import COMBINED, EACH, NUMERALS, WITH_AMOUNT, Aims, Measure, Token
from enrich.money import Money
from netdocket.records import Target

ADDRESSING = re.compile(r"对|给予|向|责令|将|把|被|依法|分别|约谈|抓获|处罚了|由|其$")
PASSIVE = re.compile(r"(?:因|被|均被|分别被|受到|等\S{0,4}被|予以)")
RESPONSIBLE = re.compile(r"负有[^，。；\n]{0,6}责任|承担[^，。；\n]{0,6}责任的")
"""Of someone who answers for what a body did: what follows hits the person."""
LONGEST_RESPONSIBLE = 12
CALLED_IN = re.compile(r"约谈[^，。；]{0,12}$")
AND = re.compile(r"[及和与、]")
COUNTED = re.compile(r"([二两三四五六七八九十]|\d{1,3})(?:家|名|个|位|所)\S{0,4}$")
EACH_OFFICE = re.compile(r"对(?P<who>[^，。；：对]{2,30}?)(?:分别|各|均)(?:处|罚|给予)?(?:以)?(?:人民币)?\Z")
SHORT_JOIN = re.compile(r"\s?[和、及与]\s?(?:罚款|处罚款)?\s?")

Group = list[tuple[Target, int]]


def read(text: str, tokens: Sequence[Token], default: Target, aims: Aims) -> list[Measure]:
    """The measures of a sentence in the order of their words."""
    return _Reader(text, tokens, default, aims).read()


class _Reader:
    """One sentence while it is read: the measures so far, whom they hit, a sum that waits for its measure."""

    def __init__(self, text: str, tokens: Sequence[Token], default: Target, aims: Aims) -> None:
        self.text = text
        self.tokens = tokens
        self.aims = aims
        self.found: list[Measure] = []
        self.by_start: dict[int, list[Measure]] = {}
        self.targets: Group = [(default, 1)]
        self.default = default
        self.measure: Measure | None = None
        self.waiting: Money | None = None
        self.responsible = False
        self.looked_to = 0

    def read(self) -> list[Measure]:
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            index += 1
            if token.kind == "target":
                group, index = self._addressed(index - 1)
                if group:
                    self.targets, self.measure, self.waiting = group, None, None
            elif token.kind == "money" and token.money is not None:
                self._money(token.money)
            elif token.kind == "measure":
                self._measure(token)
        return self.found

    def _measure(self, token: Token) -> None:
        if self._answers_by(token.start):
            self.targets = [("individual", 1)]
        waiting, last = self.waiting, self.measure
        self.waiting = None
        if waiting is not None and token.code in WITH_AMOUNT and 0 <= token.start - waiting.end <= 6:
            # The sum first: 处5万元罚款.
            bare = self.found[-1] if self.found else None
            if not (
                bare and bare.code in WITH_AMOUNT and bare.money is None and token.start - bare.start < 20
            ):
                bare = self._add(token)
            self.measure = bare
            self._give(bare, waiting)
        elif (
            last and last.code == token.code and last.money is not None and token.start - last.money.end <= 3
        ):
            pass  # 罚款5万元罚款, 处罚款人民币5万元的罚款
        else:
            self.measure = self._add(token)

    def _answers_by(self, position: int) -> bool:
        """Whether someone who answers for what a body did has been named before `position`; asked from left to right."""
        floor = max(self.tokens[0].start, self.looked_to - LONGEST_RESPONSIBLE)
        self.looked_to = position
        self.responsible = self.responsible or RESPONSIBLE.search(self.text, floor, position) is not None
        return self.responsible

    def _money(self, money: Money) -> None:
        measure = self.measure
        if measure is None or measure.code not in WITH_AMOUNT or not self._near(measure.end, money.start):
            self.waiting = money
        elif measure.money is None:
            self._give(measure, money)
        elif not self._next(measure, money):
            self.waiting = money  # 并处罚金10万元，其违法所得43.4万元也被追缴

    def _add(self, token: Token) -> Measure:
        """A measure on each of the subjects in turn; returns the first."""
        new: list[Measure] = []
        for target, count in self.targets:
            hit = self.aims.at(token.code, target)
            if token.code == "ACCOUNT_ACTION" and self.default == "individual":
                hit = "individual"  # the account of the one person
            same = next((m for m in new if m.target == hit), None)
            if same is not None:
                same.count = (same.count or 1) + count
            else:
                new.append(
                    Measure(token.start, token.end, token.code, hit, count=count if count > 1 else None)
                )
        self.found.extend(new)
        self.by_start.setdefault(token.start, []).extend(new)
        return new[0]

    def _twins(self, measure: Measure) -> list[Measure]:
        """The same measure on the other subjects."""
        return self.by_start[measure.start]

    def _give(self, measure: Measure, money: Money) -> None:
        """The amount to the measure, and to its twins where it is each one's."""
        twins = self._twins(measure)
        around = self.text[max(0, min(measure.start, money.start) - 14) : max(money.start, measure.start)]
        each = EACH.pattern.search(around) is not None
        for twin in twins if each or len(twins) == 1 else twins[:1]:
            twin.money = money
        if len(twins) == 1 and measure.target == "individual" and measure.count is None:
            measure.count = self._listed(measure, money)
        if any(twin.count for twin in twins) and not each:
            for twin in twins:
                twin.combined, twin.count = True, None
        if COMBINED.search(around):
            measure.combined = True

    def _listed(self, measure: Measure, money: Money) -> int | None:
        """How many persons are named by their offices, each of whom bears the sum: 对其董事长、总裁各处80万元罚款."""
        start = min(measure.start, money.start)
        match = EACH_OFFICE.search(self.text, max(0, start - 40), start)
        count = len(re.split(r"[、和及与]", match["who"])) if match else 1
        return count if count > 1 else None

    def _next(self, measure: Measure, money: Money) -> bool:
        """A further amount behind one measure: the next subject's. False where it belongs to something else."""
        twins = self._twins(measure)
        for twin in twins:
            if twin.money is None or (twin is not twins[0] and twin.money is twins[0].money):
                twin.money = money
                return True
        if len(twins) > 1 or measure.money is None:
            return False
        if measure.count and measure.count > 1:  # 对两人分别罚款1万元和5千元
            measure.count = measure.count - 1 if measure.count > 2 else None
        elif not SHORT_JOIN.fullmatch(self.text, measure.money.end, money.start):
            return False
        further = Measure(money.start, money.end, measure.code, measure.target, money)
        self.found.append(further)
        self.by_start.setdefault(money.start, []).append(further)
        return True

    def _addressed(self, index: int) -> tuple[Group, int]:
        """The subjects of a measure: a run of who-tokens behind 对, 给予, 责令 or at the head of a clause, joined by 及, 和
        or 、, and the index behind them; empty where nobody is addressed."""
        first = self.tokens[index]
        clause = re.split(r"[，。；：\n]", self.text[max(0, first.start - 30) : first.start])[-1]
        group: Group = []
        end = first.start
        while index < len(self.tokens) and self.tokens[index].kind == "target":
            token = self.tokens[index]
            between = self.text[end : token.start]
            if group and (len(between) > 24 or re.search(r"[，。；对]|给予|责令", between)):
                break
            if group and not AND.search(between):
                group[-1] = (token.who, group[-1][1])  # 该公司法定代表人: the last word says who
            else:
                group.append((token.who, _count_before(self.text, token.start)))
            end = token.end
            index += 1
        if CALLED_IN.search(
            clause
        ):  # a talk with its person in charge hits the body, and what follows as well
            group = [("entity", count) for _, count in group]
        addressed = ADDRESSING.search(clause) is not None or not clause.strip()
        return (group if addressed or PASSIVE.match(self.text, end) else []), index

    def _near(self, start: int, end: int) -> bool:
        between = self.text[start:end]
        return len(between) <= 40 and not re.search(r"[。；]", between)


def _count_before(text: str, position: int) -> int:
    """How many: 两家公司, 3名负责人."""
    match = COUNTED.search(text[max(0, position - 8) : position])
    if not match:
        return 1
    printed = match.group(1)
    return int(printed) if printed.isdigit() else NUMERALS[printed]
