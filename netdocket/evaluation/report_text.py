"""An evaluation for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from netdocket.evaluation.results import DocumentSlips, Evaluation, Figure
from netdocket.evaluation.wording import INTERVALS, SLICES, TITLES, interval, measured, percent, said, value


def text_report(evaluation: Evaluation) -> str:
    return "\n".join(_lines(evaluation)) + "\n"


def _lines(evaluation: Evaluation) -> Iterator[str]:
    yield measured(evaluation)
    yield ""
    yield from _table(
        ("figure", "value", "95 %", "P", "R", "n", "missed", "invented", "goal"),
        [_figure(evaluation.figures[name]) for name in TITLES],
    )
    yield INTERVALS
    others = [name for name in evaluation.slices if name != "all"]
    if others:
        yield ""
        yield from _table(
            ("figure", *(SLICES[name] for name in others)),
            [
                (TITLES[name], *(f"{value(f)} ({f.n})" for f in (evaluation.slices[o].figures[name] for o in others)))
                for name in TITLES
            ],
        )  # fmt: skip
    for figure, rows in groupby(evaluation.classes, key=lambda row: row.figure):
        yield ""
        yield TITLES[figure]
        yield from _table(
            ("  class", "n", "right", "missed", "invented", "P", "95 %", "R", "95 %", "F1", "95 %"),
            [
                (
                    f"  {row.group}",
                    *(str(n) for n in (row.n, row.right, row.missed, row.invented)),
                    percent(row.precision),
                    interval(row.precision_interval),
                    percent(row.recall),
                    interval(row.recall_interval),
                    percent(row.f1),
                    interval(row.f1_interval),
                )
                for row in rows
            ],
        )
    for figure, confused in groupby(evaluation.confusions, key=lambda row: row.figure):
        yield ""
        yield f"{TITLES[figure]}: labelled → read"
        yield from (f"  {row.count:4}  {row.wanted} → {row.given}" for row in confused)
    for figure, causes in groupby(evaluation.causes, key=lambda row: row.figure):
        yield ""
        yield f"{TITLES[figure]}: why"
        yield from (f"  {row.count:4}  {row.cause}" for row in causes)
    for found in evaluation.worst:
        yield ""
        yield from _document(found)


def _figure(figure: Figure) -> tuple[str, ...]:
    goal = "" if figure.goal is None else f"{figure.goal:.2f}{' SHORT' if figure.short else ''}"
    return (
        TITLES[figure.name],
        value(figure),
        interval(figure.interval),
        percent(figure.precision),
        percent(figure.recall),
        str(figure.n),
        str(figure.missed),
        str(figure.invented),
        goal,
    )


def _document(found: DocumentSlips) -> Iterator[str]:
    yield f"{found.doc}  {found.wrong} of {found.of} wrong  {found.title}"
    for slip in found.slips:
        item = "" if slip.item is None else f" item {slip.item}"
        yield f"  {slip.figure}{item}: {said(slip)}: {slip.cause}" + (f" ({slip.rule})" if slip.rule else "")
        if slip.quote is not None:
            yield f"      {slip.quote}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        first, *others = (
            cell.ljust(w) if n == 0 else cell.rjust(w)
            for n, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((first, *others)).rstrip()
