"""Several typical cases in one bulletin, with a lead before and often statute law behind them."""

from __future__ import annotations

from typing import Final

from netdocket.generator.cases import Case, plan_case
from netdocket.generator.drafts import Draft
from netdocket.generator.genres import rollups
from netdocket.generator.genres.notices import snare
from netdocket.generator.lexicon import frames, listed
from netdocket.generator.numerals import numeral
from netdocket.generator.pages import BlockKind
from netdocket.generator.templates import Given
from netdocket.generator.world import Office, cities, office

_BY: Final = ("POLICE_LOCAL", "POLICE_LOCAL", "CAC_LOCAL")
_GROUPS: Final = {
    "POLICE_LOCAL": ("duty", "speech", "crime", "channel", "app"),
    "CAC_LOCAL": ("duty", "platform", "app"),
}


def batch_zh(draft: Draft) -> str:
    """Two to eight cases of one province; gives the authority that publishes them."""
    draw = draft.draw
    kind = draw.pick([code for code in draft.by if code in _GROUPS] or _BY)
    city = draw.pick(cities())
    by = office(draw, "zh", kind, city, draft.day)
    assert by is not None  # noqa: S101
    number = draw.whole(2, 8)
    draft.title = draw.pick(listed("batches_zh", "titles")).say(
        draw, Given(short=city.province_short, n=str(number), who=by.name, batch=numeral(draw.whole(1, 9)))
    )
    _lead(draft, by, number)
    near = [other for other in cities() if other.province_en == city.province_en]
    style = _Style(draft)
    for place in range(1, number + 1):
        case = plan_case(
            draw,
            "zh",
            draft.day,
            step=draft.step if place == 1 else 0,
            groups=_GROUPS[kind],
            authority=kind,
            city=draw.pick(near),
        )
        _case(draft, case, place, number, style)
    if draw.chance(0.4):
        statute(draft)
    return by.name


def statute(draft: Draft) -> None:
    """Law retold below a notice: an explainer of its own."""
    draw = draft.draw
    head = draw.pick(listed("batches_zh", "statute_heads")).source
    row = draft.record("EXPLAINER", head)
    draft.begin(row, "bold")
    draft.page.add(head)
    for phrase in draw.some(listed("batches_zh", "statutes"), draw.whole(1, 2)):
        draft.page.paragraph(phrase.source)
    draft.end(row)


class _Style:
    """How the heads of the cases of one bulletin are printed."""

    def __init__(self, draft: Draft) -> None:
        self.number = draft.draw.pick(
            ("案例{zh}：", "案例{n}：", "{zh}、", "（{zh}）", "{n}.", "案例{zh} ", "【案例{zh}】")
        )
        self.block: BlockKind = draft.draw.pick(("bold", "bold", "heading"))
        self.run_in = draft.draw.chance(0.25)


def _lead(draft: Draft, by: Office, number: int) -> None:
    draw = draft.draw
    if draw.chance(0.3):
        row = draft.record("CAMPAIGN_STATS", draft.title)
        draft.begin(row)
        rollups.tell(draft, row, by)
        draft.page.add("现将部分案例公布如下：")
        draft.end(row)
        return
    lead = draw.pick(listed("batches_zh", "leads"))
    draft.page.paragraph(lead.say(draw, Given(auth=by.name, n=str(number))))


def _case(draft: Draft, case: Case, place: int, number: int, style: _Style) -> None:
    draw, page = draft.draw, draft.page
    head = style.number.format(zh=numeral(place), n=place) + _head(draft, case)
    row = draft.record("ENFORCEMENT_CASE", head)
    if style.run_in:
        draft.begin(row)
        page.add(f"{head}。")
    else:
        draft.begin(row, style.block)
        page.add(head)
        page.begin()
    telling = draft.telling(case, row)
    section = "passive" if draw.chance(0.3) else "item"
    telling.tell(frames("frames_zh", section), otherwise=frames("frames_zh", "item"))
    snare(draft, case)
    if place == number and draw.chance(0.5):
        page.paragraph(draw.pick(listed("batches_zh", "closings")).source)
    draft.end(row)
    draft.persons += telling.persons


def _head(draft: Draft, case: Case) -> str:
    phrase = draft.draw.pick(listed("batches_zh", "heads", case.group))
    subject = case.subject
    who = subject.again if case.on_person and subject.again != "其" else subject.name
    if case.on_person and subject.person is not None:
        who = subject.person.printed
    return phrase.say(draft.draw, Given(place=case.office.city.short, what=subject.noun, who=who))
