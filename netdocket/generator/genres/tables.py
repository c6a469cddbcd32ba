"""Penalty tables of the central bank (a page is a bulletin, its rows are cases) and the decision sheets of the financial
regulator."""

from __future__ import annotations

import datetime as dt

from netdocket.generator.cases import Case, plan_case
from netdocket.generator.citations import print_zh
from netdocket.generator.dates import day_zh
from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import listed, penalty_phrases, read, violation_phrases
from netdocket.generator.measures import Measure
from netdocket.generator.money import sum_zh
from netdocket.generator.numerals import numeral
from netdocket.generator.subjects import name_zh, veiled_zh
from netdocket.generator.telling import CaseWords, Telling
from netdocket.generator.templates import Given
from netdocket.generator.truth import citation, penalty
from netdocket.generator.world import Office, cities, office


def pboc(draft: Draft) -> str:
    """A table of two to nine penalties; gives the branch that publishes it."""
    draw, page = draft.draw, draft.page
    by = _by(draft, "PBOC")
    knowledge = read("tables")["pboc"]
    draft.title = draw.pick(listed("tables", "pboc", "titles")).say(
        draw, Given(who=by.name, year=str(draft.day.year), n=str(draw.whole(1, 60)))
    )
    headers = draw.pick(knowledge["headers"])
    page.paragraph("\t".join(headers), "head")
    for number in range(1, draw.whole(2, 9) + 1):
        case = _case(draft, by, step=draft.step if number == 1 else 0)
        _row(draft, case, number, headers)
    return by.name


def nfra(draft: Draft) -> str:
    """A decision sheet: one case, a line a field."""
    draw, page = draft.draw, draft.page
    by = _by(draft, "NFRA" if draft.day.year >= 2018 else "PBOC")
    number = _document_number(draw, by, draft.day)
    draft.title = draw.pick(listed("tables", "nfra", "titles")).say(draw, Given(who=by.name, no=number))
    case = _case(draft, by, step=draft.step)
    row = draft.record("ENFORCEMENT_CASE", draft.title)
    labels = read("tables")["nfra"]["rows"]
    telling = draft.telling(case, row)
    row.start = page.begin("head")
    page.add(f"{labels['number']}\t{number}")
    page.begin("row")
    page.add(f"{labels['subject']}\t{case.subject.name}")
    page.begin("row")
    page.add(f"{labels['facts']}\t")
    _grounds(draft, case, telling, aside=False)
    if case.cites:
        page.begin("row")
        page.add(f"{labels['basis']}\t{print_zh(case.cites, draw, arabic=False, told=set())}")
        row.citations = [citation(cite) | {"role": "basis"} for cite in case.cites]
    page.begin("row")
    page.add(f"{labels['decision']}\t")
    _imposed(draft, case, telling)
    page.begin("row")
    page.add(f"{labels['by']}\t{by.name}")
    page.begin("row")
    page.add(f"{labels['date']}\t{day_zh(case.decided)}")
    row.decision = case.decided.isoformat()
    draft.end(row)
    draft.persons += telling.persons
    return by.name


def _by(draft: Draft, code: str) -> Office:
    by = office(draft.draw, "zh", code, draft.draw.pick(cities()), draft.day)
    assert by is not None  # noqa: S101  asked for only when it had its name
    return by


def _case(draft: Draft, by: Office, *, step: int) -> Case:
    """A case of the office, with something imposed."""
    while True:
        case = plan_case(
            draft.draw, "zh", draft.day, step=step, code="FIN_DATA", authority=by.type, city=by.city
        )
        if not case.outcome.open and case.subject.kind != "APP":
            return _of_office(case, by)


def _of_office(case: Case, by: Office) -> Case:
    return Case(
        case.language, case.codes, case.group, by, case.subject, case.officer, case.grounds, case.outcome, case.found,
        case.decided, case.wording,
    )  # fmt: skip


