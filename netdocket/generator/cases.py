"""A case before it is told: who did what, who decided, on what grounds, with what outcome."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from netdocket.generator import subjects
from netdocket.generator.citations import Cite, Grounds, grounds
from netdocket.generator.drawing import Draw, Weighted
from netdocket.generator.lexicon import Language, Wording, read
from netdocket.generator.measures import Outcome, outcome
from netdocket.generator.subjects import Person, Subject
from netdocket.generator.world import City, Office, cities, office, offices_known


@dataclass(frozen=True, slots=True)
class Case:
    """`wording`: in usual words or in others. `found` and `decided` are days that the text may or may not tell."""

    language: Language
    codes: tuple[str, ...]
    group: str
    office: Office
    subject: Subject
    officer: Person | None
    grounds: Grounds
    outcome: Outcome
    found: dt.date
    decided: dt.date
    wording: Wording

    @property
    def cites(self) -> tuple[Cite, ...]:
        return self.grounds.violated + self.grounds.basis

    @property
    def on_person(self) -> bool:
        return self.group in _PERSON_GROUPS


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of the cases of one violation."""

    code: str
    group: str
    sectors: tuple[str, ...]
    by: tuple[str, ...]
    since: int


PLAIN_SHARE: Final = 0.55
"""Share of the cases told without the usual cues."""
_JOINT: Final = 0.05
_ANY_DAY: Final = dt.date(2020, 1, 1)
_PERSON_GROUPS: Final = frozenset(["speech", "crime", "channel"])
_SECTORS: Final = (
    "HEALTH", "EDU", "IT_SERVICE", "HOTEL_TOURISM", "INTERNET_PLATFORM", "APP_DEV", "ECOMMERCE", "REAL_ESTATE",
    "RETAIL_CATERING", "LOGISTICS", "TRANSPORT", "AUTO", "MANUFACTURING", "MEDIA_CULTURE", "PROF_SERVICE", "GOV", "FIN_OTHER",
    "FIN_BANK", "TELECOM", "ENERGY_UTIL", "INTERNET_CAFE", "NONPROFIT", "AI", "UNKNOWN", "UNKNOWN",
)  # fmt: skip
_TOGETHER: Final = (
    ("NET_SEC_DUTY", "LOG_RETENTION", "MLPS", "INCIDENT_HANDLING", "VULN_UNREMEDIED"),
    ("DATA_SEC_DUTY", "PI_SECURITY", "INCIDENT_HANDLING"),
    (
        "PI_NOTICE",
        "PI_CONSENT",
        "PI_EXCESSIVE",
        "PI_PERMISSION",
        "PI_SHARING",
        "PI_RIGHTS",
        "APP_DARK_PATTERN",
    ),
    ("CONTENT_PUBLISH", "RUMOUR"),
    ("HACKING", "PI_TRADE"),
)
"""Violations that come together."""
_OFTEN: Final = {
    "NET_SEC_DUTY": 3.0, "DATA_SEC_DUTY": 3.0, "RUMOUR": 2.0, "PI_TRADE": 2.0, "HACKING": 1.5, "MLPS": 1.5,
    "PI_CONSENT": 1.5, "PI_EXCESSIVE": 1.5, "CONTENT_MGMT": 1.5, "OTHER": 0.5, "FIN_DATA": 1.5,
}  # fmt: skip


@cache
def kinds() -> Mapping[str, Kind]:
    given, handled = read("violations_zh"), read("grounds")
    found: dict[str, Kind] = {}
    for code, entry in given.items():
        group = entry.get("group", "duty")
        found[code] = Kind(
            code,
            group,
            tuple(entry.get("sectors", ("APP_DEV", *_SECTORS) if group == "app" else _SECTORS)),
            tuple(handled["by_code"].get(code, handled["handled_by"][group])),
            handled["since"].get(code, 0),
        )
    return found


@cache
def _weighted_kinds(year: int) -> Weighted[Kind]:
    return Weighted([(kind, _OFTEN.get(kind.code, 1.0)) for kind in kinds().values() if kind.since <= year])


