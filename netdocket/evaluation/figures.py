"""Judgements added up: figures with their intervals, classes, confusions, causes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from netdocket.evaluation.causes import WORDS
from netdocket.evaluation.intervals import Tally, interval, wilson
from netdocket.evaluation.measures import COUNTED, NOTHING, SHARES, Judgement
from netdocket.evaluation.results import CauseCount, ClassRow, Confusion, Figure
from netdocket.evaluation.vocabulary import load_goals

Judged: TypeAlias = list[Judgement]
"""The judgements of one document."""
CONFUSED: Final = ("kind_accuracy", "authority_type_accuracy", "violations", "penalty_types")
UNCLASSED: Final = frozenset({"span_overlap"})


def figures_of(documents: Sequence[Judged], *, intervals: bool = True) -> dict[str, Figure]:
    """All figures of some documents, by name; without `intervals`, which take most of the time, where asked."""
    tallies: dict[str, dict[int, Tally]] = defaultdict(dict)
    for number, judged in enumerate(documents):
        for judgement in judged:
            _add(tallies[judgement.figure], number, judgement)
    out = {
        name: _figure(name, tallies[name], len(documents) if intervals else 0) for name in (*COUNTED, *SHARES)
    }
    if out["items"].missed and not out["span_overlap"].n:
        out["span_overlap"] = _figure("span_overlap", {0: Tally(missed=1)}, 1, n=0)
    return out


def classes(documents: Sequence[Judged]) -> list[ClassRow]:
    """Each class of each figure, the largest first."""
    tallies: dict[tuple[str, str], dict[int, Tally]] = defaultdict(dict)
    for number, judged in enumerate(documents):
        for judgement in judged:
            if judgement.figure not in UNCLASSED:
                _add(tallies[judgement.figure, judgement.group], number, judgement)
    rows = [_class(figure, group, found, len(documents)) for (figure, group), found in tallies.items()]
    order = {name: n for n, name in enumerate((*COUNTED, *SHARES))}
    return sorted(rows, key=lambda row: (order[row.figure], -row.n, row.group))


def confusions(documents: Sequence[Judged]) -> list[Confusion]:
    """What was read where something else is labelled, most frequent first; right ones are left out."""
    found: Counter[tuple[str, str, str]] = Counter()
    for judged in documents:
        pairs: dict[tuple[str, int, int], list[Judgement]] = defaultdict(list)
        for judgement in judged:
            if judgement.figure in CONFUSED and judgement.outcome != "right":
                key = (judgement.figure, id(judgement.label), id(judgement.answer))
                pairs[key].append(judgement)
        for (figure, _, _), wrong in pairs.items():
            found.update((figure, wanted, given) for wanted, given in _confused(wrong))
    rows = [Confusion(figure=f, wanted=w, given=g, count=count) for (f, w, g), count in found.items()]
    return sorted(rows, key=lambda row: (CONFUSED.index(row.figure), -row.count, row.wanted, row.given))


def cause_counts(slips: Iterable[tuple[Judgement, str]]) -> list[CauseCount]:
    """How often each cause stands behind a figure, most frequent first. `slips`: with the code of their cause."""
    found = Counter((judgement.figure, code) for judgement, code in slips)
    rows = [
        CauseCount(figure=figure, cause=WORDS[code], count=count) for (figure, code), count in found.items()
    ]
    order = {name: n for n, name in enumerate((*COUNTED, *SHARES))}
    return sorted(rows, key=lambda row: (order[row.figure], -row.count, row.cause))


def _confused(wrong: Sequence[Judgement]) -> Iterable[tuple[str, str]]:
    """Wanted and given of one label and record: of shares they stand side by side; else each missed value beside each
    invented one, either beside nothing where there is none of the other."""
    if wrong[0].outcome == "wrong":
        return [(judgement.wanted, judgement.given) for judgement in wrong]
    missed = [j.wanted for j in wrong if j.outcome == "missed"] or [NOTHING]
    invented = [j.given for j in wrong if j.outcome == "invented"] or [NOTHING]
    return [(wanted, given) for wanted in missed for given in invented]


def _add(tallies: dict[int, Tally], number: int, judgement: Judgement) -> None:
    one = Tally(
        right=judgement.outcome == "right",
        missed=judgement.outcome in ("missed", "wrong"),
        invented=judgement.outcome == "invented",
        part=judgement.part,
    )
    tallies[number] = tallies.get(number, Tally()).plus(one)


def _sum(tallies: Mapping[int, Tally]) -> Tally:
    total = Tally()
    for tally in tallies.values():
        total = total.plus(tally)
    return total


def _f1(tally: Tally) -> float:
    return tally.f1


def _share(tally: Tally) -> float:
    return tally.share


def _figure(name: str, by_document: Mapping[int, Tally], documents: int, *, n: int | None = None) -> Figure:
    total = _sum(by_document)
    counted = name in COUNTED
    measure = _f1 if counted else _share
    return Figure(
        name=name,
        value=measure(total),
        n=total.labelled if n is None else n,
        right=total.right,
        missed=total.missed if n is None else n,
        invented=total.invented,
        precision=total.precision if counted else None,
        recall=total.recall if counted else None,
        interval=interval(by_document, documents, measure) if documents else None,
        goal=load_goals().get(name),
    )


def _class(figure: str, group: str, by_document: Mapping[int, Tally], documents: int) -> ClassRow:
    total = _sum(by_document)
    counted = figure in COUNTED
    return ClassRow(
        figure=figure,
        group=group,
        n=total.labelled,
        right=total.right,
        missed=total.missed,
        invented=total.invented,
        precision=total.precision if counted else None,
        recall=total.recall,
        f1=total.f1 if counted else None,
        precision_interval=wilson(total.right, total.right + total.invented) if counted else None,
        recall_interval=wilson(total.right, total.labelled),
        f1_interval=interval(by_document, documents, _f1) if counted else None,
    )
