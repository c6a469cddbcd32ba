"""Which articles of a law belong together: a duty, and the article that punishes its breach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from enrich.law import BASE, Law

MAX_RANGE = 40


class DutyPair(NamedTuple):
    """A duty article and the article that punishes its breach, in one version, by base numbers."""

    duty: str | None
    liability: str | None
    violations: frozenset[str]


def duty_pairs(law: Law) -> dict[str, tuple[DutyPair, ...]]:
    """The pairs of each version, from `duties` (a2016/liability2016 belong to the version ending in -2016) and,
    where only liabilities are listed with their version, from those."""
    out: dict[str, list[DutyPair]] = {}
    for text in law.versions:
        year = text.id.rsplit("-", 1)[-1]
        pairs = out.setdefault(text.id, [])
        for duty in law.entry.get("duties", ()):
            violations = frozenset(duty.get("violation", ()))
            penal: list[str | None] = [*_bases(duty.get(f"liability{year}"))]
            for base in _bases(duty.get(f"a{year}")):
                pairs.extend(DutyPair(base, liability, violations) for liability in penal or [None])
        for liability in law.entry.get("liability", ()):
            if liability.get("v") == text.id and liability.get("violation"):
                violations = frozenset(liability["violation"])
                pairs.extend(DutyPair(None, base, violations) for base in _bases(liability.get("a")))
    return {version: tuple(pairs) for version, pairs in out.items()}


def has_pair(pairs: Iterable[DutyPair], bases: set[str]) -> bool:
    return any(
        pair.duty in bases and pair.liability in bases for pair in pairs if pair.duty != pair.liability
    )


def _bases(articles: object) -> list[str]:
    """Base numbers of an article list such as `22(1),48(1)` or `41..43`."""
    out: list[str] = []
    for part in str(articles).split(",") if articles is not None else ():
        first, _, last = part.partition("..")
        ends = [match[0] for end in (first, last) if (match := BASE.search(end))]
        if len(ends) == 2 and ends[0].isdigit() and ends[1].isdigit():
            out.extend(str(n) for n in range(int(ends[0]), min(int(ends[1]), int(ends[0]) + MAX_RANGE) + 1))
        else:
            out.extend(ends)
    return out
