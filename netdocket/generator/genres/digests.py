"""Weekly digests in Chinese: sections with numbered items, news from abroad among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netdocket.generator.cases import plan_case
from netdocket.generator.dates import day_zh
from netdocket.generator.drafts import Draft
from netdocket.generator.genres import court, incidents, regulatory, reports, rollups
from netdocket.generator.genres.notices import snare, title_zh
from netdocket.generator.lexicon import frames, listed, read
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row

_SOURCES: Final = ("原文链接：见公众号", "来源：网络")


def digest_zh(draft: Draft) -> None:
    draw = draft.draw
    draft.title = draw.pick(listed("digests_zh", "titles")).say(
        draw, Given(year=str(draft.day.year), n=str(draw.whole(1, 52)), day=day_zh(draft.day))
    )
    draft.page.paragraph(draw.pick(listed("digests_zh", "intros")).source)
    digest = _Digest(draft)
    digest.section("regulatory", lambda: regulatory.tell_item(draft, digest.open), draw.whole(1, 3))
    digest.section("enforcement", lambda: _enforcement(draft, digest), draw.whole(2, 5))
    digest.section("incidents", lambda: incidents.tell_item(draft, digest.open), draw.whole(1, 3))
    digest.section("industry", lambda: reports.tell_item(draft, digest.open), draw.whole(0, 1))
    digest.section("foreign", lambda: _foreign(draft, digest), draw.whole(0, 2))


class _Digest:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._number = 0
        self._linked = draft.draw.chance(0.4)

    def section(self, name: str, write: Callable[[], object], count: int) -> None:
        if not count:
            return
        draft = self._draft
        draft.page.paragraph(draft.draw.pick(listed("digests_zh", "sections", name)).source, "heading")
        self._number = 0
        for _ in range(count):
            self._number += 1
            write()
            if self._linked:
                draft.page.paragraph(draft.draw.pick(_SOURCES))
            draft.end(draft.rows[-1])

    def open(self, kind: str, title: str) -> Row:
        shown = f"{self._number}.{title}"
        row = self._draft.record(kind, shown)
        self._draft.begin(row, "bold")
        self._draft.page.add(shown)
        self._draft.page.begin()
        return row


def _enforcement(draft: Draft, digest: _Digest) -> None:
    draw = draft.draw
    at = draw.random()
    if at < 0.12:
        by = rollups.authority(draft)
        rollups.tell(draft, digest.open("CAMPAIGN_STATS", f"{by.name}公布执法数据"), by)
        return
    if at < 0.2:
        court.tell_item(draft, digest.open)
        return
    case = plan_case(draw, "zh", draft.day)
    row = digest.open("ENFORCEMENT_CASE", title_zh(draft, case))
    telling = draft.telling(case, row)
    telling.tell(
        frames("frames_zh", "passive" if draw.chance(0.5) else "item"), otherwise=frames("frames_zh", "item")
    )
    snare(draft, case)
    draft.persons += telling.persons


def _foreign(draft: Draft, digest: _Digest) -> None:
    country, title, text = draft.draw.pick(read("digests_zh")["foreign"])
    kind = (
        "INCIDENT"
        if "外泄" in text or "窃" in text
        else "REGULATORY_DEV"
        if "框架" in text
        else "ENFORCEMENT_CASE"
    )
    row = digest.open(kind, title)
    row.jurisdiction = country
    draft.page.add(text.format(n=draft.draw.whole(3, 900)))
