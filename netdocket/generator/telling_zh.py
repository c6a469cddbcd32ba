"""A case told in Chinese."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

from netdocket.generator.citations import Cite, print_zh
from netdocket.generator.dates import day_zh, month_day_zh, month_zh
from netdocket.generator.lexicon import frames, penalty_phrases, violation_phrases, words
from netdocket.generator.measures import Measure
from netdocket.generator.money import sum_zh
from netdocket.generator.numerals import numeral
from netdocket.generator.subjects import veiled_zh
from netdocket.generator.telling import Telling
from netdocket.generator.templates import Template

_VAGUE: Final = ("近日", "日前", "近期")
_OFFICERS: Final = ("直接负责的主管人员", "网络安全负责人", "相关责任人", "法定代表人")
_JOINS: Final = ("，", "；", "，且", "，同时")


class TellingZh(Telling):
    def slots(self) -> dict[str, Callable[[], None]]:
        case, add = self.case, self.page.add
        self._arabic = self.draw.chance(0.15)
        self._told: set[str] = set()
        slots: dict[str, Callable[[], None]] = {
            "when": lambda: add(self._vague()),
            "vaguely": lambda: add(self.draw.pick(_VAGUE)),
            "found": lambda: add(self._found()),
            "decided": lambda: add(self._decided()),
            "announced": lambda: add(self._announced()),
            "auth": lambda: add(case.office.name),
            "again": lambda: add(case.office.again),
            "occasion": lambda: add(self.words.word("occasion")),
            "subj": lambda: add(case.subject.name),
            "ref": lambda: add(case.subject.again),
            "V": self._violations,
            **self._of_entity(),
            "P": lambda: self._outcome(case.subject.again),
            "P2": lambda: self._outcome(case.subject.name),
        }
        if case.grounds.violated:
            slots["violated"] = lambda: self._articles(case.grounds.violated)
        if case.grounds.basis:
            slots["basis"] = lambda: self._articles(case.grounds.basis)
        if self._passive_fits():
            slots["B"] = self._passive
        return slots

    def _of_entity(self) -> dict[str, Callable[[], None]]:
        if self.case.on_person:
            return {}
        name, again = self.case.subject.name, self.case.subject.again
        return {"premises": lambda: self.page.add(name), "entity": lambda: self.page.add(again)}

    # --- dates -------------------------------------------------------------------------------------------

    def _vague(self) -> str:
        return self.draw.pick(_VAGUE) if self.draw.chance(0.7) else month_zh(self.case.found)

    def _found(self) -> str:
        return month_zh(self.case.found) if self.draw.chance(0.4) else self._day(self.case.found)

    def _decided(self) -> str:
        """A quarter of the decisions are dated vaguely: then the truth knows no day."""
        if self.draw.chance(0.25):
            return self.draw.pick(_VAGUE)
        if self.draw.chance(0.1):
            self.row.decision = f"{self.case.decided:%Y-%m}"
            return month_zh(self.case.decided)
        self.row.decision = self.case.decided.isoformat()
        return self._day(self.case.decided)

    def _announced(self) -> str:
        self.row.published = self.anchor.isoformat()
        return self._day(self.anchor)

    def _day(self, day: dt.date) -> str:
        """Without the year where it is the bulletin's own."""
        if day.year == self.anchor.year and self.draw.chance(0.5):
            return month_day_zh(day)
        return day_zh(day)

    # --- what was done -----------------------------------------------------------------------------------

    def _violations(self) -> None:
        phrases = violation_phrases("zh")
        for number, code in enumerate(self.case.codes):
            if number:
                self.page.add(self.draw.pick(_JOINS))
            phrase = self.draw.pick(phrases[code][self.case.wording])
            self._mark("violation", code, phrase.say(self.draw, self.words))

    def _articles(self, cites: Sequence[Cite]) -> None:
        self.page.add(print_zh(cites, self.draw, arabic=self._arabic, told=self._told))
        self._cite(cites)

    # --- what it ended with ------------------------------------------------------------------------------

    def _outcome(self, subject: str) -> None:
        case = self.case
        if case.outcome.open:
            self._open(subject)
            return
        main = case.outcome.measures
        if self._paired(subject):
            return
        if case.subject.plural and case.subject.kind != "GROUP":
            self._row_of(main, f"对{subject}分别", each=True)
        elif len(main) > 1 and self._nouns(main) and self.draw.chance(0.25):
            self._as_nouns(main, subject)
        else:
            self._as_verbs(main, subject)
        self._on_officer()

    def sentence(self) -> None:
        again = self.case.subject.again
        self._row_of(self.case.outcome.measures, f"对{again if again == '其' else f'被告人{again}'}")

    def _open(self, subject: str) -> None:
        self.words.given["ref"] = subject
        self.page.add(self.draw.pick(frames("frames_zh", "open")).say(self.draw, self.words))

    def _paired(self, subject: str) -> bool:
        """对公司及负责人周某分别罚款1万元和5千元: two sums, two subjects, by order."""
        main, officer = self.case.outcome.measures, self.case.outcome.on_officer
        if (
            [m.type for m in main] != ["FINE"]
            or [m.type for m in officer] != ["FINE"]
            or self.draw.chance(0.5)
        ):
            return False
        first, second = main[0], officer[0]
        if first.amount is None or second.amount is None:
            return False
        self.page.add(f"对{subject}及{self._officer()}分别")
        verb = "罚款" if self.case.wording == "plain" else "处罚款"
        self._impose(first, f"{verb}{sum_zh(first.amount, self.draw)}")
        self.page.add("和")
        self._impose(second, sum_zh(second.amount, self.draw))
        return True

    def _as_verbs(self, measures: Sequence[Measure], subject: str) -> None:
        first = measures[0]
        verbs = self._forms(first, "v")
        if verbs and (first.type != "ORDER_RECTIFY" or self.draw.chance(0.7)):
            self.words.given["X"] = subject
            self._impose(first, self._said(first, self.draw.pick(verbs)))
            if len(measures) > 1:
                self._row_of(
                    measures[1:],
                    "，并" if len(measures) == 2 and self.draw.chance(0.6) else "，",
                    last="，并",
                )
        else:
            self._row_of(measures, f"对{subject}", last="，并")

    def _row_of(
        self, measures: Sequence[Measure], opening: str, *, last: str = "，", each: bool = False
    ) -> None:
        """给予警告，责令改正，并罚款3万元."""
        for number, measure in enumerate(measures):
            final = number == len(measures) - 1
            self.page.add(opening if number == 0 else last if final else self.draw.pick(("，", "、")))
            phrases = self._forms(measure, "d") or self._forms(measure, "v") or self._forms(measure, "b")
            said = self._said(measure, self.draw.pick(phrases))
            self._impose(measure, f"各{said}" if each and measure.type == "FINE" and measure.count else said)

    def _nouns(self, measures: Sequence[Measure]) -> bool:
        return all(self._forms(measure, "c") for measure in measures)

    def _as_nouns(self, measures: Sequence[Measure], subject: str) -> None:
        self.page.add(f"对{subject}作出")
        for number, measure in enumerate(measures):
            if number:
                self.page.add("、")
            self._impose(measure, self._said(measure, self.draw.pick(self._forms(measure, "c"))))
        self.page.add(self.draw.pick(("的处罚决定", "的处理决定", "的决定")))

    def _passive_fits(self) -> bool:
        case = self.case
        return not case.outcome.open and all(self._forms(measure, "b") for measure in case.outcome.measures)

    def _passive(self) -> None:
        measures = self.case.outcome.measures
        for number, measure in enumerate(measures):
            if number:
                self.page.add("，并" if number == len(measures) - 1 and self.draw.chance(0.6) else "、")
            said = self._said(measure, self.draw.pick(self._forms(measure, "b")))
            plural = self.case.subject.plural and self.case.subject.kind != "GROUP"
            self._impose(measure, f"各{said}" if plural and measure.type == "FINE" else said)
        self._on_officer()

    def _on_officer(self) -> None:
        measures = self.case.outcome.on_officer
        if measures:
            opening = self.draw.pick(("；对", "，同时对", "，另对", "，对"))
            self._row_of(measures, f"{opening}{self._officer()}", last="，并")

    def _officer(self) -> str:
        post = self.draw.pick(_OFFICERS)
        if self.draw.chance(0.3):
            lists = words("zh")
            post = self.draw.pick(lists["office_dept"]) + self.draw.pick(lists["role"])
        known = self.case.officer
        if known is not None and self.draw.chance(0.5):
            self.persons.append(known)
            return post + known.printed
        return post + veiled_zh(self.draw)

    def _forms(self, measure: Measure, form: str) -> tuple[Template, ...]:
        entry = penalty_phrases("zh")[measure.type]
        if measure.combined:
            return entry["both"].get(form, ())
        if measure.amount is None and "none" in entry:
            return entry["none"].get(form, ())
        return entry[self.case.wording].get(form, ())

    def _said(self, measure: Measure, phrase: Template) -> str:
        given = self.words.given
        if measure.amount is not None:
            given["sum"] = sum_zh(measure.amount, self.draw)
        given["days"] = numeral(measure.days) if self.draw.chance(0.6) else str(measure.days)
        given["years"] = numeral(measure.years)
        given["term"] = _term(measure.months)
        return phrase.say(self.draw, self.words)


def _term(months: int) -> str:
    """39 -> 三年三个月."""
    years, rest = divmod(months, 12)
    said = f"{numeral(years)}年" if years else ""
    return said + (f"{numeral(rest)}个月" if rest else "")
