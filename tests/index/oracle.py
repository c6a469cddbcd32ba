"""Elasticsearch's answers worked out over dicts, by brute force and without anything of the store.

Documents are (id, document) in the order of writing. Percentiles come out as all values in order: the test judges
how near an answer is.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
import re
import unicodedata
import zoneinfo
from typing import Any

Doc = tuple[str, dict[str, Any]]
DAY = 86_400_000


class Oracle:
    def __init__(self, types: dict[str, str], docs: list[Doc]) -> None:
        self.types = types
        self.docs = docs

    # --- values --------------------------------------------------------------------------------------

    def raw(self, doc: Doc, field: str) -> list[Any]:
        values: list[Any] = [doc[1]]
        for key in field.split("."):
            inner = []
            for value in values:
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, dict) and one.get(key) is not None:
                        inner.append(one[key])
            values = inner
        return [
            one
            for value in values
            for one in (value if isinstance(value, list) else [value])
            if one is not None
        ]

    def values(self, doc: Doc, field: str) -> list[Any]:
        found = self.raw(doc, field)
        if self.types[field] == "date":
            return [millis(one) for one in found]
        if self.types[field] in ("keyword", "boolean"):
            return sorted(set(found))
        return found

    # --- queries -------------------------------------------------------------------------------------

    def matches(self, doc: Doc, query: dict[str, Any]) -> bool:
        ((kind, body),) = query.items()
        return bool(getattr(self, "q_" + kind)(doc, body))

    def q_match_all(self, doc: Doc, body: Any) -> bool:
        return True

    def q_match_none(self, doc: Doc, body: Any) -> bool:
        return False

    def q_bool(self, doc: Doc, body: Any) -> bool:
        for name in ("must", "filter"):
            if not all(self.matches(doc, one) for one in body.get(name, [])):
                return False
        if any(self.matches(doc, one) for one in body.get("must_not", [])):
            return False
        should = body.get("should", [])
        least = body.get("minimum_should_match")
        if not least:  # 0 too: with nothing else to match, Lucene wants one
            least = 1 if should and not body.get("must") and not body.get("filter") else 0
        return sum(self.matches(doc, one) for one in should) >= least

    def q_term(self, doc: Doc, body: Any) -> bool:
        ((field, value),) = body.items()
        if self.types[field] == "text":
            return any(value in tokens(text) for text in self.raw(doc, field))
        if self.types[field] == "date":
            return self.q_range(doc, {field: {"gte": value, "lte": value}})
        return value in self.values(doc, field)

    def q_terms(self, doc: Doc, body: Any) -> bool:
        ((field, values),) = body.items()
        return any(self.q_term(doc, {field: value}) for value in values)

    def q_range(self, doc: Doc, body: Any) -> bool:
        ((field, ends),) = body.items()
        zone = ends.get("time_zone")

        def bound(name: str) -> Any:
            value = ends[name]
            return millis(value, zone, up=name in ("gt", "lte")) if self.types[field] == "date" else value

        def inside(value: Any) -> bool:
            return (
                ("gt" not in ends or value > bound("gt"))
                and ("gte" not in ends or value >= bound("gte"))
                and ("lt" not in ends or value < bound("lt"))
                and ("lte" not in ends or value <= bound("lte"))
            )

        return any(inside(value) for value in self.values(doc, field))

    def q_exists(self, doc: Doc, body: Any) -> bool:
        name = body["field"]
        inner = [field for field in self.types if field == name or field.startswith(name + ".")]
        return any(self.raw(doc, field) for field in inner)

    def q_ids(self, doc: Doc, body: Any) -> bool:
        return doc[0] in body["values"]

    def q_prefix(self, doc: Doc, body: Any) -> bool:
        ((field, prefix),) = body.items()
        return any(value.startswith(prefix) for value in self.raw(doc, field))

    def q_match(self, doc: Doc, body: Any) -> bool:
        ((field, options),) = body.items()
        wanted = tokens(options["query"])
        held = set(itertools.chain(*(tokens(text) for text in self.raw(doc, field))))
        hits = sum(token in held for token in wanted)
        if not wanted:
            return False
        if options.get("operator") == "and":
            return hits == len(wanted)
        # A single word is no bool query to Elasticsearch, so there is no minimum to reach.
        return hits >= (options.get("minimum_should_match", 1) if len(wanted) > 1 else 1)

    def q_match_phrase(self, doc: Doc, body: Any) -> bool:
        ((field, phrase),) = body.items()
        wanted = tokens(phrase)
        for text in self.raw(doc, field):
            held = tokens(text)
            if wanted and any(held[at : at + len(wanted)] == wanted for at in range(len(held))):
                return True
        return False

    # --- sorting -------------------------------------------------------------------------------------

    def sort_value(self, doc: Doc, field: str, reverse: bool) -> Any:
        found = self.values(doc, field)
        if not found:
            return None
        return max(found) if reverse else min(found)

    def compare(self, keys: list[tuple[str, bool, bool]], one: list[Any], other: list[Any]) -> int:
        for (_, reverse, missing_first), a, b in zip(keys, one, other, strict=True):
            if a == b:
                continue
            if a is None or b is None:
                return -1 if (a is None) == missing_first else 1
            return (-1 if a < b else 1) * (-1 if reverse else 1)
        return 0

    def ordered(self, docs: list[Doc], sort: list[dict[str, Any]]) -> list[tuple[Doc, list[Any]]]:
        keys = []
        for one in sort:
            ((field, options),) = one.items()
            keys.append((field, options.get("order") == "desc", options.get("missing") == "_first"))
        valued = [(doc, [self.sort_value(doc, field, reverse) for field, reverse, _ in keys]) for doc in docs]
        return sorted(valued, key=functools.cmp_to_key(lambda a, b: self.compare(keys, a[1], b[1])))

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        found = [doc for doc in self.docs if self.matches(doc, body.get("query", {"match_all": {}}))]
        hits = self.hits(found, body)
        answer: dict[str, Any] = {"total": len(found), "hits": hits}
        if "aggs" in body:
            answer["aggs"] = self.aggregations(found, body["aggs"])
        return answer

    def hits(self, found: list[Doc], body: dict[str, Any]) -> list[tuple[str, list[Any]]]:
        ordered = self.ordered(found, body.get("sort", []))
        if "search_after" in body:
            keys = [
                (field, options.get("order") == "desc", options.get("missing") == "_first")
                for one in body["sort"]
                for field, options in one.items()
            ]
            ordered = [one for one in ordered if self.compare(keys, one[1], body["search_after"]) > 0]
        start = body.get("from", 0)
        return [(doc[0], keys) for doc, keys in ordered[start : start + body.get("size", 10)]]

    # --- aggregations --------------------------------------------------------------------------------

    def aggregations(self, docs: list[Doc], aggs: dict[str, Any]) -> dict[str, Any]:
        answer = {}
        for name, body in aggs.items():
            (kind,) = [key for key in body if key != "aggs"]
            answer[name] = getattr(self, "a_" + kind)(docs, body[kind], body.get("aggs", {}))
        return answer

    def bucket(self, docs: list[Doc], below: dict[str, Any], **head: Any) -> dict[str, Any]:
        return {**head, "doc_count": len(docs), **self.aggregations(docs, below)}

    def a_filter(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return self.bucket([doc for doc in docs if self.matches(doc, body)], below)

    def a_global(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return self.bucket(self.docs, below)

    def a_missing(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return self.bucket([doc for doc in docs if not self.q_exists(doc, body)], below)

    def a_filters(self, docs: list[Doc], body: Any, below: Any) -> Any:
        given = body["filters"]
        queries = [given[name] for name in sorted(given)] if isinstance(given, dict) else given
        buckets = [self.bucket([doc for doc in docs if self.matches(doc, one)], below) for one in queries]
        if body.get("other_bucket"):
            rest = [doc for doc in docs if not any(self.matches(doc, one) for one in queries)]
            buckets.append(self.bucket(rest, below))
        if not isinstance(given, dict):
            return {"buckets": buckets}
        names = sorted(given) + (["_other_"] if body.get("other_bucket") else [])
        return {"buckets": dict(zip(names, buckets, strict=True))}

    def grouped(self, docs: list[Doc], keys_of: Any) -> dict[Any, list[Doc]]:
        groups: dict[Any, list[Doc]] = {}
        for doc in docs:
            for key in dict.fromkeys(keys_of(doc)):
                groups.setdefault(key, []).append(doc)
        return groups

    def a_terms(self, docs: list[Doc], body: Any, below: Any) -> Any:
        field = body["field"]

        def keys_of(doc: Doc) -> list[Any]:
            found = self.values(doc, field)
            return found if found or "missing" not in body else [body["missing"]]

        groups = self.grouped(docs, keys_of)
        if body.get("min_doc_count") == 0:
            for key in self.grouped(self.docs, lambda doc: self.values(doc, field)):
                groups.setdefault(key, [])
        if "include" in body:
            groups = {key: held for key, held in groups.items() if key in body["include"]}
        if "exclude" in body:
            groups = {key: held for key, held in groups.items() if key not in body["exclude"]}
        groups = {key: held for key, held in groups.items() if len(held) >= body.get("min_doc_count", 1)}
        buckets = [self.bucket(groups[key], below, key=key) for key in sorted(groups)]
        for order in reversed(listed(body.get("order", {"_count": "desc"}))):
            ((target, direction),) = order.items()
            sign = -1 if direction == "desc" else 1
            if target == "_key":
                buckets.sort(key=lambda one: one["key"], reverse=sign < 0)
                continue
            buckets.sort(key=lambda one: sortable(metric(one, target), sign))
        size = body.get("size", 10)
        for one in buckets:
            if self.types[field] == "boolean":
                one["key"], one["key_as_string"] = int(one["key"]), str(one["key"]).lower()
            elif self.types[field] == "date":
                one["key_as_string"] = shown(one["key"], None, None)
        # What Elasticsearch says of itself where it cuts by an order that tells nothing of what is cut off.
        ((first, way),) = listed(body.get("order", {"_count": "desc"}))[0].items()
        unknown = (
            first != "_key" and (first, way) != ("_count", "desc") and len(buckets) >= size + size // 2 + 10
        )
        return {
            "doc_count_error_upper_bound": -1 if unknown else 0,
            "sum_other_doc_count": sum(one["doc_count"] for one in buckets[size:]),
            "buckets": buckets[:size],
        }

    def a_histogram(self, docs: list[Doc], body: Any, below: Any) -> Any:
        interval, offset = body["interval"], body.get("offset", 0)

        def floor(value: float) -> float:
            return math.floor((value - offset) / interval) * interval + offset

        return self.histogram(
            docs, body, below, floor, lambda key: key + interval, lambda key: {"key": float(key)}
        )

    def a_date_histogram(self, docs: list[Doc], body: Any, below: Any) -> Any:
        zone = body.get("time_zone")

        def floor(value: float) -> float:
            if "fixed_interval" in body:
                days = int(body["fixed_interval"][:-1])
                return math.floor(value / (days * DAY)) * days * DAY
            return period(value, body["calendar_interval"], zone)[0]

        def following(key: float) -> float:
            if "fixed_interval" in body:
                return key + int(body["fixed_interval"][:-1]) * DAY
            return period(key, body["calendar_interval"], zone)[1]

        def head(key: float) -> dict[str, Any]:
            return {"key_as_string": shown(key, body.get("format"), zone), "key": int(key)}

        return self.histogram(docs, body, below, floor, following, head)

    def histogram(self, docs: list[Doc], body: Any, below: Any, floor: Any, following: Any, head: Any) -> Any:
        groups = self.grouped(docs, lambda doc: [floor(value) for value in self.values(doc, body["field"])])
        least = body.get("min_doc_count", 0)
        date = self.types[body["field"]] == "date"
        if least == 0:
            ends = list(groups)
            if "extended_bounds" in body:
                bounds = body["extended_bounds"]
                ends += [floor(millis(bounds[end]) if date else bounds[end]) for end in ("min", "max")]
            if ends:
                key = min(ends)
                while key <= max(ends):
                    groups.setdefault(key, [])
                    key = floor(following(key) + (0 if date else body["interval"] / 2))
        buckets = [
            self.bucket(groups[key], below, **head(key))
            for key in sorted(groups)
            if len(groups[key]) >= least
        ]
        if "order" in body:
            ((target, direction),) = body["order"].items()
            name = "key" if target == "_key" else "doc_count"
            sign = -1 if direction == "desc" else 1
            buckets.sort(key=lambda one: sign * one[name])
        if body.get("keyed"):
            return {"buckets": {one.get("key_as_string", str(one["key"])): one for one in buckets}}
        return {"buckets": buckets}

    def a_range(self, docs: list[Doc], body: Any, below: Any) -> Any:
        buckets = []
        for one in body["ranges"]:
            low, high = one.get("from", -math.inf), one.get("to", math.inf)
            held = [
                doc for doc in docs if any(low <= value < high for value in self.values(doc, body["field"]))
            ]
            head = {name: float(one[name]) for name in ("from", "to") if name in one}
            buckets.append(((low, high), self.bucket(held, below, key=one["key"], **head)))
        return {"buckets": [bucket for _, bucket in sorted(buckets, key=lambda one: one[0])]}

    def a_composite(self, docs: list[Doc], body: Any, below: Any) -> Any:
        def keys_of(doc: Doc) -> list[Any]:
            choices = []
            for source in body["sources"]:
                ((_, definition),) = source.items()
                ((kind, options),) = definition.items()
                found: list[Any] = self.values(doc, options["field"])
                if kind == "histogram":
                    found = [float(math.floor(v / options["interval"]) * options["interval"]) for v in found]
                if kind == "date_histogram":
                    found = [int(period(v, options["calendar_interval"], None)[0]) for v in found]
                if not found and options.get("missing_bucket"):
                    found = [None]
                choices.append(sorted(set(found), key=str))
            return list(itertools.product(*choices))

        names = [next(iter(source)) for source in body["sources"]]
        reverses = [
            next(iter(definition.values())).get("order") == "desc"
            for source in body["sources"]
            for definition in source.values()
        ]
        groups = self.grouped(docs, keys_of)

        def compare(one: Any, other: Any) -> int:
            for a, b, reverse in zip(one, other, reverses, strict=True):
                if a == b:
                    continue
                smaller = a is None or (b is not None and a < b)
                return (-1 if smaller else 1) * (-1 if reverse else 1)
            return 0

        keys = sorted(groups, key=functools.cmp_to_key(compare))
        if "after" in body:
            after = tuple(body["after"][name] for name in names)
            keys = [key for key in keys if compare(key, after) > 0]
        buckets = [
            self.bucket(groups[key], below, key=dict(zip(names, key, strict=True)))
            for key in keys[: body.get("size", 10)]
        ]
        return {**({"after_key": buckets[-1]["key"]} if buckets else {}), "buckets": buckets}

    def numbers(self, docs: list[Doc], body: Any) -> list[float]:
        found = []
        for doc in docs:
            values = self.values(doc, body["field"])
            found += values if values or "missing" not in body else [body["missing"]]
        return found

    def dated(self, body: Any, answer: dict[str, Any], *names: str) -> dict[str, Any]:
        if self.types[body["field"]] == "date":
            for name in names:
                if answer[name] is not None:
                    answer[name + "_as_string"] = shown(answer[name], None, None)
        return answer

    def a_value_count(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return {"value": len(self.numbers(docs, body))}

    def a_sum(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return {"value": math.fsum(self.numbers(docs, body))}

    def a_avg(self, docs: list[Doc], body: Any, below: Any) -> Any:
        found = self.numbers(docs, body)
        return {"value": math.fsum(found) / len(found) if found else None}

    def a_min(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return self.dated(body, {"value": min(self.numbers(docs, body), default=None)}, "value")

    def a_max(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return self.dated(body, {"value": max(self.numbers(docs, body), default=None)}, "value")

    def a_stats(self, docs: list[Doc], body: Any, below: Any) -> Any:
        found = self.numbers(docs, body)
        return {
            "count": len(found),
            "min": min(found, default=None),
            "max": max(found, default=None),
            "avg": math.fsum(found) / len(found) if found else None,
            "sum": math.fsum(found),
        }

    def a_percentiles(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return {"percentiles_of": sorted(self.numbers(docs, body)), "percents": body["percents"]}

    def a_cardinality(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return {"cardinality": len({value for doc in docs for value in self.values(doc, body["field"])})}

    def a_top_hits(self, docs: list[Doc], body: Any, below: Any) -> Any:
        return {"top_hits": self.hits(docs, {"size": 3, **body}), "total": len(docs)}


def metric(bucket: dict[str, Any], target: str) -> Any:
    if target == "_count":
        return bucket["doc_count"]
    name, _, wanted = target.partition(".")
    return bucket[name][wanted or "value"]


def sortable(value: Any, sign: int) -> tuple[bool, float]:
    return (value is None, 0 if value is None else sign * value)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def tokens(text: str) -> list[str]:
    """One a Han character, else runs of letters and digits."""
    found: list[str] = []
    run = ""
    for char in text:
        han = "CJK UNIFIED" in unicodedata.name(char, "")
        if not han and unicodedata.category(char)[0] in "LN":
            run += char
            continue
        found += [run] if run else []
        found += [char] if han else []
        run = ""
    return [token.lower() for token in found + ([run] if run else [])]


def zoned(name: str | None) -> dt.tzinfo:
    if name is None:
        return dt.UTC
    if name[0] in "+-":
        return dt.timezone(dt.timedelta(hours=int(name[:3])))
    return zoneinfo.ZoneInfo(name)


def millis(text: str, zone: str | None = None, up: bool = False) -> int:
    full = {4: text + "-01-01", 7: text + "-01"}.get(len(text), text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", full):
        full += "T23:59:59.999" if up else "T00:00:00"
    moment = dt.datetime.fromisoformat(full)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zoned(zone))
    return round(moment.timestamp() * 1000)


def local(value: float, zone: str | None) -> dt.datetime:
    return dt.datetime.fromtimestamp(value / 1000, zoned(zone))


def period(value: float, unit: str, zone: str | None) -> tuple[float, float]:
    """Start of the calendar period that the moment is in, and of the next."""
    day = local(value, zone).date()
    match unit:
        case "day":
            first, last = day, day + dt.timedelta(days=1)
        case "week":
            first = day - dt.timedelta(days=day.weekday())
            last = first + dt.timedelta(days=7)
        case _:
            months = {"month": 1, "quarter": 3, "year": 12}[unit]
            number = (day.year * 12 + day.month - 1) // months * months
            first = dt.date(number // 12, number % 12 + 1, 1)
            number += months
            last = dt.date(number // 12, number % 12 + 1, 1)
    starts = (dt.datetime(one.year, one.month, one.day, tzinfo=zoned(zone)) for one in (first, last))
    start, end = (one.timestamp() * 1000 for one in starts)
    return start, end


def shown(value: float, form: str | None, zone: str | None) -> str:
    moment = local(value, zone)
    if form == "yyyy-MM":
        return f"{moment:%Y-%m}"
    if form == "yyyy-MM-dd":
        return f"{moment:%Y-%m-%d}"
    offset = "Z" if not moment.utcoffset() else f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:]
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}{offset}"
