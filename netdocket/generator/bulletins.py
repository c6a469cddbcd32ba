"""Bulletin `i` of a seed: what it is, where it stands, and what it says.

Every fortieth is a reprint of an earlier one on another site, every fiftieth the second revision of an earlier page; the
earlier ones are themselves neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import count as counting
from typing import Any, Final

from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import Draw, draw_for
from netdocket.generator.genres import GENRES
from netdocket.generator.lexicon import Language, listed
from netdocket.generator.pages import Block, Statement
from netdocket.generator.shapes import REPRINTS, Shape, Site, draw_kind, shapes, taken_by
from netdocket.generator.subjects import Person
from netdocket.identity import bulletin_id, record_id

FIRST_DAY: Final = dt.date(2016, 1, 1)
LAST_DAY: Final = dt.date(2026, 11, 20)
_DAYS: Final = (LAST_DAY - FIRST_DAY).days
_NOTES: Final = {
    "zh": "编者注：本文刊发后有数字作过更正，以现文为准（第{step}次）。",
    "en": "Editor's note: figures in this article have been corrected since publication (correction {step}).",
}


@dataclass(frozen=True, slots=True)
class Generated:
    """A bulletin with its truth.

    `name`: the last part of its address, also the stem of its file. `shape`: the family of sites whose pages it fits.
    `truth`: rows in the exchange form, `doc` is `name`. `amends`: number of the bulletin of which this is the second
    revision (same address); `reprints`: of the one that stands here again word for word. `statements`: where the text
    states violations and penalties. `persons`: names that must be masked.
    """

    index: int
    name: str
    title: str
    text: str
    language: Language
    publisher: str | None
    published: str
    source: str
    url: str
    shape: str
    genre: str
    amends: int | None
    reprints: int | None
    truth: tuple[dict[str, Any], ...]
    blocks: tuple[Block, ...]
    statements: tuple[Statement, ...]
    persons: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a bulletin before it is written; costs little."""

    index: int
    shape: Shape
    site: Site
    genre: str
    day: dt.date
    amends: int | None = None
    reprints: int | None = None

    @property
    def name(self) -> str:
        """The last part of the address without its ending; a second revision keeps the address."""
        return self.shape.name(self.day, self.index if self.amends is None else self.amends)

    @property
    def path(self) -> str:
        return self.shape.address(self.name, self.day)

    @property
    def url(self) -> str:
        return self.site.host + self.path

    @property
    def language(self) -> Language:
        return self.shape.language


def generate(count: int, seed: int = 1, *, start: int = 0) -> Iterator[Generated]:
    """Bulletins `start` to `start + count - 1`, one at a time."""
    for index in range(start, start + count):
        yield bulletin(index, seed)


def generate_matching(
    seed: int = 1,
    *,
    start: int = 0,
    language: str | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    shapes: Collection[str] | None = None,
) -> Iterator[Generated]:
    """Without end: the bulletins from `start` on in that language, between these days, in these shapes."""
    for index in counting(start):
        planned = plan(index, seed)
        if (
            (language is None or planned.language == language)
            and (since is None or planned.day >= since)
            and (until is None or planned.day <= until)
            and (shapes is None or planned.shape.code in shapes)
        ):
            yield _written(planned, seed, 0)


def bulletin(index: int, seed: int = 1, *, revision: int = 0) -> Generated:
    """Bulletin `index`; `revision` 1 and more: as its page reads after so many amendments."""
    return _written(plan(index, seed), seed, revision)


def plan(index: int, seed: int = 1) -> Plan:
    if index % 50 == 37:
        return replace(plan(index - 7, seed), index=index, amends=index - 7)
    if index % 40 == 19:
        first = plan(index - 5, seed)
        shape = shapes()[REPRINTS[first.language]]
        later = min(first.day + dt.timedelta(days=index % 3), dt.date(first.day.year, 12, 31), LAST_DAY)
        return replace(first, index=index, shape=shape, site=shape.sites[0], day=later, reprints=index - 5)
    planned = _planned(draw_for(seed, index), index)
    taker = taken_by(planned.shape, planned.genre, index)
    return planned if taker is None else replace(planned, shape=taker, site=taker.sites[0])


def _planned(draw: Draw, index: int) -> Plan:
    shape, genre = draw_kind(draw)
    return Plan(
        index, shape, draw.pick(shape.sites), genre, FIRST_DAY + dt.timedelta(days=draw.whole(0, _DAYS))
    )


def _written(planned: Plan, seed: int, revision: int) -> Generated:
    first = planned.amends if planned.amends is not None else planned.reprints
    origin = planned.index if first is None else first
    step = revision + (planned.amends is not None)
    draw = draw_for(seed, origin)
    original = _planned(draw, origin)
    draft = Draft(draw, original.language, original.day, step=step, by=original.shape.by)
    printed_by = GENRES[original.genre](draft)
    if original.shape.code == "dlapiper":
        _close(draft)
    if step:
        draft.page.paragraph(_NOTES[original.language].format(step=step))
    if original.shape.code == "dlapiper" and "China" not in draft.title:
        draft.title = f"CHINA: {draft.title}"
    text = draft.page.text()
    name, url = planned.name, planned.url
    secondary = planned.reprints is not None or original.language == "en" or original.genre == "digest"
    publisher = planned.site.publisher if secondary or printed_by is None else printed_by
    shown = f"{name}-r2" if planned.amends is not None else name
    return Generated(
        index=planned.index, name=shown, title=draft.title, text=text, language=original.language,
        publisher=publisher or planned.site.publisher, published=planned.day.isoformat(), source=planned.site.source,
        url=url, shape=planned.shape.code, genre=original.genre, amends=planned.amends, reprints=planned.reprints,
        truth=tuple(_truth(draft, text, shown, bulletin_id(planned.site.source, url))),
        blocks=draft.page.blocks(), statements=tuple(draft.page.statements), persons=tuple(dict.fromkeys(draft.persons)),
    )  # fmt: skip


def _close(draft: Draft) -> None:
    """Posts of a blog end with a few words to the reader; the last item keeps them."""
    draft.page.paragraph(draft.draw.pick(listed("frames_en", "closings")).source)
    draft.end(draft.rows[-1])


def _truth(draft: Draft, text: str, name: str, identity: str) -> Iterator[dict[str, Any]]:
    beginnings: dict[str, int] = {}
    persons = dict.fromkeys(draft.persons)
    for row in draft.rows:
        head = text[row.start : row.end]
        for person in persons:
            head = head.replace(person.printed, person.masked)
            row.title = row.title.replace(person.printed, person.masked)
        ordinal = beginnings.get(head[:80], 0)
        beginnings[head[:80]] = ordinal + 1
        yield row.exchange(name, record_id(identity, head, ordinal))