@cache
def _companions(code: str) -> tuple[str, ...]:
    return tuple(other for row in _TOGETHER if code in row for other in row if other != code)


def plan_case(
    draw: Draw,
    language: Language,
    day: dt.date,
    *,
    step: int = 0,
    code: str | None = None,
    groups: Sequence[str] = (),
    authority: str | None = None,
    city: City | None = None,
    wording: Wording | None = None,
) -> Case:
    """A case that could be told on `day`. What is not given is drawn. `step`: of an amended page (other sums)."""
    kind = kinds()[code] if code else _kind(draw, day, groups, authority)
    where = city or draw.pick(cities())
    decided = day - dt.timedelta(days=draw.whole(0, 40))
    found = decided - dt.timedelta(days=draw.whole(5, 120))
    by = _office(draw, language, kind, authority, where, decided)
    codes = [kind.code]
    if draw.chance(0.3):
        more = [
            other
            for other in _companions(kind.code)
            if other not in codes and kinds()[other].since <= day.year
        ]
        codes += draw.some(more, 1 if draw.chance(0.75) else 2)
    person = kind.group in _PERSON_GROUPS
    subject = _subject(draw, language, kind, by, where)
    count = subject.count if subject.kind in ("ENTITY_ANON", "STATE_ORGAN") else None
    result = outcome(
        draw,
        kind.group,
        person=person,
        national=by.region is None and by.type == "CAC_NATIONAL",
        count=count,
        step=step,
    )
    officer = (
        (subjects.name_zh(draw) if language == "zh" else subjects.name_en(draw))
        if result.on_officer
        else None
    )
    return Case(
        language=language,
        codes=tuple(codes),
        group=kind.group,
        office=by,
        subject=subject,
        officer=officer,
        grounds=grounds(draw, kind.code, by.type, decided) if draw.chance(0.82) else Grounds(),
        outcome=result,
        found=found,
        decided=decided,
        wording=wording or ("plain" if draw.chance(PLAIN_SHARE) else "cued"),
    )


def _kind(draw: Draw, day: dt.date, groups: Sequence[str], authority: str | None) -> Kind:
    while True:
        kind = draw.weighted(_weighted_kinds(day.year))
        if (not groups or kind.group in groups) and (authority is None or authority in kind.by):
            return kind


def _office(
    draw: Draw, language: Language, kind: Kind, authority: str | None, city: City, day: dt.date
) -> Office:
    codes = offices_known((authority,) if authority else kind.by, language, day) or ("POLICE_LOCAL",)
    found = office(draw, language, draw.pick(codes), city, day)
    if found is None:
        found = office(draw, language, "POLICE_LOCAL", city, day)
    assert found is not None  # noqa: S101  the police has had its name all along
    return _joint(draw, language, found) if found.type == "CAC_LOCAL" and draw.chance(_JOINT) else found


def _joint(draw: Draw, language: Language, first: Office) -> Office:
    """With the police of the same city: the first named is the authority."""
    other = office(draw, language, "POLICE_LOCAL", first.city, _ANY_DAY)
    assert other is not None  # noqa: S101
    name = f"{first.name}会同{other.name}" if language == "zh" else f"{first.name} together with {other.name}"
    return replace(first, name=name)


def _subject(draw: Draw, language: Language, kind: Kind, by: Office, city: City) -> Subject:
    if kind.group in _PERSON_GROUPS:
        return subjects.person(
            draw, language, city, gang=kind.group == "crime", official=kind.code in ("PI_TRADE", "HACKING")
        )
    if (
        kind.code in ("DATA_EXPORT", "IMPORTANT_DATA", "OBSTRUCTION")
        and by.type == "MSS"
        and draw.chance(0.5)
    ):
        return subjects.foreign(draw, language)
    sector = draw.pick(kind.sectors)
    if draw.chance(0.04) and kind.group == "duty":
        return subjects.entities(draw, language, sector, city, draw.whole(2, 4))
    return subjects.entity(draw, language, sector, city)
