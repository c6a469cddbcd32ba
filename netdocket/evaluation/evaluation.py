"""Measuring a labelled set: judgements of each document, and from them all figures.

evaluation = evaluate(labels, documents, worst=10)
evaluation.figures["items"].value
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from netdocket.errors import ConfigurationError
from netdocket.evaluation.answers import Document
from netdocket.evaluation.causes import WORDS, Cause, cause
from netdocket.evaluation.figures import Judged, cause_counts, classes, confusions, figures_of
from netdocket.evaluation.labels import Label
from netdocket.evaluation.measures import Judgement, judge
from netdocket.evaluation.results import DocumentSlips, Evaluation, Half, Slice, Slip
from netdocket.evaluation.vocabulary import Vocabulary, load_vocabulary
from netdocket.evidence import quote

TOLD: Final = frozenset(
    [
        "items", "kind_accuracy", "authority_type_accuracy", "violations", "penalty_entries", "fine_amounts",
        "article_roles", "case_dates", "reg_issuers", "reg_status", "reg_dates", "reg_instrument", "inc_types",
        "inc_identifiers", "inc_scale", "foreign_kept_out", "no_penalty_invented",
    ]
)  # fmt: skip
"""Figures whose wrong judgements are told one by one. Types and articles are told with entries and roles; a fine is told
where its entry is right and only its number is not."""
WITH_ITEM: Final = frozenset({"item_missed", "item_invented"})
"""Causes of values that are told with their item."""
_DIGITS = re.compile(r"\d+")


def evaluate(
    labels: Sequence[Label],
    documents: Sequence[Document],
    *,
    half: Half = "all",
    worst: int = 10,
    rules_version: int | None = None,
) -> Evaluation:
    """Measure the documents' records against the labels. Documents without labels are ignored; a label whose document
    is not given is missed."""
    vocabulary = load_vocabulary()
    labels = [label for label in labels if in_half(label.doc, half)]
    if not labels:
        raise ConfigurationError(f"no label is about a document of the {half} half")
    given = {document.name: document for document in documents}
    named = sorted({label.doc for label in labels})
    read = [_Read(given.get(name) or Document(name=name), labels, vocabulary) for name in named]
    judged = [r.judged for r in read]
    return Evaluation(
        half=half,
        rules_version=rules_version,
        slices=_slices(read),
        classes=classes(judged),
        confusions=confusions(judged),
        causes=cause_counts([(j, why.code) for r in read for j, why in r.told(items=False)]),
        worst=_worst(read, worst),
    )


def in_half(doc: str, half: Half) -> bool:
    """By the last number in a document's name. Raises ConfigurationError for a name without one."""
    if half == "all":
        return True
    numbers = _DIGITS.findall(doc)
    if not numbers:
        raise ConfigurationError("has no number: it belongs to neither half", where=doc)
    return (int(numbers[-1]) % 2 == 0) == (half == "even")


class _Read:
    """One document with its judgements and the cause of each that is not right."""

    def __init__(self, document: Document, labels: Iterable[Label], vocabulary: Vocabulary) -> None:
        self.document = document
        self.labels = [label for label in labels if label.doc == document.name]
        self.judged: Judged = list(judge(self.labels, document.answers, vocabulary))
        beside: dict[tuple[int, int], list[Judgement]] = defaultdict(list)
        for judgement in self.judged:
            beside[id(judgement.label), id(judgement.answer)].append(judgement)
        self.slips = [
            (j, cause(j, beside[id(j.label), id(j.answer)], document, self.labels, vocabulary))
            for j in self.judged
            if j.outcome != "right"
        ]

    def told(self, *, items: bool) -> list[tuple[Judgement, Cause]]:
        """The slips that are told one by one. `items`: values of an item that was missed or invented are told with it."""
        entries = {id(j.label) for j, _ in self.slips if j.figure == "penalty_entries"}
        out = []
        for judgement, why in self.slips:
            if judgement.figure not in TOLD or (items and why.code in WITH_ITEM):
                continue
            if judgement.figure == "fine_amounts":
                if id(judgement.label) in entries:
                    continue
                out.append((judgement, why._replace(code="other_count")))
            else:
                out.append((judgement, why))
        return out


def _slices(read: Sequence[_Read]) -> dict[str, Slice]:
    """All documents; by half where all have numbers and both halves are there; by language where both are there."""
    out = {"all": _slice("all", read)}
    halves: dict[str, list[_Read]] = {}
    if all(_DIGITS.search(r.document.name) for r in read):
        halves = {
            "even": [r for r in read if in_half(r.document.name, "even")],
            "odd": [r for r in read if in_half(r.document.name, "odd")],
        }
    languages = {code: [r for r in read if r.document.language == code] for code in ("zh", "en")}
    for parts in (halves, languages):
        if parts and all(parts.values()):
            out |= {name: _slice(name, part) for name, part in parts.items()}
    return out


def _slice(name: str, read: Sequence[_Read]) -> Slice:
    return Slice(
        name=name,
        documents=len(read),
        labels=sum(len(r.labels) for r in read),
        records=sum(len(r.document.answers) for r in read),
        figures=figures_of([r.judged for r in read]),
    )


def _worst(read: Sequence[_Read], count: int) -> list[DocumentSlips]:
    """The documents with most wrong values, and of equal ones those with fewer right ones first."""
    out = []
    for r in read:
        wrong = len(r.told(items=False))
        if wrong:
            out.append(
                DocumentSlips(
                    doc=r.document.name,
                    title=r.document.title,
                    wrong=wrong,
                    of=sum(j.figure in TOLD for j in r.judged),
                    slips=[_slip(r.document, judgement, why) for judgement, why in r.told(items=True)],
                )
            )
    out.sort(key=lambda found: (-found.wrong, found.of, found.doc))
    return out[:count]


def _slip(document: Document, judgement: Judgement, why: Cause) -> Slip:
    words = None
    if document.text and why.start is not None and why.end is not None:
        words = quote(document.text, why.start, why.end)
    return Slip(
        item=judgement.label.item if judgement.label is not None else None,
        figure=judgement.figure,
        outcome=judgement.outcome,
        wanted=judgement.wanted,
        given=judgement.given,
        cause=WORDS[why.code],
        rule=why.rule,
        quote=words,
    )
