"""What is measured: the records of each document in the exchange form, with the warrant of each value where the
documents were classified here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from enrich import Knowledge, classify
from enrich.trace import Considered, considered
from netdocket.errors import RecordError
from netdocket.evidence import warrants
from netdocket.exchange import exchange_row
from netdocket.intake import as_bulletin, read_text
from netdocket.records import Found

_NEEDED = {"doc": str, "kind": str, "char_start": int, "char_end": int}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One record. `row`: exchange form; `warrants`: path of a value in it (`penalties.0`) -> where it was read."""

    row: Mapping[str, Any]
    warrants: Mapping[str, Found] = field(default_factory=dict)

    @property
    def span(self) -> tuple[int, int]:
        return self.row["char_start"], self.row["char_end"]

    @property
    def kind(self) -> str:
        kind: str = self.row["kind"]
        return kind

    @property
    def abroad(self) -> bool:
        return (self.row.get("jurisdiction") or "CN") != "CN"

    def part(self, name: str) -> Mapping[str, Any]:
        """A section of the row; empty where there is none."""
        return self.row.get(name) or {}

    def rows(self, name: str) -> Sequence[Any]:
        return self.row.get(name) or ()


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document and what was found in it. `text` as it may be shown (persons masked); empty, like `trace`, where only
    the records are known."""

    name: str
    language: str = ""
    title: str = ""
    text: str = ""
    answers: Sequence[Answer] = ()
    trace: Sequence[Considered] = ()


def classified(path: Path, knowledge: Knowledge) -> tuple[Document, str]:
    """The document in a file, classified, and its text as it stands there. Raises IntakeError."""
    intake = read_text(path)
    bulletin = as_bulletin(intake)
    found = classify(bulletin, knowledge)
    answers = [
        Answer(row=exchange_row(record, path.stem), warrants=warrants(record))
        for record in found.records
        if record.kind != "CONTAINER"
    ]
    document = Document(
        name=path.stem,
        language=intake.language,
        title=found.masked_title,
        text=found.masked_text,
        answers=answers,
        trace=considered(bulletin, found, knowledge),
    )
    return document, intake.text


def read_records(path: Path) -> dict[str, list[Answer]]:
    """Records in the exchange form, one JSON object a line, by document. Raises RecordError naming file and line."""
    out: dict[str, list[Answer]] = {}
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"cannot be read ({error})", where=str(path)) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            row = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise RecordError(str(error), where=where) from error
        for key, kind in _NEEDED.items():
            if not isinstance(row.get(key), kind):
                raise RecordError(f"{key} is no {kind.__name__}", where=where)
        if row["kind"] != "CONTAINER":
            out.setdefault(row["doc"], []).append(Answer(row=row))
    return out
