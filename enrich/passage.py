"""One item on its way to a record: its span and all that the steps may ask about it.

Dates, sums, numbers, citations and places are found once in the whole text and handed out by span.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeVar

from enrich.date_meanings import resolve
from enrich.dates import DateExpression, find_dates
from enrich.lazily import lazily
from enrich.money import Money, find_money
from enrich.needed import Sought
from enrich.normalise import normalise
from enrich.numerals import Number, find_numbers
from enrich.persons import PersonName, mask
from enrich.reading import Cue, Reading
from enrich.reading import Span as Range
from enrich.rulebook import Rulebook
from enrich.segment import Item
from enrich.signals import Signals
from netdocket.records import DateValue, Span


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


P = TypeVar("P", bound=_Placed)
_START = attrgetter("start")


class PersonMention(NamedTuple):
    """Where a subject who is a natural person is named."""

    start: int
    end: int
    name: PersonName


class Facts:
    """What is found in one text by place, each kind once and only when asked for. `shown`: the text as given, persons
    masked; what records quote is taken from it."""

    def __init__(
        self,
        reading: Reading,
        signals: Signals,
        rules: Rulebook,
        anchor: dt.date | None,
        shown: str,
        persons: Sequence[PersonMention] = (),
    ) -> None:
        self.reading = reading
        self.signals = signals
        self.rules = rules
        self.anchor = anchor
        self.shown = shown
        self.persons = persons

    @lazily
    def masked(self) -> str:
        """The text as the steps read it, persons masked: what is parsed into values that a record shows."""
        return normalise(self.shown) if self.persons else self.reading.text

    def hide(self, words: str) -> str:
        """Words put together from the text, persons masked."""
        return mask(words, {mention.name for mention in self.persons})

    @lazily
    def dates(self) -> list[DateExpression]:
        return find_dates(self.reading.text)

    @lazily
    def money(self) -> list[Money]:
        return find_money(self.reading.text, self.numbers)

    @lazily
    def numbers(self) -> list[Number]:
        return find_numbers(self.reading.text, words=True)


class Passage:
    """One item of a text."""

    def __init__(self, facts: Facts, item: Item, title: str, shown_title: str) -> None:
        self.facts = facts
        self.item = item
        self.bulletin_title = title
        self.shown_title = shown_title
        self.start, self.end = item.span
        self.reading = facts.reading
        self.signals = facts.signals
        self.rules = facts.rules
        self.text = facts.reading.text
        self.language = facts.reading.language

    @lazily
    def heading(self) -> Range | None:
        """The words of the item's heading."""
        heading = self.item.heading
        if heading is None or heading.title_end <= heading.title_start:
            return None
        return Range(heading.title_start, heading.title_end)

    @lazily
    def title_line(self) -> Range | None:
        """The line above the item that repeats the bulletin's title, of an item without a heading of its own."""
        title = " ".join(self.bulletin_title.split())
        if self.heading is not None or not title:
            return None
        for line in self.reading.lines[:3]:
            if line.start < self.start and " ".join(self.text[line.start : line.end].split()) == title:
                return line
        return None

    @lazily
    def body_start(self) -> int:
        """Where the running text begins, below the heading or behind the number."""
        if self.heading is not None:
            return self.heading.end
        return self.item.heading.title_start if self.item.heading is not None else self.start

    @lazily
    def sentences(self) -> list[Range]:
        """The sentences of the running text."""
        return self.reading.sentences_in(self.body_start, self.end)

    @lazily
    def head_end(self) -> int:
        """The end of the second sentence: by then a text has said what it is about."""
        return self.sentences[min(1, len(self.sentences) - 1)].end if self.sentences else self.end

    def shown(self, start: int, end: int) -> str:
        """What stands at [start, end) in the text as published, persons masked."""
        return self.facts.shown[start:end]

    def after_persons(self, start: int, end: int) -> int:
        """The first place in [start, end) behind all persons named there: where the name of a body can begin."""
        return max((person.end for person in within(self.facts.persons, start, end)), default=start)

    def cues(self, group: str, start: int | None = None, end: int | None = None) -> list[Cue]:
        return self.reading.cues(
            group, self.start if start is None else start, self.end if end is None else end
        )

    def has(self, group: str, start: int | None = None, end: int | None = None) -> bool:
        return self.reading.has(
            group, self.start if start is None else start, self.end if end is None else end
        )

    def search(self, sought: Sought) -> re.Match[str] | None:
        """The first match of a pattern in the item."""
        return self.reading.search(sought, self.start, self.end)

    @lazily
    def imposed(self) -> Sequence[Cue]:
        return self.signals.imposed_in(self.start, self.end)

    @lazily
    def dates(self) -> Sequence[DateExpression]:
        return within(self.facts.dates, self.start, self.end)

    @lazily
    def money(self) -> Sequence[Money]:
        return within(self.facts.money, self.start, self.end)

    @lazily
    def numbers(self) -> Sequence[Number]:
        return within(self.facts.numbers, self.start, self.end)

    def date(
        self,
        expression: DateExpression,
        rule: str,
        *,
        before: DateExpression | None = None,
        forward: bool = False,
    ) -> DateValue | None:
        """The date that an expression means, with its evidence; None where that cannot be told."""
        meant = resolve(expression, self.facts.anchor, before=before, forward=forward)
        if meant is None:
            return None
        return DateValue(
            value=meant.value, precision=meant.precision, evidence=evidence(expression), rule=rule
        )


def within(found: Sequence[P], start: int, end: int) -> Sequence[P]:
    """Of things in the order of the text those that lie in [start, end)."""
    if not found:
        return found
    first = bisect_left(found, start, key=_START)
    last = bisect_left(found, end, first, key=_START)
    while last > first and found[last - 1].end > end:
        last -= 1
    return found[first:last]


def evidence(thing: _Placed) -> Span:
    """The span of a thing found, as records hold it."""
    return Span(start=thing.start, end=thing.end)
