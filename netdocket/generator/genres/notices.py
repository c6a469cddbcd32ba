"""A notice about one case, as authorities, accounts of the police and blogs of law firms write it."""

from __future__ import annotations

from typing import Final

from netdocket.generator.cases import Case, plan_case
from netdocket.generator.drafts import Draft
from netdocket.generator.lexicon import frames
from netdocket.generator.subjects import article
from netdocket.generator.telling import Telling
from netdocket.generator.templates import Given
from netdocket.generator.traps import trap
from netdocket.generator.world import offices_known

_TAILS: Final = 0.6
_TRAPS: Final = 0.22


def notice(draft: Draft) -> str:
    """One case; gives the authority."""
    return _notice_zh(draft) if draft.language == "zh" else _notice_en(draft)


def _notice_zh(draft: Draft) -> str:
    draw = draft.draw
    by = offices_known(draft.by, "zh", draft.day)
    case = plan_case(draw, "zh", draft.day, step=draft.step, authority=draw.pick(by) if by else None)
    draft.title = title_zh(draft, case)
    row = draft.record("ENFORCEMENT_CASE", draft.title)
    draft.begin(row)
    style = "notice"
    if case.office.type == "POLICE_LOCAL" and draw.chance(0.45):
        style = "wechat"
    elif draw.chance(0.2):
        style = "passive"
    telling = draft.telling(case, row)
    telling.tell(frames("frames_zh", style), otherwise=frames("frames_zh", "item"))
    snare(draft, case)
    if draw.chance(_TAILS):
        draft.page.paragraph(draw.pick(frames("frames_zh", "tails")).source)
    finish(draft, telling)
    return case.office.name


def _notice_en(draft: Draft) -> str:
    draw = draft.draw
    case = plan_case(draw, "en", draft.day, step=draft.step)
    draft.title = title_en(draft, case)
    row = draft.record("ENFORCEMENT_CASE", draft.title)
    draft.begin(row)
    telling = draft.telling(case, row)
    telling.tell(frames("frames_en", "article" if draw.chance(0.7) else "item"))
    snare(draft, case)
    finish(draft, telling)
    return case.office.name


def finish(draft: Draft, telling: Telling) -> None:
    draft.end(telling.row)
    draft.persons += telling.persons


def snare(draft: Draft, case: Case) -> None:
    """Now and then a sentence behind the case that looks like a penalty and is none."""
    if draft.draw.chance(_TRAPS):
        draft.page.trim()
        gap = " " if case.language == "en" else ""
        draft.page.add(gap + trap(draft.draw, case.language, draft.day, case.subject.again))


def title_zh(draft: Draft, case: Case) -> str:
    draw, city = draft.draw, case.office.city
    if case.on_person:
        return draw.pick(frames("frames_zh", "person_titles")).say(draw, Given(short=city.short))
    what = case.subject.noun
    subject = case.subject.name if case.subject.kind == "ENTITY_NAMED" else f"某{what}"
    named = Given(city=city.zh, short=city.short, what=what, subjname=subject)
    return draw.pick(frames("frames_zh", "titles")).say(draw, named)


def title_en(draft: Draft, case: Case) -> str:
    draw, city = draft.draw, case.office.city
    if case.on_person:
        subject = draw.pick(("an internet user", "an individual", "a suspect"))
    elif case.subject.kind == "ENTITY_NAMED":
        subject = case.subject.name
    else:
        subject = f"{article(case.subject.noun)} {case.subject.noun}"
    named = Given(subject=subject, Subject=subject[0].upper() + subject[1:], place=city.en)
    return draw.pick(frames("frames_en", "titles")).say(draw, named)
