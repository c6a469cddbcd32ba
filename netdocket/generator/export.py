"""Generated bulletins as files: texts with their metadata, one JSON object a line, the truth."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from netdocket.errors import ConfigurationError
from netdocket.generator.bulletins import Generated

FOLDER_SIZE = 5000
"""Texts in one folder; a larger number is spread over folders, since listing a million files is slow everywhere."""


@dataclass
class Counts:
    """How much was written, and how often which code stands in the truth."""

    bulletins: int = 0
    records: int = 0
    by_code: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, made: Generated) -> None:
        self.bulletins += 1
        self.records += len(made.truth)
        self._count("shape", [made.shape])
        self._count("language", [made.language])
        self._count("genre", [made.genre])
        for row in made.truth:
            self._count("kind", [row["kind"]])
            self._count("authority_type", [row["authority_type"]])
            self._count("sector", [row["sector"]])
            self._count("subject_kind", [row["subject_kind"]])
            self._count("violation", row["violations"])
            self._count("penalty", [penalty["type"] for penalty in row["penalties"]])
            self._count("law", [citation["law"] for citation in row["citations"]])
            self._count("figure", [figure["metric"] for figure in row["figures"]])
            if row["regulatory"]:
                self._count("status", [row["regulatory"]["status"]])
                self._count("instrument", [row["regulatory"]["instrument"]])
                self._count("issuer_type", row["regulatory"]["issuer_types"])
            if row["incident"]:
                self._count("incident_type", row["incident"]["types"])
                self._count("notice_class", [row["incident"]["notice_class"]])

    def _count(self, name: str, codes: Iterable[str | None]) -> None:
        self.by_code[name].update(code for code in codes if code is not None)


def write(
    made: Iterable[Generated],
    *,
    out: Path | None = None,
    jsonl: Path | None = None,
    truth: Path | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Counts:
    """Writes each bulletin as it comes; memory does not grow with their number. `on_progress` hears how many are done.
    Raises ConfigurationError for a place that cannot be written to."""
    counts = Counts()
    try:
        with ExitStack() as stack:
            lines = stack.enter_context(_opened(jsonl))
            rows = stack.enter_context(_opened(truth))
            for number, one in enumerate(made):
                counts.add(one)
                if out is not None:
                    _write_text(out, number, one)
                if lines is not None:
                    lines.write(_dump(as_object(one)))
                if rows is not None:
                    rows.writelines(_dump(row) for row in one.truth)
                on_progress(number + 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot be written ({error.strerror})", where=str(error.filename)
        ) from error
    return counts


def as_object(made: Generated) -> dict[str, Any]:
    """The bulletin for --jsonl: what a crawl would know of it, and the relations between bulletins."""
    return {
        "name": made.name,
        "title": made.title,
        "language": made.language,
        "publisher": made.publisher,
        "published": made.published,
        "source": made.source,
        "url": made.url,
        "shape": made.shape,
        "text": made.text,
        "amends": made.amends,
        "reprints": made.reprints,
    }


def metadata(made: Generated) -> dict[str, Any]:
    """What stands in the .json beside a text."""
    return {
        "title": made.title,
        "language": made.language,
        "published": made.published,
        "publisher": made.publisher,
    }


def _write_text(out: Path, number: int, made: Generated) -> None:
    folder = out if number < FOLDER_SIZE else out / f"{number // FOLDER_SIZE:04d}"
    if number % FOLDER_SIZE == 0:
        folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{made.name}.txt").write_text(made.text, "utf-8", newline="\n")
    (folder / f"{made.name}.json").write_text(_dump(metadata(made)), "utf-8")


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