def _row(draft: Draft, case: Case, number: int, headers: list[str]) -> None:
    draw, page = draft.draw, draft.page
    row = draft.record("ENFORCEMENT_CASE", draft.title)
    telling = draft.telling(case, row)
    row.start = page.begin("row")
    subject = case.subject.name
    if draw.chance(0.25):
        subject = _person_of(draft, case, telling)
        row.subject_kind = "RESPONSIBLE_PERSON"
    page.add(f"{number}\t{subject}\t{_document_number(draw, case.office, case.decided)}\t")
    _grounds(draft, case, telling, aside=draw.chance(0.5))
    page.add("\t")
    _imposed(draft, case, telling, individual=row.subject_kind == "RESPONSIBLE_PERSON")
    page.add(f"\t{case.office.name}\t{day_zh(case.decided)}")
    row.decision = case.decided.isoformat()
    page.add("\t三年\t无" if len(headers) == 9 else "\t无")
    draft.end(row)
    draft.persons += telling.persons


def _person_of(draft: Draft, case: Case, telling: Telling) -> str:
    """张某（时任…）: the person in charge has a row of his own."""
    post = draft.draw.pick(read("tables")["pboc"]["posts"])
    if draft.draw.chance(0.4):
        known = name_zh(draft.draw)
        telling.persons.append(known)
        name = known.printed
    else:
        name = veiled_zh(draft.draw)
    return f"{name}（{post[:2]}{case.subject.name}{post[2:]}）"


def _grounds(draft: Draft, case: Case, telling: Telling, *, aside: bool) -> None:
    """Numbered grounds; some may be of other fields."""
    draw, page = draft.draw, draft.page
    words = CaseWords(case, draw)
    phrases = violation_phrases("zh")["FIN_DATA"][case.wording]
    chosen = draw.some(phrases, draw.whole(1, 3))
    stated = [("FIN_DATA", phrase.say(draw, words)) for phrase in chosen]
    if aside:
        stated += [("", text) for text in draw.some(read("tables")["pboc"]["aside"], draw.whole(1, 2))]
    for number, (code, text) in enumerate(stated, 1):
        if number > 1:
            page.add("；")
        if len(stated) > 1:
            page.add(f"{number}.")
        start = page.length
        page.add(text)
        if code:
            draft.mark("violation", code, start)


def _imposed(draft: Draft, case: Case, telling: Telling, *, individual: bool = False) -> None:
    draw, page = draft.draw, draft.page
    measures = [
        measure for measure in case.outcome.measures if not individual or measure.type in ("WARNING", "FINE")
    ]
    for number, measure in enumerate(measures or case.outcome.measures):
        if number:
            page.add(
                draw.pick(
                    ("，", "；", "、并处")
                    if measure.type == "FINE" and not measure.combined
                    else ("，", "；")
                )
            )
        start = page.length
        page.add(_cell(draw, measure, case.wording))
        draft.mark("penalty", measure.type, start)
        told = Measure("FINE" if measure.combined else measure.type, "individual", measure.amount, combined=measure.combined) if individual else measure  # fmt: skip
        telling.row.penalties.append(penalty(told))


def _cell(draw: Draw, measure: Measure, wording: str) -> str:
    entry = penalty_phrases("zh")[measure.type]
    forms = (
        entry["both"]
        if measure.combined
        else entry["none"]
        if measure.amount is None and "none" in entry
        else entry[wording]
    )
    phrases = forms.get("c") or forms.get("d") or forms["v"]
    amount = sum_zh(measure.amount, draw) if measure.amount is not None else ""
    given = Given(sum=amount, days=numeral(measure.days), years=numeral(measure.years), X="其", by="十五日")
    return draw.pick(phrases).say(draw, given)


def _document_number(draw: Draw, by: Office, day: dt.date) -> str:
    return f"{by.city.province_short[0]}{'银罚决字' if by.type == 'PBOC' else '金罚决字'}〔{day.year}〕{draw.whole(1, 160)}号"
