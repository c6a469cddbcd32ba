"""Every regular expression of the classifier, fed with what is worst for it.

    python -m tests.enrich.pattern_attacks 50000

The patterns are those that the modules and the knowledge compile while the fixture texts are classified. Of each, every
part that may repeat is repeated up to the size given, behind a sample of what stands before it, and so is the pattern as
a whole; a pattern that backtracks over such a text does not come to its end. What is tried is printed before it is tried,
so that whoever has to kill this process knows the pattern by the last line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]  # tells what a pattern is made of
from typing import Any

REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
LIKELY = ["a", "A", "1", " ", "一", "，", ".", "\n", "\t", "-", "中", "é", "_", "龘"]
"""Characters to choose from for a class: the first that it takes."""


def collected() -> dict[tuple[str, int], str]:
    """Patterns and flags of `enrich`, with where each was compiled."""
    found: dict[tuple[str, int], str] = {}
    compiled = re._compile  # type: ignore[attr-defined]  # all functions of `re` come through here

    def noted(pattern: Any, flags: int) -> Any:
        frame = sys._getframe(1)
        while frame.f_back is not None and frame.f_globals["__name__"] == "re":
            frame = frame.f_back
        module = frame.f_globals["__name__"]
        if isinstance(pattern, str) and module.startswith("enrich."):
            found.setdefault((pattern, int(flags)), f"{module}:{frame.f_lineno}")
        return compiled(pattern, flags)

    re._compile = noted  # type: ignore[attr-defined]
    try:
        _classify_all()
    finally:
        re._compile = compiled  # type: ignore[attr-defined]
    return found


def _classify_all() -> None:
    from enrich import classify, load_knowledge
    from tests.enrich.bulletins import bulletin_of, names

    for name in names():
        classify(bulletin_of(name), load_knowledge())


def attacks(pattern: str, flags: int, size: int) -> Iterator[str]:
    """Texts of about `size` characters."""
    parts = parser.parse(pattern, flags)
    whole = _sample(parts)
    for before, repeated in sorted({*_repeated(parts, ""), ("", whole), ("", whole[:-1])}):
        for start, unit in ((before, repeated), ("", before + repeated)):
            if unit:
                yield start + unit * (size // len(unit))


def _repeated(parts: Any, before: str) -> Iterator[tuple[str, str]]:
    """What stands before each part that may repeat, and a sample of the part."""
    for name, value in ((str(op), value) for op, value in parts):
        inner: list[Any] = []
        if name in REPEATS:
            inner = [value[2]]
            if value[1] > 1:
                yield before, _sample(value[2])
        elif name == "SUBPATTERN":
            inner = [value[3]]
        elif name == "ATOMIC_GROUP":
            inner = [value]
        elif name == "BRANCH":
            inner = value[1]
        elif name in ("ASSERT", "ASSERT_NOT"):
            inner = [value[1]]
        for part in inner:
            yield from _repeated(part, before)
        before += _sample_of(name, value)


def _sample(parts: Any) -> str:
    """A text that the parts match, for most patterns."""
    return "".join(_sample_of(str(op), value) for op, value in parts)


def _sample_of(name: str, value: Any) -> str:
    if name == "LITERAL":
        return chr(value)
    if name == "IN":
        return _of_class(value)
    if name in ("ANY", "NOT_LITERAL"):
        return "a" if value != ord("a") else "b"
    if name == "BRANCH":
        return max((_sample(branch) for branch in value[1]), key=len)
    if name == "SUBPATTERN":
        return _sample(value[3])
    if name == "ATOMIC_GROUP":
        return _sample(value)
    if name in REPEATS:
        return _sample(value[2]) * max(value[0], 1)
    return ""


def _of_class(items: Any) -> str:
    negated = str(items[0][0]) == "NEGATE"
    own = [chr(v if str(op) == "LITERAL" else v[0]) for op, v in items if str(op) in ("LITERAL", "RANGE")]
    for character in LIKELY if negated else [*LIKELY, *own]:
        if any(_takes(str(op), value, character) for op, value in items) != negated:
            return character
    return own[0] if own else "a"


def _takes(name: str, value: Any, character: str) -> bool:
    if name == "LITERAL":
        return ord(character) == value
    if name == "RANGE":
        return bool(value[0] <= ord(character) <= value[1])
    if name == "CATEGORY":
        kind = str(value).removeprefix("CATEGORY_")
        known = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}[kind.removeprefix("NOT_")]
        return (re.fullmatch(known, character) is not None) != kind.startswith("NOT_")
    return False


def main(size: int) -> None:
    patterns = collected()
    for (pattern, flags), where in patterns.items():
        print(f"{where} {pattern!r}", flush=True)
        compiled = re.compile(pattern, flags)
        for text in attacks(pattern, flags, size):
            for _ in compiled.finditer(text):
                pass
    print(f"{len(patterns)} patterns", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
