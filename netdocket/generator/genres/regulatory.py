"""News of laws, rules and standards: drafted, issued, in force, amended, repealed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, Protocol

from netdocket.generator.dates import day_en, day_zh
from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import Draw, Weighted
from netdocket.generator.lexicon import Language, listed, read
from netdocket.generator.numerals import numeral
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row
from netdocket.generator.world import City, cities, named

_RECENT: Final = 75
"""Days for which an event is news."""
_EVENTS: Final = Weighted([("issued", 4.0), ("issued_open", 2.0), ("draft", 4.0), ("planned", 1.0), ("amended", 1.0), ("repealed", 0.7), ("in_force", 1.5)])  # fmt: skip
_NEVER: Final = dt.date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an instrument. `id` None: an invented one."""

    id: str | None
    name: str
    kind: str
    bodies: tuple[str, ...]
    others: int
    on: dt.date
    effective: dt.date | None = None
    until: dt.date | None = None
    replaces: str | None = None


class Opening(Protocol):
    """Begins a record of some kind under a title; its text is added to the block that is then open."""

    def __call__(self, kind: str, title: str) -> Row: ...


def news(draft: Draft) -> str | None:
    """A bulletin about one instrument; gives who issued it, as printed."""
    draw, page = draft.draw, draft.page
    event, city = _event(draft)
    printed = _printed(draw, draft.language, event, city)
    draft.title = _title(draft, event, printed)
    row = draft.record("REGULATORY_DEV", draft.title)
    draft.begin(row)
    _tell(draft, row, event, city, printed)
    contents = listed("regulatory", "sentences", draft.language, "content")
    page.begin()
    page.add(_joined(draw.some([phrase.source for phrase in contents], draw.whole(1, 3)), draft.language))
    draft.end(row)
    return printed[0]


def item(draft: Draft, issue: Any) -> None:
    """One of several items of a bulletin; `issue.open` begins it."""
    tell_item(draft, issue.open)


def tell_item(draft: Draft, begin: Opening) -> None:
    draw = draft.draw
    event, city = _event(draft)
    printed = _printed(draw, draft.language, event, city)
    row = begin("REGULATORY_DEV", _title(draft, event, printed))
    _tell(draft, row, event, city, printed)
    contents = listed("regulatory", "sentences", draft.language, "content")
    gap = " " if draft.language == "en" else ""
    draft.page.add(
        gap + _joined(draw.some([phrase.source for phrase in contents], draw.whole(0, 2)), draft.language)
    )
    draft.page.trim()


# --- events ----------------------------------------------------------------------------------------------------


