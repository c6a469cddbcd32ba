"""The catalogue of instruments: names to ids, versions by date and by article pair, whether an article exists.

A name is compared without regard to case, to `the`, PRC, `of the People's Republic of China`, 中华人民共和国, to
quotation marks and 《》, and to British or American spelling. Nothing is ever corrected: an article that a version
does not have is reported as such.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from enrich.duty_pairs import duty_pairs, has_pair
from enrich.law import BASE, Law, VersionChoice
from enrich.law_entries import read_law
from enrich.normalise import normalise
from enrich.phrases import IZE
from netdocket.errors import KnowledgeError

__all__ = ["Law", "Laws", "read_laws"]

HAN = re.compile(r"[\u3400-\u9fff]")
CHINA = re.compile(
    r"\bof the people's republic of china\b|\bpeople's republic of china\b|\b(?:the|prc|china's|chinese)\b"
)
TAIL = re.compile(r"\s{0,9}\([^()]{1,40}\)$")
DRAFT = re.compile(r"征求意见|草案|送审稿|讨论稿|审议稿|\bdraft\b|for (?:public )?comment", re.IGNORECASE)
WORD = re.compile(r"[a-z]+")
MOST_ASKED = 4096
"""So many printed names are remembered with what they name."""


class Laws(Mapping[str, Law]):
    """The instruments by id, and the look-up of printed names."""

    def __init__(
        self, laws: Iterable[Law], pairs: Sequence[tuple[str, str]], words: Mapping[str, Any] | None = None
    ) -> None:
        self._laws = {law.id: law for law in laws}
        self._spellings = tuple((re.compile(rf"\b{re.escape(other)}(?=s?\b)"), one) for one, other in pairs)
        keys: dict[str, dict[str, None]] = {}
        loose: dict[str, dict[str, None]] = {}
        for law in self._laws.values():
            for name in law.names:
                keys.setdefault(self.key(name), {})[law.id] = None
                loose.setdefault(_without_tail(self.key(name)), {})[law.id] = None
        # Instruments that share one name (an order and the one that replaced it) share the others as well.
        shared = [ids for table in (keys, loose) for ids in table.values() if len(ids) > 1]
        family = {
            id: tuple(dict.fromkeys(other for ids in shared if id in ids for other in ids))
            for id in self._laws
        }
        self._keys, self._loose = (
            {
                key: tuple(ids) if len(ids) > 1 else family[next(iter(ids))] or tuple(ids)
                for key, ids in table.items()
            }
            for table in (keys, loose)
        )
        self._words = _TitleWords(words or {})
        by_words: dict[tuple[bool, frozenset[str]], dict[str, None]] = {}
        for law in self._laws.values():
            for name in law.en:
                if (same := self._words.key(self.key(name))) is not None:
                    by_words.setdefault(same, {})[law.id] = None
        # Words that two unrelated instruments share tell nothing.
        self._by_words = {
            same: family[next(iter(ids))] or tuple(ids)
            for same, ids in by_words.items()
            if len(ids) == 1 or set(ids) <= set(family[next(iter(ids))])
        }
        self._pairs = {law.id: duty_pairs(law) for law in self._laws.values() if law.versions}
        self._asked: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, id: str) -> Law:
        return self._laws[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._laws)

    def __len__(self) -> int:
        return len(self._laws)

    def key(self, name: str) -> str:
        """What is compared of a name."""
        text = normalise(name).strip().strip("《》〈〉\"'").strip().lower()
        if HAN.search(text):
            return re.sub(r"\s+", "", text).replace("中华人民共和国", "").strip("《》")
        text = IZE.sub("is", text.replace("-", " "))
        text = " ".join(CHINA.sub(" ", text).split())
        for pattern, spelling in self._spellings:
            text = pattern.sub(spelling.replace("-", " "), text)
        return text.replace("cyber security", "cybersecurity")

    def candidates(self, name: str) -> tuple[str, ...]:
        """Ids of all instruments of this name: exactly, else without a closing bracket such as (Trial) or （草案）, else
        by the words of a freely translated English title."""
        found = self._asked.get(name)
        if found is None:
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            found = self._asked[name] = self._candidates(name)
        return found

    def _candidates(self, name: str) -> tuple[str, ...]:
        key = self.key(name)
        found = self._keys.get(key) or self._loose.get(_without_tail(key))
        if found is None and (same := self._words.key(key)) is not None:
            found = self._by_words.get(same)
        return found or ()

    def match(self, name: str, on: dt.date | None = None) -> str | None:
        """The id of a printed name, or None. Of several instruments of one name, the last that was known on the
        day; without a day the newest. A draft may precede the instrument it became by years: of a name that is
        marked as a draft the next one to come is meant."""
        found = self.candidates(name)
        if len(found) < 2:
            return found[0] if found else None
        ordered = sorted(found, key=lambda id: self._laws[id].known_from or dt.date.min)
        if on is None:
            return ordered[-1]
        known = [id for id in ordered if (self._laws[id].known_from or dt.date.min) <= on]
        if DRAFT.search(name) and len(known) < len(ordered):
            return ordered[len(known)]
        return known[-1] if known else ordered[0]

    def version(
        self,
        law: str,
        articles: Collection[str] = (),
        *,
        decided: dt.date | None = None,
        conduct: dt.date | None = None,
        violations: Collection[str] = (),
    ) -> VersionChoice:
        """Which text of a law is cited by one record.

        `articles`: all article strings of this law that the record cites; `decided`: the day of the decision, else of
        publication; `conduct`: the last day of the conduct; `violations`: codes found in the record, to tell apart
        articles whose number means different things in the two texts.
        """
        texts = self._laws[law].versions if law in self._laws else ()
        if not texts:
            return VersionChoice(None, "the law has one text", 1.0)
        bases = {match[0] for article in articles if (match := BASE.match(article))}
        if decided is not None and decided < texts[-1].first:
            before = [text for text in texts if text.first <= decided]
            return (
                VersionChoice(before[-1].id, "date", 1.0)
                if before
                else VersionChoice(texts[0].id, "date", 0.5)
            )
        possible = [t for t in texts if all(self._laws[law].has_article(b, t.id) is not False for b in bases)]
        if len(possible) == 1:
            return VersionChoice(possible[0].id, "only this text has the article", 0.95)
        by_pair = [text.id for text in texts if has_pair(self._pairs[law].get(text.id, ()), bases)]
        if len(by_pair) == 1:
            return VersionChoice(by_pair[0], "article pair", 0.95)
        by_violation = self._by_violation(law, bases, violations)
        if by_violation is not None:
            return VersionChoice(by_violation, "article and violation", 0.8)
        if decided is None:
            return VersionChoice(None, "neither date nor article pair", 0.0)
        current = next(t for t in reversed(texts) if t.first <= decided)
        if conduct is not None and conduct < current.first:
            earlier = [t for t in texts if t.first <= conduct] or [texts[0]]
            return VersionChoice(earlier[-1].id, "date of the conduct", 0.5)
        return VersionChoice(current.id, "date", 0.7 if bases else 0.9)

    def _by_violation(self, law: str, bases: set[str], violations: Collection[str]) -> str | None:
        """The version under which most of the cited articles are about a violation found; None when even."""
        wanted = set(violations)
        if not wanted or not bases:
            return None
        scores = {
            version: sum(bool(meanings.get(base, frozenset()) & wanted) for base in bases)
            for version, meanings in self._meanings(law).items()
        }
        best = max(scores.values(), default=0)
        winners = [version for version, score in scores.items() if score == best]
        return winners[0] if best and len(winners) == 1 else None

    def _meanings(self, law: str) -> dict[str, dict[str, frozenset[str]]]:
        meanings: dict[str, dict[str, frozenset[str]]] = {}
        for version, pairs in self._pairs[law].items():
            table = meanings.setdefault(version, {})
            for pair in pairs:
                for base in (pair.duty, pair.liability):
                    if base:
                        table[base] = table.get(base, frozenset()) | pair.violations
        return meanings


class _TitleWords:
    """What is left of an English title for a comparison of words."""

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._drop = frozenset(words.get("drop", ()))
        self._same = {other: group[0] for group in words.get("same", ()) for other in group}
        self._phrases = [(phrase, first) for phrase, first in self._same.items() if " " in phrase]

    def key(self, title: str) -> tuple[bool, frozenset[str]] | None:
        """Whether it is a law or code, and its words; None for a title too short to tell, or in Chinese."""
        if HAN.search(title):
            return None
        for phrase, first in self._phrases:
            title = title.replace(phrase, first)
        found = [
            word.removesuffix("s") if len(word) > 3 else word
            for word in WORD.findall(title.replace("'s", ""))
        ]
        words = frozenset(self._same.get(word, word) for word in found if word not in self._drop)
        is_law = bool(words & {"law", "code", "act"})
        words -= {"law", "code", "act"}
        return (is_law, words) if len(words) >= 3 else None


def _without_tail(key: str) -> str:
    return TAIL.sub("", key)


def read_laws(table: Mapping[str, Any], pairs: Sequence[tuple[str, str]]) -> Laws:
    """The catalogue from the table of laws.yaml. Raises KnowledgeError naming the instrument and the key."""
    entries = table.get("instruments")
    if not isinstance(entries, tuple):
        raise KnowledgeError("is no list", where="laws.yaml instruments")
    laws = [read_law(entry) for entry in entries]
    ids = {law.id for law in laws}
    if len(ids) < len(laws):
        raise KnowledgeError("an id stands twice", where="laws.yaml instruments")
    for law in laws:
        for key, other in (("replaces", law.replaces), ("replaced_by", law.replaced_by)):
            if other is not None and other not in ids:
                raise KnowledgeError(f"{other!r} is no instrument", where=f"laws.yaml {law.id}.{key}")
    words = table.get("meta", {}).get("name_words", {})
    if not isinstance(words, Mapping) or not all(
        isinstance(words.get(key, ()), tuple) for key in ("drop", "same")
    ):
        raise KnowledgeError("is no mapping of lists", where="laws.yaml meta.name_words")
    return Laws(laws, pairs, words)
