"""Measures of an English sentence. Of a passive verb who is hit stands before it ("the clinic was fined"), of an active one
or a noun behind it ("fined the clinic", "a fine on the clinic"). An amount without a measure of its own repeats the last
one (…, its manager RMB 8,000)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from enrich.measures import COMBINED, NUMERALS, WITH_AMOUNT, Aims, Measure, Token
from enrich.money import Money
from netdocket.records import Target

FLAGS = re.IGNORECASE
OBJECT = re.compile(
    r"(?:\s|\b(?:to|on|upon|against|of|for|the|its|their|an?|both|two|three|\d{1,3}|each|respective|\w+'s|\w+)\b){1,9}\s*",
    FLAGS,
)
NOT_AN_OBJECT = re.compile(r"\b(?:and|while|with|after|because|that)\b", FLAGS)
BEHIND_A_SUM = re.compile(r"\s{0,9}(?:each\s{1,9})?(?:on|upon|for|against|to)\b|\s{1,9}each\b", FLAGS)
ADDRESSED = re.compile(
    r"\b(?:to|on|upon|against)\s(?:each of\s)?(?:the\s|its\s|their\s|an?\s)?(?:[\w-]+\s){0,3}$", FLAGS
)
OF_BODY = re.compile(
    r"(?:(?<=\bof)|\s(?:of|at|in|from|for))\s(?:an?\s|the\s|its\s|that\s)?(?:[\w'’-]+\s){0,4}\Z", FLAGS
)
PASSIVE = re.compile(r"\b(?:was|were|has been|have been|had been|be|been|being|is|are|received|got)\b", FLAGS)
OTHER_MONEY = re.compile(
    r"\b(?:profits?|gain(?:s|ed)?|earn(?:s|ed|ing)?|worth|sold|selling|sale|paid|loss(?:es)?|revenue|income)\b",
    FLAGS,
)
RENDERING = re.compile(r"\b(?:about|equivalent|approximately)\b|[()]", FLAGS)
HOW_MANY = re.compile(
    r"(?<![\d,.])\b(two|three|four|five|six|seven|eight|nine|ten|\d{1,3})\s+(?:of\s(?:its|the|their|his|her)\s)?(?:(?!to\b|of\b)[\w-]+\s){0,2}\Z",
    FLAGS,
)
ONES_OWN = re.compile(r"\b(?:his|her)\s(?:\w+\s)?accounts?\b", FLAGS)
EACH_OF_TWO = re.compile(r"\s+each\s+(?:on|for|to)\s[^.;,]{3,50}?\band\s(?:its|the|his|her|a)\b", FLAGS)
"""A sum that two bear: RMB 20,000 each on its general manager and its data officer."""
ALL_PASSIVE = re.compile(r"[^.;]{0,60}?\b(?:were|have been|had been)\b[^.;]{0,20}", FLAGS)
SUM_FIRST = re.compile(r"[\s-]{1,2}(?:administrative\s|criminal\s)?", FLAGS)
PAIR = re.compile(r"\b(?:both|the two|the operator and its|and its \w+)\b", FLAGS)


def read(text: str, tokens: Sequence[Token], default: Target, aims: Aims) -> list[Measure]:
    """The measures of a sentence in the order of their words."""
    return _Reader(text, tokens, default, aims).read()


class _Reader:
    """One sentence while it is read: the measures so far and the last of them."""

    def __init__(self, text: str, tokens: Sequence[Token], default: Target, aims: Aims) -> None:
        self.text = text
        self.tokens = tokens
        self.default = default
        self.aims = aims
        self.found: list[Measure] = []
        self.measure: Measure | None = None

    def read(self) -> list[Measure]:
        for index, token in enumerate(self.tokens):
            if token.kind == "target":
                self._target(token)
            elif token.kind == "measure":
                self._measure(token, index)
            elif token.kind == "money" and token.money is not None:
                self._money(token.money)
        self._spread()
        return self.found

    def _measure(self, token: Token, index: int) -> None:
        last = self.measure
        if (
            last is not None
            and last.code == token.code
            and last.money is None
            and token.start - last.end < 14
            and token.code in WITH_AMOUNT
        ):
            last.end = token.end  # imposed a fine … fined
            return
        target = self.aims.at(token.code, self._subject(index))
        if token.code == "ACCOUNT_ACTION" and (
            self.default == "individual"
            or ONES_OWN.search(self.text, max(0, token.start - 10), token.end) is not None
        ):
            target = "individual"
        self.measure = Measure(token.start, token.end, token.code, target, count=self._passive_count(index))
        before = self.tokens[index - 1] if index else None
        if (
            before is not None
            and before.money is not None
            and token.code in WITH_AMOUNT
            and SUM_FIRST.fullmatch(self.text, before.end, token.start)
            and not self._taken(before.money)
        ):
            self.measure.money = before.money  # a RMB 10,000 fine
        self.found.append(self.measure)

    def _taken(self, money: Money) -> bool:
        return any(measure.money is money for measure in self.found)

    def _target(self, token: Token) -> None:
        """Who stands behind a measure or behind its sum."""
        measure = self.measure
        if measure is None:
            return
        count = self._count(token)
        if measure.money is None:
            between = self.text[measure.end : token.start]
            if measure.code in self.aims.individual:
                return
            if OBJECT.fullmatch(between) and not NOT_AN_OBJECT.search(between):
                measure.target = self.aims.at(measure.code, token.who)
                measure.count = measure.count or count
            else:
                self._row(token, count)
        elif measure.money.end <= token.start:
            between = self.text[measure.money.end : token.start]
            if len(between) <= 40 and "," not in between and BEHIND_A_SUM.match(between):
                measure.target = self.aims.at(measure.code, token.who)
                measure.count = count or measure.count

    def _row(self, token: Token, count: int | None) -> None:
        """Whom a row of measures is given to, said behind it: warnings and fines of … to three managers."""
        if not ADDRESSED.search(self.text, max(0, token.start - 50), token.start):
            return
        for measure in reversed(self.found):
            between = self.text[measure.end : token.start]
            if measure.money is not None or re.search(r"[.;]|\b(?:was|were|who|which)\b", between):
                break
            if measure.code in self.aims.either:
                measure.target, measure.count = token.who, count or measure.count

    def _money(self, money: Money) -> None:
        measure = self.measure
        if measure is None or measure.code not in WITH_AMOUNT:
            return
        if measure.money is None:
            between = self.text[measure.end : money.start]
            if len(between) <= 80 and (measure.code == "CONFISCATE" or not OTHER_MONEY.search(between)):
                measure.money = money
                if COMBINED.search(self.text, max(0, measure.start - 12), money.start):
                    measure.combined = True
            return
        between = self.text[measure.money.end : money.start]
        if len(between) > 90 or OTHER_MONEY.search(between) or RENDERING.search(between):
            return
        here = [t for t in self.tokens if t.kind == "target" and measure.money.end <= t.start < money.start]
        who = here[-1].who if here else measure.target
        self.measure = Measure(money.start, money.end, measure.code, self.aims.at(measure.code, who), money)
        self.measure.count = self._count(here[-1]) if here else None
        self.found.append(self.measure)

    def _subject(self, index: int) -> Target:
        """Who stands before a measure as its subject: the nearest who-token in front of it, past other measures of the
        same row."""
        token = self.tokens[index]
        for at in range(index - 1, -1, -1):
            earlier = self.tokens[at]
            between = self.text[earlier.end : token.start]
            if earlier.kind == "measure" and re.search(r"\band\b|,", between) is None:
                return self.default
            if earlier.kind == "target":
                earlier = self._head_noun(at)
                between = self.text[earlier.end : token.start]
                is_subject = len(between) < 4 or (len(between) < 160 and PASSIVE.search(between) is not None)
                return earlier.who if is_subject else self.default
        return self.default

    def _head_noun(self, index: int) -> Token:
        """Of "an employee of a hospital" the employee."""
        while (
            index > 0
            and self.tokens[index - 1].kind == "target"
            and OF_BODY.fullmatch(self.text, self.tokens[index - 1].end, self.tokens[index].start)
        ):
            index -= 1
        return self.tokens[index]

    def _passive_count(self, index: int) -> int | None:
        """How many are hit: "seven suspects were arrested"."""
        for earlier in reversed(self.tokens[:index]):
            if earlier.kind == "target":
                between = self.text[earlier.end : self.tokens[index].start]
                return self._count(earlier) if ALL_PASSIVE.fullmatch(between) else None
        return None

    def _count(self, token: Token) -> int | None:
        """How many of them: "two directors", "27 apps"."""
        match = HOW_MANY.search(self.text[max(0, token.start - 32) : token.start])
        if not match:
            return None
        printed = match.group(1).lower()
        value = int(printed) if printed.isdigit() else NUMERALS[printed]
        return value if value > 1 else None

    def _spread(self) -> None:
        """With "each" the amount is each one's, so that the count stays; one sum for several without it is combined."""
        each = any(token.kind == "each" for token in self.tokens)
        with_money = [m for m in self.found if m.money is not None and m.code in WITH_AMOUNT]
        for measure in with_money:
            if measure.count and measure.count > 1 and not each:
                measure.combined, measure.count = True, None
        for measure in with_money:
            if measure.money and measure.count is None and EACH_OF_TWO.match(self.text, measure.money.end):
                measure.count = 2
        if each and PAIR.search(self.text, self.tokens[0].start, self.tokens[-1].end):
            for measure in with_money:
                if measure.count is None and sum(m.code == measure.code for m in self.found) == 1:
                    measure.count = 2
