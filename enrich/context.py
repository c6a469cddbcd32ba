"""What a sentence says of a penalty or a sum: imposed, or the text of a rule, a possibility, history, other money.

One sentence may hold several ("had been fined in 2018 and was now fined again"), so the reading is by clause:
`clause_contexts` gives each clause with its class, `context_at` the class around a span, `context_of` one class for a
sentence as a whole. Cues and their precedence are data (context.yaml).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol, get_args

from enrich.catalogue import Knowledge
from enrich.needed import Sought, lowered, sought
from enrich.normalise import normalise
from enrich.phrases import Phrases
from netdocket.errors import KnowledgeError

Context = Literal["none", "statutory", "hypothetical", "past", "penalty", "not_fine"]
CLASSES: tuple[Context, ...] = get_args(Context)
RANKED = tuple((code, f"weak:{code}") for code in CLASSES)

# A comma inside a number divides nothing; a bare English comma divides where a space follows.
# A class first lets the search skip what lies between.
CLAUSE_END = re.compile(r"[，；;。！？\n：,.:](?:(?<=[，；;。！？\n：])|(?=\s)(?:(?<=[,:])|(?<=[a-z]\.)))")
SENTENCE_ENDS = frozenset("。！？；;\n")
FULL_STOP = re.compile(r"(?<=[a-z0-9)]\.)(?=\s+[A-Z\"])")
"""Behind a full stop that ends a sentence."""


class ClauseContext(NamedTuple):
    """A clause (half-open span) and its class; None where nothing is said of a penalty or a sum."""

    start: int
    end: int
    context: Context | None


@dataclass(frozen=True, eq=False)
class ContextTable:
    """The cues of context.yaml, compiled. Values of `phrases` are class codes, `weak:` those of weak cues,
    `unless:` and `reset`."""

    phrases: Phrases[str]
    patterns: tuple[tuple[Sought, Context], ...]
    carries: frozenset[Context]


class Searched(Protocol):
    """A text in which patterns are looked for: `Reading`, or here one that is read by itself."""

    @property
    def text(self) -> str: ...
    def matches(self, sought: Sought, start: int, end: int) -> Iterable[re.Match[str]]: ...


class _Text(NamedTuple):
    text: str
    lower: str

    def matches(self, sought: Sought, start: int, end: int) -> Iterable[re.Match[str]]:
        if sought.may_match(self.lower, start, end):
            return sought.pattern.finditer(self.text, start, end)
        return ()


def clause_contexts(text: str, knowledge: Knowledge) -> list[ClauseContext]:
    """The clauses of a text, sentence by sentence, each with its class. Linear in the text."""
    text = normalise(text)
    return contexts_in(_Text(text, lowered(text)), context_table(knowledge), 0, len(text))


def contexts_in(searched: Searched, table: ContextTable, start: int, end: int) -> list[ClauseContext]:
    """The clauses of [start, end) of a normalised text, each with its class. Linear in the span, once the text has been
    looked through for phrases."""
    text = searched.text
    clauses = _cut(text, start, end)
    cues: list[set[str]] = [set() for _ in clauses]
    index = 0
    for at, values in _cues(table.phrases, text, start, end):
        while index and at < clauses[index][0]:
            index -= 1
        while index + 1 < len(clauses) and at >= clauses[index][1]:
            index += 1
        cues[index].update(values)
    for sought_for, code in table.patterns:
        index = 0
        for match in searched.matches(sought_for, start, end):
            while index + 1 < len(clauses) and match.start() >= clauses[index][1]:
                index += 1
            cues[index].add(code)
    return _classify(clauses, cues, table)


def _cues(phrases: Phrases[str], text: str, start: int, end: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The cues that lie in [start, end), with their places."""
    found = phrases.in_order(text)
    for number in range(bisect_left(found, (start,)), len(found)):
        at, last, values = found[number]
        if at >= end:
            return
        if last <= end:
            yield at, values


def context_at(text: str, start: int, end: int, knowledge: Knowledge) -> Context | None:
    """The class of what stands at [start, end) in a sentence."""
    best: Context | None = None
    for clause in clause_contexts(text, knowledge):
        if clause.start < end and start < clause.end and clause.context is not None:
            best = clause.context if best is None else min(best, clause.context, key=CLASSES.index)
    return best


