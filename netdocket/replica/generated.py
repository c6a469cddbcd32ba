"""The generator's bulletins on the sites: as many as wanted, written when a page is asked for.

Which shapes of the generator stand on which site, and on which of its lists, is decided here. A site keeps the number,
the day and the address of each of its bulletins, nothing more.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import count as counting
from typing import Final

from crawlers.cards import load_cards
from netdocket.generator import Generated, Plan, bulletin, plan
from netdocket.generator.html import Editor, body_html
from netdocket.generator.shapes import shapes
from netdocket.replica.fixtures import BEIJING
from netdocket.replica.markup import Style
from netdocket.replica.plans import SitePlan, load_plans

_COLUMNS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "cac": {"regulatory": ("gfxwj", "bmgz"), "explainer": ("wxan",), "": ("wxfb",)},
}
"""Site and genre to the lists on which it stands in turn; on other sites it stands on all of them in turn."""

_written = lru_cache(maxsize=1024)(bulletin)


@dataclass(frozen=True, slots=True)
class MadeBulletin:
    """Bulletin `plan.index` of the generator's `seed`, on one of its site's lists."""

    plan: Plan
    seed: int
    column: str
    author: str = ""
    beside: bool = False

    @property
    def key(self) -> str:
        return f"generated/{self.plan.shape.code}/{self.plan.index}"

    @property
    def title(self) -> str:
        return self.made(0).title

    @property
    def published(self) -> dt.datetime:
        """The plan's day, at some working hour."""
        minutes = 8 * 60 + 30 + self.plan.index * 37 % (9 * 60)
        return dt.datetime.combine(self.plan.day, dt.time(minutes // 60, minutes % 60), BEIJING)

    @property
    def publisher(self) -> str:
        return self.made(0).publisher or ""

    @property
    def summary(self) -> str:
        return self.made(0).text.partition("\n")[0][:120]

    def path(self, plan: SitePlan) -> str:
        """The generator gives addresses in the form of the publisher's own."""
        return self.plan.path

    def html(self, style: Style, revision: int) -> str:
        made = self.made(revision)
        editor = Editor(paragraph=style.paragraph, indent=style.indent, table=style.table)
        return body_html(made.text, made.blocks, editor)

    def made(self, revision: int) -> Generated:
        """The bulletin with its truth as its page reads after `revision` amendments."""
        return _written(self.plan.index, self.seed, revision=revision)


def shown_on(sites: Collection[str], count: int, seed: int) -> dict[str, list[MadeBulletin]]:
    """The first `count` bulletins of `seed` that fit these sites and that their cards ask for, by site. Second revisions are no pages of their own:
    a replica amends its pages itself."""
    known = {site.source for shape in shapes().values() for site in shape.sites}
    fitting = [site for site in sites if site in known]
    shown: dict[str, list[MadeBulletin]] = {site: [] for site in fitting}
    if not fitting:
        return shown
    found = 0
    for index in counting():
        if found == count:
            return {site: _on_every_list(site, posted) for site, posted in shown.items()}
        planned = plan(index, seed)
        site = planned.site.source
        if planned.amends is None and site in shown:
            by_genre = _columns(site)
            columns = by_genre.get(planned.genre, by_genre[""])
            made = MadeBulletin(planned, seed, columns[index % len(columns)])
            asked = _asked(site)
            beside = asked is not None and not asked.search(made.title)
            shown[site].append(replace(made, beside=beside))
            found += not beside
    raise AssertionError  # counting() has no end


@cache
def _asked(site: str) -> re.Pattern[str] | None:
    """Which titles the site's card asks for; None: all. The others stand beside them on its lists."""
    title_filter = load_cards()[site].listing.title_filter
    return re.compile(title_filter) if title_filter else None


def _columns(site: str) -> Mapping[str, tuple[str, ...]]:
    return _COLUMNS.get(site) or {"": tuple(column.code for column in load_plans()[site].columns)}


def _on_every_list(site: str, posted: list[MadeBulletin]) -> list[MadeBulletin]:
    """A few bulletins leave no list empty: an empty list is a failure of its source."""
    wanted = [column for columns in _columns(site).values() for column in columns]
    for column in wanted:
        numbers = Counter(bulletin.column for bulletin in posted)
        fullest = max(wanted, key=lambda name: numbers[name])
        if not numbers[column] and numbers[fullest] > 1:
            place = next(place for place, bulletin in enumerate(posted) if bulletin.column == fullest)
            posted[place] = replace(posted[place], column=column)
    return posted
