"""Random documents and random search bodies over the supported subset."""

from __future__ import annotations

import random
from typing import Any

FIELDS = {
    "penalty_type": "keyword",
    "violation": "keyword",
    "sector": "keyword",
    "region": "keyword",
    "place.province": "keyword",
    "penalty_id": "keyword",
    "title": "text",
    "event_date": "date",
    "fetched_at": "date",
    "amount": "long",
    "total_yuan": "double",
    "count": "integer",
    "amount_unknown": "boolean",
}
WORDS = [
    "网络安全",
    "数据",
    "个人信息",
    "罚款",
    "警告",
    "责令改正",
    "某公司",
    "Cyber",
    "data breach",
    "2024年",
    "APP",
]
TYPES = ["FINE", "WARNING", "ORDER", "CONFISCATE", "SHUTDOWN"]
VIOLATIONS = ["V1", "V2", "V 3", 'V"4"', "V5/六", "v[7]"]
SECTORS = ["bank", "school", "hospital", "game"]
REGIONS = ["Jiangsu/Nanjing", "Jiangsu", "Shanghai", "Guangdong/Shenzhen", "Hunan"]
ZONES = [None, "Asia/Shanghai", "+08:00", "-03:00"]


def maybe(rng: random.Random, share: float, value: Any) -> dict[str, Any]:
    return value if rng.random() < share else {}


def date(rng: random.Random) -> str:
    year, month, day = rng.randint(2019, 2025), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice([f"{year}-{month:02}-{day:02}"] * 6 + [f"{year}-{month:02}", f"{year}"])


def moment(rng: random.Random) -> str:
    seconds = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    day = f"{rng.randint(2023, 2024)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    return f"{day}T{seconds}{rng.choice(['', '.' + str(rng.randint(100, 999))])}{rng.choice(['Z', '+08:00'])}"


def title(rng: random.Random) -> str:
    return "".join(rng.choice(WORDS) + rng.choice(["", "，", " "]) for _ in range(rng.randint(1, 5)))


def document(rng: random.Random, number: int) -> dict[str, Any]:
    amount = rng.choice([0, 100, 5000, 5000, 12_345, 1_000_000, rng.randint(0, 10**9), -5])
    return {
        "penalty_id": f"p{number:05}",
        "penalty_type": rng.choice(TYPES),
        "amount_unknown": rng.random() < 0.3,
        "fetched_at": moment(rng),
        **maybe(rng, 0.9, {"title": title(rng)}),
        **maybe(rng, 0.8, {"violation": rng.choices(VIOLATIONS, k=rng.randint(0, 4))}),
        **maybe(rng, 0.7, {"sector": rng.choice(SECTORS)}),
        **maybe(rng, 0.8, {"region": rng.choice(REGIONS)}),
        **maybe(rng, 0.6, {"place": {"province": rng.choice(["320000", "310000", "440000"])}}),
        **maybe(rng, 0.9, {"event_date": date(rng)}),
        **maybe(rng, 0.7, {"amount": amount, "total_yuan": amount / 100}),
        **maybe(rng, 0.9, {"count": rng.choice([1, 1, 1, 2, 3, 10])}),
        **maybe(rng, 0.3, {"status": None}),
    }


# --- queries -----------------------------------------------------------------------------------------


def query(rng: random.Random, depth: int = 2) -> dict[str, Any]:
    kinds = [term, terms, number_range, date_range, keyword_range, exists, text, prefix, ids, everything]
    if depth and rng.random() < 0.5:
        return boolean(rng, depth - 1)
    return rng.choice(kinds)(rng)


def boolean(rng: random.Random, depth: int) -> dict[str, Any]:
    clauses: dict[str, Any] = {}
    for name in rng.sample(["must", "filter", "should", "must_not"], rng.randint(1, 3)):
        clauses[name] = [query(rng, depth) for _ in range(rng.randint(1, 3))]
    if "should" in clauses and rng.random() < 0.5:
        clauses["minimum_should_match"] = rng.randint(0, len(clauses["should"]))
    return {"bool": clauses}