def context_of(text: str, knowledge: Knowledge) -> Context | None:
    """One class for a sentence: of those of its clauses the one that takes precedence."""
    found = [clause.context for clause in clause_contexts(text, knowledge) if clause.context is not None]
    return min(found, key=CLASSES.index, default=None)


def _cut(text: str, start: int, size: int) -> list[tuple[int, int, bool]]:
    """The clauses of [start, size) as (start, end, whether a sentence begins here)."""
    clauses: list[tuple[int, int, bool]] = []
    begins = True
    for match in CLAUSE_END.finditer(text, start, size):
        end = match.end()
        clauses.append((start, end, begins))
        mark = text[end - 1]
        begins = mark in SENTENCE_ENDS or (mark == "." and FULL_STOP.match(text, end, size) is not None)
        start = end
    if start < size or not clauses:
        clauses.append((start, size, begins))
    return clauses


def _classify(
    clauses: list[tuple[int, int, bool]], cues: list[set[str]], table: ContextTable
) -> list[ClauseContext]:
    out: list[ClauseContext] = []
    carried: Context | None = None
    unless: set[str] = set()
    for index, (start, end, begins) in enumerate(clauses):
        if begins:
            carried = None
            unless = _unless(clauses, cues, index)
        found = cues[index]
        own = _own(found, unless) if found else None
        decisive = own in ("none", "statutory", "hypothetical", "past")
        if not decisive and "reset" in found:
            carried = None
        context = own if decisive or carried is None else carried
        if own in table.carries:
            carried = own if carried is None else min(carried, own, key=CLASSES.index)
        # A carried class says something only of a clause that is about a penalty or a sum at all.
        out.append(ClauseContext(start, end, context if own is not None or carried is not None else None))
    return out


def _own(found: set[str], unless: set[str]) -> Context | None:
    """The class of a clause by its own cues: of those that it holds cues of the first."""
    for code, weak in RANKED:
        if code in found or (weak in found and code not in unless):
            return code
    return None


def _unless(clauses: list[tuple[int, int, bool]], cues: list[set[str]], index: int) -> set[str]:
    """The classes whose weak cues do not count in the sentence that begins at this clause."""
    codes: set[str] = set()
    if not any(cues):
        return codes
    for following in range(index, len(clauses)):
        if following > index and clauses[following][2]:
            break
        if cues[following]:
            codes |= {cue.removeprefix("unless:") for cue in cues[following] if cue.startswith("unless:")}
    return codes


@lru_cache(maxsize=8)
def context_table(knowledge: Knowledge) -> ContextTable:
    """The compiled cues. Raises KnowledgeError naming the class."""
    data = knowledge.tables["context"]
    entries: list[tuple[str, str]] = []
    patterns: list[tuple[Sought, Context]] = []
    carries: set[Context] = set()
    codes = [entry.get("code") for entry in data.get("classes", ())]
    if codes != list(CLASSES):
        raise KnowledgeError(
            f"the classes must be {', '.join(CLASSES)}, in this order", where="context.yaml classes"
        )
    for entry in data["classes"]:
        code: Context = entry["code"]
        entries += [(phrase, code) for phrase in (*_texts(entry, "zh"), *_texts(entry, "en"))]
        entries += [(phrase, f"weak:{code}") for phrase in _texts(entry, "weak")]
        entries += [(phrase, f"unless:{code}") for phrase in _texts(entry, "unless")]
        patterns += [(_compiled(pattern, code), code) for pattern in _texts(entry, "patterns")]
        if entry.get("carries"):
            carries.add(code)
    resets = data.get("resets", {})
    entries += [(phrase, "reset") for phrase in (*_texts(resets, "zh"), *_texts(resets, "en"))]
    return ContextTable(Phrases(entries), tuple(patterns), frozenset(carries))


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = entry.get(key, ())
    if not isinstance(value, tuple) or not all(isinstance(text, str) for text in value):
        raise KnowledgeError("is no list of texts", where=f"context.yaml {entry.get('code', 'resets')}.{key}")
    return value


def _compiled(pattern: str, code: str) -> Sought:
    if re.search(r"[*+](?!\?)|\{\d*,\}", pattern.replace("\\*", "").replace("\\+", "")):
        raise KnowledgeError(
            f"{pattern!r} holds an unbounded repetition", where=f"context.yaml {code}.patterns"
        )
    try:
        return sought(pattern, re.IGNORECASE)
    except re.error as error:
        raise KnowledgeError(f"{pattern!r}: {error}", where=f"context.yaml {code}.patterns") from error
