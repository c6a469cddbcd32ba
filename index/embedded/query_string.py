"""The query_string syntax, as far as docs/queries.md lists it.

    words "a phrase"~2 prefix* +must -must_not NOT x   a AND b   a OR b   (…)   field:word field:(…) field:"…"

AND and OR side by side without parentheses are refused: Lucene does not read them the way they look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from index.embedded.body import malformed, unsupported
from index.embedded.conditions import BestOf, Combined, Condition, Everything, HasPrefix, HasValue, Nothing

if TYPE_CHECKING:
    from index.embedded.queries import Parser

TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<open>\() | (?P<close>\)) | (?P<sign>[+\-!])(?=\S)
    | "(?P<phrase>(?:[^"\\]|\\.)*)"(?:~(?P<slop>\d+))?
    | (?P<field>[A-Za-z_][\w.]*):
    | (?P<word>(?:[^\s()"\\:]|\\.)+)
    )""",
    re.VERBOSE,
)
REFUSED: Final = re.compile(r"(?<!\\)[~^\[\]{}/?<>]|(?<!\\)\*(?!$)")


class _Token(NamedTuple):
    kind: str
    text: str
    slop: int = 0


def parse(
    parser: Parser, text: str, fields: list[str], *, operator: str, phrases: bool, path: str
) -> Condition:
    """`phrases`: a word of several tokens (any Chinese word) is a phrase. Raises MalformedQuery, UnsupportedQuery."""
    reader = _Reader(parser, _tokens(text, path), fields, operator, phrases, path)
    condition = reader.clauses()
    if reader.peek() is not None:
        malformed("a parenthesis too many", path)
    return condition


def _tokens(text: str, path: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None or match.end() == position:
            malformed(f"cannot be read from {text[position : position + 20]!r} on", path)
        position = match.end()
        kind = match.lastgroup or ""
        if kind == "slop":
            kind = "phrase"
        word = match[kind]
        if kind == "word" and word in ("AND", "OR", "NOT", "&&", "||"):
            found.append(_Token({"&&": "AND", "||": "OR"}.get(word, word), word))
        else:
            if kind == "word" and REFUSED.search(word) and word != "*":
                unsupported(f"{word!r}: fuzzy, boosted, ranged and pattern words", path)
            found.append(_Token(kind, word, int(match["slop"] or 0)))
    return found


class _Reader:
    def __init__(
        self, parser: Parser, tokens: list[_Token], fields: list[str], operator: str, phrases: bool, path: str
    ) -> None:
        self._parser = parser
        self._tokens = tokens
        self._at = 0
        self._fields = fields
        self._operator = operator
        self._phrases = phrases
        self._path = path

    def peek(self) -> str | None:
        return self._tokens[self._at].kind if self._at < len(self._tokens) else None

    def _take(self) -> _Token:
        self._at += 1
        return self._tokens[self._at - 1]

    def clauses(self) -> Condition:
        """Up to the closing parenthesis or the end."""
        plain: list[Condition] = []
        must: list[Condition] = []
        must_not: list[Condition] = []
        joined: set[str] = set()
        expected = True
        while (kind := self.peek()) not in (None, "close"):
            if kind in ("AND", "OR"):
                if expected:
                    malformed(f"{kind} with nothing before it", self._path)
                joined.add(self._take().kind)
                expected = True
                continue
            sign = ""
            if kind in ("sign", "NOT"):
                sign = self._take().text
            condition = self._operand()
            expected = False
            if sign in ("-", "!", "NOT"):
                must_not.append(condition)
            elif sign == "+":
                must.append(condition)
            else:
                plain.append(condition)
        if expected and joined:
            malformed(f"{joined.pop()} with nothing after it", self._path)
        if len(joined) > 1:
            unsupported("AND and OR side by side; use parentheses", self._path)
        if joined == {"OR"} and (must or must_not):
            unsupported("OR beside +, - or NOT; use parentheses", self._path)
        if "AND" in joined or (self._operator == "and" and not joined):
            must, plain = [*must, *plain], []
        if not (plain or must or must_not):
            return Nothing()
        if len(plain) + len(must) == 1 and not must_not:
            return (plain or must)[0]
        return Combined(
            must=tuple(must),
            should=tuple(plain),
            must_not=tuple(must_not),
            at_least=0 if must else min(1, len(plain)),
        )

    def _operand(self) -> Condition:
        if self.peek() is None:
            malformed("ends where a word is wanted", self._path)
        token = self._take()
        match token.kind:
            case "open":
                inner = self.clauses()
                if self.peek() != "close":
                    malformed("a parenthesis is not closed", self._path)
                self._take()
                return inner
            case "field":
                return self._in_field(token.text)
            case "phrase":
                text = _unescaped(token.text)
                return self._any(
                    self._parser.phrase(f, text, self._path, slop=token.slop) for f in self._fields
                )
            case "word":
                return self._word(token.text)
        malformed(f"{token.text!r} stands where a word is wanted", self._path)

    def _in_field(self, name: str) -> Condition:
        if name == "_exists_":
            return self._parser.has_value(_unescaped(self._take_word()), self._path)
        self._parser.field(name, self._path)
        outer, self._fields = self._fields, [name]
        try:
            return self._operand()
        finally:
            self._fields = outer

    def _take_word(self) -> str:
        if self.peek() != "word":
            malformed("a field's name is wanted after _exists_", self._path)
        return self._take().text

    def _word(self, word: str) -> Condition:
        if word == "*":
            return Everything() if len(self._fields) != 1 else HasValue(self._fields[0])
        if word.endswith("*") and not word.endswith("\\*"):
            prefix = _unescaped(word[:-1])
            return self._any(self._prefix(name, prefix) for name in self._fields)
        text = _unescaped(word)
        if self._phrases:
            return self._any(self._parser.phrase(name, text, self._path) for name in self._fields)
        return self._any(
            self._parser.match(name, text, self._path, operator=self._operator) for name in self._fields
        )

    def _prefix(self, name: str, prefix: str) -> Condition:
        kind = self._parser.field(name, self._path)
        if kind not in ("keyword", "text"):
            unsupported(f"a prefix in the field {name!r} of type {kind}", self._path)
        return HasPrefix(name, prefix.lower() if kind == "text" else prefix)

    def _any(self, parts: Iterable[Condition]) -> Condition:
        found = tuple(parts)
        if not found:
            return Nothing()
        return found[0] if len(found) == 1 else BestOf(found)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
