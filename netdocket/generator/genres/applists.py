"""Bulletins that name apps, in a table or in running text: named, or taken off the stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from netdocket.generator.drafts import Draft
from netdocket.generator.drawing import Draw
from netdocket.generator.lexicon import listed, read, words
from netdocket.generator.numerals import numeral
from netdocket.generator.subjects import app_name, brand
from netdocket.generator.templates import Given
from netdocket.generator.truth import Row
from netdocket.generator.world import Office, cities, office

_BY: Final = ("CA_PROVINCIAL", "CA_PROVINCIAL", "CA_PROVINCIAL", "MIIT", "MIIT", "CAC_NATIONAL", "CAC_LOCAL", "CVERC", "MSTL")  # fmt: skip

_TECHNICAL: Final = ("CVERC", "MSTL")


def app_list(draft: Draft) -> str:
    """A list of three to thirty apps; gives the body that publishes it."""
    draw, page = draft.draw, draft.page
    by = _by(draft)
    removal = draw.chance(0.25)
    count = draw.whole(3, 30) + draft.step
    title = (
        listed("apps", "titles")[2]
        if removal
        else draw.pick([t for t in listed("apps", "titles") if "下架" not in t.source])
    )
    draft.title = title.say(
        draw,
        Given(
            year=str(draft.day.year),
            n=str(draw.whole(1, 9)),
            m=str(draw.whole(12, 60)),
            who=by.name,
            count=str(count),
        ),
    )
    row = draft.record("APP_LIST", draft.title)
    row.authority_type, row.region = by.type, by.region
    row.sector, row.subject_kind = "APP_DEV", "APP"
    draft.begin(row)
    _lead(draft, row, by, count, removal=removal)
    problems = _problems(draw)
    if draw.chance(0.6):
        _table(draft, row, count, problems)
    else:
        _inline(draft, row, count, problems)
    if draw.chance(0.4):
        page.paragraph(draw.pick(listed("apps", "closing")).source)
    draft.end(row)
    return by.name


def _by(draft: Draft) -> Office:
    draw = draft.draw
    code, city = (
        draw.pick([code for code in _BY if code in draft.by or code in _TECHNICAL]),
        draw.pick(cities()),
    )
    if code in ("CVERC", "MSTL"):
        name = draw.pick(read("apps")["offices"][code])
        return Office(code, name, name, None, city)
    by = office(draw, "zh", code, city, draft.day)
    assert by is not None  # noqa: S101
    return _joint(draft, by) if code == "CA_PROVINCIAL" and draw.chance(0.12) else by


def _joint(draft: Draft, by: Office) -> Office:
    """Two provinces name apps together; the place is that of the first."""
    other = draft.draw.pick([c for c in cities() if c.province_en != by.city.province_en])
    return Office(by.type, f"{by.name}、{other.province_zh}通信管理局", by.again, by.region, by.city)


def _lead(draft: Draft, row: Row, by: Office, count: int, *, removal: bool) -> None:
    draw, page = draft.draw, draft.page
    start = page.length
    phrase = draw.pick(listed("apps", "leads", "removal" if removal else "naming"))
    by_when = draw.pick(words("zh")["by"])
    page.add(phrase.say(draw, Given(auth=by.name, count=str(count), by=by_when)))
    code = "APP_REMOVAL" if removal else "PUBLIC_NAMING"
    draft.mark("penalty", code, start)
    row.penalties.append({"type": code, "target": "entity", "amount_cny": None, "count": count})


def _problems(draw: Draw) -> list[tuple[str, str]]:
    """Code and wording of the problems of this list."""
    known: Mapping[str, Sequence[str]] = read("apps")["problems"]
    return [(code, draw.pick(known[code])) for code in draw.some(tuple(known), draw.whole(1, 4))]


def _table(draft: Draft, row: Row, count: int, problems: list[tuple[str, str]]) -> None:
    draw, page = draft.draw, draft.page
    headers = draw.pick(read("apps")["headers"])
    page.paragraph("\t".join(headers), "head")
    for number in range(1, count + 1):
        cells = [str(number), app_name(draw, "zh")]
        if len(headers) == 7:
            cells.append(
                f"{draw.pick(cities()).province_short[0]}ICP备{draw.whole(2_000_000_000, 2_099_999_999)}号-{draw.whole(1, 9)}A"
            )
        cells += [
            f"{brand(draw, 'zh')}{draw.pick(('网络科技', '信息技术', '软件'))}有限公司",
            draw.pick(words("zh")["store"]),
            _version(draw),
        ]
        page.begin("row")
        page.add("\t".join(cells) + "\t")
        for place, (code, text) in enumerate(
            draw.some(problems, draw.whole(1, 2)) if number > 1 else problems
        ):
            if place:
                page.add("；")
            _problem(draft, row, code, text)


def _inline(draft: Draft, row: Row, count: int, problems: list[tuple[str, str]]) -> None:
    draw, page = draft.draw, draft.page
    left = count
    problems = problems[:count]
    for number, (code, text) in enumerate(problems, 1):
        here = left if number == len(problems) else draw.whole(1, left - (len(problems) - number))
        left -= here
        page.begin()
        page.add(f"{numeral(number) if draw.chance(0.5) else number}、")
        _problem(draft, row, code, text)
        page.add(f"。涉及{here}款App如下：")
        page.begin()
        apps = [
            f"《{app_name(draw, 'zh')}》（版本{_version(draw)}，{draw.pick(words('zh')['store'])}）"
            for _ in range(here)
        ]
        page.add("、".join(apps) + "。")


def _problem(draft: Draft, row: Row, code: str, text: str) -> None:
    start = draft.page.length
    draft.page.add(text)
    draft.mark("violation", code, start)
    if code not in row.violations:
        row.violations.append(code)


def _version(draw: Draw) -> str:
    return f"{draw.whole(1, 12)}.{draw.whole(0, 9)}.{draw.whole(0, 30)}"
