"""An evaluation as the page `docs/quality.md`: figures of all documents and of both halves side by side, how they were
measured, what falls short and why, classes. It quotes no document: the labelled ones belong to their publishers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from netdocket.evaluation.results import CauseCount, Evaluation, Figure
from netdocket.evaluation.wording import INTERVALS, SLICES, TITLES, interval, measured, percent, value

HEAD = """\
# Quality of classification

How well the classifier reads real bulletins that were labelled by hand. Written by `make quality`; do not edit.

{measured}.

## How it was measured

`netdocket evaluate LABELS --docs DIR` classifies each document as it stands in its file and compares the records with the
labels of a careful reader. A label and a record belong together when their spans overlap most, and by at least half
of the shorter one; kind plays no part in that. Everything in an item that was not found counts as missed, everything
in a record without a label as invented. The rules of each figure stand in
[netdocket/evaluation/measures.py](../netdocket/evaluation/measures.py), the vocabulary of the labels in
[vocabulary.yaml](../netdocket/evaluation/vocabulary.yaml).

The documents are no part of the project: they belong to their publishers. The rules were first made on those with even
numbers, and both halves were measured before a rule was changed on the odd ones; since then all of them have been looked
at, so that no column below is blind any more.

{intervals}
"""


def markdown_report(evaluation: Evaluation, notes: str = "") -> str:
    """The page. `notes`: Markdown kept elsewhere, since a figure of an earlier day cannot be made anew."""
    return "\n".join(_lines(evaluation, notes)) + "\n"


def _lines(evaluation: Evaluation, notes: str) -> Iterator[str]:
    yield HEAD.format(measured=measured(evaluation), intervals=INTERVALS)
    names = list(evaluation.slices)
    yield "## Figures"
    yield ""
    yield "F1, or the share that is right; in brackets how many values were labelled. **Bold**: below the goal."
    yield ""
    yield from _table(
        ("Figure", "goal", *(SLICES[name] for name in names), "95 %"),
        [
            (
                TITLES[name],
                "" if (goal := evaluation.figures[name].goal) is None else f"{goal:.2f}",
                *(_cell(evaluation.slices[part].figures[name]) for part in names),
                interval(evaluation.figures[name].interval),
            )
            for name in TITLES
        ],
    )
    yield from _table(
        ("", *(SLICES[name] for name in names)),
        [
            ("Documents", *(str(evaluation.slices[name].documents) for name in names)),
            ("Labels", *(str(evaluation.slices[name].labels) for name in names)),
            ("Records", *(str(evaluation.slices[name].records) for name in names)),
        ],
    )
    if notes.strip():
        yield notes.strip()
        yield ""
    yield from _short(evaluation)
    yield from _classes(evaluation)


def _short(evaluation: Evaluation) -> Iterator[str]:
    causes: dict[str, list[CauseCount]] = defaultdict(list)
    for row in evaluation.causes:
        causes[row.figure].append(row)
    short = [evaluation.figures[name] for name in TITLES if evaluation.figures[name].short]
    yield "## What falls short"
    yield ""
    if short:
        named = "; ".join(f"{TITLES[f.name]} {f.value:.3f} of {f.goal:.2f}" for f in short)
        yield f"Below their goals over all documents: {named}."
    else:
        yield "Over all documents no figure is below its goal."
    yield ""
    yield "Classes of error, all figures; values of an item that was missed or invented are counted under their own figure too."
    yield ""
    yield from _table(
        ("Figure", "how often", "why"),
        [(TITLES[name], str(row.count), row.cause) for name in TITLES for row in causes[name]],
    )
    yield "### Confusions"
    yield ""
    yield from _table(
        ("Figure", "labelled", "read", "how often"),
        [(TITLES[row.figure], row.wanted, row.given, str(row.count)) for row in evaluation.confusions],
    )


def _classes(evaluation: Evaluation) -> Iterator[str]:
    yield "## Classes"
    yield ""
    for figure, rows in groupby(evaluation.classes, key=lambda row: row.figure):
        yield f"### {TITLES[figure]}"
        yield ""
        yield from _table(
            ("Class", "n", "right", "missed", "invented", "precision", "recall", "F1"),
            [
                (
                    row.group,
                    *(str(n) for n in (row.n, row.right, row.missed, row.invented)),
                    f"{percent(row.precision)} ({interval(row.precision_interval)})",
                    f"{percent(row.recall)} ({interval(row.recall_interval)})",
                    f"{percent(row.f1)} ({interval(row.f1_interval)})",
                )
                for row in rows
            ],
        )


def _cell(figure: Figure) -> str:
    shown = value(figure)
    return f"**{shown}** ({figure.n})" if figure.short else f"{shown} ({figure.n})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        yield "Nothing."
    else:
        yield "| " + " | ".join(head) + " |"
        yield "|" + "---|" * len(head)
        yield from ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    yield ""
