"""An evaluation as one HTML page without scripts: figures, classes, confusions, and the worst documents with their text."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from netdocket.evaluation import wording
from netdocket.evaluation.results import Evaluation

FOLDER: Final = Path(__file__).parent / "templates"


def html_report(evaluation: Evaluation) -> str:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": wording.percent,
        "interval": wording.interval,
        "said": wording.said,
        "value": wording.value,
    }
    return environment.get_template("report.html").render(
        evaluation=evaluation,
        measured=wording.measured(evaluation),
        titles=wording.TITLES,
        slices=wording.SLICES,
        intervals=wording.INTERVALS,
        classes=[(figure, list(rows)) for figure, rows in groupby(evaluation.classes, lambda r: r.figure)],
        confusions=[
            (figure, list(rows)) for figure, rows in groupby(evaluation.confusions, lambda r: r.figure)
        ],
        causes=[(figure, list(rows)) for figure, rows in groupby(evaluation.causes, lambda r: r.figure)],
    )
