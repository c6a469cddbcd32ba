"""Fragments of a text in which a query's words are marked.

Unlike Elasticsearch, the tokens of a phrase that stand side by side are marked as one: a Chinese word is a phrase of
single characters, and marking each by itself would not be read.
"""

from __future__ import annotations

import bisect
import dataclasses
import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from index.embedded.body import Part, choice, malformed, unsupported
from index.embedded.columns import analyzer
from index.embedded.conditions import (
    BestOf,
    Combined,
    Condition,
    Constant,
    HasPhrase,
    HasPrefix,
    HasTerm,
)
from index.mappings import IndexMapping
from index.store import MOST_HIGHLIGHTED

SENTENCE: Final = re.compile(r"[^。！？；!?\n]*(?:[。！？；!?\n]+|\Z)|[^。！？；!?\n]+")
ENCODERS: Final[Mapping[str, Callable[[str], str]]] = {"default": str, "html": html.escape}
Span = tuple[int, int]


@dataclasses.dataclass(frozen=True, slots=True)
class FieldOptions:
    fragment_size: int
    fragments: int
    no_match_size: int
    pre: str
    post: str
    encode: Callable[[str], str]


class Highlighter:
    def __init__(self, body: Any, condition: Condition, mapping: IndexMapping, path: str) -> None:
        """Raises MalformedQuery, UnsupportedQuery."""
        part = Part(body, path)
        encode = choice(part.pop("encoder", "default"), ENCODERS, part.at("encoder"))
        fields = part.need("fields")
        shared = part.rest()
        if not isinstance(fields, Mapping):
            malformed("an object of fields is wanted", part.at("fields"))
        self._fields: dict[str, FieldOptions] = {}
        for name, given in fields.items():
            if name not in mapping.fields:
                unsupported("the index has no such field", f"{part.at('fields')}.{name}")
            options = Part({**shared, **(given or {})}, f"{part.at('fields')}.{name}")
            self._fields[name] = _read_options(options, encode)
        self._wanted = {name: list(_sought(condition, name)) for name in self._fields}

    def fragments(self, document: Mapping[str, Any]) -> dict[str, list[str]]:
        """By field; fields without a match are left out."""
        found: dict[str, list[str]] = {}
        for name, options in self._fields.items():
            value: Any = document
            for key in name.split("."):
                value = value.get(key) if isinstance(value, Mapping) else None
            texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
            marked = [
                fragment for text in texts for fragment in self._marked(text, self._wanted[name], options)
            ]
            if not marked and options.no_match_size and texts:
                marked = [options.encode(texts[0][: options.no_match_size])]
            if marked:
                found[name] = marked[: options.fragments] if options.fragments else marked
        return found

    def _marked(self, text: str, wanted: Sequence[Condition], options: FieldOptions) -> list[str]:
        spans = _spans(text, wanted)
        if not spans:
            return []
        if not options.fragments:
            return [_mark(text, 0, len(text), spans, options)]
        passages = list(_passages(text, spans, options.fragment_size))
        best = sorted(passages, key=lambda one: (-_count(one, spans), one))[: options.fragments]
        return [_mark(text, start, end, spans, options) for start, end in sorted(best)]


def _read_options(part: Part, encode: Callable[[str], str]) -> FieldOptions:
    if part.pop("type", "unified") not in ("unified", "plain"):
        unsupported("this highlighter", part.at("type"))
    if not part.pop_bool("require_field_match", True):
        unsupported("marks from other fields' queries", part.at("require_field_match"))
    pre, post = part.pop("pre_tags", ["<em>"]), part.pop("post_tags", ["</em>"])
    if not all(isinstance(tags, list) and tags and isinstance(tags[0], str) for tags in (pre, post)):
        malformed("a list of tags is wanted", part.at("pre_tags"))
    options = FieldOptions(
        fragment_size=part.pop_int("fragment_size", 100, least=1),
        fragments=part.pop_int("number_of_fragments", 5),
        no_match_size=part.pop_int("no_match_size", 0),
        pre=pre[0],
        post=post[0],
        encode=encode,
    )
    part.done()
    return options


def _sought(condition: Condition, field: str) -> Iterator[Condition]:
    """What a query looks for in a field; not what it excludes."""
    match condition:
        case HasTerm(name) | HasPhrase(name) | HasPrefix(name):
            if name == field:
                yield condition
        case Constant(part):
            yield from _sought(part, field)
        case BestOf(parts):
            for part in parts:
                yield from _sought(part, field)
        case Combined(must, filters, should):
            for part in (*must, *filters, *should):
                yield from _sought(part, field)


def _spans(text: str, wanted: Sequence[Condition]) -> list[Span]:
    """Parts of the text to mark: in order, and not overlapping."""
    if not wanted:
        return []
    tokens = analyzer().pre_tokenize(text[:MOST_HIGHLIGHTED]).tokens
    words = [token.text for token in tokens]
    places = [(token.char_offset_from, token.char_offset_to or token.char_offset_from) for token in tokens]
    spans: list[Span] = []
    for condition in wanted:
        match condition:
            case HasTerm(_, values):
                spans += [(0, len(text))] if text in values else []
                spans += [place for word, place in zip(words, places, strict=True) if word in values]
            case HasPrefix(_, prefix):
                spans += [place for word, place in zip(words, places, strict=True) if word.startswith(prefix)]
            case HasPhrase(_, phrase, slop):
                spans += _phrases(words, places, phrase, slop)
    merged: list[Span] = []
    for start, end in sorted(set(spans)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _phrases(
    words: Sequence[str], places: Sequence[Span], phrase: Sequence[str], slop: int
) -> Iterator[Span]:
    for at, word in enumerate(words):
        if word != phrase[0]:
            continue
        if tuple(words[at : at + len(phrase)]) == tuple(phrase):
            yield places[at][0], places[at + len(phrase) - 1][1]
        elif slop:
            window = range(max(0, at - slop), min(len(words), at + len(phrase) + slop))
            if set(phrase) <= {words[near] for near in window}:
                yield from (places[near] for near in window if words[near] in phrase)


def _passages(text: str, spans: Sequence[Span], size: int) -> Iterator[Span]:
    """Runs of whole sentences of about `size` characters with a mark in them; a long sentence is cut."""
    sentences = [match.span() for match in SENTENCE.finditer(text) if match.end() > match.start()]
    starts = [start for start, _ in sentences]
    reached = 0
    for start, end in spans:
        if start < reached:
            continue
        number = max(0, bisect.bisect_right(starts, start) - 1)
        first, last = sentences[number]
        if last - first > size:
            first = max(first, reached, start - size // 2)
            last = min(last, max(end, first + size))
        first, last = max(first, reached), max(last, end)
        while (
            number + 1 < len(sentences)
            and sentences[number + 1][1] - first <= size
            and last >= sentences[number][1]
        ):
            number += 1
            last = sentences[number][1]
        reached = last
        yield first, last


def _count(passage: Span, spans: Sequence[Span]) -> int:
    return sum(1 for start, end in spans if start >= passage[0] and end <= passage[1])


def _mark(text: str, first: int, last: int, spans: Sequence[Span], options: FieldOptions) -> str:
    parts = []
    position = first
    for start, end in spans:
        if start < first or end > last:
            continue
        parts += [
            options.encode(text[position:start]),
            options.pre,
            options.encode(text[start:end]),
            options.post,
        ]
        position = end
    parts.append(options.encode(text[position:last]))
    return "".join(parts).strip()
