"""`netdocket evaluate`: how well the classifier reads documents that were labelled by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from netdocket.cli.export import output
from netdocket.cli.progress import steps
from netdocket.settings import load_settings

if TYPE_CHECKING:
    from netdocket.evaluation import Document, Evaluation, Half, Label

FORMATS = ("text", "json", "html", "md")


@click.command("evaluate")
@click.argument("labels", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--docs",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the documents: NAME.txt for each `doc` of the labels, with NAME.json beside it.",
)
@click.option(
    "--records",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Measure these records (exchange form, as `classify --records` writes) instead of classifying; without causes.",
)
@click.option(
    "--generated",
    type=click.IntRange(1),
    metavar="COUNT",
    help="Measure against the truth of so many bulletins of the generator instead of LABELS; in text, md or json.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="With --generated.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--output",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("-"),
    help="File to write.  [default: standard output]",
)
@click.option(
    "--half",
    type=click.Choice(["all", "even", "odd"]),
    default="all",
    show_default=True,
    help="Only documents with even or odd numbers.",
)
@click.option(
    "--notes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of Markdown that the page holds as well (earlier figures, what was done); with --format md.",
)
@click.option(
    "--worst", type=click.IntRange(0), default=10, show_default=True, help="How many of the worst documents."
)
def command(
    labels: tuple[Path, ...],
    docs: Path | None,
    records: Path | None,
    generated: int | None,
    seed: int,
    form: str,
    target: Path,
    half: Half,
    notes: Path | None,
    worst: int,
) -> None:
    """Measure the classifier against LABELS (one item a line, JSON): precision, recall, F1 by class, confusions, and the
    worst documents with the sentence behind each error.

    The reports in text, HTML and JSON quote the documents; the one in Markdown does not.
    """
    from netdocket.evaluation import evaluate, load_vocabulary, read_labels

    if generated is not None:
        if labels or docs or records or notes or half != "all":
            raise click.UsageError("--generated brings its own documents and its own truth")
        _against_truth(generated, seed, form, target)
        return
    if not labels:
        raise click.UsageError("name files of labels, or say --generated COUNT")
    if (docs is None) == (records is None):
        raise click.UsageError(
            "give --docs DIR, to classify its documents, or --records FILE, to measure its records"
        )
    if notes is not None and form != "md":
        raise click.UsageError("--notes go with --format md")
    found = read_labels(labels, load_vocabulary())
    version = None
    if docs is not None:
        documents, version = _classified(found, docs, half)
    else:
        assert records is not None  # noqa: S101 - one of the two is given
        documents = _given(records)
    evaluation = evaluate(found, documents, half=half, worst=worst, rules_version=version)
    with output(target) as out:
        out.write(_written(form, notes)(evaluation))


def _against_truth(count: int, seed: int, form: str, target: Path) -> None:
    from enrich import load_knowledge
    from netdocket.evaluation.against_truth import compare
    from netdocket.evaluation.truth_report import as_json, markdown

    if form == "html":
        raise click.UsageError("--generated goes with --format text, md or json")
    knowledge = load_knowledge(load_settings().knowledge_dir)
    with steps(Console(stderr=True, highlight=False)) as progress:
        compared = compare(count, seed, knowledge, lambda done: progress.update("classifying", done, count))
    given = {"seed": seed, "rules_version": knowledge.rules_version}
    with output(target) as out:
        if form == "json":
            out.write(json.dumps(as_json(compared, **given), ensure_ascii=False, indent=1) + "\n")
        else:
            out.write(markdown(compared, **given))


def _classified(labels: Sequence[Label], docs: Path, half: Half) -> tuple[list[Document], int]:
    """The labelled documents of the half, classified, and the version of the rules."""
    from enrich import load_knowledge
    from netdocket.evaluation import LabelError, check_spans, classified, in_half

    knowledge = load_knowledge(load_settings().knowledge_dir)
    first: dict[str, Label] = {}
    for label in labels:
        if in_half(label.doc, half):
            first.setdefault(label.doc, label)
    for name, label in first.items():
        if not (docs / f"{name}.txt").is_file():
            raise LabelError(f"there is no {name}.txt in {docs}", where=label.where)
    out = []
    with steps(Console(stderr=True, highlight=False)) as progress:
        for done, name in enumerate(sorted(first), 1):
            document, text = classified(docs / f"{name}.txt", knowledge)
            check_spans(labels, name, text)
            out.append(document)
            progress.update("classifying", done, len(first))
    return out, knowledge.rules_version


def _given(records: Path) -> list[Document]:
    from netdocket.evaluation import Document, read_records

    return [Document(name=name, answers=answers) for name, answers in read_records(records).items()]


def _written(form: str, notes: Path | None) -> Callable[[Evaluation], str]:
    from netdocket.evaluation import html_report, markdown_report, text_report

    page = partial(markdown_report, notes=notes.read_text(encoding="utf-8") if notes else "")
    reports: dict[str, Callable[[Evaluation], str]] = {
        "text": text_report,
        "html": html_report,
        "md": page,
        "json": _json,
    }
    return reports[form]


def _json(evaluation: Evaluation) -> str:
    import msgspec

    return json.dumps(msgspec.to_builtins(evaluation), ensure_ascii=False, indent=1) + "\n"
