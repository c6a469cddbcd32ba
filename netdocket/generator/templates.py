"""The little language of the phrase files, compiled once.

    {name}            a slot
    {?name|text}      text only where the slot has something to say
    [one|two]         one of the two
    <left/leaving>    the form that the sentence asks for: 0 the first, 1 the second

A phrase becomes a string (`say`); a frame is played into a page, where a slot may write several marked pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from netdocket.errors import ConfigurationError
from netdocket.generator.drawing import Draw

_LITERAL, _SLOT, _WHERE, _EITHER, _FORMS = range(5)
_CLOSING: Final = {"{": "}", "[": "]", "<": ">"}


class Words(Protocol):
    """What fills the slots of a phrase."""

    def word(self, name: str) -> str:
        """The word of the slot `name`."""


class Given:
    """Slots filled from a mapping."""

    def __init__(self, **words: str) -> None:
        self._words = words

    def word(self, name: str) -> str:
        return self._words[name]


Part = tuple[int, str, tuple["Template", ...]]
Slots = Mapping[str, Callable[[], None]]


class Template:
    """A compiled phrase or frame; `source` is what it was compiled from."""

    __slots__ = ("_parts", "needed", "source")

    def __init__(self, source: str, parts: tuple[Part, ...]) -> None:
        self.source = source
        self._parts = parts
        self.needed = self._needed()
        """Names of the slots that it cannot do without."""

    def say(self, draw: Draw, words: Words, form: int = 0) -> str:
        parts = self._parts
        if len(parts) == 1 and parts[0][0] == _LITERAL:
            return parts[0][1]
        return "".join([_said(part, draw, words, form) for part in parts])

    def play(self, write: Callable[[str], None], draw: Draw, slots: Slots) -> None:
        """Writes literal text with `write`; a slot writes by itself. `{?name|…}` asks whether the slot is there."""
        for op, text, inner in self._parts:
            if op == _LITERAL:
                write(text)
            elif op == _SLOT:
                slots[text]()
            elif op == _WHERE:
                if text in slots:
                    inner[0].play(write, draw, slots)
            else:
                draw.pick(inner).play(write, draw, slots)

    def slots(self) -> set[str]:
        """Names of all slots, those inside conditions included."""
        names = {text for op, text, _ in self._parts if op in (_SLOT, _WHERE)}
        return names.union(*(inner.slots() for _, _, inners in self._parts for inner in inners))

    def _needed(self) -> frozenset[str]:
        names = frozenset(text for op, text, _ in self._parts if op == _SLOT)
        return names.union(
            *(inner.needed for op, _, inners in self._parts if op != _WHERE for inner in inners)
        )


def _said(part: Part, draw: Draw, words: Words, form: int) -> str:
    op, text, inner = part
    if op == _LITERAL:
        return text
    if op == _SLOT:
        return words.word(text)
    if op == _EITHER:
        return draw.pick(inner).say(draw, words, form)
    if op == _FORMS:
        return inner[form].say(draw, words, form)
    return inner[0].say(draw, words, form)


def template(source: str) -> Template:
    """Raises ConfigurationError for a bracket that is not closed."""
    parsed, at = _parse(source, 0, "")
    if at != len(source):
        raise ConfigurationError(f"character {at} closes nothing", where=f"phrase {source!r}")
    return parsed


def _parse(source: str, at: int, stops: str) -> tuple[Template, int]:
    parts: list[Part] = []
    literal: list[str] = []
    begun = at
    while at < len(source) and source[at] not in stops:
        char = source[at]
        if char not in _CLOSING:
            literal.append(char)
            at += 1
            continue
        if literal:
            parts.append((_LITERAL, "".join(literal), ()))
            literal = []
        part, at = _bracket(source, at)
        parts.append(part)
    if literal:
        parts.append((_LITERAL, "".join(literal), ()))
    return Template(source[begun:at], tuple(parts)), at


def _bracket(source: str, at: int) -> tuple[Part, int]:
    opening = source[at]
    if opening == "{":
        name_end = at + 1
        while name_end < len(source) and source[name_end] not in "}|":
            name_end += 1
        name = source[at + 1 : name_end]
        if not name.startswith("?"):
            return (_SLOT, name, ()), _closed(source, name_end, "}")
        inner, end = _parse(source, name_end + 1, "}")
        return (_WHERE, name[1:], (inner,)), _closed(source, end, "}")
    parting, closing = ("|", "]") if opening == "[" else ("/", ">")
    choices: list[Template] = []
    end = at
    while end == at or (end < len(source) and source[end] == parting):
        inner, end = _parse(source, end + 1, parting + closing)
        choices.append(inner)
    return (_EITHER if opening == "[" else _FORMS, "", tuple(choices)), _closed(source, end, closing)


def _closed(source: str, at: int, closing: str) -> int:
    if at >= len(source) or source[at] != closing:
        raise ConfigurationError(f"{closing} is missing at character {at}", where=f"phrase {source!r}")
    return at + 1
