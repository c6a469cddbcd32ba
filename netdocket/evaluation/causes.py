"""Why a value was missed, invented or wrong: by class of error, with the words it hangs on.

A missed value is looked for among the readings that the steps considered and lost (enrich.trace); what stands in none of
them was never read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from enrich.money import find_money
from enrich.numerals import find_numbers
from enrich.trace import REASONS, Considered, Lost
from netdocket.evaluation.answers import Answer, Document
from netdocket.evaluation.labels import Label
from netdocket.evaluation.measures import NOTHING, Judgement
from netdocket.evaluation.pairing import overlap
from netdocket.evaluation.vocabulary import Vocabulary

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "not_cut": "no item was cut here",
        "swallowed": "the record over it answers another label (items not told apart)",
        "dropped": "the item was cut, and taken for none of the field",
        "abroad": "the record was taken for one from abroad",
        "cut_apart": "a labelled item was cut into parts",
        "nothing_labelled": "nothing is labelled here",
        "item_missed": "its item was missed",
        "item_invented": "its item was invented",
        "penalty_over": "a record over it carries a penalty",
        "kind": "the record's kind has no such values",
        "kind_taken": "the item was taken for another kind",
        "other_target": "read on another target",
        "other_amount": "read with another amount",
        "other_count": "read another number of times",
        "other_role": "read in another role",
        "other_law": "read of another law",
        "other_value": "another value was read instead",
        "not_read": "nothing that was read would have given it",
        "not_labelled": "read, and not labelled",
        **{f"lost.{code}": f"read and lost: {words}" for code, words in REASONS.items()},
    }
)
"""Classes of error, in words."""

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "violations": "violation",
        "penalty_types": "penalty",
        "penalty_entries": "penalty",
        "fine_amounts": "penalty",
        "articles": "citation",
        "article_roles": "citation",
        "case_dates": "date",
        "reg_dates": "date",
        "reg_status": "status",
        "inc_types": "incident_type",
        "authority_type_accuracy": "authority",
        "kind_accuracy": "kind",
    }
)
"""Figure -> field of the readings that were lost."""


class Cause(NamedTuple):
    """A class of error (WORDS) and the words that show it: a span of the text, or None where the text is not known;
    the rule that read them, where one did."""

    code: str
    start: int | None = None
    end: int | None = None
    rule: str | None = None


def cause(
    slip: Judgement,
    beside: Sequence[Judgement],
    document: Document,
    labels: Sequence[Label],
    vocabulary: Vocabulary,
) -> Cause:
    """The cause of one wrong judgement. `beside`: all judgements on the same label and record."""
    if slip.figure == "items":
        return _of_item(slip, document, labels)
    if slip.figure == "no_penalty_invented" and slip.label is not None:
        return _punishing(slip.label, document)
    read = _read(slip)
    if slip.answer is None:
        return _at_label(slip.label, "item_missed")
    if slip.outcome == "missed":
        lost = _lost(slip, document, vocabulary)
        if lost is not None:
            return Cause(f"lost.{lost.why}", lost.start, lost.end)
        other = _other(slip, beside, "invented")
        if other is not None:
            return other[0]._replace(code=other[1])
        if slip.figure in _CASE and (slip.answer.kind == "INCIDENT" or not _is_case(slip.answer, vocabulary)):
            return _at_label(slip.label, "kind")
        return _printed(slip, document) or _at_label(slip.label, "not_read")
    if slip.label is None:
        return read._replace(code="item_invented")
    if slip.outcome == "wrong":
        return _of_share(slip, read, document, vocabulary)
    other = _other(slip, beside, "missed")
    if other is not None:
        return read._replace(code=other[1])
    mine = slip.label.kind in vocabulary.case_kinds
    if (slip.figure in _CASE and not mine) or (slip.figure.startswith("reg_") and slip.label.reg is None):
        return read._replace(code="kind_taken")
    return read._replace(code="not_labelled")


_CASE: Final = frozenset(
    {"violations", "penalty_types", "penalty_entries", "fine_amounts", "articles", "article_roles"}
)


def _is_case(answer: Answer, vocabulary: Vocabulary) -> bool:
    return vocabulary.kinds.get(answer.kind, answer.kind) in vocabulary.case_kinds


def _of_item(slip: Judgement, document: Document, labels: Sequence[Label]) -> Cause:
    label = slip.label
    if label is None:
        inside = any(slip.answer is not None and overlap(other, slip.answer) for other in labels)
        return _read(slip)._replace(code="cut_apart" if inside else "nothing_labelled")
    over = [answer for answer in document.answers if overlap(label, answer)]
    if any(answer.abroad for answer in over):
        return _at_label(label, "abroad")
    if over:
        return _at_label(label, "swallowed")
    for item in document.trace:
        if item.record is None and overlap(label, _Cut(item)):
            return Cause("dropped", item.start, item.start, item.why)
    return _at_label(label, "not_cut")


def _punishing(label: Label, document: Document) -> Cause:
    """The first penalty of a record over a label that has none."""
    for answer in document.answers:
        if answer.rows("penalties") and not answer.abroad and overlap(label, answer):
            found = answer.warrants.get("penalties.0")
            if found is not None and found.evidence is not None:
                return Cause("penalty_over", found.evidence.start, found.evidence.end, found.rule)
    return _at_label(label, "penalty_over")


class _Cut:
    """An item that was considered, as something with a span."""

    def __init__(self, item: Considered) -> None:
        self.span = (item.start, item.end)


def _of_share(slip: Judgement, read: Cause, document: Document, vocabulary: Vocabulary) -> Cause:
    if slip.figure == "kind_accuracy":
        return read._replace(code="kind_taken")
    if slip.figure == "authority_type_accuracy":
        lost = _lost(slip, document, vocabulary)
        if lost is not None:
            return Cause(f"lost.{lost.why}", lost.start, lost.end, read.rule)
        return read._replace(code="other_value") if read.rule else _at_label(slip.label, "not_read")
    return read._replace(code="not_labelled")


def _other(slip: Judgement, beside: Sequence[Judgement], outcome: str) -> tuple[Cause, str] | None:
    """The value that was read in the place of a missed one, or was missed in the place of a read one."""
    mine = _parts(slip)
    for other in beside:
        if other.figure != slip.figure or other.outcome != outcome:
            continue
        code = _difference(slip.figure, mine, _parts(other), same_group=other.group == slip.group)
        if code is not None:
            return _read(other), code
    return None


def _parts(judgement: Judgement) -> list[str]:
    return (judgement.wanted if judgement.wanted != NOTHING else judgement.given).split(" ")


def _difference(figure: str, one: list[str], other: list[str], *, same_group: bool) -> str | None:
    """What tells two values of a figure apart, where they are readings of one thing."""
    if figure == "penalty_entries":  # type, target, amount
        if one[0] != other[0]:
            return None
        return "other_target" if one[2:] == other[2:] else "other_amount"
    if figure == "article_roles":  # law, article, role
        if one[:2] == other[:2]:
            return "other_role"
        return "other_law" if one[1:] == other[1:] else None
    if figure == "articles":
        return "other_law" if one[1:] == other[1:] else None
    if figure in ("reg_status", "reg_instrument"):
        return "other_value"
    if figure in ("case_dates", "reg_dates", "inc_scale"):
        return "other_value" if same_group else None
    return None


def _lost(slip: Judgement, document: Document, vocabulary: Vocabulary) -> Lost | None:
    """The first lost reading within the label that would have given the wanted value."""
    field = FIELDS.get(slip.figure)
    label = slip.label
    if field is None or label is None:
        return None
    gives = _GIVES[field]
    for lost in _losses(document.trace, label):
        if lost.field == field and gives(lost.value, slip.wanted, vocabulary):
            return lost
    return None


def _printed(slip: Judgement, document: Document) -> Cause | None:
    """Where the text prints the sum or the number that nothing read."""
    number = _NUMBER.search(slip.wanted)
    if (
        number is None
        or slip.label is None
        or slip.figure not in ("penalty_entries", "fine_amounts", "inc_scale")
    ):
        return None
    value = float(number.group().replace(",", ""))
    own = document.text[slip.label.char_start : slip.label.char_end]
    places = [(money.start, money.end) for money in find_money(own) if money.fen == value * 100]
    places += [
        (n.start, n.end) for n in find_numbers(own, words=document.language == "en") if n.value == value
    ]
    if not places:
        return None
    start, end = min(places)
    return Cause("not_read", slip.label.char_start + start, slip.label.char_start + end)


_NUMBER: Final = re.compile(r"\d[\d,]*")


def _losses(trace: Sequence[Considered], label: Label) -> Iterator[Lost]:
    for item in trace:
        for lost in item.lost:
            if label.char_start <= lost.start < label.char_end:
                yield lost


_GIVES: Final[Mapping[str, Callable[[str, str, Vocabulary], bool]]] = MappingProxyType(
    {
        "violation": lambda code, wanted, words: wanted in words.violation(code),
        "penalty": lambda code, wanted, words: words.penalty(code) == wanted.split(" ")[0],
        "citation": lambda value, wanted, _: value.split(" ")[:2] == wanted.split(" ")[:2],
        "date": lambda value, wanted, _: value.startswith(wanted),
        "status": lambda code, wanted, _: code == wanted,
        "incident_type": lambda code, wanted, _: code == wanted,
        "authority": lambda code, wanted, words: words.authority(code) == wanted,
        "kind": lambda code, wanted, words: words.kinds.get(code) == wanted,
    }
)
"""Field -> whether a lost reading's value would have been the wanted one."""


def _read(slip: Judgement) -> Cause:
    """Where the given value was read."""
    answer = slip.answer
    if answer is None:
        return _at_label(slip.label, "item_missed")
    found = answer.warrants.get(slip.path or "")
    start = answer.span[0]
    if found is None:
        return Cause("not_labelled", start, start)
    rule = found.rule or (f"derived from {found.derived}" if found.derived else None)
    if found.evidence is None:
        return Cause("not_labelled", start, start, rule)
    return Cause("not_labelled", found.evidence.start, found.evidence.end, rule)


def _at_label(label: Label | None, code: str) -> Cause:
    return Cause(code, label.char_start, label.char_start) if label is not None else Cause(code)