def one_value(rng: random.Random) -> tuple[str, Any]:
    return rng.choice(
        [
            ("penalty_type", rng.choice([*TYPES, "NONE"])),
            ("violation", rng.choice(VIOLATIONS)),
            ("region", rng.choice(REGIONS)),
            ("place.province", "320000"),
            ("amount_unknown", rng.random() < 0.5),
            ("count", rng.randint(1, 4)),
            ("amount", rng.choice([0, 5000, -5])),
            ("total_yuan", 50.0),
            ("event_date", f"{rng.randint(2019, 2025)}-{rng.randint(1, 12):02}-01"),
            ("title", rng.choice(["网", "app", "data"])),
        ]
    )


def term(rng: random.Random) -> dict[str, Any]:
    field, value = one_value(rng)
    return {"term": {field: value}}


def terms(rng: random.Random) -> dict[str, Any]:
    field, values = rng.choice([("violation", VIOLATIONS), ("penalty_type", TYPES), ("count", [1, 2, 3, 4])])
    return {"terms": {field: rng.sample(values, rng.randint(1, 3))}}


def number_range(rng: random.Random) -> dict[str, Any]:
    field = rng.choice(["amount", "total_yuan", "count"])
    ends = {rng.choice(["gt", "gte"]): rng.choice([-10, 0, 1, 50, 5000])}
    if rng.random() < 0.6:
        ends[rng.choice(["lt", "lte"])] = rng.choice([0, 2, 50, 12_345, 10**6, 10**8])
    return {"range": {field: ends}}


def date_range(rng: random.Random) -> dict[str, Any]:
    ends = {rng.choice(["gt", "gte"]): date(rng)} if rng.random() < 0.7 else {}
    if rng.random() < 0.7 or not ends:
        ends[rng.choice(["lt", "lte"])] = date(rng)
    zone = rng.choice(ZONES)
    return {
        "range": {rng.choice(["event_date", "fetched_at"]): {**ends, **({"time_zone": zone} if zone else {})}}
    }


def keyword_range(rng: random.Random) -> dict[str, Any]:
    field, values = rng.choice(
        [("violation", VIOLATIONS), ("region", REGIONS), ("penalty_id", ["p00010", "p00200"])]
    )
    low, high = sorted(rng.choices(values, k=2))
    ends = {rng.choice(["gt", "gte"]): low, rng.choice(["lt", "lte"]): high}
    if rng.random() < 0.4:
        ends.pop(rng.choice(list(ends)))
    return {"range": {field: ends}}


def exists(rng: random.Random) -> dict[str, Any]:
    return {"exists": {"field": rng.choice([*FIELDS, "place"])}}


def text(rng: random.Random) -> dict[str, Any]:
    words = "".join(rng.sample(WORDS, rng.randint(1, 2)))
    if rng.random() < 0.4:
        return {"match_phrase": {"title": rng.choice(WORDS)}}
    options: dict[str, Any] = {"query": words}
    if rng.random() < 0.5:
        options["operator"] = "and"
    elif rng.random() < 0.5:
        options["minimum_should_match"] = 2 if len(words) > 1 else 1
    return {"match": {"title": options}}


def prefix(rng: random.Random) -> dict[str, Any]:
    return {
        "prefix": rng.choice(
            [{"region": "Jiang"}, {"penalty_id": "p000"}, {"violation": "V"}, {"sector": ""}]
        )
    }


def ids(rng: random.Random) -> dict[str, Any]:
    return {"ids": {"values": [f"p{rng.randint(0, 600):05}" for _ in range(rng.randint(0, 20))]}}


def everything(rng: random.Random) -> dict[str, Any]:
    return rng.choice([{"match_all": {}}, {"match_none": {}}, {"match_all": {}}])


# --- sorting -----------------------------------------------------------------------------------------

SORTABLE = ["penalty_type", "sector", "region", "event_date", "fetched_at", "amount", "total_yuan", "count"]


