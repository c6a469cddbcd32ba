"""A case told in English."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from netdocket.generator.citations import Cite, print_en
from netdocket.generator.dates import day_en, day_month_en, month_en
from netdocket.generator.lexicon import frames, penalty_phrases, violation_phrases, words
from netdocket.generator.measures import Measure
from netdocket.generator.money import sum_en
from netdocket.generator.telling import Telling
from netdocket.generator.templates import Template

_VAGUE: Final = ("recently", "this month", "in recent weeks", "lately")
_OFFICERS: Final = (
    "the person directly responsible",
    "its legal representative",
    "its IT manager",
    "the executive in charge",
)
PAST, GERUND = 0, 1


class TellingEn(Telling):
    american = False

    def tell(
        self,
        options: Sequence[Template],
        otherwise: Sequence[Template] = (),
        extra: Mapping[str, Callable[[], None]] | None = None,
    ) -> None:
        """A case without an outcome so far has frames of its own."""
        super().tell(frames("frames_en", "open") if self.case.outcome.open else options, otherwise, extra)
        if self.case.outcome.on_officer:
            self._on_officer()

    def slots(self) -> dict[str, Callable[[], None]]:
        self._named = False
        case, add = self.case, self.page.add
        subject, office = case.subject, case.office
        slots: dict[str, Callable[[], None]] = {
            "when": lambda: add(self.draw.pick(_VAGUE)),
            "When": lambda: add(_upper(self.draw.pick(_VAGUE))),
            "decided": lambda: add(self._decided()),
            "Decided": lambda: add(_upper(self._decided())),
            "announced": lambda: add(self._announced()),
            "occasion": lambda: add(self.words.word("occasion")),
            "Auth": lambda: add(_upper(office.name)),
            "auth": lambda: add(office.name),
            "Again": lambda: add(_upper(office.again)),
            "again": lambda: add(office.again),
            "Subj": lambda: self._name(upper=True),
            "subj": lambda: self._name(upper=False),
            "Ref": lambda: add(_upper(subject.again)),
            "ref": lambda: add(subject.again),
            "did": lambda: self._violations(PAST),
            "doing": lambda: self._violations(GERUND),
        }
        if case.grounds.violated:
            slots["violated"] = lambda: self._articles(case.grounds.violated)
        if case.grounds.basis:
            slots["basis"] = lambda: self._articles(case.grounds.basis)
        if subject.plural and not case.outcome.open:
            # "was" of the frames does not agree with several subjects
            slots["acts"] = self._acts
        elif not case.outcome.open:
            slots["was"] = self._was
            slots["acts"] = self._acts
            if all(self._forms(measure, "n") for measure in case.outcome.measures):
                slots["nouns"] = lambda: self._nouns(upper=False)
                slots["Nouns"] = lambda: self._nouns(upper=True)
        return slots

    def _name(self, *, upper: bool) -> None:
        self._named = True
        self.page.add(_upper(self.case.subject.name) if upper else self.case.subject.name)

    # --- dates -------------------------------------------------------------------------------------------

    def _decided(self) -> str:
        at = self.draw.random()
        if at < 0.2:
            return self.draw.pick(_VAGUE)
        if at < 0.32:
            self.row.decision = f"{self.case.decided:%Y-%m}"
            return f"in {month_en(self.case.decided)}"
        self.row.decision = self.case.decided.isoformat()
        return f"on {self._day(self.case.decided)}"

    def _announced(self) -> str:
        announced = min(self.anchor, self.case.decided + dt.timedelta(days=self.draw.whole(0, 3)))
        self.row.published = announced.isoformat()
        return f"on {self._day(announced)}"

    def _day(self, day: dt.date) -> str:
        if day.year == self.anchor.year and self.draw.chance(0.3):
            return day_month_en(day)
        return day_en(day, self.american)

    # --- what was done -----------------------------------------------------------------------------------

    def _violations(self, form: int) -> None:
        phrases = violation_phrases("en")
        last = len(self.case.codes) - 1
        for number, code in enumerate(self.case.codes):
            if number:
                self.page.add(" and " if number == last else ", ")
            phrase = self.draw.pick(phrases[code][self.case.wording])
            self._mark("violation", code, phrase.say(self.draw, self.words, form))

    def _articles(self, cites: Sequence[Cite]) -> None:
        self.page.add(print_en(cites, self.draw))
        self._cite(cites)

    # --- what it ended with ------------------------------------------------------------------------------

    def _was(self) -> None:
        self._row_of(self.case.outcome.measures, "p")

    def _nouns(self, *, upper: bool) -> None:
        self._row_of(self.case.outcome.measures, "n", upper=upper)

    def sentence(self) -> None:
        self._acts()

    def _acts(self) -> None:
        measures = self.case.outcome.measures
        self.words.given["X"] = self.case.subject.again if self._named else self.case.subject.name
        self._named = True
        for number, measure in enumerate(measures):
            if number:
                self.page.add(" and " if number == len(measures) - 1 else ", ")
                self.words.given["X"] = "them" if self.case.subject.plural else self.case.subject.again
            verbs = self._forms(measure, "a")
            if verbs:
                said = self._said(measure, self.draw.pick(verbs))
            else:
                participle = self._said(measure, self.draw.pick(self._forms(measure, "p")))
                said = f"had {self.words.given['X']} {participle}"
            if measure.count and measure.type == "FINE":
                said += " each"
            self._impose(measure, said)

    def _row_of(self, measures: Sequence[Measure], form: str, *, upper: bool = False) -> None:
        for number, measure in enumerate(measures):
            if number:
                self.page.add(" and " if number == len(measures) - 1 else ", ")
            phrases = self._forms(measure, form) or self._forms(measure, "n")
            said = self._said(measure, self.draw.pick(phrases))
            self._impose(measure, _upper(said) if upper and not number else said)

    def _on_officer(self) -> None:
        """A sentence after the others."""
        self.page.trim()
        self.page.add(f" {_upper(self._officer())} was {self.draw.pick(('', 'also ', 'personally '))}")
        self._row_of(self.case.outcome.on_officer, "p")
        self.page.add(".")

    def _officer(self) -> str:
        post = self.draw.pick(_OFFICERS)
        if self.draw.chance(0.3):
            lists = words("en")
            post = f"the {self.draw.pick(lists['role'])} of its {self.draw.pick(lists['office_dept'])}"
        known = self.case.officer
        if known is None or self.draw.chance(0.6):
            return post
        self.persons.append(known)
        return f"{post}, {known.printed},"

    def _forms(self, measure: Measure, form: str) -> tuple[Template, ...]:
        """In usual words where asked for; a form that these lack is taken from the others."""
        entry = penalty_phrases("en")[measure.type]
        if measure.combined:
            return entry["both"].get(form, ())
        if measure.amount is None and "none" in entry:
            return entry["none"].get(form, ())
        return entry[self.case.wording].get(form) or entry["plain"].get(form, ())

    def _said(self, measure: Measure, phrase: Template) -> str:
        given = self.words.given
        if measure.amount is not None:
            given["sum"] = sum_en(measure.amount, self.draw)
        given["days"] = str(measure.days)
        given["years"] = str(measure.years)
        given["term"] = _term(measure.months)
        return phrase.say(self.draw, self.words)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _term(months: int) -> str:
    """39 -> three years and three months."""
    years, rest = divmod(months, 12)
    parts = [f"{_small(years)} year{'s' if years > 1 else ''}"] if years else []
    parts += [f"{_small(rest)} month{'s' if rest > 1 else ''}"] if rest else []
    return " and ".join(parts)


def _small(number: int) -> str:
    said = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
    return said[number] if number < len(said) else str(number)
