"""Monthly updates of law firms: sections, numbered or labelled items, highlights that say twice what follows, news from
abroad. Five house styles differ in how items are set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netdocket.generator.cases import plan_case
from netdocket.generator.dates import month_en
from netdocket.generator.drafts import Draft
from netdocket.generator.genres import court, incidents, regulatory, reports, rollups
from netdocket.generator.genres.notices import snare, title_en
from netdocket.generator.lexicon import frames, listed, read
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row
from netdocket.generator.world import cities, office

STYLES: Final = ("numbered", "headed", "bulleted", "run_in", "labelled")
"""numbered: 1. Title in bold; headed: a heading; bulleted: - Title: text; run_in: Title. Text; labelled: the title in
bold without a number."""


def monthly(draft: Draft) -> None:
    """A whole issue."""
    draw = draft.draw
    draft.title = draw.pick(listed("monthlies_en", "titles")).say(draw, Given(month=month_en(draft.day)))
    page = draft.page
    page.paragraph(draw.pick(listed("monthlies_en", "intros")).source)
    issue = _Issue(draft, draw.pick(STYLES))
    highlights_at = draw.chance(0.5)
    if highlights_at:
        _highlights(draft)
    issue.section("regulatory", regulatory.item, draw.whole(1, 4))
    issue.section("enforcement", _enforcement, draw.whole(3, 7))
    issue.section("industry", _industry, draw.whole(0, 2))
    issue.section("international", _foreign, draw.whole(0, 2))
    if draw.chance(0.5):
        page.paragraph(draw.pick(listed("monthlies_en", "insights", "head")).source, "heading")
        page.paragraph(draw.pick(listed("monthlies_en", "insights", "text")).source)


def round_up(draft: Draft) -> None:
    """Enforcement only, without sections."""
    draw = draft.draw
    draft.title = f"China Cybersecurity and Data Protection: enforcement round-up, {month_en(draft.day)}"
    draft.page.paragraph(draw.pick(listed("monthlies_en", "intros")).source)
    issue = _Issue(draft, draw.pick(STYLES))
    for _ in range(draw.whole(3, 8)):
        issue.item(_enforcement)


class _Issue:
    def __init__(self, draft: Draft, style: str) -> None:
        self._draft = draft
        self._style = style
        self._number = 0

    def section(self, name: str, write: Callable[[Draft, _Issue], None], count: int) -> None:
        if not count:
            return
        draw = self._draft.draw
        self._draft.page.paragraph(draw.pick(listed("monthlies_en", "sections", name)).source, "heading")
        self._number = 0
        for _ in range(count):
            self.item(write)

    def item(self, write: Callable[[Draft, _Issue], None]) -> None:
        self._number += 1
        write(self._draft, self)
        self._draft.end(self._draft.rows[-1])

    def open(self, kind: str, title: str) -> Row:
        """Begins the record and prints its title as the house does; text is added to the open block."""
        draft, page = self._draft, self._draft.page
        shown = f"{self._number}. {title}" if self._style == "numbered" else title
        row = draft.record(kind, shown)
        if self._style == "bulleted":
            draft.begin(row, "bullet")
            page.add(f"{title}: ")
        elif self._style == "run_in":
            draft.begin(row)
            page.add(f"{title}. ")
        else:
            draft.begin(row, "heading" if self._style == "headed" else "bold")
            page.add(shown)
            page.begin()
        return row


def _enforcement(draft: Draft, issue: _Issue) -> None:
    draw = draft.draw
    at = draw.random()
    if at < 0.12:
        by = rollups.authority(draft)
        place = by.city.en if by.region else "China"
        row = issue.open(
            "CAMPAIGN_STATS",
            draw.pick((f"{place}: the authorities count their cases", f"Campaign results from {place}")),
        )
        rollups.tell(draft, row, by)
        return
    if at < 0.18:
        court.item_en(draft, issue.open)
        return
    case = plan_case(draw, "en", draft.day, step=draft.step)
    row = issue.open("ENFORCEMENT_CASE", title_en(draft, case))
    telling = draft.telling(case, row)
    telling.tell(frames("frames_en", "item"))
    snare(draft, case)
    draft.persons += telling.persons


def _industry(draft: Draft, issue: _Issue) -> None:
    if draft.draw.chance(0.35):
        incidents.item_en(draft, issue.open)
    else:
        reports.item_en(draft, issue.open)


def _foreign(draft: Draft, issue: _Issue) -> None:
    """What happened abroad is told and counted in no figure."""
    draw = draft.draw
    country, title, text = draw.pick(read("monthlies_en")["foreign"])
    row = issue.open("ENFORCEMENT_CASE", title)
    row.jurisdiction = country
    row.subject_kind = "ENTITY_ANON"
    draft.page.add(text.format(m=draw.whole(2, 90), n=draw.whole(12, 600)))


def _highlights(draft: Draft) -> None:
    """A few bullets that the items below tell again: no records."""
    draw, page = draft.draw, draft.page
    page.paragraph(draw.pick(listed("monthlies_en", "highlights")).source, "heading")
    for label in draw.some(
        ("Enforcement", "Data export", "Apps", "Incidents", "Legislation"), draw.whole(2, 4)
    ):
        city = draw.pick(cities())
        by = office(draw, "en", "CAC_LOCAL", city, draft.day)
        name = by.name if by else "the authority"
        page.paragraph(f"{label}: {name} is among those in the news this month.", "bullet")
