"""What a record can be the first to have: values of its document, with their wording and the sentence they stand in."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from netdocket.errors import StoreError
from streams.documents import NOT_IMPOSED
from streams.firstseen import MAX_ID_BYTES, UNLISTED, thing_of

Body = Mapping[str, Any]
PAIR: Final = " + "
SENTENCE_END: Final = re.compile(r"[。！？；\n]|[.!?;](?=\s)")
LONGEST_SENTENCE: Final = 600


@dataclasses.dataclass(frozen=True, slots=True)
class Where:
    """The index whose documents have the dimension's values, and their fields there. `searched`: where they are searched
    for, where that is another one (its documents name the record by `record_id`)."""

    index: str
    fields: tuple[str, ...]
    labels: tuple[str | None, ...]
    searched: str | None = None


DIMENSIONS: Final[Mapping[str, Where]] = {
    "penalty": Where("cases", ("penalty_type",), ("penalty_type_label",), searched="penalties"),
    "violation": Where("cases", ("violation",), ("violation_label",)),
    "article": Where("cases", ("article",), (None,)),
    "authority": Where("cases", ("authority_name",), (None,)),
    "sector": Where("cases", ("sector",), ("sector_label",)),
    "instrument": Where("developments", ("instrument",), ("instrument_label",)),
    "pair": Where("cases", ("violation", "penalty_type"), ("violation_label", "penalty_type_label")),
}


def values(document: Body, dimension: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(value, its wording) of a document; of a pair every combination. Records of other jurisdictions, and values too
    long to be a name, have none."""
    if document.get("jurisdiction") != "CN":
        return
    if dimension == "penalty":
        yield from _penalties(document)
        return
    where = DIMENSIONS[dimension]
    first, *rest = (
        _labelled(document, field, label) for field, label in zip(where.fields, where.labels, strict=True)
    )
    for value, wording in first:
        combined = [(value, wording)]
        for other in rest:
            combined = [
                (f"{v}{PAIR}{w}", {x: f"{a[x]} + {b[x]}" for x in ("en", "zh")})
                for v, a in combined
                for w, b in other
                if w not in NOT_IMPOSED
            ]
        yield from ((v, w) for v, w in combined if len(f"{dimension}:{v}".encode()) <= MAX_ID_BYTES)


def clauses(dimension: str, value: str) -> list[dict[str, Any]]:
    """The search for records that have the value."""
    if dimension == "penalty":
        kind, _, phrase = value.partition(":")
        unlisted = [{"term": {"phrase": phrase}}] if kind == UNLISTED else []
        return [{"term": {"jurisdiction": "CN"}}, {"term": {"penalty_type": kind}}, *unlisted]
    fields = DIMENSIONS[dimension].fields
    parts = value.split(PAIR) if len(fields) > 1 else [value]
    return [
        {"term": {"jurisdiction": "CN"}},
        *({"term": {field: part}} for field, part in zip(fields, parts, strict=True)),
    ]


def _penalties(document: Body) -> Iterator[tuple[str, dict[str, str]]]:
    """Penalty types as streams/firstseen.py tells them apart: an unlisted one is called by its phrase."""
    words = dict(_labelled(document, "penalty_type", "penalty_type_label"))
    seen: set[str] = set()
    for penalty in document["record"]["case"].get("penalties", ()):
        phrase = penalty.get("phrase", "")
        thing = thing_of({"jurisdiction": "CN", "penalty_type": penalty["type"], "phrase": phrase})
        if thing is not None and thing not in seen:
            seen.add(thing)
            unlisted = penalty["type"] == UNLISTED and phrase
            yield thing, {"en": phrase, "zh": phrase} if unlisted else words[penalty["type"]]


def _labelled(document: Body, field: str, label: str | None) -> list[tuple[str, dict[str, str]]]:
    held = document.get(field)
    codes = held if isinstance(held, list) else [] if held is None else [held]
    words = document.get(label) if label else None
    found = []
    for at, code in enumerate(codes):
        texts = {}
        for language in ("en", "zh"):
            wording = words.get(language) if words else None
            texts[language] = str((wording[at] if isinstance(wording, list) else wording) or code)
        found.append((code, texts))
    return found


# --- the sentence --------------------------------------------------------------------------------------------


def sentence_of(document: Body, dimension: str | None, value: str) -> str | None:
    """The sentence of the (masked) text that the value was read from."""
    record = document.get("record", {})
    for span in _evidence(record, dimension, value.split(PAIR, maxsplit=1)[0]):
        return sentence(document.get("text", ""), span["start"] - record["span"]["start"])
    return None


def penalty_sentence(document: Body, penalty_id: str) -> str | None:
    """The sentence that this penalty of the record was read from: of several fines each has its own."""
    record = document.get("record", {})
    for penalty in (record.get("case") or {}).get("penalties", ()):
        if penalty.get("id") == penalty_id and (span := penalty.get("evidence")):
            return sentence(document.get("text", ""), span["start"] - record["span"]["start"])
    return None


def sentence(text: str, at: int) -> str | None:
    """The sentence around a place in a text."""
    if not 0 <= at < len(text):
        return None
    start = max((m.end() for m in SENTENCE_END.finditer(text, 0, at)), default=0)
    end = next((m.end() for m in SENTENCE_END.finditer(text, at)), len(text))
    return " ".join(text[start:end].split())[:LONGEST_SENTENCE] or None


def _evidence(record: Body, dimension: str | None, value: str) -> Iterator[Body]:
    case = record.get("case") or {}
    match dimension:
        case "penalty":
            kind, _, phrase = value.partition(":")
            found = [
                p for p in case.get("penalties", ()) if p["type"] == kind and phrase in ("", p["phrase"])
            ]
        case "violation" | "pair":
            found = [v for v in record.get("violations", ()) if v["code"] == value]
        case "article":
            found = [
                c
                for c in case.get("citations", ())
                if value == f"{c.get('version') or c['law']}:{c.get('article')}"
            ]
        case "authority":
            found = [a for a in record.get("authorities", ()) if a["name"] == value]
        case "sector":
            found = [record.get("sector") or {}]
        case "instrument":
            found = [(record.get("regulatory") or {}).get("instrument") or {}]
        case None:
            found = []
        case unknown:
            raise StoreError("no such dimension", where=unknown)
    for one in found:
        if one.get("evidence"):
            # omit_defaults: a span that begins at 0 says so all the same, its fields have no defaults
            yield one["evidence"]