def _event(draft: Draft) -> tuple[Event, City]:
    """A real event of the last weeks where there is one, else an invented one."""
    draw, day = draft.draw, draft.day
    city = draw.pick(cities())
    recent = _recent(day.toordinal() // 15)
    fitting = [event for event in recent if day - dt.timedelta(days=_RECENT) <= _told_on(event) <= day]
    if fitting and draw.chance(0.6):
        event = draw.pick(fitting)
        if draft.language == "en":
            event = _renamed(event)
        return event, city
    return _invented(draft, city), city


@cache
def _events() -> tuple[Event, ...]:
    found: list[Event] = []
    for entry in read("instruments"):
        found += _of_instrument(entry)
    return tuple(found)


@cache
def _recent(fortnight: int) -> tuple[Event, ...]:
    """Events that may be news in these fifteen days."""
    first = dt.date.fromordinal(fortnight * 15)
    return tuple(
        event
        for event in _events()
        if first - dt.timedelta(days=_RECENT) <= _told_on(event) <= first + dt.timedelta(days=15)
    )


def _told_on(event: Event) -> dt.date:
    return event.effective or _NEVER if event.kind == "in_force" else event.on


def _of_instrument(entry: Mapping[str, Any]) -> list[Event]:
    bodies, others = tuple(entry["issuers"]), entry.get("others", 0)
    published, effective = entry["published"], entry["effective"]
    happened = partial(
        Event, entry["id"], entry["zh"].removesuffix("（征求意见稿）"), replaces=entry.get("replaces")
    )
    found: list[Event] = []
    if published and published.year >= 2016:
        is_draft = effective is None and entry["id"].endswith("DRAFT")
        drafted = published if is_draft else published - dt.timedelta(days=150)
        if entry.get("drafts", True):
            until = drafted + dt.timedelta(days=30)
            found.append(happened("draft", bodies, others, drafted, until=until))
            found.append(happened("planned", bodies[:1], 0, drafted - dt.timedelta(days=200)))
        if not is_draft and effective and effective > published:
            found.append(happened("issued", bodies, others, published, effective))
        elif not is_draft:
            found.append(happened("issued_open", bodies, others, published))
    if effective and effective.year >= 2016:
        found.append(happened("in_force", bodies, 0, published or effective, effective))
    for change in entry.get("amended", ()):
        takes_effect = change["effective"] or change["decided"] + dt.timedelta(days=30)
        found.append(happened("amended", bodies, 0, change["decided"], takes_effect))
    if entry.get("repealed"):
        found.append(happened("repealed", bodies, 0, entry["repealed"]))
    return found


@cache
def _english_names() -> Mapping[str, str]:
    return {entry["id"]: entry["en"].removesuffix(" (draft)") for entry in read("instruments")}


def _renamed(event: Event) -> Event:
    name = _english_names()[event.id] if event.id else event.name
    return Event(event.id, name, event.kind, event.bodies, event.others, event.on, event.effective, event.until, event.replaces)  # fmt: skip


def _invented(draft: Draft, city: City) -> Event:
    draw, day = draft.draw, draft.day
    knowledge = read("regulatory")
    kind = draw.weighted(_EVENTS)
    names = knowledge["names"][draft.language]
    known = [
        code for code in names
        if knowledge["since"].get(code, 0) <= day.year < knowledge["until"].get(code, 9999)
    ]  # fmt: skip
    body = draw.pick(known)
    name = named(draw, draw.pick(names[body]), draft.language, city)
    on = day - dt.timedelta(days=draw.whole(0, 25))
    others = draw.pick((2, 3, 5, 8, 11)) if kind in ("issued", "draft") and body in ("CAC_NATIONAL", "MIIT", "NDA") and draw.chance(0.35) else 0  # fmt: skip
    effective = until = None
    if kind in ("issued", "amended"):
        effective = on + dt.timedelta(days=draw.whole(30, 150))
    elif kind == "in_force":
        effective = on
        on = on - dt.timedelta(days=draw.whole(40, 200))
    elif kind == "draft":
        until = on + dt.timedelta(days=draw.pick((14, 20, 30, 30, 60)))
    return Event(None, name, kind, (body,), others, on, effective, until)


# --- words -----------------------------------------------------------------------------------------------------


def _printed(draw: Draw, language: Language, event: Event, city: City) -> tuple[str, str]:
    """The issuers as the sentence prints them, and the first of them alone."""
    bodies = read("regulatory")["bodies"]
    names = [named(draw, draw.pick(bodies[code][language]), language, city) for code in event.bodies]
    if language == "zh":
        listed_names = "、".join(names)
        if event.others:
            return f"{listed_names}等{numeral(event.others + len(names))}部门", names[0]
        return (f"{listed_names}联合" if len(names) > 1 and draw.chance(0.3) else listed_names), names[0]
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return (f"{joined} and {event.others} other departments" if event.others else joined), names[0]


def _title(draft: Draft, event: Event, printed: tuple[str, str]) -> str:
    phrase = draft.draw.pick(listed("regulatory", "titles", draft.language, event.kind))
    return phrase.say(draft.draw, Given(name=event.name, who=printed[1]))


def _tell(draft: Draft, row: Row, event: Event, city: City, printed: tuple[str, str]) -> None:
    draw, language, add = draft.draw, draft.language, draft.page.add
    zh = language == "zh"
    say = day_zh if zh else day_en
    local = {"LOCAL_GOV", "LOCAL_LEGISLATURE"} & set(event.bodies)
    row.authority_type = event.bodies[0]
    row.region = (city.export if (zh and city.zh in printed[0]) or (not zh and f"{city.en} M" in printed[0]) else city.province_en) if local else None  # fmt: skip
    told: set[str] = set()

    def date(name: str, day: dt.date | None) -> Callable[[], None]:
        def write() -> None:
            if day is not None:
                told.add(name)
                add(say(day))

        return write

    slots: dict[str, Callable[[], None]] = {
        "on": date("on", event.on),
        "effective": date("effective", event.effective),
        "until": date("until", event.until),
        "by": lambda: add(printed[0]),
        "By": lambda: add(printed[0][0].upper() + printed[0][1:]),
        "name": lambda: add(event.name),
        "short": lambda: add(event.name),
    }
    options = [
        f for f in listed("regulatory", "sentences", language, event.kind) if _possible(f.needed, event)
    ]
    draw.pick(options).play(add, draw, slots)
    if event.kind == "issued" and event.replaces:
        _replacement(draft, event.replaces)
    status = event.kind.removesuffix("_open")
    if status == "issued" and "effective" in told and event.effective and event.effective <= draft.day:
        status = "in_force"
    named_bodies = _extra(draft, event)
    _mention(draft, row, event)
    row.published = event.on.isoformat() if "on" in told else None
    row.regulatory = {
        "instrument": event.id,
        "issuer_types": list(dict.fromkeys(event.bodies)),
        "co_issuer_count": event.others or None,
        "bodies_named": named_bodies,
        "status": status,
        "published": row.published,
        "effective": event.effective.isoformat() if event.effective and "effective" in told else None,
        "consultation_until": event.until.isoformat() if event.until and "until" in told else None,
        "replaces": event.replaces,
        "duty_bearers": [],
    }


def _possible(needed: frozenset[str], event: Event) -> bool:
    """A reading is a matter of the legislature, and where comments end must be known."""
    reads_bill = not needed & {"until", "effective"} and event.kind == "draft"
    if reads_bill:
        return event.bodies[0] in ("NPC", "LOCAL_LEGISLATURE")
    return event.until is not None or "until" not in needed


def _replacement(draft: Draft, former: str) -> None:
    """Names the predecessor; where a text is silent on it, it is known from the catalogue all the same."""
    old = next(entry for entry in read("instruments") if entry["id"] == former)
    if draft.language == "zh":
        draft.page.add(f"此前的《{old['zh']}》同时废止。")
    else:
        draft.page.add(f" They replace the {old['en']}.")


def _extra(draft: Draft, event: Event) -> list[str]:
    draw = draft.draw
    if not draw.chance(0.12):
        return []
    code = draw.pick([code for code in ("TC260", "CSAC", "ISC", "CNITSEC") if code not in event.bodies])
    name = draw.pick(read("regulatory")["bodies"][code][draft.language])
    phrase = draw.pick(listed("regulatory", "sentences", draft.language, "extra"))
    gap = " " if draft.language == "en" else ""
    draft.page.add(gap + phrase.say(draw, Given(body=name, Body=name[0].upper() + name[1:])))
    return [code]


def _mention(draft: Draft, row: Row, event: Event) -> None:
    """An article that is talked about is cited, but not as the ground of a case."""
    draw = draft.draw
    if event.kind not in ("issued", "issued_open", "draft") or not draw.chance(0.2):
        return
    article = draw.whole(2, 18)
    printed = numeral(article) if draft.language == "zh" else str(article)
    phrase = draw.pick(listed("regulatory", "sentences", draft.language, "mentions"))
    gap = " " if draft.language == "en" else ""
    draft.page.add(gap + phrase.say(draw, Given(article=printed)))
    version = "CSL-2016" if event.id == "CSL" else None
    row.citations.append({"law": event.id or event.name, "version": version, "article": str(article), "role": "mentioned"})  # fmt: skip


def _joined(sentences: Sequence[str], language: Language) -> str:
    return ("" if language == "zh" else " ").join(sentences)
