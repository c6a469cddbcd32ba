"""The same provision under its old and its new number.

The catalogue says for an amended law which article became which (`concordance_2016_to_2025`). Articles that were split
or merged hang together: then several old ones and several new ones are one provision.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from enrich.law import Law

NAME: Final = re.compile(r"concordance_(\d{4})_to_(\d{4})")
LEFT_SIDE: Final = re.compile(r"\d+(?:[(\[][^)\]]*[)\]])*\s*->")
ARTICLE: Final = re.compile(r"(?<![(\[\d])\d+")
"""A number that is no paragraph and no item."""


@dataclasses.dataclass(frozen=True, slots=True)
class Provision:
    """`old`, `new`: articles of the version before and of the one after; one of them may be empty."""

    law: str
    old_version: str
    new_version: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def code(self) -> str:
        """`CSL:21>23`, `CSL:68,69>69,70`."""
        return f"{self.law}:{','.join(self.old)}>{','.join(self.new)}"

    @property
    def article_keys(self) -> tuple[str, ...]:
        """As citations are counted by: `CSL-2016:21`, `CSL-2025:23`."""
        return (
            *(f"{self.old_version}:{article}" for article in self.old),
            *(f"{self.new_version}:{article}" for article in self.new),
        )


def provisions(laws: Iterable[Law]) -> tuple[Provision, ...]:
    """Of every law with a concordance, in the order of the articles."""
    return tuple(
        provision
        for law in laws
        for name, table in law.entry.items()
        if (years := NAME.fullmatch(name))
        for provision in _of_table(law.id, f"{law.id}-{years[1]}", f"{law.id}-{years[2]}", table)
    )


def _of_table(law: str, old_version: str, new_version: str, table: Mapping[str, Any]) -> Iterable[Provision]:
    groups: list[tuple[set[str], set[str]]] = []
    for old, text in table.items():
        came_from = {old} if old.isdigit() else set()
        became = set(ARTICLE.findall(LEFT_SIDE.sub("", str(text))))
        if came_from:
            groups.append((came_from, became))
        else:  # new articles without a former one, unless part of a former one went there too
            groups += [(set(), {article}) for article in sorted(became, key=int)]
    for olds, news in _joined(groups):
        yield Provision(law, old_version, new_version, _in_order(olds), _in_order(news))


def _joined(groups: list[tuple[set[str], set[str]]]) -> list[tuple[set[str], set[str]]]:
    """Those that share a new article are one."""
    found: list[tuple[set[str], set[str]]] = []
    for olds, news in groups:
        together = [one for one in found if one[1] & news]
        for one in together:
            olds, news = olds | one[0], news | one[1]  # noqa: PLW2901 - the group grows
        at = found.index(together[0]) if together else len(found)
        found = [one for one in found if one not in together]
        found.insert(at, (olds, news))
    return found


def _in_order(articles: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(articles, key=int))
