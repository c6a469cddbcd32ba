"""A phrase table of the words that patterns begin with: where a pattern may match is then known from the one pass over a
text that finds the phrases of all tables (tables.py), and no text is looked through for a pattern by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from enrich.needed import Sought
from enrich.normalise import normalise
from enrich.phrases import Lists, Phrases


class _Memory(threading.local):
    """The text that a thread is at, and the hits in it, by the number of the pattern."""

    def __init__(self) -> None:
        self.body: str | None = None
        self.within: Lists = []


class Beginnings(Phrases[int]):
    """Words to the numbers of the patterns that begin with them."""

    def __init__(self, patterns: Iterable[Sought]) -> None:
        # A table folds its phrases: what would begin at another place then is left to the pattern itself.
        self.patterns = [one for one in dict.fromkeys(patterns) if one.begins and all(map(_kept, one.begins))]
        numbered = enumerate(self.patterns)
        super().__init__(((word, n) for n, one in numbered for word in one.begins), anywhere=True)
        # They are kept, so their ids are theirs.
        self.numbers = {id(one): n for n, one in enumerate(self.patterns)}
        self._kept = _Memory()

    def sinks(self) -> list[list[tuple[int, Any]]]:
        """A list for each pattern."""
        return [[(number, None) for number in numbers] for numbers in self._values]

    def remember(self, whole: str, head: str, body: str, before: Lists, within: Lists) -> None:
        self._kept.body, self._kept.within = body, within

    def forget(self) -> None:
        self._kept.body, self._kept.within = None, []

    def hits(self, text: str) -> Lists | None:
        """The hits in the text that was read last, by the number of the pattern; None for any other text."""
        return self._kept.within if text is self._kept.body else None


def _kept(word: str) -> bool:
    return normalise(word[:1]) == word[:1] and not word[:1].isspace()
