"""What is right, missed and invented in a document: one judgement for each value compared.

Labels and records are paired by their spans (pairing.py); kind plays no part in that. "Case" is a case or a campaign,
in labels and records.

- `items`: an unpaired label is missed, an unpaired record invented.
- `kind_accuracy`: over all labels; a missed one is wrong.
- `authority_type_accuracy`: over case labels that state an authority.
- `violations`, `penalty_types`, `penalty_entries`, `fine_amounts`, `articles`, `article_roles`: of a case label against
  whatever record is its partner; all values of an unpaired case label are missed, all values of a case record
  without a label, or whose label is no case, invented.
- `case_dates`: only dates that a case label states.
- `reg_*`, `inc_*`: the same for regulatory developments and incidents whose label says more than the kind; a regulatory
  `published` is judged only where the label states it.
- `no_penalty_invented`: labels that are no case fail when any record that carries a scored penalty overlaps them by
  half; an unpaired record that carries one is a failure of its own. Silence scores 1.0 here.
- `foreign_kept_out`: labels from abroad or outside the domain, which count nowhere else. Right from abroad: no record, one
  of another jurisdiction, or an explanation; right outside the domain: no record, or no case without a penalty.
- `span_overlap`: of each pair the common part by the union.

Labels `foreign: "unclear"` and `unscored` are judged nowhere. A record from abroad is in no figure: its label counts as
missed, alone it is ignored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netdocket.evaluation import values
from netdocket.evaluation.answers import Answer
from netdocket.evaluation.labels import DatesLabel, Label, RegulatoryLabel
from netdocket.evaluation.pairing import overlap, pair, share
from netdocket.evaluation.values import Value
from netdocket.evaluation.vocabulary import OTHER, Vocabulary

COUNTED: Final = (
    "items", "violations", "penalty_types", "penalty_entries", "fine_amounts", "articles", "article_roles",
    "case_dates", "reg_issuers", "reg_status", "reg_dates", "reg_instrument", "inc_types", "inc_identifiers",
    "inc_scale",
)  # fmt: skip
"""Figures of precision and recall."""
SHARES: Final = (
    "kind_accuracy", "authority_type_accuracy", "no_penalty_invented", "foreign_kept_out", "span_overlap",
)  # fmt: skip
"""Figures that are a share of what was judged."""
NOTHING: Final = "–"
"""In place of a value where there is none."""
ABROAD_UNCLEAR: Final = "unclear"
_REGULATORY, _INCIDENT = "regulatory_development", "incident"

Outcome = Literal["right", "missed", "invented", "wrong"]
"""`wrong` is said of shares: one value was judged, and it is not what it should be."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One value compared. `wanted`, `given`: as people read them, or NOTHING. `part`: 1.0 where it is right, 0.0 where
    not, between them for overlaps of spans. `path`: where the given value stands in the record."""

    figure: str
    group: str
    outcome: Outcome
    wanted: str
    given: str
    part: float
    label: Label | None
    answer: Answer | None
    path: str | None = None


def judge(labels: Sequence[Label], answers: Sequence[Answer], vocabulary: Vocabulary) -> Iterator[Judgement]:
    """All judgements of one document."""
    known = [answer for answer in answers if _kind(answer, vocabulary) is not None]
    punishing = [a for a in known if not a.abroad and values.given_penalties(a, vocabulary).types]
    for at, to in pair(labels, known):
        label = labels[at] if at is not None else None
        answer = known[to] if to is not None else None
        yield from _Judge(label, answer, vocabulary, punishing).judge()


def _kind(answer: Answer | None, vocabulary: Vocabulary) -> str | None:
    """The label of a record's kind; CONTAINER has none."""
    if answer is None or answer.kind == "CONTAINER":
        return None
    return vocabulary.kinds.get(answer.kind, answer.kind)