def sort(rng: random.Random) -> list[dict[str, Any]]:
    keys = []
    for field in rng.sample(SORTABLE, rng.randint(0, 2)):
        options = {"order": rng.choice(["asc", "desc"])}
        if rng.random() < 0.4:
            options["missing"] = rng.choice(["_first", "_last"])
        keys.append({field: options})
    if rng.random() < 0.2:
        keys.append({"violation": {"order": "asc"}})
    if rng.random() < 0.7:
        keys.append({"penalty_id": {"order": rng.choice(["asc", "desc"])}})
    return keys or [{"penalty_id": {"order": "asc"}}]


# --- aggregations ------------------------------------------------------------------------------------


def metrics(rng: random.Random) -> dict[str, Any]:
    number = rng.choice(["amount", "total_yuan", "count"])
    choices: list[dict[str, Any]] = [
        {"sum": {"field": number}},
        {"avg": {"field": number}},
        {"min": {"field": rng.choice([number, "event_date"])}},
        {"max": {"field": rng.choice([number, "fetched_at"])}},
        {"stats": {"field": number}},
        {"sum": {"field": "amount", "missing": 7}},
        {"value_count": {"field": rng.choice([number, "violation", "title2"])}},
        {"percentiles": {"field": number, "percents": [5.0, 50.0, 90.0]}},
        {"cardinality": {"field": rng.choice(["violation", "penalty_id", "region"])}},
    ]
    chosen = rng.choice(choices)
    if chosen.get("value_count", {}).get("field") == "title2":
        chosen["value_count"]["field"] = "amount_unknown"
    return chosen


def terms_aggregation(rng: random.Random) -> dict[str, Any]:
    field = rng.choice(
        ["penalty_type", "violation", "sector", "region", "count", "amount_unknown", "amount", "penalty_id"]
    )
    body: dict[str, Any] = {"field": field, "size": rng.choice([1, 2, 3, 10, 50])}
    if rng.random() < 0.4:
        body["order"] = rng.choice(
            [{"_key": "asc"}, {"_key": "desc"}, {"_count": "asc"}, [{"_count": "desc"}, {"_key": "desc"}]]
        )
    if rng.random() < 0.2:
        body["min_doc_count"] = rng.choice([0, 2, 5])
    if field in ("sector", "region", "violation") and rng.random() < 0.3:
        body["missing"] = "(none)"
    if field == "amount" and rng.random() < 0.3:
        body["missing"] = -1
    if field == "violation" and rng.random() < 0.3 and "missing" not in body:
        body[rng.choice(["include", "exclude"])] = rng.sample(VIOLATIONS, 2)
    if field == "count" and rng.random() < 0.3:
        body[rng.choice(["include", "exclude"])] = [1, 2]
    return {"terms": body}


def date_histogram(rng: random.Random) -> dict[str, Any]:
    body: dict[str, Any] = {"field": rng.choice(["event_date", "fetched_at"])}
    if rng.random() < 0.75:
        body["calendar_interval"] = rng.choice(["month", "month", "quarter", "year", "week", "day"])
        zone = rng.choice([None, None, "Asia/Shanghai", "+08:00", "Europe/Berlin"])
        body.update({"time_zone": zone} if zone else {})
    else:
        body["fixed_interval"] = rng.choice(["30d", "7d", "90d"])
    if rng.random() < 0.5:
        body["min_doc_count"] = rng.choice([0, 1, 3])
    if rng.random() < 0.3 and "time_zone" not in body:
        body["extended_bounds"] = {"min": "2018-11-05", "max": "2026-02-03"}
    if rng.random() < 0.4:
        body["format"] = rng.choice(["yyyy-MM", "yyyy-MM-dd"])
        if body["format"] == "yyyy-MM" and "extended_bounds" in body:
            body["extended_bounds"] = {"min": "2018-11", "max": "2026-02"}
    if rng.random() < 0.2:
        body["order"] = rng.choice([{"_key": "desc"}, {"_count": "desc"}])
    elif rng.random() < 0.2 and body.get("format") == "yyyy-MM-dd":
        body["keyed"] = True
    return {"date_histogram": body}


