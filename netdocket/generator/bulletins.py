"""Bulletin `i` of a seed: what it is, where it stands, and what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count as counting
from typing import Any, Final

from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import draw_for
from netdocket.generator.genres import notices
from netdocket.generator.lexicon import Language
from netdocket.generator.pages import Block, Statement
from netdocket.generator.subjects import Person
from netdocket.identity import bulletin_id, record_id

FIRST_DAY: Final = dt.date(2016, 1, 1)
LAST_DAY: Final = dt.date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Generated:
    """A bulletin with its truth.

    `shape`: the family of sites whose pages it fits. `truth`: rows in the exchange form, `doc` is `name`.
    `statements`: where the text states violations and penalties. `persons`: names that must be masked.
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
) -> Iterator[Generated]:
    """Without end: the bulletins from `start` on in that language and between these days."""
    for index in counting(start):
        made = bulletin(index, seed)
        if (
            (language is None or made.language == language)
            and (since is None or made.published >= since.isoformat())
            and (until is None or made.published <= until.isoformat())
        ):
            yield made


def bulletin(index: int, seed: int = 1) -> Generated:
    draw = draw_for(seed, index)
    day = FIRST_DAY + dt.timedelta(days=draw.whole(0, (LAST_DAY - FIRST_DAY).days))
    language: Language = "zh" if draw.chance(0.65) else "en"
    draft = Draft(draw, language, day)
    write: Callable[..., Any] = notices.notice_zh if language == "zh" else notices.notice_en
    case = write(draft)
    text = draft.page.text()
    name = f"g{seed}-{index:07d}"
    source, url = "generated", f"https://generated.invalid/{name}"
    return Generated(
        index=index, name=name, title=draft.title, text=text, language=language, publisher=case.office.name,
        published=day.isoformat(), source=source, url=url, shape="cac", genre="notice", amends=None, reprints=None,
        truth=tuple(_truth(draft, text, name, bulletin_id(source, url))),
        blocks=draft.page.blocks(), statements=tuple(draft.page.statements), persons=tuple(draft.persons),
    )  # fmt: skip


def _truth(draft: Draft, text: str, name: str, identity: str) -> Iterator[dict[str, Any]]:
    beginnings: dict[str, int] = {}
    for row in draft.rows:
        head = text[row.start : row.end]
        for person in draft.persons:
            head = head.replace(person.printed, person.masked)
        ordinal = beginnings.get(head[:80], 0)
        beginnings[head[:80]] = ordinal + 1
        yield row.exchange(name, record_id(identity, head, ordinal))
