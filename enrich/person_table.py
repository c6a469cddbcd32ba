"""What persons.yaml says of names of natural persons, compiled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from enrich.catalogue import Knowledge
from enrich.persons_en import EnglishTable, english_table
from enrich.persons_told import ToldTable, told_table
from enrich.phrases import Phrases
from netdocket.errors import KnowledgeError

BODY = "公司|集团|医院|学校|大学|学院|中学|小学|幼儿园|银行|酒店|宾馆|平台|网站|机构|企业|单位|中心|协会|超市|商场|小区|项目|店"


@dataclass(frozen=True, eq=False)
class PersonTable:
    """What persons.yaml says, compiled."""

    surnames: frozenset[str]
    compounds: frozenset[str]
    wordlike: frozenset[str]
    boundary: frozenset[str]
    stops: tuple[str, ...]
    body_after: re.Pattern[str]
    body_after_any: re.Pattern[str]
    weak_after: frozenset[str]
    dotted_end: frozenset[str]
    begins: tuple[str, ...]
    closing: frozenset[str]
    cues: Phrases[str]
    after: re.Pattern[str]
    places: frozenset[str]
    all_places: frozenset[str]
    words: frozenset[str]
    not_given: frozenset[str]
    given_first: frozenset[str]
    ends: frozenset[str]
    tails: frozenset[str]
    locative: frozenset[str]
    weak_after_words: tuple[str, ...]
    described: tuple[str, ...]
    after_words: AhoCorasick
    after_weak: AhoCorasick
    personal: re.Pattern[str]
    head: frozenset[str]
    measures: Phrases[str]
    english: EnglishTable
    told: ToldTable


def _body(excluded: Iterable[str]) -> re.Pattern[str]:
    """The rest of the name of a firm or body, without the characters excluded."""
    return re.compile(rf"[^\s，。；、,;:：()《》{''.join(excluded)}]{{0,14}}?(?:{BODY})")


def _longest(words: Sequence[str]) -> AhoCorasick:
    """Finds the words exactly as given: leftmost first, of those the longest."""
    return AhoCorasick(words, matchkind=MatchKind.LeftmostLongest)


@lru_cache(maxsize=8)
def person_table(knowledge: Knowledge) -> PersonTable:
    """The compiled lists. Raises KnowledgeError naming the key that is missing."""
    data = knowledge.tables.get("persons")
    if data is None:
        raise KnowledgeError("is missing", where="persons.yaml")

    def listed(key: str) -> tuple[str, ...]:
        value: Any = data.get(key)
        if isinstance(value, str):
            return tuple("".join(value.split()))
        if not isinstance(value, tuple) or not all(isinstance(v, str) for v in value):
            raise KnowledgeError("is neither a text nor a list of texts", where=f"persons.yaml {key}")
        return value

    def either(words: tuple[str, ...]) -> str:
        return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))

    cues = [(cue, "strong") for cue in listed("strong_before_zh")]
    cues += [(cue, "weak") for cue in listed("weak_before_zh")]
    cues += [(cue, "beside") for cue in listed("weak_beside_zh")]
    cues += [(cue, "taken") for cue in listed("taken_before_zh")]
    cues += [(cue, "none") for cue in listed("not_subjects_zh")]
    penalties = knowledge.tables["taxonomy"]["penalty_types"]
    places = {name for entry in knowledge.divisions.values() for name in (entry.zh_short, entry.zh)}
    boundary = frozenset(listed("boundary_zh")) | frozenset(listed("boundary_more_zh"))
    all_places = frozenset(places) | frozenset(listed("places_zh"))
    return PersonTable(
        surnames=frozenset(listed("surnames_zh")),
        compounds=frozenset(listed("compound_zh")),
        wordlike=frozenset(listed("wordlike_zh")),
        boundary=boundary,
        stops=listed("stop_zh"),
        body_after=_body(listed("boundary_zh")),
        body_after_any=_body(listed("closing_zh")),
        weak_after=frozenset(listed("weak_after_zh")),
        dotted_end=frozenset(listed("closing_zh")) | frozenset(listed("dotted_end_zh")),
        begins=listed("begins_zh"),
        closing=frozenset(listed("closing_zh")),
        cues=Phrases(cues),
        after=re.compile(either(listed("after_zh"))),
        places=frozenset(places),
        all_places=all_places,
        words=frozenset(listed("words_zh")),
        not_given=frozenset(listed("not_given_zh")),
        given_first=frozenset(listed("given_first_zh")),
        ends=frozenset(listed("ends_zh")),
        tails=frozenset(listed("tails_zh")),
        locative=frozenset(listed("locative_zh")),
        weak_after_words=listed("weak_after_words_zh"),
        described=listed("described_zh"),
        after_words=_longest(listed("after_zh")),
        after_weak=_longest(listed("after_weak_zh")),
        personal=re.compile(either(listed("personal_zh"))),
        head=frozenset(listed("head_zh")),
        english=english_table(listed, either, frozenset(e.en for e in knowledge.divisions.values())),
        told=told_table(listed, either, boundary=boundary, body=BODY, places=all_places),
        measures=Phrases((cue, p["code"]) for p in penalties for cue in p.get("cues_zh", ())),
    )