def histogram(rng: random.Random) -> dict[str, Any]:
    field, interval = rng.choice([("count", 2), ("total_yuan", 1_000_000), ("amount", 50_000_000)])
    body = {"field": field, "interval": interval, **maybe(rng, 0.3, {"offset": interval / 4})}
    return {"histogram": {**body, **maybe(rng, 0.4, {"min_doc_count": 1})}}


def ranges(rng: random.Random) -> dict[str, Any]:
    limits = rng.sample([-1, 0, 50, 5000, 12_345.5, 10**6], 4)
    given = [
        {"key": "low", "to": max(limits[:2])},
        {"key": "mid", "from": min(limits[:2]), "to": max(limits[1:3]) + 1},
        {"key": "high", "from": limits[3]},
    ]
    return {"range": {"field": rng.choice(["amount", "total_yuan"]), "ranges": given}}


def filters(rng: random.Random) -> dict[str, Any]:
    other = maybe(rng, 0.5, {"other_bucket": True})
    if rng.random() < 0.5:
        return {"filters": {"filters": {name: query(rng, 1) for name in ("b", "a", "c")}, **other}}
    return {"filters": {"filters": [query(rng, 1) for _ in range(2)], **other}}


def composite(rng: random.Random) -> dict[str, Any]:
    choices = [
        ("v", {"terms": {"field": "violation", **maybe(rng, 0.5, {"missing_bucket": True})}}),
        ("s", {"terms": {"field": "sector", "missing_bucket": True, "order": rng.choice(["asc", "desc"])}}),
        (
            "m",
            {
                "date_histogram": {
                    "field": "event_date",
                    "calendar_interval": rng.choice(["month", "quarter", "year"]),
                }
            },
        ),
        ("c", {"terms": {"field": "count"}}),
        (
            "h",
            {"histogram": {"field": "amount", "interval": 1000, **maybe(rng, 0.5, {"missing_bucket": True})}},
        ),
    ]
    sources = [{name: source} for name, source in rng.sample(choices, rng.randint(1, 3))]
    return {"composite": {"size": rng.choice([1, 5, 30]), "sources": sources}}


def aggregation(rng: random.Random, depth: int, *, top: bool = False) -> dict[str, Any]:
    if depth == 0 or rng.random() < 0.25:
        if rng.random() < 0.15:
            return {"top_hits": {"size": rng.randint(1, 4), "sort": sort(rng)}}
        return metrics(rng)
    kinds = [terms_aggregation, terms_aggregation, date_histogram, date_histogram, histogram, ranges, filters]
    kinds += [
        lambda rng: {"filter": query(rng, 1)},
        lambda rng: {"missing": {"field": rng.choice(["amount", "sector", "region"])}},
    ]
    if top:
        kinds += [composite, composite, lambda rng: {"global": {}}]
    chosen = rng.choice(kinds)(rng)
    below = {f"n{number}": aggregation(rng, depth - 1) for number in range(rng.randint(0, 2))}
    if below and "terms" in chosen and rng.random() < 0.5:
        below["worth"] = {"sum": {"field": "amount"}}
        below["spread"] = {"stats": {"field": "count"}}
        chosen["terms"]["order"] = {
            rng.choice(["worth", "spread.max", "spread.avg"]): rng.choice(["asc", "desc"])
        }
    return {**chosen, **({"aggs": below} if below else {})}


def body(rng: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"track_total_hits": True, **maybe(rng, 0.85, {"query": query(rng)})}
    if rng.random() < 0.5:
        found |= {
            "size": rng.choice([0, 1, 3, 10, 100]),
            "sort": sort(rng),
            **maybe(rng, 0.3, {"from": rng.randint(0, 20)}),
        }
    else:
        found["size"] = 0
    if rng.random() < 0.7:
        found["aggs"] = {
            f"a{number}": aggregation(rng, rng.randint(1, 3), top=True) for number in range(rng.randint(1, 2))
        }
    return found
