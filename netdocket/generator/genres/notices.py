"""A notice about one case, as authorities, accounts of the police and blogs of law firms write it."""

from __future__ import annotations

from typing import Final

from netdocket.generator.cases import Case, plan_case
from netdocket.generator.drafts import Draft
from netdocket.generator.lexicon import frames, words
from netdocket.generator.subjects import article
from netdocket.generator.telling import Telling

_TAILS: Final = 0.6


def notice_zh(draft: Draft, case: Case | None = None) -> Case:
    """One case in Chinese; gives the case, whose authority is the publisher."""
    draw = draft.draw
    case = case or plan_case(draw, "zh", draft.day, step=draft.step)
    draft.title = _title_zh(draft, case)
    row = draft.record("ENFORCEMENT_CASE", draft.title)
    draft.begin(row)
    style = "notice"
    if case.office.type == "POLICE_LOCAL" and draw.chance(0.45):
        style = "wechat"
    elif draw.chance(0.2):
        style = "passive"
    telling = draft.telling(case, row)
    telling.tell(frames("frames_zh", style), otherwise=frames("frames_zh", "item"))
    if draw.chance(_TAILS):
        draft.page.paragraph(draw.pick(frames("frames_zh", "tails")).source)
    finish(draft, telling)
    return case


def notice_en(draft: Draft, case: Case | None = None) -> Case:
    draw = draft.draw
    case = case or plan_case(draw, "en", draft.day, step=draft.step)
    draft.title = title_en(draft, case)
    row = draft.record("ENFORCEMENT_CASE", draft.title)
    draft.begin(row)
    telling = draft.telling(case, row)
    telling.tell(frames("frames_en", "article" if draw.chance(0.7) else "item"))
    finish(draft, telling)
    return case


def finish(draft: Draft, telling: Telling) -> None:
    draft.end(telling.row)
    draft.persons += telling.persons


def _title_zh(draft: Draft, case: Case) -> str:
    draw, city = draft.draw, case.office.city
    if case.on_person:
        return draw.pick(frames("frames_zh", "person_titles")).say(draw, _Named({"short": city.short}))
    what = case.subject.noun
    subject = case.subject.name if case.subject.kind == "ENTITY_NAMED" else f"某{what}"
    named = {"city": city.zh, "short": city.short, "what": what, "subjname": subject}
    return draw.pick(frames("frames_zh", "titles")).say(draw, _Named(named))


def title_en(draft: Draft, case: Case) -> str:
    draw, city = draft.draw, case.office.city
    if case.on_person:
        subject = draw.pick(("an internet user", "an individual", "a suspect"))
    elif case.subject.kind == "ENTITY_NAMED":
        subject = case.subject.name
    else:
        subject = f"{article(case.subject.noun)} {case.subject.noun}"
    named = {"subject": subject, "Subject": subject[0].upper() + subject[1:], "place": city.en}
    return draw.pick(frames("frames_en", "titles")).say(draw, _Named(named))


class _Named:
    """Slots of a title."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given

    def word(self, name: str) -> str:
        return self._given.get(name) or words("zh")[name][0]