class _Judge:
    """One label and the record that answers it; either may be missing."""

    def __init__(
        self, label: Label | None, answer: Answer | None, vocabulary: Vocabulary, punishing: Sequence[Answer]
    ) -> None:
        self.label = label
        self.answer = answer
        self.vocabulary = vocabulary
        self.punishing = punishing

    def judge(self) -> Iterator[Judgement]:
        label, answer = self.label, self.answer
        if label is not None and (label.foreign or label.unscored or label.out_of_domain):
            if label.foreign != ABROAD_UNCLEAR and (label.foreign or not label.unscored):
                yield self._kept_out(label)
            return
        if answer is not None and answer.abroad:
            if label is None:
                return
            self.answer = answer = None
        yield from self._item()
        kind = _kind(answer, self.vocabulary)
        yield from self._regulatory(label, kind)
        yield from self._incident(label, kind)
        case_label = label is not None and label.kind in self.vocabulary.case_kinds
        if case_label or kind in self.vocabulary.case_kinds:
            yield from self._case(label if case_label else None)
        yield from self._quiet(case_label=case_label)

    def _kept_out(self, label: Label) -> Judgement:
        answer, kind = self.answer, _kind(self.answer, self.vocabulary)
        if label.foreign:
            right = answer is None or answer.abroad or kind == OTHER
            group = "abroad"
        else:
            punished = kind in self.vocabulary.case_kinds
            right = answer is None or answer.abroad or not (punished or self._carries_penalty(answer))
            group = "outside the domain"
        return self._share("foreign_kept_out", group, right, "no record", kind or NOTHING, path="kind")

    def _item(self) -> Iterator[Judgement]:
        label, answer = self.label, self.answer
        kind = _kind(answer, self.vocabulary)
        group = label.kind if label is not None else kind or OTHER
        wanted = [Value("item", group, label.kind)] if label is not None else []
        given = [Value("item", group, kind or NOTHING, "kind")] if answer is not None else []
        yield from self._compare("items", wanted, given)
        if label is not None:
            yield self._share(
                "kind_accuracy", label.kind, kind == label.kind, label.kind, kind or NOTHING, path="kind"
            )
            if answer is not None:
                part = share(label, answer)
                yield Judgement("span_overlap", label.kind, "right", NOTHING, NOTHING, part, label, answer)

    def _regulatory(self, label: Label | None, kind: str | None) -> Iterator[Judgement]:
        mine = label is not None and label.kind == _REGULATORY
        if (mine and (label is None or label.reg is None)) or (not mine and kind != _REGULATORY):
            return
        wanted = (label.reg if mine and label is not None else None) or RegulatoryLabel()
        part = self.answer.part("regulatory") if self.answer is not None else {}
        yield from self._compare("reg_issuers", *values.issuers(label if mine else None, self.answer))
        yield from self._compare(
            "reg_status",
            *self._by_value(
                values.judged(
                    wanted.status, wanted.status_may, part.get("status"), "status", "regulatory.status"
                )
            ),
        )
        yield from self._compare(
            "reg_instrument",
            *self._by_value(
                values.judged(
                    wanted.instrument, wanted.instrument_may, part.get("instrument"), "instrument", "regulatory.instrument",
                )
            ),
        )  # fmt: skip
        for field in ("published", "effective", "consultation_until"):
            asked = getattr(wanted, field)
            if field == "published" and mine and not asked:
                continue
            may = getattr(wanted, f"{field}_may")
            path = f"regulatory.{field}"
            yield from self._compare(
                "reg_dates", *values.judged(asked, may, part.get(field), field, path, date=True)
            )

    @staticmethod
    def _by_value(compared: tuple[list[Value], list[Value]]) -> tuple[list[Value], list[Value]]:
        """Listed by the value itself instead of the field's name."""
        wanted, given = ([value._replace(group=value.shown) for value in side] for side in compared)
        return wanted, given

    def _incident(self, label: Label | None, kind: str | None) -> Iterator[Judgement]:
        mine = label is not None and label.kind == _INCIDENT
        if (mine and (label is None or label.incident is None)) or (not mine and kind != _INCIDENT):
            return
        wanted = values.labelled_incident(label.incident if mine and label is not None else None)
        given = values.given_incident(self.answer.part("incident") if self.answer is not None else {})
        yield from self._compare("inc_types", wanted.types, given.types)
        yield from self._compare("inc_identifiers", wanted.identifiers, given.identifiers)
        yield from self._compare("inc_scale", wanted.scale, given.scale)

    def _case(self, label: Label | None) -> Iterator[Judgement]:
        """`label` None: there is none that is a case."""
        answer, vocabulary = self.answer, self.vocabulary
        yield from self._compare("violations", *values.violations(label, answer, vocabulary))
        want, got = values.labelled_penalties(label, vocabulary), values.given_penalties(answer, vocabulary)
        yield from self._compare("penalty_types", want.types, got.types)
        yield from self._compare("penalty_entries", want.entries, got.entries)
        yield from self._compare("fine_amounts", want.fines, got.fines)
        cited, found = values.labelled_articles(label), values.given_articles(answer)
        yield from self._compare("articles", cited.articles, found.articles)
        yield from self._compare("article_roles", cited.roles, found.roles)
        if label is None:
            return
        stated = label.dates or DatesLabel()
        dates = answer.part("dates") if answer is not None else {}
        for field in ("decision", "published"):
            asked = getattr(stated, field)
            if asked:
                may = getattr(stated, f"{field}_may")
                compared = values.judged(asked, may, dates.get(field), field, f"dates.{field}", date=True)
                yield from self._compare("case_dates", *compared)
        if label.authority_type:
            code = answer.row.get("authority_type") if answer is not None else None
            named = vocabulary.authority(code) if answer is not None else NOTHING
            yield self._share(
                "authority_type_accuracy", label.authority_type, named == label.authority_type, label.authority_type,
                named, path="authority_type",
            )  # fmt: skip

    def _quiet(self, *, case_label: bool) -> Iterator[Judgement]:
        label, answer = self.label, self.answer
        if label is not None and not case_label:
            invented = [record for record in self.punishing if overlap(label, record)]
            given = f"{len(invented)} with penalties" if invented else NOTHING
            yield self._share(
                "no_penalty_invented", label.kind, not invented, "no penalty", given, path="penalties.0"
            )
        elif label is None and answer is not None and self._carries_penalty(answer):
            yield self._share(
                "no_penalty_invented", "nothing labelled", False, "no penalty", "a record with penalties", path="penalties.0",
            )  # fmt: skip

    def _carries_penalty(self, answer: Answer) -> bool:
        return bool(values.given_penalties(answer, self.vocabulary).types)

    def _compare(self, figure: str, wanted: Sequence[Value], given: Sequence[Value]) -> Iterator[Judgement]:
        """What is on both sides is right, as often as on the rarer one; the rest is missed or invented."""
        left = Counter(value.key for value in wanted)
        named = {value.key: value for value in wanted}
        for value in given:
            if left[value.key] > 0:
                left[value.key] -= 1
                right = named[value.key]
                yield self._value(figure, right.group, "right", right.shown, value.shown, value.path)
            else:
                yield self._value(figure, value.group, "invented", NOTHING, value.shown, value.path)
        for value in reversed(wanted):
            if left[value.key] > 0:
                left[value.key] -= 1
                yield self._value(figure, value.group, "missed", value.shown, NOTHING, None)

    def _value(
        self, figure: str, group: str, outcome: Outcome, wanted: str, given: str, path: str | None
    ) -> Judgement:
        part = 1.0 if outcome == "right" else 0.0
        return Judgement(figure, group, outcome, wanted, given, part, self.label, self.answer, path)

    def _share(
        self, figure: str, group: str, right: bool, wanted: str, given: str, *, path: str
    ) -> Judgement:
        return self._value(figure, group, "right" if right else "wrong", wanted, given, path)
