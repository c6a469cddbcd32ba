"""Criminal judgments: a defendant, what he did, the sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netdocket.generator import subjects
from netdocket.generator.cases import Case, plan_case
from netdocket.generator.citations import Grounds, grounds
from netdocket.generator.drafts import Draft
from netdocket.generator.genres.regulatory import Opening
from netdocket.generator.lexicon import listed
from netdocket.generator.measures import outcome
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row
from netdocket.generator.world import Office, named

_CRIMES: Final = ("PI_TRADE", "HACKING", "HACK_TOOLS", "AID_CYBERCRIME", "ILLEGAL_SITE_GROUP", "WATER_ARMY")


def judgment(draft: Draft) -> str:
    """A bulletin about one judgment; gives the court."""

    def begin(kind: str, title: str) -> Row:
        draft.title = title
        row = draft.record(kind, title)
        draft.begin(row)
        return row

    court = tell_item(draft, begin)
    draft.end(draft.rows[-1])
    return court


def item_en(draft: Draft, begin: Opening) -> None:
    tell_item(draft, begin)


def tell_item(draft: Draft, begin: Opening) -> str:
    case = _case(draft)
    draw, language = draft.draw, draft.language
    court = case.office.name
    city = case.office.city
    title = draw.pick(listed("courts", language, "titles")).say(
        draw, Given(short=city.short, City=city.en, court=court)
    )
    row = begin("COURT_CASE", title)
    telling = draft.telling(case, row)
    final = draw.pick(listed("courts", language, "final")).source
    add = draft.page.add
    extra: dict[str, Callable[[], None]] = {
        "court": lambda: add(court),
        "Court": lambda: add(court[0].upper() + court[1:]),
        "final": lambda: add(final),
        "sentence": telling.sentence,
    }
    telling.tell(listed("courts", language, "frames"), extra=extra)
    draft.page.trim()
    draft.persons += telling.persons
    return court


def _case(draft: Draft) -> Case:
    """A crime, decided by a court of the city."""
    draw, language = draft.draw, draft.language
    case = plan_case(draw, language, draft.day, code=draw.pick(_CRIMES), authority="POLICE_LOCAL")
    city = case.office.city
    pattern = draw.pick(listed("courts", language, "courts")).source
    court = Office("COURT", named(draw, pattern, language, city), "the court", city.export, city)
    result = outcome(draw, "court", person=True, national=False, count=None, step=draft.step)
    subject = subjects.person(draw, language, city, gang=False, official=False)
    law = grounds(draw, case.codes[0], "COURT", case.decided, only="CL") if draw.chance(0.7) else Grounds()
    return Case(
        language,
        case.codes[:1],
        "crime",
        court,
        subject,
        None,
        law,
        result,
        case.found,
        case.decided,
        case.wording,
    )
