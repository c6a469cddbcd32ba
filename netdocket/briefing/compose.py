"""From the store to the blocks of a briefing. Every figure is the answer to a search; nothing is summed here.

Only records of mainland jurisdiction from official sources are counted: secondary sources tell again what others have
published, and roll-ups stand apart as figures of reports.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from dashboards.panels.labels import Labels
from dashboards.web.app import vocabularies
from enrich import Knowledge
from index.store import Store
from netdocket.briefing.blocks import (
    Block,
    Briefing,
    Case,
    Chart,
    Heading,
    Number,
    Paragraph,
    Sources,
    Table,
    Text,
)
from netdocket.briefing.firsts import new_penalties
from netdocket.briefing.period import Period
from netdocket.briefing.searches import IMPOSED, TOTAL, Body, cut, number, period_body, source_number
from netdocket.records import utc_now
from streams.alerts.things import penalty_sentence

LEAST_BASE: Final = 20
"""Below so many before, a rate of change says more about chance than about anything else."""
ROWS: Final = 10
FINES: Final[list[Body]] = [{"term": {"penalty_type": "FINE"}}]


@dataclasses.dataclass(frozen=True, slots=True)
class Breakdown:
    """Records of `index` by the values of `field`, which `group` words."""

    name: str
    index: str
    field: str
    group: str | None
    title: Text
    official: bool = True


TABLES: Final = (
    Breakdown("violation", "cases", "violation", "violation_types", Text("Violations", "违法类型")),
    Breakdown(
        "penalty", "cases", "penalty_type", "penalty_types", Text("Penalties and measures", "处罚与措施")
    ),
    Breakdown("article", "cases", "article", "articles", Text("Articles applied", "适用条款")),
    Breakdown("authority", "cases", "authority", "authority_types", Text("Authorities", "机关")),
    Breakdown("place", "cases", "region", None, Text("Places", "地区")),
    Breakdown(
        "incident",
        "incidents",
        "incident_type",
        "incident_types",
        Text("Incidents by type", "安全事件（类型）"),
        official=False,
    ),
)


def compose(
    store: Store, knowledge: Knowledge, period: Period, against: Period | None, *, demonstration_data: bool
) -> Briefing:
    """Raises what the store raises. A period without data gives a briefing that says so."""
    sources: list[str] = []
    blocks: list[Block] = []
    if demonstration_data:
        notice = Text(
            "Demonstration data: made for trying netdocket out, not published by any authority.",
            "演示数据：为试用 netdocket 而制作，并非任何机关所发布。",
        )
        blocks.append(Paragraph(notice))
    headline = _headline(store, period, against)
    cases = headline.rows[0][1]
    if isinstance(cases, Number) and not cases.value:
        blocks.append(
            Paragraph(
                Text(
                    f"No case of an official source is dated {period.since} to {period.until}.",
                    f"{period.since} 至 {period.until} 无官方来源的案例。",
                )
            )
        )
    blocks += [Heading(Text("Headline figures", "主要数据")), headline]
    for of in TABLES:
        table = _by(store, knowledge, of, period, against)
        if table.rows:
            blocks += [Heading(of.title), table, *_others(store, table, of, period), Chart(table)]
    blocks += new_penalties(store, knowledge, period, sources)
    blocks += _largest(store, period, sources)
    blocks += _regulation(store, knowledge, period, sources)
    blocks += _method(period, against, knowledge)
    if sources:
        blocks += [Heading(Text("Sources", "来源")), Sources(sources)]
    title = Text(f"Enforcement briefing {period.name}", f"执法简报 {period.name}")
    return Briefing(title, blocks)


def _headline(store: Store, period: Period, against: Period | None) -> Table:
    known = {"exists": {"field": "total_yuan"}}
    unknown = {"term": {"amount_unknown": True}}
    total = {"sum": {"sum": {"field": "total_yuan"}}}
    median = {"median": {"percentiles": {"field": "total_yuan", "percents": [50.0]}}}
    lines: list[tuple[Text, str, list[Body], Body, tuple[str, ...], bool]] = [
        (Text("Cases", "案例"), "cases", [], {}, TOTAL, True),
        (Text("Penalties and measures", "处罚与措施"), "penalties", [IMPOSED], {}, TOTAL, True),
        (Text("Fines", "罚款（笔）"), "penalties", FINES, {}, TOTAL, True),
        (Text("Fines of known amount (n)", "金额已知的罚款（n）"), "penalties", [*FINES, known], {}, TOTAL, True),
        (Text("Fines of unknown amount", "金额不详的罚款"), "penalties", [*FINES, unknown], {}, TOTAL, True),
        (Text("Sum of fines, CNY", "罚款合计（元）"), "penalties", [*FINES, known], total, ("aggregations", "sum", "value"), True),
        (Text("Median fine, CNY", "罚款中位数（元）"), "penalties", [*FINES, known], median, ("aggregations", "median", "values", "50.0"), True),
        (Text("Apps named in lists", "被通报的应用"), "apps", [], {}, TOTAL, True),
        (Text("Incidents", "安全事件"), "incidents", [], {}, TOTAL, False),
        (Text("Reports on regulation", "监管动态"), "developments", [], {}, TOTAL, False),
    ]  # fmt: skip
    rows = []
    for label, index, clauses, aggregation, path, official in lines:
        more = {"aggs": aggregation} if aggregation else {}
        now = number(store, index, period_body(period, *clauses, official=official, **more), path)
        row: list[Any] = [label, now]
        if against:
            before = number(store, index, period_body(against, *clauses, official=official, **more), path)
            bases = [
                store.search(index, period_body(p, *clauses, official=official))["hits"]["total"]["value"]
                for p in (against, period)
            ]
            row += [before, change(now.value, before.value, min(bases))]
        rows.append(row)
    return Table("headline", _head(Text("", ""), period, against), rows)


def _head(first: Text, period: Period, against: Period | None) -> list[Text]:
    head = [first, Text(period.name, period.name)]
    return [*head, Text(against.name, against.name), Text("Change", "变化")] if against else head


def change(now: float | None, before: float | None, base: int) -> Text:
    """In per cent; in words where either side rests on fewer than LEAST_BASE."""
    if now is None or not before:
        return Text("no base", "无基数")
    if base < LEAST_BASE:
        return Text(f"base under {LEAST_BASE}", f"基数不足 {LEAST_BASE}")
    rate = f"{(now - before) / before * 100:+.0f}%"
    return Text(rate, rate)


def _by(store: Store, knowledge: Knowledge, of: Breakdown, period: Period, against: Period | None) -> Table:
    aggs = {"by": {"terms": {"field": of.field, "size": ROWS}}}
    body = period_body(period, official=of.official, aggs=aggs)
    buckets = store.search(of.index, body)["aggregations"]["by"]["buckets"]
    labels = Labels(knowledge, extra=vocabularies(knowledge, {}))
    rows: list[list[Any]] = []
    for bucket in buckets:
        code = str(bucket["key"])
        words = labels(of.group, code)
        label = Text(words.en, words.zh)
        now = Number(
            float(bucket["doc_count"]), of.index, body, ("aggregations", "by", "buckets", code, "doc_count")
        )
        row: list[Any] = [label, now]
        if against:
            before = number(
                store, of.index, period_body(against, {"term": {of.field: code}}, official=of.official), TOTAL
            )
            row += [before, change(now.value, before.value, int(min(now.value or 0, before.value or 0)))]
        rows.append(row)
    return Table(of.name, _head(of.title, period, against), rows)


def _largest(store: Store, period: Period, sources: list[str]) -> list[Block]:
    body = {
        **period_body(period, *FINES, {"exists": {"field": "total_yuan"}}),
        "size": ROWS,
        "sort": [{"total_yuan": {"order": "desc"}}, {"penalty_id": "asc"}],
    }
    hits = store.search("penalties", body)["hits"]["hits"]
    of_all = number(store, "penalties", _counted(body), TOTAL)
    blocks: list[Block] = [Heading(Text("Largest fines", "金额最大的罚款"))] if hits else []
    for hit in hits:
        penalty = hit["_source"]
        stored = store.get("cases", penalty["record_id"])
        total = f"{penalty['total_yuan']:,.0f}"
        said = Text(f"CNY {total}, {penalty['event_date']}", f"{total} 元，{penalty['event_date']}")
        sentence = penalty_sentence(stored.source, penalty["penalty_id"]) if stored else None
        blocks.append(Case(penalty["title"], said, sentence, source_number(sources, penalty.get("url"))))
    return [*blocks, *cut(len(hits), of_all)]


def _regulation(store: Store, knowledge: Knowledge, period: Period, sources: list[str]) -> list[Block]:
    body = {
        **period_body(period, {"exists": {"field": "instrument"}}, official=False),
        "size": ROWS * 2,
        "sort": [{"event_date": {"order": "desc"}}, {"record_id": "asc"}],
    }
    hits = store.search("developments", body)["hits"]["hits"]
    if not hits:
        return []
    rows: list[list[Any]] = []
    for hit in hits:
        found = hit["_source"]
        name, status = found["instrument_label"], found.get("status_label")
        rows.append([
            Text(name["en"], name["zh"]),
            Text(status["en"], status["zh"]) if status else "–",
            found["event_date"],
            f"[{source_number(sources, found.get('url'))}]",
        ])  # fmt: skip
    head = [
        Text("Instrument", "规范性文件"),
        Text("Status", "状态"),
        Text("Dated", "日期"),
        Text("Source", "来源"),
    ]
    found = [Heading(Text("Regulatory tracker", "监管动态")), Table("regulation", head, rows)]
    return [*found, *cut(len(rows), number(store, "developments", _counted(body), TOTAL))]


def _counted(body: Body) -> Body:
    """The same search for its total alone."""
    return {**{key: part for key, part in body.items() if key != "sort"}, "size": 0}


def _others(store: Store, table: Table, of: Breakdown, period: Period) -> list[Block]:
    """How many values there are where the table has the first of them."""
    if len(table.rows) < ROWS:
        return []
    aggs = {"values": {"cardinality": {"field": of.field, "precision_threshold": 3000}}}
    body = period_body(period, official=of.official, aggs=aggs)
    return cut(len(table.rows), number(store, of.index, body, ("aggregations", "values", "value")))


def _method(period: Period, against: Period | None, knowledge: Knowledge) -> list[Block]:
    compared = f" Compared with {against.since} to {against.until}." if against else ""
    compared_zh = f"对比期：{against.since} 至 {against.until}。" if against else ""
    return [
        Heading(Text("Method and coverage", "方法与范围")),
        Paragraph(
            Text(
                f"Records dated {period.since} to {period.until}, by decision, else publication; records known by their "
                "year alone count only where the whole year is in the period."
                + compared
                + " Cases, penalties and apps: "
                "official sources of mainland jurisdiction; secondary sources and figures of campaigns are in no sum. A case "
                "with several values is counted in each. Incidents and reports on regulation include secondary sources. Sums "
                f"and medians are of known amounts in CNY. No rate of change on fewer than {LEAST_BASE}. Articles are "
                "those of the version of the law that was applied. What was not published, or not harvested, is not here. "
                f"Rules version {knowledge.rules_version}; made {utc_now()}.",
                f"记录日期为 {period.since} 至 {period.until}（决定日期，否则发布日期）；仅知年份者，全年在期内方计入。{compared_zh}"
                "案例、处罚与应用：仅计官方来源、境内管辖；二手来源与专项行动统计不计入合计。具有多个取值的案例分别计入。"
                "安全事件与监管动态含二手来源。合计与中位数仅计金额已知的人民币罚款。"
                f"基数不足 {LEAST_BASE} 不计变化率。条款为所适用的法律版本之条款。未公开或未采集者不在其内。"
                f"规则版本 {knowledge.rules_version}；制作时间 {utc_now()}。",
            )
        ),
    ]
