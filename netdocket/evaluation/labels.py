"""Label files: what a reader found in each document, one item a line, as JSON.

    {"doc": "001", "item": 1, "kind": "enforcement_case", "char_start": 0, "char_end": 412,
     "span_start_text": "…", "authority_type": "police", "violation_types": ["failure_mlps_duty"],
     "penalties": [{"type": "fine", "target": "entity", "amount_cny": 50000, "count": null}],
     "articles": [{"law": "CSL", "article": "21", "role": "violated"}],
     "dates": {"decision": "2024-03-05", "published": null},
     "reg": {...}, "incident": {...}, "foreign": true, "out_of_domain": true, "unscored": true}

`doc` is the stem of the text's file; spans are half-open, in Unicode characters; kinds, authorities, penalties and
violations are those of vocabulary.yaml. `X_may` beside X lists further values of X that are accepted and never asked
for. Labels `foreign` ("unclear": no country is named), `out_of_domain` and `unscored` take part as measures.py says.
Other keys are ignored.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from netdocket.errors import ConfigurationError
from netdocket.evaluation.vocabulary import Vocabulary

LONGEST_BEGINNING = 40


class LabelError(ConfigurationError):
    """A label file is wrong, or is not about these documents; `where` is file and line."""


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Unknown keys are ignored: labels hold more than is compared."""


class PenaltyLabel(_Part, frozen=True, kw_only=True):
    type: str
    target: str | None = None
    amount_cny: float | None = None
    count: float | None = None
    detail: str | None = None


class ArticleLabel(_Part, frozen=True, kw_only=True):
    law: str
    article: str | int | None = None
    role: str | None = None


class DatesLabel(_Part, frozen=True, kw_only=True):
    decision: str | None = None
    decision_may: tuple[str, ...] = ()
    published: str | None = None
    published_may: tuple[str, ...] = ()


class RegulatoryLabel(_Part, frozen=True, kw_only=True):
    issuer_types: tuple[str, ...] = ()
    issuer_types_may: tuple[str, ...] = ()
    status: str | None = None
    status_may: tuple[str, ...] = ()
    instrument: str | None = None
    instrument_may: tuple[str, ...] = ()
    published: str | None = None
    published_may: tuple[str, ...] = ()
    effective: str | None = None
    effective_may: tuple[str, ...] = ()
    consultation_until: str | None = None
    consultation_until_may: tuple[str, ...] = ()


class ScaleLabel(_Part, frozen=True, kw_only=True):
    what: str | None = None
    value: float | None = None
    unit: str | None = None


class IncidentLabel(_Part, frozen=True, kw_only=True):
    types: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    scale: tuple[ScaleLabel, ...] = ()


class Label(_Part, frozen=True, kw_only=True):
    """One item of a document, as labelled."""

    doc: str
    item: int = 1
    kind: str
    char_start: int
    char_end: int
    span_start_text: str = ""
    authority_type: str | None = None
    violation_types: tuple[str, ...] = ()
    penalties: tuple[PenaltyLabel, ...] = ()
    articles: tuple[ArticleLabel, ...] = ()
    dates: DatesLabel | None = None
    reg: RegulatoryLabel | None = None
    incident: IncidentLabel | None = None
    foreign: bool | str | None = None
    out_of_domain: bool | None = None
    unscored: bool | str | None = None
    where: str = ""
    """File and line, for messages."""

    @property
    def span(self) -> tuple[int, int]:
        return self.char_start, self.char_end


_decoder = msgspec.json.Decoder(Label)


def read_labels(paths: Iterable[Path], vocabulary: Vocabulary) -> list[Label]:
    """All labels of the files. Raises LabelError naming file, line and field."""
    labels = [label for path in paths for label in _labels(path, vocabulary)]
    if not labels:
        raise LabelError("no label in the files given")
    return labels


def check_spans(labels: Sequence[Label], doc: str, text: str) -> None:
    """Raises LabelError where a label of `doc` cannot be about this text."""
    for label in labels:
        if label.doc != doc:
            continue
        if label.char_end > len(text):
            raise LabelError(
                f"char_end {label.char_end} lies behind the end of {doc}.txt ({len(text)} characters)",
                where=label.where,
            )
        begins = _folded(label.span_start_text)[:LONGEST_BEGINNING]
        if not _folded(text[label.char_start : label.char_end]).startswith(begins):
            raise LabelError(
                f"the text {doc}.txt does not read as span_start_text at char_start {label.char_start}: another version of it?",
                where=label.where,
            )


def _folded(text: str) -> str:
    return "".join(text.split())


def _labels(path: Path, vocabulary: Vocabulary) -> Iterator[Label]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"cannot be read ({error})", where=str(path)) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            label = _decoder.decode(line)
        except msgspec.DecodeError as error:
            raise LabelError(str(error), where=where) from error
        _check(label, vocabulary, where)
        yield msgspec.structs.replace(label, where=where)


def _check(label: Label, vocabulary: Vocabulary, where: str) -> None:
    if not 0 <= label.char_start < label.char_end:
        raise LabelError(f"char_start {label.char_start}, char_end {label.char_end}: no span", where=where)
    for field, what, given in (
        ("kind", "kinds", [label.kind]),
        ("authority_type", "authorities", [label.authority_type] if label.authority_type else []),
        ("violation_types", "violations", label.violation_types),
        ("penalties", "penalties", [penalty.type for penalty in label.penalties]),
    ):
        known = vocabulary.labels(what)
        for value in given:
            if value not in known:
                near = difflib.get_close_matches(value, known, n=1)
                hint = f"; {near[0]}?" if near else ""
                raise LabelError(f"{field}: {value!r} is no label of vocabulary.yaml{hint}", where=where)
