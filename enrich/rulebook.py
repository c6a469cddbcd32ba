"""What the steps look for, compiled once from the knowledge: one phrase table over the cues of all files.

A file of cues holds `cues: {group: {code: [phrase, ...]}}` and `stops: {group: [phrase, ...]}`. The groups
`penalty`, `breach_cue`, `authority`, `sector`, `incident_type` also take the cues of taxonomy.yaml and incidents.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from enrich.catalogue import Knowledge
from enrich.grouped import Grouped
from enrich.reading import STOP
from netdocket.errors import KnowledgeError

CUE_FILES = (
    "penalties",
    "regulatory",
    "kinds",
    "violations",
    "publishers",
    "subjects",
    "figures",
    "jurisdictions",
)
CONCEPT = "concept:"
"""What the group of a concept of violation_frames.yaml begins with; each has a group of its own, so that one word may stand
for several."""
NOT_A_PHRASE = re.compile(r"\b[NXY]\b|…|\(.*\)|（.*）")
"""Cues of the tables that are patterns for the reader ("notified N apps"), not phrases."""


@dataclass(frozen=True, eq=False)
class Rulebook:
    """Everything compiled from one Knowledge."""

    knowledge: Knowledge
    cues: Grouped

    def table(self, name: str) -> Mapping[str, Any]:
        return self.knowledge.tables[name]


@lru_cache(maxsize=8)
def rulebook(knowledge: Knowledge) -> Rulebook:
    """The rulebook of `knowledge`, compiled once."""
    entries = list(_entries(knowledge))
    return Rulebook(knowledge, Grouped(entries, pairs=knowledge.spelling_pairs))


def _entries(knowledge: Knowledge) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in CUE_FILES:
        table = knowledge.tables.get(name)
        if table is None:
            raise KnowledgeError("is missing", where=f"{name}.yaml")
        for group, codes in table.get("cues", {}).items():
            for code, phrases in codes.items():
                yield from (
                    (phrase, (group, code)) for phrase in _phrases(phrases, f"{name}.yaml {group}.{code}")
                )
        for group, phrases in table.get("stops", {}).items():
            yield from ((phrase, (group, STOP)) for phrase in _phrases(phrases, f"{name}.yaml stops.{group}"))
    yield from _concepts(knowledge.tables["violation_frames"])
    yield from _segmentation(knowledge.tables["segmentation"])
    yield from _taxonomy(knowledge.tables["taxonomy"], frozenset(knowledge.tables["violations"]["weak"]))
    yield from _incidents(knowledge.tables["incidents"])


def _phrases(given: Any, where: str) -> tuple[str, ...]:
    if not isinstance(given, tuple) or not all(isinstance(phrase, str) for phrase in given):
        raise KnowledgeError("is no list of phrases", where=where)
    return given


def _concepts(table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for part, code in (("concepts", None), ("stops", STOP)):
        for name, phrases in table[part].items():
            where = f"violation_frames.yaml {part}.{name}"
            for phrase in _phrases(phrases, where):
                yield phrase, (CONCEPT + name, name if code is None else code)


def _segmentation(table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for group in ("sections", "skip"):
        for code, phrases in table[group].items():
            yield from (
                (phrase, ("section", f"skip:{code}" if group == "skip" else code)) for phrase in phrases
            )
    yield from ((phrase, ("section", "explainer")) for phrase in table["explainer"])
    for code, phrases in table["section_words"].items():
        yield from ((phrase, ("section_word", code)) for phrase in phrases)
    yield from ((phrase, ("commentary", "commentary")) for phrase in table["commentary"])
    for group in (
        "foreign_words",
        "part_titles",
        "tail",
        "byline_starts",
        "aftermath",
        "statute_quotes",
        "vendor",
    ):
        yield from ((phrase, (group, group)) for phrase in table[group])


def _taxonomy(table: Mapping[str, Any], weak: frozenset[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for entry in table["penalty_types"]:
        # 罚款 and "penalised" say nothing of the kind alone; penalties.yaml has the finer words.
        yield from _of_entry(
            "penalty",
            entry,
            skip=("penalised", "penalized", "通报", "notified", "illegal profit", "现予以通报", "起诉"),
        )
    for entry in table["violation_types"]:
        for phrase, value in _of_entry(
            "breach_cue", entry, skip=("依法予以行政处罚", "未履行个人信息保护义务")
        ):
            yield phrase, ("breach_topic", value[1]) if phrase in weak else value
    for entry in table["authority_types"]:
        for phrase in (*entry.get("zh", ()), *entry.get("en", ())):
            if not NOT_A_PHRASE.search(phrase):
                yield phrase, ("authority", entry["code"])
    for entry in table["sectors"]:
        yield from ((phrase, ("sector", entry["code"])) for phrase in entry.get("cues", ()))
    for entry in table["case_statuses"]:
        yield from _of_entry("case_status", entry)
    for language in ("zh", "en"):
        for phrase in table["meta"][f"breach_verbs_{language}"]:
            yield phrase, ("breach_verb", language)


def _incidents(table: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    for entry in table["incident_types"]:
        yield from _of_entry("incident_type", entry)
        yield from ((phrase, ("incident_type", STOP)) for phrase in entry.get("not_cues", ()))
    for entry in table["states"]:
        yield from _of_entry("incident_state", entry)
    for name, code in _issuers(table["issuers"]):
        yield name, ("authority", code)


def _issuers(entries: Any) -> Iterator[tuple[str, str]]:
    for entry in entries:
        for name in (*entry.get("zh", ()), *entry.get("en", ())):
            if isinstance(entry.get("authority"), str) and not NOT_A_PHRASE.search(name):
                yield name, entry["authority"]


def _of_entry(
    group: str, entry: Mapping[str, Any], skip: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, str]]]:
    for phrase in (*entry.get("cues_zh", ()), *entry.get("cues_en", ())):
        if isinstance(phrase, str) and phrase not in skip and not NOT_A_PHRASE.search(phrase):
            yield phrase, (group, entry["code"])
    yield from ((phrase, (group, STOP)) for phrase in entry.get("not", ()) if not NOT_A_PHRASE.search(phrase))
